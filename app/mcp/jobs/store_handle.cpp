#include "mcp/jobs/store_handle.h"

#include <sys/stat.h>

namespace atlasjob::mcp {

StoreHandle::StoreHandle(const std::string& location) : StoreHandle(locate_ledger(location)) {}

bool StoreHandle::exists() const {
    struct stat file {};
    return ::stat(location_.path.c_str(), &file) == 0;
}

void StoreHandle::open(std::unique_ptr<Store>& store, OpenMode mode) {
    store = open_store(location_, mode);
    *known_ = true;
    if (mode != OpenMode::read) writer_file_.emplace(location_.path);
}

void StoreHandle::close_moved_writer() {
    if (writer_ && !writer_file_->is_there()) writer_.reset();
}

}  // namespace atlasjob::mcp
