#pragma once

#include "runner/outlet.h"
#include "runner/output_log.h"
#include "runner/output_pump.h"
#include "runner/pace.h"
#include "runner/report_channel.h"

#include <array>
#include <memory>

namespace atlasjob {

/// Everything a command can write to: its two outputs, which go to the log, in the foreground also
/// to ours, and where asked for into memory as its result; and its report channel.
/// Belongs to the loop's thread.
class AttemptOutput {
  public:
    struct Setup {
        OutputLog::Target log;
        bool pass_through = false;  ///< To our own standard output and error.
        bool collect = false;       ///< Standard output, as a result.
        milliseconds partial{200};
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

    /// The ends for the command's descriptors 1, 2 and 3.
    std::array<int, 3> command_ends() const;
    /// Once the command has them.
    void close_command_ends();

    /// Takes what is still in the pipes, and ends the log. Nothing is read afterwards.
    void finish();
    /// Whether one of our own outputs is behind.
    bool congested() const;
    /// Gives up passing on.
    void stop_passing_on();

    OutputLog& log() { return log_; }
    const std::string& collected() const { return collected_; }
    bool collected_too_long() const { return too_long_; }

  private:
    struct Channel;

    UniqueFd open_channel(Loop& loop, Stream stream, const std::function<void()>* passed_on);

    void take(Channel& channel, std::string_view bytes);
    void collect(std::string_view bytes);

    OutputLog log_;
    milliseconds partial_;
    bool collecting_;
    bool too_long_ = false;
    std::string collected_;
    ReportChannel report_;
    Timer partial_timer_;
    std::array<UniqueFd, 3> command_ends_;
    std::array<std::unique_ptr<Channel>, 2> channels_;
    std::unique_ptr<OutputPump> report_pump_;
};

}  // namespace atlasjob
