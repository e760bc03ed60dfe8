#include "follow_gp/job_sync.h"

#include "ledger/limits.h"

#include <fmt/format.h>

#include <utility>

namespace atlasjob::follow_gp {

namespace {

std::string_view event_of(GpMessage::Kind kind) {
    switch (kind) {
        case GpMessage::Kind::informative:
            return "message_informative";
        case GpMessage::Kind::warning:
            return "message_warning";
        case GpMessage::Kind::error:
            return "message_error";
    }
    return {};
}

Stream stream_of(GpMessage::Kind kind) {
    return kind == GpMessage::Kind::informative ? Stream::standard_output : Stream::standard_error;
}

}  // namespace

bool JobSync::take(const GpJob& job) {
    const bool new_messages = take_messages(job);
    const bool new_state = take_state(job);
    return new_messages || new_state;
}

/// The server sends all messages each time, oldest first.
bool JobSync::take_messages(const GpJob& job) {
    const std::size_t before = message_count_;
    for (; message_count_ < job.messages.size(); ++message_count_) {
        const GpMessage& message = job.messages[message_count_];
        log_.write(stream_of(message.kind), message.text + '\n');
        ledger_.note_event(std::string{event_of(message.kind)});
    }
    return message_count_ > before;
}

/// A final status never becomes the phase: readers of the ledger must not see it before the outcome
/// is stored. An unknown one does not either, as readers may not know it.
bool JobSync::take_state(const GpJob& job) {
    const bool new_word = std::exchange(word_, job.word) != job.word;
    const bool new_progress = std::exchange(progress_, job.progress) != job.progress;
    const bool new_text = std::exchange(progress_text_, job.progress_text) != job.progress_text;
    const bool known = job.status != GpStatus::unknown;
    if (new_word && !known) {
        log_.note(fmt::format(
            "unknown job status \"{}\" from the server: still following",
            clipped(job.word, kMaxWord)));
    }
    Report report;
    if (new_word && known && !row_of(job.status).ended) report.phase = job.word;
    if (new_progress) report.progress = job.progress;
    if (new_text && job.progress_text) report.message = clipped(*job.progress_text);
    if (report.phase || report.progress || report.message) ledger_.report(std::move(report));
    return new_word || new_progress || new_text;
}

}  // namespace atlasjob::follow_gp
