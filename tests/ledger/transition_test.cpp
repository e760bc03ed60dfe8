#include "ledger/transition.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

using namespace atlasjob;

namespace {

/// The rows of the design's table, written out independently of kTransitions.
bool is_designed(Status from, Verb verb, Status to) {
    using enum Status;
    switch (verb) {
        case Verb::claim:
        case Verb::start:
            return from == queued && to == running;
        case Verb::cancel:
        case Verb::fail_dependency:
            return from == queued && to == cancelled;
        case Verb::finish:
            return from == running && is_terminal(to);
        case Verb::requeue:
        case Verb::release:
            return from == running && to == queued;
        case Verb::request_cancel:
            return from == running && to == running;
        case Verb::reap:
            return from == running && (to == queued || to == error || to == cancelled);
        case Verb::retry:
            return is_terminal(from) && to == queued;
        case Verb::edit:
            return from == queued && to == queued;
        case Verb::submit:
            return false;
    }
    return false;
}

std::string row_text(Status from, Verb verb, Status to) {
    return std::string{to_string(from)} + " -" + std::string{to_string(verb)} + "-> "
           + std::string{to_string(to)};
}

}  // namespace

TEST_CASE("the state machine allows exactly the designed transitions") {
    for (const Status from : kStatuses)
        for (const Verb verb : kVerbs)
            for (const Status to : kStatuses) {
                CAPTURE(row_text(from, verb, to));
                CHECK(is_allowed(from, verb, to) == is_designed(from, verb, to));
            }
}

TEST_CASE("a terminal status can only be left by retry") {
    for (const Transition& row : kTransitions) {
        CAPTURE(row_text(row.from, row.verb, row.to));
        CHECK((is_terminal(row.from) == (row.verb == Verb::retry)));
    }
}

TEST_CASE("every verb except job creation is in the state machine") {
    for (const Verb verb : kVerbs) {
        CAPTURE(to_string(verb));
        const bool used = std::ranges::any_of(
            kTransitions, [&](const Transition& row) { return row.verb == verb; });
        CHECK(used == (verb != Verb::submit));
    }
}

TEST_CASE("every status can be reached and left") {
    for (const Status status : kStatuses) {
        CAPTURE(to_string(status));
        CHECK(std::ranges::any_of(kTransitions, [&](const auto& row) { return row.to == status; }));
        CHECK(
            std::ranges::any_of(kTransitions, [&](const auto& row) { return row.from == status; }));
    }
}

TEST_CASE("no transition is listed twice") {
    std::set<std::tuple<Status, Verb, Status>> rows;
    for (const Transition& row : kTransitions)
        rows.emplace(row.from, row.verb, row.to);
    CHECK(rows.size() == kTransitions.size());
}
