#include "base/json_text.h"
#include "mcp/contracts/json_shapes.h"
#include "mcp/contracts/reftrix.h"
#include "view/json_object.h"

#include <algorithm>

namespace atlasjob::mcp {

namespace {

using view::JsonObject;
using namespace std::string_view_literals;

constexpr std::array kPhases = {"ingest"sv,    "layout"sv,     "motion"sv,   "quality"sv,
                                "narrative"sv, "responsive"sv, "embedding"sv};

/// A stored result that has the contract's members.
class StoredResult {
  public:
    /// Empty if the result does not have them.
    explicit StoredResult(const std::optional<std::string>& result) {
        if (!result || !result->starts_with('{')) return;
        members_ = members_of(*result);
        if (!find("webPageId") && !find("completedPhases")) members_.clear();
    }

    bool has_value() const { return !members_.empty(); }

    std::optional<std::string> text(std::string_view key) const {
        const auto value = find(key);
        if (!value || !value->starts_with('"')) return {};
        return text_of_json_string(*value);
    }
    std::optional<bool> flag(std::string_view key) const {
        const auto value = find(key);
        if (value != "true" && value != "false") return {};
        return value == "true";
    }
    std::optional<std::string> object(std::string_view key) const {
        const auto value = find(key);
        if (!value || !value->starts_with('{')) return {};
        return std::string{*value};
    }
    /// Only the phases of the contract.
    std::vector<std::string> phases(std::string_view key) const {
        std::vector<std::string> known;
        const auto value = find(key);
        if (!value || !value->starts_with('[')) return known;
        for (const std::string_view element : elements_of(*value)) {
            if (!element.starts_with('"')) continue;
            std::string phase = text_of_json_string(element);
            if (is_reftrix_phase(phase)) known.push_back(std::move(phase));
        }
        return known;
    }

  private:
    std::optional<std::string_view> find(std::string_view key) const {
        const auto member = std::ranges::find(members_, key, &JsonMember::key);
        return member == members_.end() ? std::nullopt : std::optional{member->value};
    }

    std::vector<JsonMember> members_;
};

void append_times(JsonObject& object, const Job& job) {
    if (!job.ended_at) return;
    if (job.started_at)
        object.integer("processingTimeMs", (*job.ended_at - *job.started_at).count());
    object.time("completedAt", job.ended_at);
}

}  // namespace

bool is_reftrix_phase(std::string_view phase) {
    return std::ranges::find(kPhases, phase) != kPhases.end();
}

void append_reftrix_result(std::string& out, const Job& job) {
    const StoredResult stored{job.result};
    const bool partial = job.reason == Reason::partial;
    JsonObject object{out};
    object.text("webPageId", stored.text("webPageId").value_or(job.job_id.str()));
    object.flag("success", stored.flag("success").value_or(!partial));
    object.flag("partialSuccess", stored.flag("partialSuccess").value_or(partial));
    object.texts("completedPhases", stored.phases("completedPhases"));
    object.texts("failedPhases", stored.phases("failedPhases"));
    append_times(object, job);
    const auto results = stored.has_value() ? stored.object("results") : job.result;
    if (results && *results != "null") append_object(object.member("results"), *results);
}

}  // namespace atlasjob::mcp
