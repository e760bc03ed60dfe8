#include "e2e/cli/terminal/at_terminal.h"

#include <catch2/catch.hpp>

using namespace atlasjob::test;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kBar =
    R"(i=0; while [ $i -lt 3000 ]; do i=$((i+1)); printf '\r%4d/3000 downloading' $i; done; echo)";

std::string run_with_bar(const Sandbox& sandbox, const std::string& then) {
    const std::string job = sandbox.submit(std::string{kBar} + "; " + then);
    sandbox.drain();
    return job;
}

}  // namespace

TEST_CASE("the last lines of a log at a terminal are without what they overwrote") {
    const Sandbox sandbox;
    const std::string job = run_with_bar(sandbox, R"(printf '\033[32mfinished\033[0m\n')");
    for (const std::vector<std::string>& more :
         {std::vector<std::string>{}, std::vector<std::string>{"--timestamps"}}) {
        std::vector<std::string> args = {"logs", "-n", "2", job};
        args.insert(args.end(), more.begin(), more.end());
        AtTerminal terminal{sandbox, args};
        CHECK(terminal.wait() == 0);
        CHECK(terminal.written().size() < 200);
        CHECK_THAT(terminal.screen().text(), Contains("3000/3000 downloading\n"));
        CHECK_THAT(terminal.screen().text(), Contains("finished"));
        // A line that overwrites nothing keeps its colours.
        CHECK_THAT(terminal.written(), Contains("\x1b[32mfinished"));
        if (!more.empty()) CHECK_THAT(terminal.screen().text(), Contains("Z 3000/3000"));
    }
    // Elsewhere the output is byte for byte what was written.
    const Ran piped = sandbox.run({"logs", "-n", "2", job});
    CHECK(piped.out.size() > 60'000);
    CHECK_THAT(piped.out, Contains("\r   1/3000 downloading\r   2/3000"));
}

TEST_CASE("the status page of a failed job shows the last state of a progress bar") {
    const Sandbox sandbox;
    const std::string job =
        run_with_bar(sandbox, R"(printf '\033[31mno space\033[0m\n' >&2; exit 3)");
    const std::string page = sandbox.run({"status", job}).out;
    CHECK_THAT(page, Contains("  | 3000/3000 downloading\n  | no space\n"));
    CHECK(page.size() < 4096);
}
