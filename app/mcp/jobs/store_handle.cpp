#include "mcp/jobs/store_handle.h"

#include "logs/open.h"

namespace atlasjob::mcp {

StoreHandle::StoreHandle(const std::string& ledger) : StoreHandle(parse_address(ledger)) {}

StoreHandle::StoreHandle(LedgerAddress address)
    : address_(std::move(address)),
      known_(std::make_shared<std::atomic<bool>>(false)),
      logs_(open_logs(address_)) {}

void StoreHandle::open(std::unique_ptr<Store>& store, OpenMode mode) {
    try {
        store = open_store(address_, mode);
    } catch (const Error& error) {
        throw for_agents(error);
    }
    *known_ = true;
    if (mode != OpenMode::read) writer_file_ = address_.identity();
}

void StoreHandle::close_moved_writer() {
    if (writer_ && !writer_file_->is_there()) writer_.reset();
}

}  // namespace atlasjob::mcp
