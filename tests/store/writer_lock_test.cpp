#include "store/sqlite/file/writer_lock.h"

#include "ledger/address_files.h"
#include "store/ledger_case.h"
#include "store/sqlite/connection/transaction.h"
#include "support/child.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

using namespace atlasjob;
using namespace atlasjob::test;
using namespace std::chrono_literals;
using sqlite::WriterLock;

namespace {

/// Long enough to be sure that a waiter blocks.
constexpr milliseconds kShort = 150ms;

/// A process that holds the writer lock of a ledger until `release`.
class Holder {
  public:
    explicit Holder(const std::string& ledger) : child_([&] { return hold(ledger); }) {
        held_.close_sender();
        if (!held_.receive()) throw std::runtime_error("the holder did not get the lock");
    }

    pid_t pid() const { return child_.pid(); }
    void release() {
        release_.send();
        child_.wait();
    }
    void kill() {
        child_.signal(SIGKILL);
        child_.wait();
    }

  private:
    int hold(const std::string& ledger) const {
        WriterLock lock{ledger};
        const WriterLock::Hold hold = lock.enter();
        held_.send();
        return release_.receive() ? 0 : 1;
    }

    Wire held_;
    Wire release_;
    Child child_;
};

volatile sig_atomic_t delivered = 0;

/// Counts deliveries of a signal in `delivered` during its lifetime.
class SignalCounter {
  public:
    explicit SignalCounter(int signal) : signal_(signal) {
        delivered = 0;
        struct sigaction action {};
        action.sa_handler = [](int) { delivered = delivered + 1; };
        sigaction(signal, &action, &before_);
    }
    SignalCounter(const SignalCounter&) = delete;
    SignalCounter& operator=(const SignalCounter&) = delete;
    ~SignalCounter() { sigaction(signal_, &before_, nullptr); }

  private:
    int signal_;
    struct sigaction before_ {};
};

long voluntary_switches() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nvcsw;
}

}  // namespace

TEST_CASE_METHOD(LedgerCase, "two writer locks of one process exclude each other") {
    WriterLock first{path};
    WriterLock second{path};
    {
        const WriterLock::Hold hold = first.enter();
        CHECK_FALSE(second.try_enter(0ms).has_value());
        CHECK_FALSE(second.try_enter(kShort).has_value());
    }
    CHECK(second.try_enter(0ms).has_value());
    CHECK(first.try_enter(0ms).has_value());
}

TEST_CASE_METHOD(
    LedgerCase, "a writer lock held by another process is acquired after its release") {
    WriterLock lock{path};
    Holder holder{path};
    CHECK_FALSE(lock.try_enter(kShort).has_value());
    holder.release();
    CHECK(lock.try_enter(0ms).has_value());
}

TEST_CASE_METHOD(LedgerCase, "a writer lock held by a killed process is released") {
    WriterLock lock{path};
    Holder holder{path};
    holder.kill();
    CHECK(lock.try_enter(0ms).has_value());
}

TEST_CASE_METHOD(LedgerCase, "a lock timeout names the process that holds the lock") {
    WriterLock lock{path};
    Holder holder{path};
    try {
        const WriterLock::Hold hold = lock.enter(kShort);
        FAIL("acquired a lock that another process holds");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::unavailable);
        CHECK_THAT(
            error.message(), Catch::Contains("process " + std::to_string(holder.pid()) + " ("));
        CHECK_THAT(error.message(), Catch::Contains(path));
        CHECK_FALSE(error.hint().empty());
    }
}

TEST_CASE_METHOD(LedgerCase, "waiting for the writer lock blocks without polling") {
    WriterLock lock{path};
    Holder holder{path};
    const long before = voluntary_switches();
    CHECK_FALSE(lock.try_enter(600ms).has_value());
    // A timer tick every 100 ms, plus some tolerance for page faults.
    CHECK(voluntary_switches() - before <= 20);
}

TEST_CASE_METHOD(LedgerCase, "a lock on a replaced lock file excludes nobody") {
    open();  // The lock file is only created beside an existing ledger.
    WriterLock early{path};
    { const WriterLock::Hold opened = early.enter(); }
    std::filesystem::remove(path + ".gate");
    WriterLock late{path};
    const WriterLock::Hold hold = late.enter();
    // `early` still has the removed file open and could lock it immediately.
    CHECK_FALSE(early.try_enter(kShort).has_value());
}

