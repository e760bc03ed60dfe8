#include "base/error.h"

#include <catch2/catch.hpp>

#include <cerrno>
#include <set>

using namespace atlasjob;

TEST_CASE("every error code has exactly one row found by its code") {
    std::set<std::string_view> words;
    for (std::size_t n = 0; n < kErrors.size(); ++n) {
        const auto code = static_cast<ErrorCode>(n);
        CHECK(kErrors.at(n).code == code);
        CHECK(&error_row(code) == &kErrors.at(n));
        words.insert(error_row(code).word);
    }
    CHECK(words.size() == kErrors.size());
}

TEST_CASE("the text of an error does not end at a NUL in a value that it names") {
    const Error error{
        ErrorCode::invalid_argument, std::string_view{"command \"a\0b\": not allowed", 26},
        "fix it"};
    CHECK(std::string_view{error.what()} == "command \"a\\u{0}b\": not allowed; fix it");
    CHECK(error.message().size() == 26);
}

TEST_CASE("each error code maps to its documented exit status") {
    CHECK(error_row(ErrorCode::invalid_argument).exit_status == 2);
    CHECK(error_row(ErrorCode::not_found).exit_status == 4);
    CHECK(error_row(ErrorCode::expired).exit_status == 4);
    CHECK(error_row(ErrorCode::refused).exit_status == 6);
    CHECK(error_row(ErrorCode::unavailable).exit_status == 7);
    CHECK(error_row(ErrorCode::ledger_moved).exit_status == 7);
    CHECK(error_row(ErrorCode::outcome_unknown).exit_status == 7);
    CHECK(error_row(ErrorCode::not_a_ledger).exit_status == 8);
    CHECK(error_row(ErrorCode::newer_ledger).exit_status == 8);
    CHECK(error_row(ErrorCode::internal).exit_status == 70);
}

TEST_CASE("caller mistakes map to JSON-RPC invalid params and all other errors to internal error") {
    constexpr int kInvalidParams = -32602;
    constexpr int kInternalError = -32603;
    for (const ErrorRow& row : kErrors) {
        const bool callers_mistake = row.exit_status == 2 || row.exit_status == 4;
        CAPTURE(row.word);
        CHECK(row.json_rpc_code == (callers_mistake ? kInvalidParams : kInternalError));
    }
}

TEST_CASE("an error carries what happened and why plus a hint") {
    const Error error(ErrorCode::refused, "cannot retry job 42: it is running", "cancel it first");
    CHECK(error.code() == ErrorCode::refused);
    CHECK(error.message() == "cannot retry job 42: it is running");
    CHECK(error.hint() == "cancel it first");
    CHECK(std::string{error.what()} == "cannot retry job 42: it is running; cancel it first");
}

TEST_CASE("the text of an error without a hint is just the message") {
    const Error error(ErrorCode::internal, "what happened: why");
    CHECK(error.hint().empty());
    CHECK(std::string{error.what()} == "what happened: why");
}

TEST_CASE("errno values are described by the system's own text") {
    CHECK(errno_text(ENOENT) == "No such file or directory");
    CHECK(errno_text(EACCES) == "Permission denied");
}
