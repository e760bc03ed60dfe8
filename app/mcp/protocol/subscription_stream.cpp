#include "mcp/protocol/subscription_stream.h"

#include "mcp/protocol/modern_tasks.h"
#include "mcp/protocol/request_params.h"
#include "mcp/protocol/task.h"
#include "rpc/output.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using nlohmann::json;
using view::JsonObject;

/// Of one request, and of requests at once.
constexpr std::size_t kMaxTopics = 1000;
constexpr std::size_t kMaxListens = 100;

constexpr const char* kSubscriptionId = "io.modelcontextprotocol/subscriptionId";

/// The texts of an array that may be missing.
std::vector<std::string> texts_of(const json& filter, const char* key) {
    const auto found = filter.find(key);
    if (found == filter.end()) return {};
    const bool texts = found->is_array() && std::ranges::all_of(*found, [](const json& value) {
                           return value.is_string();
                       });
    if (!texts || found->size() > kMaxTopics)
        throw Error(
            ErrorCode::invalid_argument, fmt::format("params.notifications.{} is not fit", key),
            fmt::format("it must be an array of at most {} strings", kMaxTopics));
    auto texts_found = found->get<std::vector<std::string>>();
    std::ranges::sort(texts_found);
    texts_found.erase(std::unique(texts_found.begin(), texts_found.end()), texts_found.end());
    return texts_found;
}

bool flag_of(const json& filter, const char* key) {
    const auto found = filter.find(key);
    return found != filter.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

class SubscriptionStream::Stream {
  public:
    Stream(SubscriptionStream& listens, std::string id_json, const Dialect& dialect)
        : listens_(listens), id_json_(std::move(id_json)), dialect_(dialect) {}

    /// Takes over the answer.
    void keep(rpc::Reply& reply) { reply_.emplace(std::move(reply)); }

    void follow_resource(const std::string& uri) {
        ToolRegistry& core = listens_.service_.core();
        if (!core.resource_version(uri)) return;
        follow(
            core.job_of_resource(uri), [&core, uri] { return core.resource_version(uri); },
            [this, uri] { tell(uri); });
        resources_.push_back(uri);
    }

    void follow_list() {
        ToolRegistry& core = listens_.service_.core();
        follow(
            std::nullopt, [&core] { return std::optional{core.resource_list_version()}; },
            [this] { send("notifications/resources/list_changed", [](JsonObject&) {}); });
        list_ = true;
    }

    void follow_task(const std::string& task_id) {
        const auto id = JobId::parse(task_id);
        ToolRegistry& core = listens_.service_.core();
        if (!id || !core.job(*id)) return;
        const auto version = [&core, id = *id]() -> std::optional<std::string> {
            const auto job = core.job(id);
            return job ? std::optional{std::to_string(job->rev)} : std::nullopt;
        };
        follow(*id, version, [this, id = *id] { tell(id); });
        tasks_.push_back(task_id);
        task_ids_.push_back(*id);
    }

    void acknowledge() {
        send("notifications/subscriptions/acknowledged", [&](JsonObject& params) {
            JsonObject filter{params.member("notifications")};
            if (!resources_.empty()) filter.texts("resourceSubscriptions", resources_);
            if (list_) filter.flag("resourcesListChanged", true);
            if (!tasks_.empty()) filter.texts("taskIds", tasks_);
        });
    }

    /// What ended before anybody listened changes no more: it is told now.
    void tell_ended_tasks() {
        for (const JobId& id : task_ids_) {
            const auto job = listens_.service_.core().job(id);
            if (job && is_terminal(job->status)) tell(id);
        }
    }

    bool is_of(const json& request_id) const {
        return json::parse(id_json_, nullptr, false) == request_id;
    }
    void abandon() { reply_->abandon(); }

    void end() {
        std::string out;
        {
            JsonObject result{out};
            open_result(result, dialect_);
            write_meta(result);
        }
        reply_->result(out);
    }

  private:
    void follow(
        const std::optional<JobId>& job,
        Subscription::Version version,
        std::function<void()> changed) {
        followed_.push_back(std::make_unique<Subscription>(
            listens_.watch_, job, std::move(version), std::move(changed)));
    }

    void write_meta(JsonObject& object) const {
        JsonObject meta{object.member("_meta")};
        meta.member(kSubscriptionId) += id_json_;
    }

    template <class Fill>
    void send(std::string_view method, const Fill& fill) {
        std::string out;
        {
            JsonObject params{out};
            write_meta(params);
            fill(params);
        }
        listens_.output_.send(rpc::notification_line(method, out));
    }

    void tell(const std::string& uri) {
        send("notifications/resources/updated", [&](JsonObject& params) {
            params.text("uri", uri);
        });
    }

    void tell(const JobId& task_id) {
        const ToolRegistry& core = listens_.service_.core();
        std::optional<Job> job;
        try {
            job = listens_.service_.core().job(task_id);
        } catch (const Error&) {
            // An outage; its next change is told.
        }
        if (!job) return;
        send("notifications/tasks", [&](JsonObject& params) {
            write_detailed_task(params, *job, core, dialect_);
        });
    }

    SubscriptionStream& listens_;
    std::string id_json_;
    std::optional<rpc::Reply> reply_;
    Dialect dialect_;
    std::vector<std::unique_ptr<Subscription>> followed_;
    std::vector<std::string> resources_;
    std::vector<std::string> tasks_;
    std::vector<JobId> task_ids_;
    bool list_ = false;
};

SubscriptionStream::SubscriptionStream(
    RequestHandlers& service, ChangeNotifier& watch, rpc::Output& output)
    : service_(service), watch_(watch), output_(output) {}

SubscriptionStream::~SubscriptionStream() = default;

void SubscriptionStream::open(
    const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect) {
    const json& filter = required_object(request.params, "notifications");
    const auto resources = texts_of(filter, "resourceSubscriptions");
    const auto tasks = texts_of(filter, "taskIds");
    if (filter.contains("taskIds") && !declares_extension(request.params, kTasksExtension))
        return refuse_undeclared(reply, kTasksExtension);
    if (all_.size() >= kMaxListens)
        throw Error(ErrorCode::refused, "too many subscriptions are open", "cancel some");
    auto one = std::make_unique<Stream>(*this, reply.id_json(), dialect);
    for (const std::string& uri : resources)
        one->follow_resource(uri);
    if (flag_of(filter, "resourcesListChanged")) one->follow_list();
    for (const std::string& id : tasks)
        one->follow_task(id);
    // Not before: what was thrown until here is the answer.
    one->keep(reply);
    one->acknowledge();
    one->tell_ended_tasks();
    all_.push_back(std::move(one));
}

void SubscriptionStream::abandon(const json& request_id) {
    const auto found =
        std::ranges::find_if(all_, [&](const auto& one) { return one->is_of(request_id); });
    if (found == all_.end()) return;
    (*found)->abandon();
    all_.erase(found);
}

void SubscriptionStream::end_all() {
    for (const auto& one : all_)
        one->end();
    all_.clear();
}

}  // namespace atlasjob::mcp
