#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::follow_gp {

/// A job's status on the server.
enum class GpStatus {
    fresh,  ///< esriJobNew
    submitted,
    waiting,
    executing,
    cancelling,
    cancelled,
    failed,
    timed_out,
    succeeded,
    deleting,
    deleted,
    unknown,  ///< A word not listed here: newer servers may have more.
};

struct GpStatusRow {
    GpStatus status;
    std::string_view word;
    bool ended;           ///< The status is final.
    bool accepts_cancel;  ///< The server accepts a request to cancel.
};

// clang-format off
inline constexpr std::array kGpStatuses = {
    GpStatusRow{GpStatus::fresh,      "esriJobNew",        false, false},
    GpStatusRow{GpStatus::submitted,  "esriJobSubmitted",  false, false},
    GpStatusRow{GpStatus::waiting,    "esriJobWaiting",    false, true},
    GpStatusRow{GpStatus::executing,  "esriJobExecuting",  false, true},
    GpStatusRow{GpStatus::cancelling, "esriJobCancelling", false, false},
    GpStatusRow{GpStatus::cancelled,  "esriJobCancelled",  true,  false},
    GpStatusRow{GpStatus::failed,     "esriJobFailed",     true,  false},
    GpStatusRow{GpStatus::timed_out,  "esriJobTimedOut",   true,  false},
    GpStatusRow{GpStatus::succeeded,  "esriJobSucceeded",  true,  false},
    GpStatusRow{GpStatus::deleting,   "esriJobDeleting",   false, false},
    GpStatusRow{GpStatus::deleted,    "esriJobDeleted",    true,  false},
    GpStatusRow{GpStatus::unknown,    "",                  false, false},
};
// clang-format on

const GpStatusRow& row_of(GpStatus status);
GpStatus parse_gp_status(std::string_view word);

struct GpMessage {
    enum class Kind { informative, warning, error };

    Kind kind = Kind::informative;
    std::string text;

    friend bool operator==(const GpMessage&, const GpMessage&) = default;
};

/// The job resource of the REST API: {task}/jobs/{id}.
struct GpJob {
    GpStatus status = GpStatus::unknown;
    std::string word;                ///< The status as the server wrote it.
    std::optional<double> progress;  ///< 0.0-1.0
    std::optional<std::string> progress_text;
    std::vector<GpMessage> messages;   ///< All so far, in the server's order.
    std::vector<std::string> results;  ///< Names of the output parameters, once it has succeeded.
};

/// The server's last error message; nullptr if there is none.
const GpMessage* last_error(const GpJob& job);

}  // namespace atlasjob::follow_gp
