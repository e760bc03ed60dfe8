#include "jobs/session.h"

#include "support/scoped_variable.h"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace atlasjob;
using test::ScopedVariable;

TEST_CASE("the session is that of the first variable that is set") {
    // Whatever started this test may be in a session itself.
    const ScopedVariable own{"ATLASJOB_SESSION", ""};
    const ScopedVariable claude{"CLAUDE_CODE_SESSION_ID", ""};
    const ScopedVariable codex{"CODEX_THREAD_ID", ""};
    const ScopedVariable gemini{"GEMINI_SESSION_ID", ""};
    const ScopedVariable opencode{"OPENCODE_SESSION_ID", ""};
    CHECK_FALSE(jobs::current_session());
    const ScopedVariable from_opencode{"OPENCODE_SESSION_ID", "o"};
    CHECK(jobs::current_session() == "o");
    const ScopedVariable from_gemini{"GEMINI_SESSION_ID", "g"};
    CHECK(jobs::current_session() == "g");
    const ScopedVariable from_codex{"CODEX_THREAD_ID", "x"};
    CHECK(jobs::current_session() == "x");
    const ScopedVariable from_claude{"CLAUDE_CODE_SESSION_ID", "c"};
    CHECK(jobs::current_session() == "c");
    const ScopedVariable given{"ATLASJOB_SESSION", "mine"};
    CHECK(jobs::current_session() == "mine");
}

TEST_CASE("a session is made one line of limited length, whatever a host sets") {
    CHECK(jobs::session_of("7d9f6a1e-5b0c") == "7d9f6a1e-5b0c");
    CHECK(jobs::session_of("two\nlines") == "two lines");
    CHECK(jobs::session_of("\xff") == "\xef\xbf\xbd");
    CHECK(jobs::session_of(std::string(2000, 'x')) == std::string(1024, 'x'));
    CHECK_FALSE(jobs::session_of(""));
}

TEST_CASE("the session of a job is in the environment of its command") {
    NewJob job{JobId::make(Time{})};
    jobs::set_session(job, "s1");
    CHECK(job.session == "s1");
    job.command.emplace();
    job.command->environment = {"A=1", "ATLASJOB_SESSION=older"};
    jobs::set_session(job, "s2");
    CHECK(job.command->environment == std::vector<std::string>{"A=1", "ATLASJOB_SESSION=s2"});
    jobs::set_session(job, std::nullopt);
    CHECK_FALSE(job.session);
}
