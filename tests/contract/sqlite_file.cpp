#include "contract/store_factory.h"
#include "store/open.h"
#include "support/temp_dir.h"

namespace atlasjob::test {

namespace {

class SqliteFile final : public Ledger {
  public:
    std::unique_ptr<Store> open(const Clock& clock) override {
        return open_store(location_, OpenMode::create, clock);
    }
    std::unique_ptr<Store> open_to_read(const Clock& clock) override {
        return open_store(location_, OpenMode::read, clock);
    }

  private:
    TempDir dir_;
    LedgerAddress location_ = parse_address(dir_ / "ledger.db");
};

}  // namespace

std::unique_ptr<Ledger> make_sqlite_file() {
    return std::make_unique<SqliteFile>();
}

}  // namespace atlasjob::test
