#pragma once

#include "base/file_identity.h"

#include <sys/types.h>

#include <string>
#include <string_view>
#include <utility>

namespace atlasjob {

/// Where a ledger is. Only stores know what is behind it (address_files.h); parse_address
/// (store/open.h) makes one.
class LedgerAddress {
  public:
    LedgerAddress() = default;

    /// Whether there is anything at the address now. It need not be a ledger.
    [[nodiscard]] bool exists() const;
    /// Whether it is certain that nothing has been stored at the address: there is no file or an
    /// empty one. False if that cannot be found out.
    [[nodiscard]] bool is_blank() const;
    /// For people and for JSON, without secrets.
    [[nodiscard]] const std::string& display() const { return path_; }
    /// The value of ATLASJOB_LEDGER for child processes. It may hold a secret: never put it into an
    /// argv, which every account can read.
    [[nodiscard]] const std::string& to_environment() const { return path_; }
    /// The path of a file of this host that belongs to the ledger, such as ".worker".
    [[nodiscard]] std::string host_file(std::string_view suffix) const;
    /// The account that owns the ledger on this host; this process's if there is no ledger.
    [[nodiscard]] uid_t owner() const;
    /// Remembers which ledger is at the address now, to notice when it is moved or replaced.
    [[nodiscard]] PathIdentity identity() const { return PathIdentity{path_}; }

    friend bool operator==(const LedgerAddress&, const LedgerAddress&) = default;

  private:
    friend struct LedgerFiles;

    explicit LedgerAddress(std::string path) : path_(std::move(path)) {}

    std::string path_;
};

}  // namespace atlasjob
