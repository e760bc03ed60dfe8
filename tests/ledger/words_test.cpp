#include "ledger/status.h"
#include "ledger/transition.h"

#include <catch2/catch.hpp>

#include <set>
#include <string>
#include <vector>

using namespace atlasjob;

namespace {

template <class Enums>
std::vector<std::string> words_of(const Enums& all) {
    std::vector<std::string> words;
    for (const auto one : all)
        words.emplace_back(to_string(one));
    return words;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("the five statuses have their documented names") {
    CHECK(words_of(kStatuses) == Words{"queued", "running", "done", "error", "cancelled"});
}

TEST_CASE("the reasons have their documented names") {
    CHECK(
        words_of(kReasons)
        == Words{
            "user", "shutdown", "timeout", "worker_lost", "start_failed", "signal", "exit_code",
            "invalid_result", "dependency", "partial"});
}

TEST_CASE("each verb has a distinct name") {
    const auto words = words_of(kVerbs);
    CHECK(std::set<std::string>(words.begin(), words.end()).size() == kVerbs.size());
    CHECK_FALSE(std::set<std::string>(words.begin(), words.end()).contains(""));
}

TEST_CASE("statuses and reasons parse back from their names") {
    for (const Status status : kStatuses)
        CHECK(parse_status(to_string(status)) == status);
    for (const Reason reason : kReasons)
        CHECK(parse_reason(to_string(reason)) == reason);
}

TEST_CASE("an unknown status or reason parses to nullopt") {
    const auto* const word =
        GENERATE("", "Queued", "QUEUED", "queued ", "queue", "succeeded", "canceled", "failed");
    CAPTURE(word);
    CHECK_FALSE(parse_status(word));
    CHECK_FALSE(parse_reason(word));
}

TEST_CASE("done and error and cancelled are terminal") {
    CHECK_FALSE(is_terminal(Status::queued));
    CHECK_FALSE(is_terminal(Status::running));
    CHECK(is_terminal(Status::done));
    CHECK(is_terminal(Status::error));
    CHECK(is_terminal(Status::cancelled));
}
