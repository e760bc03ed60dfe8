#include "bench/bench_jobs.h"

#include <fmt/format.h>

namespace atlasjob::test {

NewJob bench_job(Time now) {
    NewJob job{JobId::make(now)};
    job.owner = kBenchOwner;
    job.target = R"({"channel_id":"C0ENG"})";
    job.command.emplace();
    job.command->argv = {"make", "-j8"};
    job.command->cwd = "/srv/app";
    job.command->environment = {"PATH=/usr/bin"};
    return job;
}

std::string bench_job_id(std::uint64_t index) {
    constexpr std::uint64_t kFirstMs = 1'760'000'000'000;
    const std::uint64_t ms = kFirstMs + index / 100;
    const std::uint64_t mixed = index * 0x9E3779B97F4A7C15U;
    return fmt::format(
        "{:08x}-{:04x}-7{:03x}-8{:03x}-{:012x}", ms >> 16U, ms & 0xFFFFU, index % 100, mixed >> 52U,
        mixed & 0xFFFF'FFFF'FFFFU);
}

}  // namespace atlasjob::test
