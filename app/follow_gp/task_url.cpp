#include "follow_gp/task_url.h"

#include "base/error.h"
#include "base/text.h"
#include "base/url.h"
#include "ledger/limits.h"

#include <curl/curl.h>
#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace atlasjob::follow_gp {

namespace {

constexpr std::size_t kMaxUrl = 800;  ///< It is part of the job's key, whose length is limited.
constexpr std::size_t kMaxId = 128;

/// The parts of a URL as libcurl parses it.
class Parts {
  public:
    explicit Parts(const std::string& text) : url_(curl_url(), curl_url_cleanup) {
        static constexpr unsigned kFlags = CURLU_NON_SUPPORT_SCHEME | CURLU_ALLOW_SPACE;
        valid_ = curl_url_set(url_.get(), CURLUPART_URL, text.c_str(), kFlags) == CURLUE_OK;
    }

    bool valid() const { return valid_; }
    bool has(CURLUPart part) const { return get(part).has_value(); }
    std::string text(CURLUPart part) const { return get(part).value_or(""); }

  private:
    std::optional<std::string> get(CURLUPart part) const {
        char* text = nullptr;
        if (curl_url_get(url_.get(), part, &text, CURLU_NO_DEFAULT_PORT) != CURLUE_OK) return {};
        const std::unique_ptr<char, decltype(&curl_free)> owned{text, curl_free};
        return std::string{text};
    }

    std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> url_;
    bool valid_ = false;
};

/// The part that may be printed: queries may hold tokens, and text before an "@" a password.
std::string without_secrets(const std::string& text) {
    const std::string_view shown = std::string_view{text}.substr(0, text.find_first_of("?#"));
    return shown.find('@') == std::string_view::npos ? clipped(shown, 200) : "...";
}

[[noreturn]] void refuse(const std::string& text, std::string_view why, std::string_view fix) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("--task-url \"{}\": {}", without_secrets(text), why), fix);
}

void check_parts(const std::string& text, const Parts& parts) {
    const std::string scheme = parts.text(CURLUPART_SCHEME);
    if (!parts.valid() || scheme.empty() || text.find("://") == std::string::npos) {
        refuse(
            text, "not a URL",
            "give the task's address, such as https://host/server/rest/services/S/GPServer/Task");
    }
    if (scheme != "https" && scheme != "http")
        refuse(text, fmt::format("{} is not supported", scheme), "give an http or https URL");
    if (parts.has(CURLUPART_QUERY) || parts.has(CURLUPART_FRAGMENT)) {
        refuse(
            text, "must have no query and no fragment",
            "remove the part from ? or # on; set ATLASJOB_GP_TOKEN to pass a token");
    }
    if (parts.text(CURLUPART_PATH).find_first_not_of('/') == std::string::npos)
        refuse(text, "a server, not a task", "give the address of a task");
}

/// The message must not contain the URL, which has a secret in it.
void refuse_user(const Parts& parts) {
    if (!parts.has(CURLUPART_USER) && !parts.has(CURLUPART_PASSWORD)) return;
    throw Error(
        ErrorCode::invalid_argument, "--task-url must have no user and no password",
        "remove them; set ATLASJOB_GP_TOKEN to pass a token");
}

}  // namespace

TaskUrl TaskUrl::parse(const std::string& text) {
    const std::string trimmed{trim(text)};
    const Parts parts{trimmed};
    refuse_user(parts);
    check_parts(trimmed, parts);
    TaskUrl url;
    url.given = trimmed;
    url.normal = normalized_url(trimmed);
    const std::size_t host = url.normal.find("://") + 3;
    url.host = url.normal.substr(host, url.normal.find('/', host) - host);
    url.encrypted = url.normal.starts_with("https:");
    if (std::max(url.normal.size(), trimmed.size()) > kMaxUrl) {
        refuse(trimmed, fmt::format("longer than {} bytes", kMaxUrl), "give a shorter address");
    }
    return url;
}

void check_gp_job_id(const std::string& id) {
    const bool plain = std::ranges::all_of(id, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
               || c == '-' || c == '_';
    });
    if (plain && !id.empty() && id.size() <= kMaxId) return;
    throw Error(
        ErrorCode::invalid_argument, fmt::format("--job-id \"{}\": not a job id", clipped(id, 200)),
        fmt::format("give the jobId that submitJob returned: 1-{} letters and digits", kMaxId));
}

}  // namespace atlasjob::follow_gp
