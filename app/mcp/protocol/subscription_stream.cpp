#include "mcp/protocol/subscription_stream.h"

#include "mcp/protocol/methods.h"
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

/// Limits on the subscriptions of one request, and on open requests.
constexpr std::size_t kMaxTopics = 1000;
constexpr std::size_t kMaxStreams = 100;

constexpr const char* kSubscriptionId = "io.modelcontextprotocol/subscriptionId";

/// The strings of an array, sorted and without duplicates; empty if it is missing.
std::vector<std::string> texts_of(const json& filter, const char* key) {
    const auto found = filter.find(key);
    if (found == filter.end()) return {};
    const bool are_texts = found->is_array() && std::ranges::all_of(*found, [](const json& value) {
                               return value.is_string();
                           });
    if (!are_texts || found->size() > kMaxTopics)
        throw Error(
            ErrorCode::invalid_argument, fmt::format("params.notifications.{} is invalid", key),
            fmt::format("it must be an array of at most {} strings", kMaxTopics));
    auto texts = found->get<std::vector<std::string>>();
    std::ranges::sort(texts);
    texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
    return texts;
}

/// nullopt if the task is gone. A run that has ended does not change, whatever its job does.
std::optional<std::string> task_version(const ToolContext& context, const std::string& task_id) {
    const auto task = find_task(context, task_id);
    if (!task) return {};
    const std::string_view status = task_status(*task, TaskGeneration::extension);
    const bool is_over = is_task_over(*task, TaskGeneration::extension);
    return fmt::format("{} {}", status, is_over ? 0 : task->job.rev);
}

bool flag_of(const json& filter, const char* key) {
    const auto found = filter.find(key);
    return found != filter.end() && found->is_boolean() && found->get<bool>();
}

}  // namespace

class SubscriptionStream::Stream {
  public:
    Stream(SubscriptionStream& owner, std::string id_json, const Dialect& dialect)
        : owner_(owner), id_json_(std::move(id_json)), dialect_(dialect) {}

    /// Takes over the reply.
    void keep(rpc::Reply& reply) { reply_.emplace(std::move(reply)); }

    void subscribe_resource(const std::string& uri) {
        ToolRegistry& registry = owner_.registry_;
        if (!registry.resource_version(uri)) return;
        subscribe(
            registry.job_of_resource(uri),
            [&registry, uri] { return registry.resource_version(uri); },
            [this, uri] { notify(uri); });
        resources_.push_back(uri);
    }

    void subscribe_list() {
        ToolRegistry& registry = owner_.registry_;
        subscribe(
            std::nullopt, [&registry] { return std::optional{registry.resource_list_version()}; },
            [this] { send("notifications/resources/list_changed", [](JsonObject&) {}); });
        list_ = true;
    }

    void subscribe_task(const std::string& task_id) {
        const ToolContext& context = owner_.registry_.context();
        const auto task = find_task(context, task_id);
        if (!task) return;
        const auto version = [&context, task_id] { return task_version(context, task_id); };
        subscribe(task->id.job_id, version, [this, task_id] { notify_task(task_id); });
        tasks_.push_back(task_id);
    }

    void acknowledge() {
        send("notifications/subscriptions/acknowledged", [&](JsonObject& params) {
            JsonObject filter{params.member("notifications")};
            if (!resources_.empty()) filter.texts("resourceSubscriptions", resources_);
            if (list_) filter.flag("resourcesListChanged", true);
            if (!tasks_.empty()) filter.texts("taskIds", tasks_);
        });
    }

    /// Tasks that had already ended will not change any more: notifies of them now.
    void notify_ended_tasks() {
        for (const std::string& id : tasks_) {
            const auto task = find_task(owner_.registry_.context(), id);
            if (task && is_task_over(*task, TaskGeneration::extension)) notify_task(id);
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
    void subscribe(
        const std::optional<JobId>& job,
        Subscription::Version version,
        std::function<void()> changed) {
        subscriptions_.push_back(std::make_unique<Subscription>(
            owner_.notifier_, job, std::move(version), std::move(changed)));
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
        owner_.output_.send(rpc::notification_line(method, out));
    }

    void notify(const std::string& uri) {
        send("notifications/resources/updated", [&](JsonObject& params) {
            params.text("uri", uri);
        });
    }

    void notify_task(const std::string& task_id) {
        const ToolRegistry& registry = owner_.registry_;
        std::optional<Task> task;
        try {
            task = find_task(registry.context(), task_id);
        } catch (const Error&) {
            // An outage: the next change is notified.
        }
        if (!task) return;
        send("notifications/tasks", [&](JsonObject& params) {
            write_detailed_task(params, *task, registry, dialect_);
        });
    }

    SubscriptionStream& owner_;
    std::string id_json_;
    std::optional<rpc::Reply> reply_;
    Dialect dialect_;
    std::vector<std::unique_ptr<Subscription>> subscriptions_;
    std::vector<std::string> resources_;
    std::vector<std::string> tasks_;
    bool list_ = false;
};

SubscriptionStream::SubscriptionStream(
    ToolRegistry& registry, ChangeNotifier& notifier, rpc::Output& output)
    : registry_(registry), notifier_(notifier), output_(output) {}

SubscriptionStream::~SubscriptionStream() = default;

void SubscriptionStream::open(
    const rpc::Request& request, rpc::Reply& reply, const Dialect& dialect) {
    const json& filter = required_object(request.params, "notifications");
    const auto resources = texts_of(filter, "resourceSubscriptions");
    const auto tasks = texts_of(filter, "taskIds");
    if (filter.contains("taskIds") && !declares_extension(request.params, kTasksExtension))
        return refuse_undeclared(reply, kTasksExtension);
    if (streams_.size() >= kMaxStreams)
        throw Error(
            ErrorCode::refused, fmt::format("too many open subscriptions (max {})", kMaxStreams),
            "cancel one of them");
    auto stream = std::make_unique<Stream>(*this, reply.id_json(), dialect);
    for (const std::string& uri : resources)
        stream->subscribe_resource(uri);
    if (flag_of(filter, "resourcesListChanged")) stream->subscribe_list();
    for (const std::string& id : tasks)
        stream->subscribe_task(id);
    // Only now: what was thrown before this becomes the answer.
    stream->keep(reply);
    stream->acknowledge();
    stream->notify_ended_tasks();
    streams_.push_back(std::move(stream));
}

void SubscriptionStream::abandon(const json& request_id) {
    const auto found = std::ranges::find_if(
        streams_, [&](const auto& stream) { return stream->is_of(request_id); });
    if (found == streams_.end()) return;
    (*found)->abandon();
    streams_.erase(found);
}

void SubscriptionStream::end_all() {
    for (const auto& stream : streams_)
        stream->end();
    streams_.clear();
}

}  // namespace atlasjob::mcp
