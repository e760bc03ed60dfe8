#pragma once

#include "ledger/log_store.h"
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

/// Reads everything a command writes: its two outputs and its report channel. The outputs go to the
/// log; optionally they are also forwarded to this process's own outputs, collected as the job's
/// result, and scanned for progress. Belongs to the loop's thread.
class AttemptOutput {
  public:
    struct Setup {
        LogStore::Target log;
        bool forward = false;  ///< To this process's standard output and error.
        /// With forward: show() will be called.
        bool shows_progress = false;
        bool collect = false;  ///< Standard output, as the result.
        /// Both outputs are one pipe, so that their order is kept; all of it counts as standard
        /// output.
        bool joined = false;
        milliseconds partial{200};  ///< Timings::partial.
        /// CommandSpec::progress_from, and how often to scan for progress.
        std::optional<std::string> progress_from = {};
        milliseconds progress{200};
        /// If set, both outputs are read from this terminal, which must outlive this object.
        const ForegroundTerminal* terminal = nullptr;
    };
    struct Calls {
        ReportChannel::OnReport report;
        std::function<void()> drained;  ///< Called when an output is no longer congested().
    };

    /// Throws Error(unavailable) when out of descriptors.
    AttemptOutput(Loop& loop, LogStore& logs, const Setup& setup, const Calls& calls);
    AttemptOutput(const AttemptOutput&) = delete;
    AttemptOutput& operator=(const AttemptOutput&) = delete;
    ~AttemptOutput();

    /// For the command's descriptors 1, 2 and 3; -1 for the terminal.
    [[nodiscard]] std::array<int, 3> command_ends() const;
    /// Call once the command has been spawned.
    void close_command_ends();

    /// Reads what the command has written so far, unless forwarded output is waiting for its
    /// reader.
    void read_available();
    /// Reads what is still in the pipes and flushes the log. Nothing is read afterwards.
    void finish();
    /// Whether forwarded output is waiting for its reader.
    [[nodiscard]] bool congested() const;
    /// The first failure to forward output; nullopt if none. The command continues, and the log has
    /// all of its output.
    [[nodiscard]] std::optional<OutputFailure> failure() const;
    void stop_forwarding();
    /// Writes `text` to the terminal that output is forwarded to, as soon as all of the output so
    /// far ends between two characters; a later text replaces one that is still waiting. If neither
    /// output is a terminal, does nothing.
    void show(std::string text);

    LogWriter& log() { return *log_; }
    const std::string& collected() const { return collected_; }
    bool collected_too_long() const { return too_long_; }

  private:
    struct Channel;

    UniqueFd open_channel(Loop& loop, Stream stream, const Setup& setup, const Calls& calls);
    void watch_progress(const std::string& pattern);

    void on_bytes(Channel& channel, std::string_view bytes);
    void forward(Channel& channel, std::string_view bytes);
    void show_pending();
    void report_progress();
    void collect(std::string_view bytes);

    std::unique_ptr<LogWriter> log_;
    milliseconds partial_;
    bool collecting_;
    bool joined_;
    bool too_long_ = false;
    std::string collected_;
    std::string pending_text_;  ///< For the terminal.
    ReportChannel::OnReport on_report_;
    ReportChannel report_;
    std::optional<ProgressScan> progress_;
    milliseconds progress_interval_;
    Timer progress_timer_;
    Timer partial_timer_;
    std::array<UniqueFd, 3> command_ends_;
    std::array<std::unique_ptr<Channel>, 2> channels_;
    std::unique_ptr<PipeReader> report_reader_;
};

}  // namespace atlasjob
