#include "ledger/address.h"

#include "ledger/address_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace atlasjob {

bool LedgerAddress::exists() const {
    return access(path_.c_str(), F_OK) == 0;
}

bool LedgerAddress::is_blank() const {
    const auto is_empty = [](const std::string& path) {
        struct stat status {};
        if (stat(path.c_str(), &status) != 0) return errno == ENOENT;
        return S_ISREG(status.st_mode) && status.st_size == 0;
    };
    // What was committed last may be in the write-ahead log only.
    return is_empty(path_) && is_empty(path_ + "-wal");
}

uid_t LedgerAddress::owner() const {
    struct stat status {};
    return stat(path_.c_str(), &status) == 0 ? status.st_uid : geteuid();
}

std::string LedgerAddress::host_file(std::string_view suffix) const {
    return path_ + std::string{suffix};
}

LedgerFiles LedgerFiles::of(const LedgerAddress& address) {
    return {address.path_, address.path_ + ".logs"};
}

}  // namespace atlasjob
