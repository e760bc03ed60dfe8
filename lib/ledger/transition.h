#pragma once

#include "ledger/status.h"

namespace atlasjob {

/// What can happen to a job. Each is one Store verb or one way a verb can go; the spelling is the
/// `type` of the event it leaves.
enum class Verb {
    submit,           ///< A job is recorded, for the runner or for somebody else.
    claim,            ///< A worker takes it and opens an attempt.
    start,            ///< An executor of a job without a command opens an attempt.
    finish,           ///< The attempt ended and so did the job.
    requeue,          ///< The attempt failed and another is left.
    cancel,           ///< A queued job is cancelled; it never runs.
    request_cancel,   ///< A running job is asked to stop.
    fail_dependency,  ///< A job it waited for did not end well.
    reap,             ///< Its executor is gone or silent.
    release,          ///< Handed back before the command was spawned.
    retry,            ///< One more attempt of an ended job.
    edit,             ///< A queued job gets another priority, queue or time.
};

inline constexpr std::array kVerbs = {Verb::submit,         Verb::claim,           Verb::start,
                                      Verb::finish,         Verb::requeue,         Verb::cancel,
                                      Verb::request_cancel, Verb::fail_dependency, Verb::reap,
                                      Verb::release,        Verb::retry,           Verb::edit};

std::string_view to_string(Verb verb);

struct Transition {
    Status from;
    Verb verb;
    Status to;

    friend bool operator==(const Transition&, const Transition&) = default;
};

/// The whole state machine, but for the birth of a row: submit makes it queued or running.
/// Whatever is not listed is refused: by the verbs, and by a trigger in the database itself.
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

/// Whether kTransitions has that row.
bool is_allowed(Status from, Verb verb, Status to);

}  // namespace atlasjob
