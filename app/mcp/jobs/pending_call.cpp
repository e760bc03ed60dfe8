#include "mcp/jobs/pending_call.h"

#include "jobs/wait.h"
#include "mcp/contracts/contract.h"
#include "mcp/protocol/progress_notification.h"
#include "rpc/output.h"
#include "rpc/wire.h"
#include "view/json_object.h"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

/// No progress is sent in the last second before the deadline: some clients fail to match progress
/// that arrives just before the answer to its request.
constexpr milliseconds kQuietEnd{1000};

}  // namespace

class PendingCalls::PendingCall {
  public:
    PendingCall(PendingCalls& owner, PendingWait pending)
        : owner_(owner),
          pending_(std::move(pending)),
          deadline_(owner.deps_.loop, [this] { on_deadline(); }),
          progress_(owner.deps_.loop, [this] { send_progress(); }),
          registration_(owner.deps_.notifier.subscribe([this] { check(); }, pending_.wait.job_id)) {
    }

    /// False if the call has been answered.
    bool begin() {
        look();
        if (!pending_.reply.pending()) return false;
        if (pending_.wait.limit != kForever) deadline_.start(pending_.wait.limit);
        if (!pending_.progress_token_json.empty())
            progress_.start(owner_.deps_.progress_interval, owner_.deps_.progress_interval);
        return true;
    }

    bool is_of(const nlohmann::json& request_id) const {
        return nlohmann::json::parse(pending_.reply.id_json(), nullptr, false) == request_id;
    }
    void abandon() { pending_.reply.abandon(); }

    /// Answers with the job's current state.
    void end() {
        try {
            const auto job = read(Detail::full);
            if (job) answer(*job, !is_terminal(job->status));
        } catch (const Error& error) {
            pending_.send(pending_.reply, error);
        }
    }

  private:
    /// Sends a not_found answer if the job is gone.
    std::optional<Job> read(Detail detail) {
        auto job = owner_.context_.ledger.read([&](Store& store) {
            return store.get(JobRef::of(pending_.wait.job_id), *owner_.context_.principal, detail);
        });
        if (!job) answer_gone();
        return job;
    }

    /// Sends a not_found answer if the job is gone.
    std::optional<Job> ended_job() {
        try {
            auto look = owner_.context_.ledger.read([&](Store& store) {
                return jobs::look_at(store, pending_.wait.job_id, *owner_.context_.principal);
            });
            if (look.active) return {};
            if (!look.end->job) answer_gone();
            return std::move(look.end->job);
        } catch (const Error& error) {
            // Otherwise, the ledger may be back before the deadline.
            if (error.code() == ErrorCode::not_found) answer_gone();
            return {};
        }
    }

    void answer_gone() {
        pending_.send(pending_.reply, Error(ErrorCode::not_found, "the job is gone"));
    }

    void check() {
        look();
        if (!pending_.reply.pending()) owner_.remove(*this);
    }

    /// Answers if what is waited for is over.
    void look() {
        if (pending_.wait.over) return look_itself();
        if (const auto job = ended_job()) answer(*job, false);
    }

    void look_itself() {
        try {
            if (const auto result = pending_.wait.over()) pending_.send(pending_.reply, *result);
        } catch (const Error& error) {
            // Any other is an outage: the ledger may be back later.
            if (error.code() == ErrorCode::not_found || error.code() == ErrorCode::refused)
                pending_.send(pending_.reply, error);
        }
    }

    void on_deadline() {
        end();
        owner_.remove(*this);
    }

    void answer(const Job& job, bool timed_out) {
        try {
            pending_.send(pending_.reply, pending_.wait.answer(job, timed_out));
        } catch (const Error& error) {
            pending_.send(pending_.reply, error);
        }
    }

    void send_progress() {
        waited_ += owner_.deps_.progress_interval;
        if (pending_.wait.limit - waited_ < kQuietEnd) return;
        std::optional<Job> job;
        try {
            job = read(Detail::summary);
        } catch (const Error&) {
            // Nothing to send while the ledger cannot be read.
        }
        if (!pending_.reply.pending()) return owner_.remove(*this);
        if (!job || is_terminal(job->status)) return;
        owner_.deps_.output.send(
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

    PendingCalls& owner_;
    PendingWait pending_;
    milliseconds waited_{0};
    Timer deadline_;
    Timer progress_;
    ChangeNotifier::Registration registration_;
};

PendingCalls::PendingCalls(const ToolContext& context, const Deps& deps)
    : context_(context), deps_(deps) {}

PendingCalls::~PendingCalls() = default;

void PendingCalls::add(PendingWait pending) {
    // Subscribes before its first check, so that no change in between is missed.
    auto call = std::make_unique<PendingCall>(*this, std::move(pending));
    if (call->begin()) calls_.push_back(std::move(call));
}

void PendingCalls::abandon(const nlohmann::json& request_id) {
    const auto found =
        std::ranges::find_if(calls_, [&](const auto& call) { return call->is_of(request_id); });
    if (found == calls_.end()) return;
    (*found)->abandon();
    calls_.erase(found);
}

void PendingCalls::end_all() {
    for (const auto& call : calls_)
        call->end();
    calls_.clear();
}

void PendingCalls::remove(const PendingCall& call) {
    const auto found =
        std::ranges::find_if(calls_, [&](const auto& held) { return held.get() == &call; });
    if (found != calls_.end()) calls_.erase(found);
}

}  // namespace atlasjob::mcp
