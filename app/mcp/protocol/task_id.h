#pragma once

#include "ledger/job.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// A wait for the end of a job's run, as the eight hexadecimal digits of its task id. Nothing about
/// a wait is stored, so that any process with the ledger can answer for it: the digits say when it
/// began, for which run, and for how long it may last. Two waits for one run that begin in the same
/// second with the same limit are the same wait.
class WaitCode {
  public:
    /// `run`: the run that is waited for. Without a limit the wait lasts until the run ends; a
    /// limit becomes the next shorter one of a table, at least 1 s, which has the usual ones: 1, 2,
    /// 3, 5, 10, 15, 20, 30 and 45 s, 1, 1.5, 2, 3, 4, 5, 7.5, 10, 15, 20, 30 and 45 min, 1 h, ...
    /// up to 2 days.
    static WaitCode make(
        const Job& job, int run, Time now, const std::optional<milliseconds>& limit);
    /// Eight lower-case hexadecimal digits; nullopt for anything else.
    static std::optional<WaitCode> parse(std::string_view text);
    std::string str() const;

    /// When the wait began, to the second below: it may have begun up to a second later.
    Time began_at(const Job& job) const;
    std::optional<milliseconds> limit() const;
    /// Whether the wait may be for the run of that number: the digits have its last three bits.
    bool may_be_for(int run) const;

    friend bool operator==(const WaitCode&, const WaitCode&) = default;

  private:
    explicit WaitCode(std::uint32_t bits) : bits_(bits) {}

    /// From the highest: 5 bits for the limit, 3 for the run, 24 for the seconds since the job was
    /// created.
    std::uint32_t bits_;
};

/// The id of a task: `<job_id>` for the call that made the job, `<job_id>.r<n>` for its n-th retry,
/// `<job_id>.w<8 hexadecimal digits>` for a wait.
struct TaskId {
    JobId job_id;
    int retries = 0;               ///< Which run, unless it is a wait.
    std::optional<WaitCode> wait;  ///< Set if it is a wait.

    /// nullopt for what no task can be called.
    static std::optional<TaskId> parse(std::string_view text);
    std::string str() const;
};

}  // namespace atlasjob::mcp
