#include "mcp/ledger_access.h"

#include <sys/stat.h>

namespace atlasjob::mcp {

LedgerAccess::LedgerAccess(const std::string& location) : LedgerAccess(locate_ledger(location)) {}

bool LedgerAccess::exists() const {
    struct stat file {};
    return ::stat(location_.path.c_str(), &file) == 0;
}

void LedgerAccess::open(std::unique_ptr<Store>& store, OpenMode mode) {
    store = open_store(location_, mode);
    *known_ = true;
    if (mode != OpenMode::read) writer_file_.emplace(location_.path);
}

void LedgerAccess::let_go_of_moved_writer() {
    if (writer_ && !writer_file_->is_there()) writer_.reset();
}

}  // namespace atlasjob::mcp
