#include "process/unit.h"

#include <catch2/catch.hpp>

#include <csignal>

namespace atlasjob {

namespace {

using Manager = Unit::Manager;

}  // namespace

TEST_CASE("the unit of a process is found in its cgroup") {
    CHECK(parse_unit("0::/system.slice/cron.service\n") == Unit{Manager::system, "cron.service"});
    CHECK(
        parse_unit("0::/user.slice/user-1000.slice/session-3.scope\n")
        == Unit{Manager::system, "session-3.scope"});
    CHECK(
        parse_unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/x:1.scope\n")
        == Unit{Manager::user, "x:1.scope"});
    CHECK(
        parse_unit("0::/user.slice/user-1000.slice/user@1000.service/init.scope\n")
        == Unit{Manager::user, "init.scope"});
}

TEST_CASE("what is below a unit belongs to it") {
    CHECK(
        parse_unit("0::/system.slice/docker.service/inner.slice/inner.service\n")
        == Unit{Manager::system, "docker.service"});
    CHECK(
        parse_unit("0::/user.slice/user@1.service/app.slice/a.service/b.scope")
        == Unit{Manager::user, "a.service"});
}

TEST_CASE("with several hierarchies, that of systemd counts") {
    CHECK(
        parse_unit("5:memory:/other.service\n1:name=systemd:/system.slice/a.service\n0::/\n")
        == Unit{Manager::system, "a.service"});
    CHECK(
        parse_unit("5:memory:/other.service\n0::/b.service\n")
        == Unit{Manager::system, "b.service"});
}

TEST_CASE("a process outside of systemd has no unit") {
    CHECK(parse_unit("0::/\n") == Unit{});
    CHECK(parse_unit("0::/system.slice\n") == Unit{});
    CHECK(parse_unit("4:memory:/a.service\n") == Unit{});
    CHECK(parse_unit("0:\n::\nnonsense\n") == Unit{});
    CHECK(parse_unit("") == Unit{});
    CHECK(unit_of(0) == Unit{});
}

TEST_CASE("a signal stops a service, and HUP any unit") {
    const Unit service{Manager::system, "a.service"};
    const Unit scope{Manager::user, "atlasjob-1.scope"};
    CHECK(service.is_stopped_by(SIGTERM));
    CHECK_FALSE(scope.is_stopped_by(SIGTERM));
    CHECK(scope.is_stopped_by(SIGHUP));
    CHECK_FALSE(Unit{}.is_stopped_by(SIGHUP));
}

TEST_CASE("a unit as text is read back") {
    for (const Unit& unit :
         {Unit{}, Unit{Manager::system, "cron.service"}, Unit{Manager::user, "a.scope"}})
        CHECK(parse_unit_text(to_string(unit)) == unit);
    CHECK(to_string(Unit{}).empty());
    CHECK(to_string(Unit{Manager::user, "a.scope"}) == "a.scope of the user manager");
}

}  // namespace atlasjob
