#pragma once

#include "ledger/policy.h"

#include <functional>
#include <string>
#include <variant>

namespace atlasjob {

/// The longest line a command may write on its report channel, a result included.
inline constexpr std::size_t kMaxReportLine = 16UL * 1024 * 1024;

/// Reads one line of the report channel: a JSON object with any of
///   {"progress":0.4,"phase":"embedding","message":"…","current":300,"total":711,"result":…}
/// Null is the same as not given (for a result it is a result); other names are ignored. Texts too
/// long for the ledger are cut; a result keeps its numbers, key order and duplicates. What is
/// wrong with it, in words, when it is not such an object.
std::variant<Report, std::string> parse_report(std::string_view line);

/// Cuts the bytes of a report channel into lines and reads them. Bad lines are told and passed
/// over; nothing a command writes here can end it.
class ReportChannel {
  public:
    using OnReport = std::function<void(Report)>;
    using OnBadLine = std::function<void(const std::string& why)>;

    ReportChannel(OnReport on_report, OnBadLine on_bad_line);

    void feed(std::string_view bytes);
    /// The channel is closed: what is left counts as a line.
    void finish();

  private:
    void end_line();

    OnReport on_report_;
    OnBadLine on_bad_line_;
    std::string line_;
    bool too_long_ = false;
};

}  // namespace atlasjob
