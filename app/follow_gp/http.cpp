#include "follow_gp/http.h"

#include "base/error.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace atlasjob::follow_gp {

namespace {

constexpr long kConnectMs = 10'000;
constexpr long kWholeMs = 60'000;
constexpr curl_off_t kMaxRetryS = 86'400;
constexpr std::size_t kMaxBody = 32UL * 1024 * 1024;
/// A shorter token is not replaced in answers: it could be any word.
constexpr std::size_t kMinSecret = 8;

template <auto close>
struct Closing {
    template <class Handle>
    void operator()(Handle* handle) const {
        close(handle);
    }
};

template <class Handle>
Handle* require(Handle* handle) {
    if (handle != nullptr) return handle;
    throw Error(ErrorCode::unavailable, "cannot initialize libcurl: out of memory");
}

void start_curl() {
    static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
    if (started == CURLE_OK) return;
    throw Error(
        ErrorCode::unavailable,
        fmt::format("cannot initialize libcurl: {}", curl_easy_strerror(started)));
}

/// Failures caused by the request or by the server's identity: retrying does not help.
bool is_permanent(CURLcode result) {
    static constexpr std::array kPermanent = {
        CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_PEER_FAILED_VERIFICATION,
        CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM};
    return std::ranges::find(kPermanent, result) != kPermanent.end();
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

template <class T>
std::optional<T> info_of(CURL* easy, CURLINFO info) {
    T value{};
    if (curl_easy_getinfo(easy, info, &value) != CURLE_OK) return {};
    return value;
}

}  // namespace

/// libcurl's handles and callbacks.
struct Http::Session {
    /// Must not throw: exceptions cannot pass through libcurl.
    static int on_socket(CURL* /*easy*/, curl_socket_t socket, int events, void* http, void*) {
        try {
            static_cast<Http*>(http)->watch(socket, events);
            return 0;
        } catch (...) {
            return -1;
        }
    }
    static int on_timer(CURLM* /*multi*/, long ms, void* http) {
        Timer& timer = static_cast<Http*>(http)->timer_;
        if (ms < 0) {
            timer.stop();
        } else {
            timer.start(milliseconds{ms});
        }
        return 0;
    }
    static std::size_t on_body(char* bytes, std::size_t /*one*/, std::size_t count, void* http) {
        auto& self = *static_cast<Http*>(http);
        self.too_long_ = self.body_.size() + count > kMaxBody;
        if (self.too_long_) return 0;
        self.body_.append(bytes, count);
        return count;
    }

    std::unique_ptr<CURLM, Closing<curl_multi_cleanup>> multi{require(curl_multi_init())};
    std::unique_ptr<CURL, Closing<curl_easy_cleanup>> easy{require(curl_easy_init())};
    std::unique_ptr<curl_slist, Closing<curl_slist_free_all>> headers;
    bool added = false;  ///< `easy` is added to `multi`: a request is in progress.
};

Http::Http(Loop& loop, HttpOptions options)
    : loop_(loop),
      options_(std::move(options)),
      timer_(loop, [this] { advance(CURL_SOCKET_TIMEOUT); }) {
    start_curl();
    session_ = std::make_unique<Session>();
    CURLM* const multi = session_->multi.get();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, Session::on_socket);
    curl_multi_setopt(multi, CURLMOPT_SOCKETDATA, this);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, Session::on_timer);
    curl_multi_setopt(multi, CURLMOPT_TIMERDATA, this);
}

Http::~Http() {
    abort();
}

void Http::send(const HttpRequest& request, OnReply on_reply) {
    abort();
    prepare(request);
    body_.clear();
    too_long_ = false;
    on_reply_ = std::move(on_reply);
    session_->added = true;
    curl_multi_add_handle(session_->multi.get(), session_->easy.get());
}

void Http::prepare(const HttpRequest& request) {
    CURL* const easy = session_->easy.get();
    curl_easy_reset(easy);
    curl_slist* headers = curl_slist_append(nullptr, "Accept: application/json");
    if (!options_.token.empty()) {
        const std::string header = "X-Esri-Authorization: Bearer " + options_.token;
        headers = curl_slist_append(headers, header.c_str());
    }
    session_->headers.reset(require(headers));
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (options_.ca_file) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file->c_str());
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    // Aborting must not wait for a name server.
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, kConnectMs);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, kWholeMs);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "atlasjob-follow-gp/" ATLASJOB_VERSION);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, Session::on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    if (request.form) curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, request.form->c_str());
}

void Http::abort() {
    on_reply_ = nullptr;
    if (!std::exchange(session_->added, false)) return;
    curl_multi_remove_handle(session_->multi.get(), session_->easy.get());
}

void Http::watch(int socket, int events) {
    watches_.erase(socket);
    if (events == CURL_POLL_REMOVE || events == CURL_POLL_NONE) return;
    const auto ready = events == CURL_POLL_IN    ? FdWatch::Ready::readable
                       : events == CURL_POLL_OUT ? FdWatch::Ready::writable
                                                 : FdWatch::Ready::either;
    watches_.try_emplace(socket, loop_, socket, ready, [this, socket] { advance(socket); });
}

/// libcurl determines itself what a socket is ready for.
void Http::advance(int socket) {
    int running = 0;
    const CURLMcode result = curl_multi_socket_action(session_->multi.get(), socket, 0, &running);
    if (result != CURLM_OK && session_->added) {
        HttpReply reply;
        reply.failure = fmt::format("cannot watch the connection: {}", curl_multi_strerror(result));
        end(reply);
        return;
    }
    collect();
}

void Http::collect() {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(session_->multi.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        end(reply_of(message->data.result));
        return;
    }
}

/// Releases the handle first: the callback may send the next request.
void Http::end(const HttpReply& reply) {
    const OnReply on_reply = std::exchange(on_reply_, nullptr);
    abort();
    if (on_reply) on_reply(reply);
}

HttpReply Http::reply_of(int result) {
    CURL* const easy = session_->easy.get();
    const auto code = static_cast<CURLcode>(result);
    HttpReply reply;
    if (too_long_) {
        reply.failure = fmt::format("the answer is longer than {} MiB", kMaxBody >> 20U);
        reply.hopeless = true;
        return reply;
    }
    if (code != CURLE_OK) {
        reply.failure = curl_easy_strerror(code);
        reply.hopeless = is_permanent(code);
        return reply;
    }
    reply.status = info_of<long>(easy, CURLINFO_RESPONSE_CODE).value_or(0);
    reply.body = std::move(body_);
    if (const auto to = info_of<char*>(easy, CURLINFO_REDIRECT_URL); to && *to != nullptr)
        reply.location = *to;
    if (const auto seconds = info_of<curl_off_t>(easy, CURLINFO_RETRY_AFTER);
        seconds && *seconds > 0)
        reply.retry_after = std::chrono::seconds{std::min(*seconds, kMaxRetryS)};
    if (options_.token.size() >= kMinSecret) {
        replace_all(reply.body, options_.token, "[token]");
        replace_all(reply.location, options_.token, "[token]");
    }
    return reply;
}

}  // namespace atlasjob::follow_gp
