#pragma once

#include "logs/log_record.h"
#include "runner/progress/progress_rule.h"

#include <array>

namespace atlasjob {

/// Reads a command's progress from its output. Of what comes between two calls of read() only the
/// newest kProgressWindow bytes of each stream are looked at, so that a command that babbles costs
/// no more than one that does not.
class ProgressScan {
  public:
    static constexpr std::size_t kProgressWindow = 16384;

    /// For CommandSpec::progress_from. Throws Error(invalid_argument) as make_progress_rule does.
    explicit ProgressScan(const std::string& pattern);

    /// Lines end with \n or \r.
    void feed(Stream stream, std::string_view bytes);
    /// The newest progress told since the last call; nothing when that has not changed. A line that
    /// has not ended counts: progress bars end theirs only when they draw the next.
    std::optional<Report> read();

  private:
    struct Source {
        std::unique_ptr<ProgressRule> rule;
        std::string recent;
        bool cut = false;  ///< `recent` begins inside a line.
    };

    static std::optional<Report> read(Source& source);
    static void keep_open_line(Source& source, std::size_t open);

    std::array<Source, 2> sources_;  ///< By stream.
    std::optional<Report> last_;
};

}  // namespace atlasjob
