#pragma once

#include "e2e/cli/sandbox.h"
#include "ledger/job.h"

#include <nlohmann/json.hpp>

#include <functional>

namespace atlasjob::test {

using Json = nlohmann::json;

// Responses of a geoprocessing server, as gp_server.py takes them.
Json answer(const Json& json);
Json failure(int code, const std::string& message);
/// The job resource with that jobStatus; `extra` is merged into it.
Json job_answer(const std::string& gp_status, const Json& extra = Json::object());
Json executing(int percent, const std::string& message);
Json message(const std::string& type, const std::string& text);
/// The same response, sent only after GpServer::go().
Json held(Json answer);

/// The job's id at its server.
inline constexpr const char* kGpJob = "j4f2a";
/// The path of the task that the job belongs to.
inline constexpr const char* kTaskPath = "/server/rest/services/S/GPServer/Merge%20it";

/// A running gp_server.py; killed by the destructor.
class GpServer {
  public:
    /// `script` as described in gp_server.py, without `task` and `log`, which are added.
    GpServer(const Sandbox& sandbox, const Json& script);

    const std::string& task_url() const { return task_url_; }
    int port() const { return port_; }
    void go() const { running_.write("go\n"); }
    void listen() const { running_.write("listen\n"); }
    /// Waits until the server has printed `text`.
    void await(const std::string& text);
    /// The requests so far, one per line.
    std::string requests() const;
    /// The number of requests that begin with `prefix`.
    long count(const std::string& prefix) const;

  private:
    TempDir dir_;
    int port_ = 0;
    std::string task_url_;
    Running running_;
};

/// A sandbox with a ledger, in which atlasjob-follow-gp runs.
class GpCase {
  public:
    Running start(const std::string& url, const std::vector<std::string>& options = {}) const;
    Running start(const GpServer& server, const std::vector<std::string>& options = {}) const {
        return start(server.task_url(), options);
    }
    /// Runs atlasjob-follow-gp to its end.
    Ran follow(const GpServer& server, const std::vector<std::string>& options = {}) const {
        return start(server, options).wait();
    }

    /// The newest job.
    Json job() const { return sandbox.status("last"); }
    /// Waits until `condition` is true of the newest job.
    void await(const std::function<bool(const Job&)>& condition) const;
    /// The types of the newest job's events, in order.
    std::vector<std::string> events() const;
    std::string logs(const std::vector<std::string>& options = {}) const;

    Sandbox sandbox;
};

}  // namespace atlasjob::test
