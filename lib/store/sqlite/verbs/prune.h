#pragma once

#include "ledger/store.h"
#include "store/sqlite/connection/connection.h"

#include <cstdint>
#include <vector>

namespace atlasjob::sqlite {

/// The numbers of jobs past their retention at `now`: at most `limit` of each owner and status,
/// those that ended first; and as many with a retention of their own.
std::vector<std::int64_t> expired_jobs(
    Connection& connection, const Retention& retention, int limit, Time now);

/// Deletes one ended job with everything that refers to it.
void delete_with_tombstone(Connection& connection, std::int64_t seq, Time now);

/// How long a batch of deletions should hold the write lock. Others wait no longer than this and
/// the time of a checkpoint.
inline constexpr milliseconds kPruneHold{20};

/// The jobs that Store::prune deletes next. The list is made once and used up by several
/// transactions, in the order of the jobs' numbers: neighbours share pages, so that a batch writes
/// few of them. (In the order of their ends, jobs that ran side by side for seconds touch twice as
/// many.) Every batch checks its jobs again.
class PruneList {
  public:
    /// An empty list.
    PruneList() = default;
    /// Lists the expired jobs; requires a read transaction.
    void fill(Connection& connection, const Retention& retention, Time now);

    bool empty() const { return seqs_.empty(); }
    bool is_for(const Retention& retention) const { return retention_ == retention; }

    /// Takes the next jobs from the list, at most `limit`, and deletes those that are still
    /// expired; requires a write transaction. If that is not committed, the next list has them
    /// again.
    std::vector<PrunedJob> prune(Connection& connection, int limit, Time now);
    /// Adapts the size of the batches to how long the last one has held the write lock.
    void adapt(milliseconds held);

  private:
    Retention retention_;
    std::vector<std::int64_t> seqs_;  ///< The next one is last.
    std::size_t batch_ = 128;
    std::size_t last_ = 0;  ///< Size of the last batch.
};

}  // namespace atlasjob::sqlite
