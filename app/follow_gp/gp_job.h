#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::follow_gp {

/// Where a job is at its server.
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
    unknown,  ///< A word that is none of these: newer servers may have more.
};

struct GpStatusRow {
    GpStatus status;
    std::string_view word;
    bool ended;         ///< Nothing follows.
    bool may_be_ended;  ///< The server takes a request to cancel.
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

/// The job resource of the REST interface: {task}/jobs/{id}.
struct GpJob {
    GpStatus status = GpStatus::unknown;
    std::string word;                ///< As the server wrote it.
    std::optional<double> progress;  ///< 0.0-1.0
    std::optional<std::string> progress_text;
    std::vector<GpMessage> messages;   ///< All so far, in the server's order.
    std::vector<std::string> results;  ///< Names of the output parameters, once it has succeeded.
};

/// What the server said last of an error; nothing when it said none.
const GpMessage* last_error(const GpJob& job);

}  // namespace atlasjob::follow_gp
