#include "base/blocking_io.h"
#include "base/error.h"
#include "cli/command.h"
#include "cli/context.h"
#include "cli/options/arguments.h"
#include "cli/terminal/progress_bar.h"
#include "ledger/find.h"
#include "ledger/log_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

namespace atlasjob::cli {

namespace {

/// How long to wait for a busy command to read.
constexpr milliseconds kSendTimeout{10'000};

class Send final : public Command {
  public:
    void declare(Arguments& arguments) override { arguments.words(words_, "JOB|TEXT", 2); }

    void check() override {
        if (!words_.empty()) return;
        throw Error(
            ErrorCode::invalid_argument, "no JOB given",
            "name the job by its number or job_id, or use last");
    }

    int run(Context& context) override {
        const SigintGuard sigint_guard;
        const auto store = context.open_to_read();
        const Job job = require_job(*store, words_[0], context.principal(), Detail::summary);
        if (job.status != Status::running) {
            refuse(
                job, is_terminal(job.status) ? "has ended" : "is not running yet",
                fmt::format("see atlasjob status {}", job.seq));
        }
        const auto logs = context.open_logs();
        JobInput& to = logs->input();
        if (words_.size() == 2) {
            send(job, to, words_[1] + '\n', kSendTimeout);
        } else {
            send_standard_input(job, to);
        }
        return 0;
    }

  private:
    [[noreturn]] static void refuse(
        const Job& job, std::string_view reason, const std::string& hint) {
        throw Error(
            ErrorCode::refused, fmt::format("nothing was sent: job {} {}", job.seq, reason), hint);
    }

    static void send(
        const Job& job, JobInput& to, std::string_view text, std::optional<milliseconds> timeout) {
        const SendResult sending = to.send(job.job_id, job.attempt, text, timeout);
        if (sending.state == SendResult::State::sent) return;
        if (sending.bytes > 0) {
            throw Error(
                ErrorCode::refused,
                fmt::format(
                    "job {} stopped reading: {} of {} bytes were sent", job.seq, sending.bytes,
                    text.size()),
                fmt::format("see atlasjob status {}", job.seq));
        }
        if (sending.state == SendResult::State::timed_out)
            refuse(job, "has not read its earlier input yet", "try again later");
        refuse(
            job, "is not reading its input",
            "only jobs started with atlasjob run --detach --interactive accept input");
    }

    /// Sends whole lines where possible, so that they do not mix with lines of other senders.
    static void send_standard_input(const Job& job, JobInput& to) {
        std::string kept;
        std::array<char, PIPE_BUF> buffer{};
        for (;;) {
            const ssize_t count = read_some(STDIN_FILENO, buffer.data(), buffer.size());
            if (count < 0)
                throw Error(
                    ErrorCode::invalid_argument,
                    "cannot read standard input: " + errno_text(errno));
            kept.append(buffer.data(), static_cast<std::size_t>(count));
            while (!kept.empty()) {
                const std::size_t next = next_piece(kept, count == 0);
                if (next == 0) break;
                send(job, to, std::string_view{kept}.substr(0, next), std::nullopt);
                kept.erase(0, next);
            }
            if (count == 0) return;
        }
    }

    /// How many bytes to send next: whole lines if they fit into PIPE_BUF, else part of a long
    /// line, or the rest at the end of input. 0 if more must be read first.
    static std::size_t next_piece(std::string_view kept, bool at_end) {
        const std::string_view piece = kept.substr(0, PIPE_BUF);
        const std::size_t last_line_end = piece.rfind('\n');
        if (last_line_end != std::string_view::npos) return last_line_end + 1;
        return at_end || piece.size() == PIPE_BUF ? piece.size() : 0;
    }

    std::vector<std::string> words_;
};

}  // namespace

std::unique_ptr<Command> make_send() {
    return std::make_unique<Send>();
}

}  // namespace atlasjob::cli
