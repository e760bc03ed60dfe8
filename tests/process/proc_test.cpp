#include "process/proc.h"

#include <catch2/catch.hpp>

#include <unistd.h>

namespace atlasjob {

namespace {

std::string stat_line(const std::string& name) {
    return "4711 (" + name
           + ") S 1 4700 4699 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 987654 0 0 "
             "18446744073709551615";
}

}  // namespace

TEST_CASE("a process is parsed whatever its name contains") {
    for (const std::string name : {"sh", "a b", ") S 2 (", "x\ny", ""}) {
        const auto stat = parse_proc_stat(stat_line(name));
        INFO(name);
        REQUIRE(stat.has_value());
        CHECK(stat->pid == 4711);
        CHECK(stat->state == 'S');
        CHECK(stat->parent == 1);
        CHECK(stat->group == 4700);
        CHECK(stat->session == 4699);
        CHECK(stat->start_ticks == 987654);
    }
}

TEST_CASE("a truncated stat line is rejected") {
    const std::string whole = stat_line("a) b");
    const std::size_t after_start = whole.find("987654") + 6;
    for (std::size_t length = 0; length < after_start - 6; ++length) {
        INFO(whole.substr(0, length));
        CHECK_FALSE(parse_proc_stat(whole.substr(0, length)).has_value());
    }
    CHECK(parse_proc_stat(whole.substr(0, after_start)).has_value());
}

TEST_CASE("this process is found in proc") {
    const auto self = proc_stat(getpid());
    REQUIRE(self.has_value());
    CHECK(self->parent == getppid());
    CHECK(self->session == getsid(0));
    CHECK_FALSE(self->ended());
    CHECK_FALSE(proc_stat(0).has_value());
}

}  // namespace atlasjob
