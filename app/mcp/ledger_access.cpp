#include "mcp/ledger_access.h"

#include <sys/stat.h>

namespace atlasjob::mcp {

LedgerAccess::LedgerAccess(const std::string& location) : location_(locate_ledger(location)) {}

bool LedgerAccess::exists() const {
    return file_now() != FileId{};
}

LedgerAccess::FileId LedgerAccess::file_now() const {
    struct stat file {};
    if (::stat(location_.path.c_str(), &file) != 0) return {};
    return {file.st_dev, file.st_ino};
}

Store& LedgerAccess::current() {
    // Looked at before opening: a file that is replaced in between is found so the next time.
    const FileId now = file_now();
    if (store_ && now == opened_) return *store_;
    store_.reset();
    store_ = open_store(location_, OpenMode::read);
    opened_ = now;
    return *store_;
}

}  // namespace atlasjob::mcp
