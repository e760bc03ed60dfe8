#include "mcp/jobs/pending_call.h"

#include "mcp/contracts/contract.h"
#include "mcp/protocol/progress_notification.h"
#include "rpc/output.h"
#include "rpc/wire.h"
#include "view/json_object.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

/// So close to the end of its time a wait sends no more progress: some clients take what comes just
/// before an answer for progress of nothing.
constexpr milliseconds kQuietEnd{1000};

}  // namespace

class PendingCalls::PendingCall {
  public:
    PendingCall(PendingCalls& waits, PendingWait pending)
        : waits_(waits),
          pending_(std::move(pending)),
          deadline_(waits.in_.loop, [this] { end_now(); }),
          progress_(waits.in_.loop, [this] { send_progress(); }),
          registration_(waits.in_.watch.subscribe([this] { look(); }, pending_.wait.job_id)) {}

    /// False: it is answered.
    bool begin() {
        if (const auto job = ended_job()) {
            answer(*job, false);
            return false;
        }
        if (!pending_.reply.pending()) return false;
        if (pending_.wait.limit != kForever) deadline_.start(pending_.wait.limit);
        if (!pending_.progress_token_json.empty())
            progress_.start(waits_.in_.progress_interval, waits_.in_.progress_interval);
        return true;
    }

    bool is_of(const nlohmann::json& request_id) const {
        return nlohmann::json::parse(pending_.reply.id_json(), nullptr, false) == request_id;
    }
    void abandon() { pending_.reply.abandon(); }

    /// Answers with the job as it is now.
    void end() {
        try {
            const auto job = read(Detail::full);
            if (job) answer(*job, !is_terminal(job->status));
        } catch (const Error& error) {
            pending_.send(pending_.reply, error);
        }
    }

  private:
    /// Answers when the job is gone.
    std::optional<Job> read(Detail detail) {
        auto job = waits_.context_.ledger.read([&](Store& store) {
            return store.get(JobRef::of(pending_.wait.job_id), *waits_.context_.principal, detail);
        });
        if (!job) pending_.send(pending_.reply, Error(ErrorCode::not_found, "the job is gone"));
        return job;
    }

    std::optional<Job> ended_job() {
        try {
            const auto job = read(Detail::summary);
            if (!job || !is_terminal(job->status)) return {};
            return read(Detail::full);
        } catch (const Error&) {
            // The ledger may be back before the time is up.
            return {};
        }
    }

    void look() {
        const auto job = ended_job();
        if (job) answer(*job, false);
        if (!pending_.reply.pending()) waits_.remove(*this);
    }

    void end_now() {
        end();
        waits_.remove(*this);
    }

    void answer(const Job& job, bool timed_out) {
        try {
            pending_.send(pending_.reply, pending_.wait.answer(job, timed_out));
        } catch (const Error& error) {
            pending_.send(pending_.reply, error);
        }
    }

    void send_progress() {
        waited_ += waits_.in_.progress_interval;
        if (pending_.wait.limit - waited_ < kQuietEnd) return;
        std::optional<Job> job;
        try {
            job = read(Detail::summary);
        } catch (const Error&) {
            // What is not known now is not told.
        }
        if (!pending_.reply.pending()) return waits_.remove(*this);
        if (!job || is_terminal(job->status)) return;
        waits_.in_.output.send(
            rpc::notification_line("notifications/progress", progress_json(*job)));
    }

    std::string progress_json(const Job& job) const {
        using std::chrono::duration;
        std::string out;
        {
            view::JsonObject params{out};
            params.member("progressToken") += pending_.progress_token_json;
            params.number("progress", duration<double>(waited_).count());
            if (pending_.wait.limit != kForever)
                params.number("total", duration<double>(pending_.wait.limit).count());
            params.text("message", progress_line(job));
        }
        return out;
    }

    PendingCalls& waits_;
    PendingWait pending_;
    milliseconds waited_{0};
    Timer deadline_;
    Timer progress_;
    ChangeNotifier::Registration registration_;
};

PendingCalls::PendingCalls(const ToolContext& context, const Surroundings& surroundings)
    : context_(context), in_(surroundings) {}

PendingCalls::~PendingCalls() = default;

void PendingCalls::add(PendingWait pending) {
    // Registered before it looks: what happens in between is heard.
    auto one = std::make_unique<PendingCall>(*this, std::move(pending));
    if (one->begin()) all_.push_back(std::move(one));
}

void PendingCalls::abandon(const nlohmann::json& request_id) {
    const auto found =
        std::ranges::find_if(all_, [&](const auto& one) { return one->is_of(request_id); });
    if (found == all_.end()) return;
    (*found)->abandon();
    all_.erase(found);
}

void PendingCalls::end_all() {
    for (const auto& one : all_)
        one->end();
    all_.clear();
}

void PendingCalls::remove(const PendingCall& one) {
    const auto found =
        std::ranges::find_if(all_, [&](const auto& held) { return held.get() == &one; });
    if (found != all_.end()) all_.erase(found);
}

}  // namespace atlasjob::mcp
