#pragma once

#include "ledger/policy.h"

#include <functional>
#include <string>
#include <variant>

namespace atlasjob {

/// Maximum length of a line on the report channel in bytes, including a result.
inline constexpr std::size_t kMaxReportLine = 16UL * 1024 * 1024;

/// Parses one line of the report channel: a JSON object with any of
///   {"progress":0.4,"phase":"embedding","message":"…","current":300,"total":711,"result":…}
/// A member that is null is ignored, except `result`, for which null is a value; unknown members
/// are ignored. Texts too long for the ledger are truncated; a result keeps its numbers, key order
/// and duplicate keys. Returns an error message if the line is invalid.
[[nodiscard]] std::variant<Report, std::string> parse_report(std::string_view line);

/// Splits the bytes of a report channel into lines and parses them. Invalid lines are reported and
/// skipped; they never stop the command.
class ReportChannel {
  public:
    using OnReport = std::function<void(Report)>;
    using OnBadLine = std::function<void(const std::string& why)>;

    ReportChannel(OnReport on_report, OnBadLine on_bad_line);

    void feed(std::string_view bytes);
    /// Call when the channel is closed: parses an unfinished last line.
    void finish();

  private:
    void end_line();

    OnReport on_report_;
    OnBadLine on_bad_line_;
    std::string line_;
    bool too_long_ = false;
};

}  // namespace atlasjob
