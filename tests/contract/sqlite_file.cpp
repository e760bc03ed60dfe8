#include "contract/store_factory.h"
#include "store/open.h"
#include "support/temp_dir.h"

namespace atlasjob::test {

namespace {

class SqliteFile final : public Ledger {
  public:
    std::unique_ptr<Store> open() override { return open_store(location_, OpenMode::create); }
    std::unique_ptr<Store> open_to_read() override { return open_store(location_, OpenMode::read); }

  private:
    TempDir dir_;
    LedgerLocation location_ = locate_ledger(dir_ / "ledger.db");
};

}  // namespace

std::unique_ptr<Ledger> make_sqlite_file() {
    return std::make_unique<SqliteFile>();
}

}  // namespace atlasjob::test
