#pragma once

#include "ledger/log_store.h"
#include "runner/progress/progress_rule.h"

#include <array>

namespace atlasjob {

/// Reads a command's progress from its output. Of the output between two calls of read(), only the
/// newest kProgressWindow bytes of each stream are scanned, which bounds the cost of chatty
/// commands.
class ProgressScan {
  public:
    static constexpr std::size_t kProgressWindow = 16384;

    /// `pattern` is CommandSpec::progress_from. Throws as make_progress_rule().
    explicit ProgressScan(const std::string& pattern);

    /// Lines end with \n or \r.
    void feed(Stream stream, std::string_view bytes);
    /// The newest progress since the last call; nullopt if it has not changed. Includes unfinished
    /// lines, as progress bars end a line only when they draw the next.
    [[nodiscard]] std::optional<Report> read();

  private:
    struct Source {
        std::unique_ptr<ProgressRule> rule;
        std::string recent;
        bool cut = false;  ///< `recent` begins in the middle of a line.
    };

    static std::optional<Report> read(Source& source);
    static void keep_unfinished_line(Source& source, std::size_t open);

    std::array<Source, 2> sources_;  ///< By stream.
    std::optional<Report> last_;
};

}  // namespace atlasjob
