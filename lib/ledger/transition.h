#pragma once

#include "ledger/status.h"

namespace atlasjob {

/// What can happen to a job. Each is a Store verb or one outcome of a verb; the spelling is the
/// `type` of its event.
enum class Verb {
    submit,           ///< A job is created, with or without a command.
    claim,            ///< A worker takes the job and opens an attempt.
    start,            ///< The executor of a job without a command opens an attempt.
    finish,           ///< The attempt ended, and the job with it.
    requeue,          ///< The attempt failed and attempts are left.
    cancel,           ///< A queued job is cancelled; it never runs.
    request_cancel,   ///< A running job is asked to stop.
    fail_dependency,  ///< A dependency did not end as done.
    reap,             ///< Its executor is dead or silent.
    release,          ///< The attempt is handed back before its command was spawned.
    retry,            ///< An ended job gets one more attempt.
    edit,             ///< A queued job gets another priority, queue or start time.
};

inline constexpr std::array kVerbs = {Verb::submit,         Verb::claim,           Verb::start,
                                      Verb::finish,         Verb::requeue,         Verb::cancel,
                                      Verb::request_cancel, Verb::fail_dependency, Verb::reap,
                                      Verb::release,        Verb::retry,           Verb::edit};

[[nodiscard]] std::string_view to_string(Verb verb);

struct Transition {
    Status from;
    Verb verb;
    Status to;

    friend bool operator==(const Transition&, const Transition&) = default;
};

/// The whole state machine, except that submit creates a row as queued or running. Any transition
/// that is not listed is refused, by the verbs and by a trigger in the database.
// clang-format off
inline constexpr std::array kTransitions = {
    Transition{Status::queued,    Verb::claim,           Status::running},
    Transition{Status::queued,    Verb::start,           Status::running},
    Transition{Status::queued,    Verb::cancel,          Status::cancelled},
    Transition{Status::queued,    Verb::fail_dependency, Status::cancelled},
    Transition{Status::queued,    Verb::edit,            Status::queued},
    Transition{Status::running,   Verb::finish,          Status::done},
    Transition{Status::running,   Verb::finish,          Status::error},
    Transition{Status::running,   Verb::finish,          Status::cancelled},
    Transition{Status::running,   Verb::requeue,         Status::queued},
    Transition{Status::running,   Verb::request_cancel,  Status::running},
    Transition{Status::running,   Verb::reap,            Status::queued},
    Transition{Status::running,   Verb::reap,            Status::error},
    Transition{Status::running,   Verb::reap,            Status::cancelled},
    Transition{Status::running,   Verb::release,         Status::queued},
    Transition{Status::done,      Verb::retry,           Status::queued},
    Transition{Status::error,     Verb::retry,           Status::queued},
    Transition{Status::cancelled, Verb::retry,           Status::queued},
};
// clang-format on

/// Whether kTransitions lists this transition.
[[nodiscard]] bool is_allowed(Status from, Verb verb, Status to);

}  // namespace atlasjob
