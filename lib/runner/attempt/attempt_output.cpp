#include "runner/attempt/attempt_output.h"

#include "base/error.h"
#include "runner/attempt/escape_state.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace atlasjob {

/// One of the two outputs.
struct AttemptOutput::Channel {
    Stream stream;
    std::optional<NonBlockingWriter> writer;
    bool failure_noted = false;
    std::optional<EscapeState> escapes;  ///< Of a terminal where something may be inserted.
    std::optional<PipeReader> reader;
};

AttemptOutput::AttemptOutput(Loop& loop, LogStore& logs, const Setup& setup, const Calls& calls)
    : log_(logs.open_writer(setup.log)),
      partial_(setup.partial),
      collecting_(setup.collect),
      joined_(setup.joined),
      on_report_(calls.report),
      report_(
          calls.report,
          [this](const std::string& why) { log_->note(fmt::format("report ignored: {}", why)); }),
      progress_interval_(setup.progress),
      progress_timer_(loop, [this] { report_progress(); }),
      partial_timer_(loop, [this] { log_->flush_partial(); }) {
    if (setup.progress_from) watch_progress(*setup.progress_from);
    command_ends_[0] = open_channel(loop, Stream::standard_output, setup, calls);
    if (setup.terminal == nullptr && !setup.joined)
        command_ends_[1] = open_channel(loop, Stream::standard_error, setup, calls);
    Pipe pipe = make_pipe();
    command_ends_[2] = std::move(pipe.write_end);
    report_reader_ = std::make_unique<PipeReader>(
        loop, std::move(pipe.read_end), [this](std::string_view bytes) { report_.feed(bytes); });
}

/// An invalid pattern, which submit should have refused, does not stop the command.
void AttemptOutput::watch_progress(const std::string& pattern) {
    try {
        progress_.emplace(pattern);
    } catch (const Error& error) {
        log_->note(error.message());
    }
}

/// Returns the command's end.
UniqueFd AttemptOutput::open_channel(
    Loop& loop, Stream stream, const Setup& setup, const Calls& calls) {
    auto& channel = channels_.at(static_cast<std::size_t>(stream)) = std::make_unique<Channel>();
    channel->stream = stream;
    if (setup.forward) {
        const int fd = stream == Stream::standard_output ? STDOUT_FILENO : STDERR_FILENO;
        channel->writer.emplace(loop, fd, [to = channel.get(), drained = calls.drained] {
            if (to->reader) to->reader->resume();
            drained();
        });
        if (setup.shows_progress && isatty(fd) == 1) channel->escapes.emplace();
    }
    Pipe pipe;
    if (setup.terminal != nullptr) {
        pipe.read_end = setup.terminal->output();
    } else {
        pipe = make_pipe();
    }
    channel->reader.emplace(
        loop, std::move(pipe.read_end),
        [this, from = channel.get()](std::string_view bytes) { on_bytes(*from, bytes); });
    return std::move(pipe.write_end);
}

AttemptOutput::~AttemptOutput() = default;

std::array<int, 3> AttemptOutput::command_ends() const {
    const UniqueFd& error_end = command_ends_[joined_ ? 0 : 1];
    return {command_ends_[0].get(), error_end.get(), command_ends_[2].get()};
}

void AttemptOutput::close_command_ends() {
    for (UniqueFd& end : command_ends_)
        end.reset();
}

void AttemptOutput::on_bytes(Channel& channel, std::string_view bytes) {
    log_->write(channel.stream, bytes);
    if (log_->holds_partial() && !partial_timer_.running()) partial_timer_.start(partial_);
    if (collecting_ && channel.stream == Stream::standard_output) collect(bytes);
    if (progress_) {
        progress_->feed(channel.stream, bytes);
        if (!progress_timer_.running()) progress_timer_.start(progress_interval_);
    }
    if (channel.writer) forward(channel, bytes);
}

void AttemptOutput::forward(Channel& channel, std::string_view bytes) {
    channel.writer->pass(bytes);
    if (channel.escapes) {
        channel.escapes->feed(bytes);
        show_pending();
    }
    // Slow down the command to the speed of the reader, as if it wrote there directly.
    if (channel.writer->congested()) channel.reader->pause();
    const int error = channel.writer->failure();
    if (error == 0 || std::exchange(channel.failure_noted, true)) return;
    log_->note(fmt::format(
        "from here on the output is only in this log: it cannot be written to {}",
        to_string(OutputFailure{channel.stream, error})));
}

void AttemptOutput::show(std::string text) {
    pending_text_ = std::move(text);
    show_pending();
}

/// Both outputs may be the same terminal, so both must allow it.
void AttemptOutput::show_pending() {
    Channel* terminal = nullptr;
    for (const auto& channel : channels_) {
        if (!channel || !channel->escapes) continue;
        if (!channel->escapes->is_between_characters()) return;
        terminal = channel.get();
    }
    if (terminal != nullptr && !pending_text_.empty())
        terminal->writer->pass(std::exchange(pending_text_, {}));
}

void AttemptOutput::report_progress() {
    if (auto report = progress_->read()) on_report_(std::move(*report));
}

void AttemptOutput::collect(std::string_view bytes) {
    too_long_ = too_long_ || collected_.size() + bytes.size() > kMaxResult;
    if (too_long_) {
        collected_ = {};
    } else {
        collected_.append(bytes);
    }
}

void AttemptOutput::read_available() {
    for (auto& channel : channels_) {
        const bool waiting = channel && channel->writer && channel->writer->congested();
        if (channel && channel->reader && !waiting) channel->reader->drain();
    }
}

void AttemptOutput::finish() {
    for (auto& channel : channels_) {
        if (!channel || !channel->reader) continue;
        channel->reader->drain();
        channel->reader.reset();
    }
    progress_timer_.stop();
    if (progress_) report_progress();
    if (report_reader_) {
        report_reader_->drain();
        report_reader_.reset();
        report_.finish();
    }
    partial_timer_.stop();
    log_->flush_partial();
}

bool AttemptOutput::congested() const {
    return std::ranges::any_of(channels_, [](const auto& channel) {
        return channel && channel->writer && channel->writer->congested();
    });
}

std::optional<OutputFailure> AttemptOutput::failure() const {
    for (const auto& channel : channels_) {
        const int error = channel && channel->writer ? channel->writer->failure() : 0;
        if (error != 0) return OutputFailure{channel->stream, error};
    }
    return {};
}

void AttemptOutput::stop_forwarding() {
    for (auto& channel : channels_) {
        if (!channel || !channel->writer) continue;
        channel->writer->close();
        if (channel->reader) channel->reader->resume();
    }
}

}  // namespace atlasjob
