#include "ledger/address.h"

#include "ledger/address_files.h"

#include <sys/stat.h>
#include <unistd.h>

namespace atlasjob {

bool LedgerAddress::exists() const {
    return access(path_.c_str(), F_OK) == 0;
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
