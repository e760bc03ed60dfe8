#pragma once

#include "ledger/job.h"
#include "ledger/log_store.h"

#include <optional>
#include <string>

namespace atlasjob {

/// Output that the ledger knows of and the log store does not have: somebody deleted its files,
/// their disk is not mounted, or the job was imported. Missing is not empty.
struct MissingOutput {
    bool all = true;   ///< If false, a part of it is still there.
    std::string text;  ///< "its output is gone: FILE"
};

/// What is missing of the output of the job's latest attempt; nullopt if nothing is. (How much
/// output earlier attempts had is not recorded.) While the job runs, only notices if everything is
/// missing. Throws as LogStore.
[[nodiscard]] std::optional<MissingOutput> missing_output(LogStore& logs, const Job& job);

}  // namespace atlasjob
