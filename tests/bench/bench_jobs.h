#pragma once

#include "ledger/job.h"

#include <string>

namespace atlasjob::test {

/// The owner of every job in a benchmark.
inline constexpr const char* kBenchOwner = "bench";

/// A job with a command, to be submitted.
NewJob bench_job(Time now);

/// The job_id of job number `index` of fill_ledger: a UUIDv7 whose time increases with `index`.
std::string bench_job_id(std::uint64_t index);

/// Pseudo-random numbers, the same in every run (xorshift64).
class BenchRandom {
  public:
    std::uint64_t next() {
        state_ ^= state_ << 13U;
        state_ ^= state_ >> 7U;
        state_ ^= state_ << 17U;
        return state_;
    }

  private:
    std::uint64_t state_ = 88'172'645'463'325'252U;
};

}  // namespace atlasjob::test
