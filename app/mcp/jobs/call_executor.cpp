#include "mcp/jobs/call_executor.h"

#include "event/signal_blocked_thread.h"

#include <sys/eventfd.h>
#include <unistd.h>

namespace atlasjob::mcp {

namespace {

UniqueFd make_eventfd() {
    UniqueFd fd{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
    if (!fd)
        throw Error(
            ErrorCode::unavailable, "cannot make an eventfd: " + errno_text(errno),
            "close some files or raise the limit (ulimit -n)");
    return fd;
}

}  // namespace

CallExecutor::CallExecutor(Loop& loop, StoreHandle ledger)
    : ledger_(std::move(ledger)),
      rung_(make_eventfd()),
      watch_(loop, rung_.get(), FdWatch::Ready::readable, [this] { deliver(); }) {
    watch_.pause();
}

CallExecutor::~CallExecutor() {
    if (!thread_) return;
    {
        const std::lock_guard lock{mutex_};
        stopping_ = true;
    }
    changed_.notify_all();
    thread_->join();
}

void CallExecutor::post(std::function<void(StoreHandle&)> work, std::function<void()> done) {
    if (!thread_) thread_ = start_signal_blocked_thread([this] { serve(); });
    if (owed_++ == 0) watch_.resume();
    {
        const std::lock_guard lock{mutex_};
        pieces_.push_back({std::move(work), std::move(done)});
    }
    changed_.notify_all();
}

void CallExecutor::serve() {
    for (;;) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return stopping_ || !pieces_.empty(); });
        if (stopping_) return;
        Request piece = std::move(pieces_.front());
        pieces_.pop_front();
        lock.unlock();
        piece.work(ledger_);
        lock.lock();
        done_.push_back(std::move(piece.done));
        lock.unlock();
        changed_.notify_all();
        // An eventfd that is full is readable, which is all it has to be.
        static_cast<void>(::eventfd_write(rung_.get(), 1));
    }
}

void CallExecutor::deliver() {
    eventfd_t rings = 0;
    static_cast<void>(::eventfd_read(rung_.get(), &rings));
    std::vector<std::function<void()>> done;
    {
        const std::lock_guard lock{mutex_};
        done.swap(done_);
    }
    owed_ -= done.size();
    if (owed_ == 0) watch_.pause();
    for (const auto& tell : done)
        tell();
}

void CallExecutor::finish() {
    while (owed_ > 0) {
        await_done();
        deliver();
    }
}

void CallExecutor::await_done() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !done_.empty(); });
}

}  // namespace atlasjob::mcp
