#include "ledger/worker.h"

#include <algorithm>

namespace atlasjob {

bool Worker::serves(const std::string& queue) const {
    return is.queues.empty() || std::ranges::find(is.queues, queue) != is.queues.end();
}

bool Worker::runs_for(const std::optional<AccountId>& account) const {
    return !is.account || !account || *is.account == *account;
}

}  // namespace atlasjob
