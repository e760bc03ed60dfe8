#include "mcp/ledger_access.h"

#include <sys/stat.h>

namespace atlasjob::mcp {

LedgerAccess::LedgerAccess(const std::string& location) : location_(locate_ledger(location)) {}

bool LedgerAccess::exists() const {
    struct stat file {};
    return ::stat(location_.path.c_str(), &file) == 0;
}

}  // namespace atlasjob::mcp
