#include "ledger/status.h"
#include "ledger/transition.h"

#include <algorithm>

namespace atlasjob {

namespace {

template <class Enum, std::size_t N>
std::optional<Enum> parse_word(const std::array<Enum, N>& all, std::string_view word) {
    const auto found =
        std::ranges::find_if(all, [&](Enum candidate) { return to_string(candidate) == word; });
    return found == all.end() ? std::nullopt : std::optional{*found};
}

}  // namespace

std::string_view to_string(Status status) {
    switch (status) {
        case Status::queued:
            return "queued";
        case Status::running:
            return "running";
        case Status::done:
            return "done";
        case Status::error:
            return "error";
        case Status::cancelled:
            return "cancelled";
    }
    return {};
}

std::string_view to_string(Reason reason) {
    switch (reason) {
        case Reason::user:
            return "user";
        case Reason::shutdown:
            return "shutdown";
        case Reason::timeout:
            return "timeout";
        case Reason::worker_lost:
            return "worker_lost";
        case Reason::start_failed:
            return "start_failed";
        case Reason::signal:
            return "signal";
        case Reason::exit_code:
            return "exit_code";
        case Reason::invalid_result:
            return "invalid_result";
        case Reason::dependency:
            return "dependency";
        case Reason::partial:
            return "partial";
    }
    return {};
}

std::string_view to_string(Verb verb) {
    switch (verb) {
        case Verb::submit:
            return "submit";
        case Verb::claim:
            return "claim";
        case Verb::start:
            return "start";
        case Verb::finish:
            return "finish";
        case Verb::requeue:
            return "requeue";
        case Verb::cancel:
            return "cancel";
        case Verb::request_cancel:
            return "request_cancel";
        case Verb::fail_dependency:
            return "fail_dependency";
        case Verb::reap:
            return "reap";
        case Verb::release:
            return "release";
        case Verb::retry:
            return "retry";
        case Verb::edit:
            return "edit";
    }
    return {};
}

std::optional<Status> parse_status(std::string_view word) {
    return parse_word(kStatuses, word);
}
std::optional<Reason> parse_reason(std::string_view word) {
    return parse_word(kReasons, word);
}

}  // namespace atlasjob
