#pragma once

#include "ledger/address.h"

namespace atlasjob {

/// The files behind a ledger's address. For lib/store and lib/logs only, and for tests.
struct LedgerFiles {
    std::string path;       ///< Absolute; symbolic links resolved as far as the path exists.
    std::string logs_root;  ///< Directory of the jobs' output, beside the ledger.

    static LedgerFiles of(const LedgerAddress& address);
    /// The address of a ledger with this path, which is as above.
    static LedgerAddress address_of(std::string path) { return LedgerAddress{std::move(path)}; }
};

}  // namespace atlasjob