TEST_CASE_METHOD(LedgerCase, "removal of the lock file is noticed while waiting") {
    open();  // The lock file is only created beside an existing ledger.
    Wire waiting;
    WriterLock lock{path};
    auto hold = std::make_optional(lock.enter());
    Child waiter{[&] {
        WriterLock other{path};
        waiting.send();
        const WriterLock::Hold entered = other.enter();
        // The lock must be on the file that other processes will open.
        return WriterLock{path}.try_enter(0ms) ? 1 : 0;
    }};
    waiting.close_sender();
    REQUIRE(waiting.receive());
    std::filesystem::remove(path + ".gate");
    hold.reset();
    CHECK(waiter.wait().code == 0);
}

TEST_CASE_METHOD(LedgerCase, "a symbolic link to a ledger leads to the same writer lock") {
    open();
    const std::string link = dir / "elsewhere/link.db";
    std::filesystem::create_directory(dir / "elsewhere");
    std::filesystem::create_symlink(path, link);
    REQUIRE(LedgerFiles::of(parse_address(link)).path == path);

    WriterLock lock{path};
    const WriterLock::Hold hold = lock.enter();
    WriterLock through_link{LedgerFiles::of(parse_address(link)).path};
    CHECK_FALSE(through_link.try_enter(0ms).has_value());
    CHECK_FALSE(exists(link + ".gate"));
}

TEST_CASE_METHOD(LedgerCase, "terminating signals are deferred while a writer holds the lock") {
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP, SIGTSTP);
    const SignalCounter counter{signal};
    WriterLock lock{path};
    {
        const WriterLock::Hold hold = lock.enter();
        REQUIRE(::raise(signal) == 0);
        CHECK(delivered == 0);
    }
    CHECK(delivered == 1);
}

TEST_CASE_METHOD(LedgerCase, "a signal terminates a process that is waiting for the lock") {
    Wire waiting;
    WriterLock lock{path};
    const WriterLock::Hold hold = lock.enter();
    Child waiter{[&] {
        WriterLock other{path};
        waiting.send();
        const WriterLock::Hold never = other.enter();
        return 0;
    }};
    waiting.close_sender();
    REQUIRE(waiting.receive());
    waiter.signal(SIGTERM);
    CHECK(waiter.wait().signal == SIGTERM);
}

TEST_CASE_METHOD(LedgerCase, "a write transaction holds the writer lock until commit") {
    open();
    const auto connection = sqlite::open_ledger(
        path, sqlite::Connection::Mode::create, sqlite::all_migrations(), clock.now());
    WriterLock other{path};
    {
        sqlite::WriteTransaction transaction{*connection, sqlite::Durability::transition};
        CHECK_FALSE(other.try_enter(0ms).has_value());
        transaction.commit();
        CHECK_FALSE(other.try_enter(0ms).has_value());
    }
    CHECK(other.try_enter(0ms).has_value());
    { const sqlite::WriteTransaction abandoned{*connection, sqlite::Durability::transition}; }
    CHECK(other.try_enter(0ms).has_value());
}

TEST_CASE_METHOD(LedgerCase, "lock and signal files have the ledger's mode and owner") {
    open();
    std::filesystem::remove(path + ".gate");
    std::filesystem::remove(path + ".bell");
    REQUIRE(::chmod(path.c_str(), 0660) == 0);
    const bool root = ::geteuid() == 0;
    const uid_t owner = root ? 12345 : ::geteuid();
    if (root) REQUIRE(::chown(path.c_str(), owner, ::getegid()) == 0);

    open()->submit(NewJob{JobFactory{*open(), clock}.created_spec()});
    for (const char* sibling : {".gate", ".bell"}) {
        INFO(sibling);
        struct stat status {};
        REQUIRE(::stat((path + sibling).c_str(), &status) == 0);
        CHECK((status.st_mode & 07777U) == 0660);
        CHECK(status.st_uid == owner);
    }
}
