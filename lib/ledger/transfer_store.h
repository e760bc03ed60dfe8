#pragma once

#include "ledger/query.h"
#include "ledger/record.h"

namespace atlasjob {

struct ImportRequest {
    RecordSource next;  ///< Called under the write lock, so it should not block.
    /// The highest `seq` of all records, if known. Jobs whose number is taken are renumbered above
    /// it, so that they do not take the number of another record.
    std::int64_t highest_seq = 0;
};

/// A job that was imported under another number because its own was taken.
struct Renumbered {
    std::int64_t from = 0;
    std::int64_t to = 0;
};

struct Imported {
    std::int64_t recorded = 0;
    std::int64_t held = 0;     ///< Of those recorded: queued jobs with a command.
    std::int64_t skipped = 0;  ///< Already in the ledger with the same content.
    std::vector<Renumbered> renumbered;
};

/// Receives the progress of an operation on the whole ledger. If it throws, the operation is
/// abandoned.
using PartDone = std::function<void(std::int64_t done, std::int64_t total)>;

struct BackupRequest {
    std::string file;      ///< Path of the copy.
    bool replace = false;  ///< Whether an existing file may be replaced.
};

/// Copies jobs into and out of a ledger (store.h has what all verbs share).
class TransferStore {
  public:
    TransferStore() = default;
    TransferStore(const TransferStore&) = delete;
    TransferStore& operator=(const TransferStore&) = delete;
    virtual ~TransferStore() = default;

    // --- Export, import, backup
    // -------------------------------------------------------------------

    /// Passes every job that matches `filter` and that `principal` may see to `sink`, oldest first,
    /// with labels, attempts and events, from one snapshot: the jobs that list() finds. Does not
    /// block writers and holds one record at a time. `sink` must not use this store.
    virtual void export_jobs(
        const JobFilter& filter, const Principal& principal, const RecordSink& sink) = 0;
    /// Imports jobs atomically: if it throws, none of them is recorded. Keeps status, times,
    /// attempts and history; a running job gets no lease and no supervisor here; a queued one with
    /// a command is held. Skips a job that is already there with the same content. Throws refused
    /// if its content differs or its key is active on another job, and invalid_argument for an
    /// invalid record (check in record.h).
    [[nodiscard]] virtual Imported import_jobs(const ImportRequest& request) = 0;
    /// Copies a snapshot of the whole ledger to a file that only its owner can access and that can
    /// be opened as a ledger. Does not block writers. The file is either complete and durable or
    /// absent. Throws refused if the file exists and may not be replaced.
    virtual void back_up(const BackupRequest& request, const PartDone& part_done) = 0;
};

}  // namespace atlasjob
