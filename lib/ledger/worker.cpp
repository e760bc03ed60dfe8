#include "ledger/worker.h"

#include <algorithm>

namespace atlasjob {

bool Worker::serves(const std::string& queue) const {
    return is.queues.empty() || std::ranges::find(is.queues, queue) != is.queues.end();
}

}  // namespace atlasjob
