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

TEST_CASE("The five statuses are spelled as the interface promises") {
    CHECK(words_of(kStatuses) == Words{"queued", "running", "done", "error", "cancelled"});
}

TEST_CASE("The reasons are spelled as the design lists them") {
    CHECK(
        words_of(kReasons)
        == Words{
            "user", "shutdown", "timeout", "worker_lost", "start_failed", "signal", "exit_code",
            "invalid_result", "dependency", "partial"});
}

TEST_CASE("Each verb has a word of its own") {
    const auto words = words_of(kVerbs);
    CHECK(std::set<std::string>(words.begin(), words.end()).size() == kVerbs.size());
    CHECK_FALSE(std::set<std::string>(words.begin(), words.end()).contains(""));
}

TEST_CASE("A status or reason is read back from its own word") {
    for (const Status status : kStatuses)
        CHECK(parse_status(to_string(status)) == status);
    for (const Reason reason : kReasons)
        CHECK(parse_reason(to_string(reason)) == reason);
}

TEST_CASE("A word that is no status and no reason is nothing, never a default") {
    const auto* const word =
        GENERATE("", "Queued", "QUEUED", "queued ", "queue", "succeeded", "canceled", "failed");
    CAPTURE(word);
    CHECK_FALSE(parse_status(word));
    CHECK_FALSE(parse_reason(word));
}

TEST_CASE("Done, error and cancelled are terminal; queued and running are not") {
    CHECK_FALSE(is_terminal(Status::queued));
    CHECK_FALSE(is_terminal(Status::running));
    CHECK(is_terminal(Status::done));
    CHECK(is_terminal(Status::error));
    CHECK(is_terminal(Status::cancelled));
}
