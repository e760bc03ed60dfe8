#include "follow_gp/gp_job.h"

#include <algorithm>

namespace atlasjob::follow_gp {

const GpStatusRow& row_of(GpStatus status) {
    return *std::ranges::find(kGpStatuses, status, &GpStatusRow::status);
}

GpStatus parse_gp_status(std::string_view word) {
    const auto found = std::ranges::find(kGpStatuses, word, &GpStatusRow::word);
    return found == kGpStatuses.end() ? GpStatus::unknown : found->status;
}

const GpMessage* last_error(const GpJob& job) {
    const auto found = std::find_if(
        job.messages.rbegin(), job.messages.rend(),
        [](const GpMessage& message) { return message.kind == GpMessage::Kind::error; });
    return found == job.messages.rend() ? nullptr : &*found;
}

}  // namespace atlasjob::follow_gp
