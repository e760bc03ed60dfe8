#pragma once

#include "logs/output_log.h"
#include "runner/attempt/ending.h"
#include "runner/attempt/foreground.h"
#include "runner/attempt/nonblocking_writer.h"
#include "runner/attempt/pipe_reader.h"
#include "runner/attempt/report_channel.h"
#include "runner/attempt/supervisor.h"
#include "runner/progress/progress_scan.h"

#include <array>
#include <memory>

namespace atlasjob {

/// Everything a command can write to: its two outputs, which go to the log, in the foreground also
/// to ours, and where asked for into memory as its result; and its report channel. Tells progress
/// that the outputs show, where asked for.
/// Belongs to the loop's thread.
class AttemptOutput {
  public:
    struct Setup {
        OutputLog::Target log;
        bool pass_through = false;  ///< To our own standard output and error.
        bool collect = false;       ///< Standard output, as a result.
        milliseconds partial{200};
        /// CommandSpec::progress_from, and how often to look.
        std::optional<std::string> progress_from = {};
        milliseconds progress{200};
        /// Both outputs are one, and a terminal's; outlives us.
        const ForegroundTerminal* terminal = nullptr;
    };
    struct Calls {
        ReportChannel::OnReport report;
        std::function<void()> passed_on;  ///< What was congested() has gone through.
    };

    /// Throws Error(unavailable) when the descriptors are used up.
    AttemptOutput(Loop& loop, const Clock& clock, const Setup& setup, const Calls& calls);
    AttemptOutput(const AttemptOutput&) = delete;
    AttemptOutput& operator=(const AttemptOutput&) = delete;
    ~AttemptOutput();

    /// The ends for the command's descriptors 1, 2 and 3; -1 where the terminal is.
    std::array<int, 3> command_ends() const;
    /// Once the command has them.
    void close_command_ends();

    /// Takes what is still in the pipes, and ends the log. Nothing is read afterwards.
    void finish();
    /// Whether one of our own outputs is behind.
    bool congested() const;
    /// What could not be passed on, so far. The command goes on, and the log has it all.
    std::optional<OutputFailure> failure() const;
    /// Gives up passing on.
    void stop_passing_on();

    OutputLog& log() { return log_; }
    const std::string& collected() const { return collected_; }
    bool collected_too_long() const { return too_long_; }

  private:
    struct Channel;

    UniqueFd open_channel(Loop& loop, Stream stream, const Setup& setup, const Calls& calls);
    void watch_progress(const std::string& pattern);

    void take(Channel& channel, std::string_view bytes);
    void pass_on(Channel& channel, std::string_view bytes);
    void tell_progress();
    void collect(std::string_view bytes);

    OutputLog log_;
    milliseconds partial_;
    bool collecting_;
    bool too_long_ = false;
    std::string collected_;
    ReportChannel::OnReport on_report_;
    ReportChannel report_;
    std::optional<ProgressScan> progress_;
    milliseconds progress_rest_;
    Timer progress_timer_;
    Timer partial_timer_;
    std::array<UniqueFd, 3> command_ends_;
    std::array<std::unique_ptr<Channel>, 2> channels_;
    std::unique_ptr<PipeReader> report_pump_;
};

}  // namespace atlasjob
