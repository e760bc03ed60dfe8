#pragma once

#include "e2e/cli/sandbox.h"
#include "ledger/job.h"

#include <nlohmann/json.hpp>

#include <functional>

namespace atlasjob::test {

using Json = nlohmann::json;

// Answers of a geoprocessing server.
Json answer(const Json& json);
Json failure(int code, const std::string& message);
/// The job resource with that status word; `more` is merged into it.
Json job_answer(const std::string& word, const Json& more = Json::object());
Json executing(int percent, const std::string& message);
Json message(const std::string& type, const std::string& text);
/// The answer, given only once the server is told so.
Json held(Json answer);

/// The job's id at its server.
inline constexpr const char* kGpJob = "j4f2a";
/// The path of its task.
inline constexpr const char* kTaskPath = "/server/rest/services/S/GPServer/Merge%20it";

/// gp_server.py, told what to answer. It cannot outlive this.
class GpServer {
  public:
    /// See gp_server.py; task and log are filled in.
    GpServer(const Sandbox& sandbox, const Json& script);

    const std::string& task_url() const { return task_url_; }
    int port() const { return port_; }
    void go() const { running_.write("go\n"); }
    void listen() const { running_.write("listen\n"); }
    /// Waits until the server has said so.
    void await(const std::string& said);
    /// The requests so far, a line each.
    std::string requests() const;
    /// How many of them begin so.
    long count(const std::string& beginning) const;

  private:
    TempDir dir_;
    int port_ = 0;
    std::string task_url_;
    Running running_;
};

/// A ledger, and the program that follows jobs into it.
class GpCase {
  public:
    Running start(const std::string& url, const std::vector<std::string>& options = {}) const;
    Running start(const GpServer& server, const std::vector<std::string>& options = {}) const {
        return start(server.task_url(), options);
    }
    /// Follows to the end.
    Ran follow(const GpServer& server, const std::vector<std::string>& options = {}) const {
        return start(server, options).wait();
    }

    /// The newest job.
    Json job() const { return sandbox.status("last"); }
    /// Waits until the newest job is so.
    void await(const std::function<bool(const Job&)>& so) const;
    /// Types of its events, in order.
    std::vector<std::string> events() const;
    std::string logs(const std::vector<std::string>& options = {}) const;

    Sandbox sandbox;
};

}  // namespace atlasjob::test
