#pragma once

#include "ledger/job.h"

#include <memory>

namespace atlasjob {

/// Maximum length of a line in bytes; of a longer line only the beginning is read.
inline constexpr std::size_t kMaxProgressLine = 4096;

/// Finds progress in the lines of a command's output. Stateful: use one rule per stream.
class ProgressRule {
  public:
    ProgressRule() = default;
    ProgressRule(const ProgressRule&) = delete;
    ProgressRule& operator=(const ProgressRule&) = delete;
    virtual ~ProgressRule() = default;

    /// The progress that `line` shows, with current and total if they are integers; nullopt if it
    /// shows none. `line` has no line end and at most kMaxProgressLine bytes; `ended` false: more
    /// of the line may follow.
    [[nodiscard]] virtual std::optional<Report> read(std::string_view line, bool ended) = 0;
};

/// The rule for CommandSpec::progress_from.
///
/// "auto" recognizes, in this order:
/// - curl's progress meter, if the total size is known;
/// - a separate percentage from 0 to 100: "42%", "42.5 %", "[ 42%]", but not "+42%", "a42%" or
///   "42%b". If there are several, the first. A fraction that agrees with it provides current and
///   total: "42% (42/100)";
/// - a separate fraction of at most 1. Accepted at once: "[3/7]" in square brackets; "3/7" of
///   integers, if the line has no other text or the fraction follows a word for work or a part of
///   it, as in "Step 3/7: link". Any other, such as "1.5/3.4 MB", is accepted once a later line has
///   the same second number and a larger first one, so that dates, paths and addresses are not
///   mistaken for progress.
///
/// Any other pattern is a regular expression (Regex), searched for in each line, with one group (a
/// percentage) or two (current and total).
///
/// Throws as check_progress_pattern (ledger/limits.h), with which submit refuses the others.
[[nodiscard]] std::unique_ptr<ProgressRule> make_progress_rule(const std::string& pattern);

}  // namespace atlasjob
