#include "contract/logs/log_store_factory.h"
#include "ledger/address_files.h"
#include "logs/open.h"
#include "support/temp_dir.h"

namespace atlasjob::test {

namespace {

class FileLogs final : public LogPlace {
  public:
    std::unique_ptr<LogStore> open(const Clock& clock) override {
        return open_logs(LedgerFiles::address_of(dir_ / "ledger.db"), clock);
    }

  private:
    TempDir dir_;
};

}  // namespace

std::unique_ptr<LogPlace> make_file_logs() {
    return std::make_unique<FileLogs>();
}

}  // namespace atlasjob::test
