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
    const bool said = take_messages(job);
    const bool moved = take_state(job);
    return said || moved;
}

/// The server tells all messages each time, oldest first.
bool JobSync::take_messages(const GpJob& job) {
    const std::size_t before = messages_seen_;
    for (; messages_seen_ < job.messages.size(); ++messages_seen_) {
        const GpMessage& message = job.messages[messages_seen_];
        log_.write(stream_of(message.kind), message.text + '\n');
        ledger_.note_event(std::string{event_of(message.kind)});
    }
    return messages_seen_ > before;
}

/// The word of an ended job stays out: whoever reads the ledger must not see it before the end, and
/// what came of it, is there too. A word we do not know stays out because readers may not either.
bool JobSync::take_state(const GpJob& job) {
    const bool new_word = std::exchange(word_, job.word) != job.word;
    const bool further = std::exchange(progress_, job.progress) != job.progress;
    const bool new_text = std::exchange(progress_text_, job.progress_text) != job.progress_text;
    const bool known = job.status != GpStatus::unknown;
    if (new_word && !known) {
        log_.note(fmt::format(
            "the server's word \"{}\" for the job's status is not known here: following on",
            clipped(job.word, kMaxWord)));
    }
    Report report;
    if (new_word && known && !row_of(job.status).ended) report.phase = job.word;
    if (further) report.progress = job.progress;
    if (new_text && job.progress_text) report.message = clipped(*job.progress_text);
    if (report.phase || report.progress || report.message) ledger_.report(std::move(report));
    return new_word || further || new_text;
}

}  // namespace atlasjob::follow_gp
