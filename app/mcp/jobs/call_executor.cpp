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
            ErrorCode::unavailable, "cannot create an eventfd: " + errno_text(errno),
            "close some files or raise the limit (ulimit -n)");
    return fd;
}

}  // namespace

CallExecutor::CallExecutor(Loop& loop, StoreHandle ledger)
    : ledger_(std::move(ledger)),
      wakeup_(make_eventfd()),
      watch_(loop, wakeup_.get(), FdWatch::Ready::readable, [this] { deliver(); }) {
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
    if (!thread_) thread_ = start_signal_blocked_thread([this] { run_requests(); });
    if (pending_++ == 0) watch_.resume();
    {
        const std::lock_guard lock{mutex_};
        requests_.push_back({std::move(work), std::move(done)});
    }
    changed_.notify_all();
}

void CallExecutor::run_requests() {
    for (;;) {
        std::unique_lock lock{mutex_};
        changed_.wait(lock, [this] { return stopping_ || !requests_.empty(); });
        if (stopping_) return;
        Request request = std::move(requests_.front());
        requests_.pop_front();
        lock.unlock();
        request.work(ledger_);
        lock.lock();
        done_.push_back(std::move(request.done));
        lock.unlock();
        changed_.notify_all();
        // Fails only if the eventfd is full, and then it is readable anyway.
        static_cast<void>(::eventfd_write(wakeup_.get(), 1));
    }
}

void CallExecutor::deliver() {
    eventfd_t wakeups = 0;
    static_cast<void>(::eventfd_read(wakeup_.get(), &wakeups));
    std::vector<std::function<void()>> done;
    {
        const std::lock_guard lock{mutex_};
        done.swap(done_);
    }
    pending_ -= done.size();
    if (pending_ == 0) watch_.pause();
    for (const auto& callback : done)
        callback();
}

void CallExecutor::finish() {
    while (pending_ > 0) {
        await_done();
        deliver();
    }
}

void CallExecutor::await_done() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return !done_.empty(); });
}

}  // namespace atlasjob::mcp
