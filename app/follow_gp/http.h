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
    std::string token;                   ///< Sent as X-Esri-Authorization; empty: none is.
    std::optional<std::string> ca_file;  ///< Instead of the system's certificates.
};

struct HttpOrder {
    std::string url;
    std::optional<std::string> form;  ///< POSTed; nothing: a GET.
};

/// Asks servers in the loop, one request at a time: http and https only, certificates are checked,
/// no redirection is followed (the token is for one server), 10 s to connect, 60 s for the whole,
/// at most 32 MiB of an answer. The token stands in no answer: where a server repeats it,
/// "[token]" takes its place. Belongs to the loop's thread.
class Http {
  public:
    using Answered = std::function<void(const HttpReply&)>;

    Http(Loop& loop, HttpOptions options);
    Http(const Http&) = delete;
    Http& operator=(const Http&) = delete;
    ~Http();

    /// Calls `answered` in the loop, unless the request is broken off before. Breaks off the one
    /// under way.
    void post(const HttpOrder& order, Answered answered);
    void break_off();

  private:
    struct Session;

    void prepare(const HttpOrder& order);
    void advance(int socket);
    void collect();
    void end(const HttpReply& reply);
    HttpReply reply_of(int result);
    void watch(int socket, int wanted);

    Loop& loop_;
    const HttpOptions options_;
    Answered answered_;  ///< Set while a request is under way.
    std::string body_;
    bool too_long_ = false;
    Timer timer_;
    std::map<int, FdWatch> watches_;
    // Last: tells of its sockets while it goes.
    std::unique_ptr<Session> session_;
};

}  // namespace atlasjob::follow_gp
