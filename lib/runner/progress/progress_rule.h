#pragma once

#include "ledger/job.h"

#include <memory>

namespace atlasjob {

/// The longest line that is looked at; of a longer one, its beginning.
inline constexpr std::size_t kMaxProgressLine = 4096;

/// Finds in the lines of a command's output how far it is. Remembers lines: one rule a stream.
class ProgressRule {
  public:
    ProgressRule() = default;
    ProgressRule(const ProgressRule&) = delete;
    ProgressRule& operator=(const ProgressRule&) = delete;
    virtual ~ProgressRule() = default;

    /// What `line` tells: progress, and where it counts in whole numbers current and total;
    /// nothing when it tells no progress. At most kMaxProgressLine bytes of it, without its
    /// line end; `ended` false: more of the line may follow.
    virtual std::optional<Report> read(std::string_view line, bool ended) = 0;
};

/// The rule for CommandSpec::progress_from.
///
/// "auto" takes, in this order:
/// - the meter of curl, when the size is known;
/// - a percentage from 0 to 100 that stands alone: "42%", "42.5 %", "[ 42%]", but not "+42%",
///   "a42%" or "42%b". Of several the first. A fraction that agrees with it gives current and
///   total: "42% (42/100)";
/// - a fraction that stands alone, its first number not the larger one. At once: "[3/7]" in square
///   brackets; "3/7" of whole numbers where the line says nothing else or right after a word for
///   work and its pieces, "Step 3/7: link". Else, as "1.5/3.4 MB", once a later line has the same
///   second number and a larger first one, so that dates, paths and addresses are not taken for
///   progress.
///
/// Anything else is an ECMAScript regular expression, looked for in each line, with one group (a
/// percentage) or two (current and total). It cannot refer back to its own groups: it is matched
/// in time proportional to the line, whatever it is.
///
/// Throws Error(invalid_argument) that names the pattern and what is wrong with it.
std::unique_ptr<ProgressRule> make_progress_rule(const std::string& pattern);

/// Throws as make_progress_rule does. For whoever takes a job in.
void check_progress_pattern(const std::string& pattern);

}  // namespace atlasjob
