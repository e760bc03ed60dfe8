#pragma once

#include "event/loop.h"
#include "follow_gp/reply.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace atlasjob::follow_gp {

struct HttpOptions {
    std::string token;                   ///< Sent as X-Esri-Authorization; empty for none.
    std::optional<std::string> ca_file;  ///< Replaces the system's certificates.
};

struct HttpRequest {
    std::string url;
    std::optional<std::string> form;  ///< The body of a POST; nullopt for a GET.
};

/// An HTTP client in the loop, one request at a time: http and https only, certificates are
/// checked, redirections are not followed (the token is for one server only), 10 s to connect, 60 s
/// in total, answers of at most 32 MiB. If a server repeats the token, "[token]" replaces it in the
/// reply. Used from the loop's thread only.
class Http {
  public:
    using OnReply = std::function<void(const HttpReply&)>;

    Http(Loop& loop, HttpOptions options);
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;
    ~Http();

    /// Sends a request and calls `on_reply` in the loop, unless it is aborted before. Aborts a
    /// request in progress.
    void send(const HttpRequest& request, OnReply on_reply);
    void abort();

  private:
    struct Session;

    void prepare(const HttpRequest& request);
    void advance(int socket);
    void collect();
    void end(const HttpReply& reply);
    HttpReply reply_of(int result);
    void watch(int socket, int events);

    Loop& loop_;
    const HttpOptions options_;
    OnReply on_reply_;  ///< Set while a request is in progress.
    std::string body_;
    bool too_long_ = false;
    Timer timer_;
    std::map<int, FdWatch> watches_;
    // Last: its destructor still calls back about its sockets.
    std::unique_ptr<Session> session_;
};

}  // namespace atlasjob::follow_gp
