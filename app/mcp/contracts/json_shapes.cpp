#include "mcp/contracts/json_shapes.h"

#include "view/json_object.h"

#include <cmath>

namespace atlasjob::mcp {

void append_object(std::string& out, const std::string& json) {
    if (json.starts_with('{')) {
        out += json;
    } else {
        view::JsonObject{out}.json("value", json);
    }
}

void append_object_or_null(std::string& out, const std::optional<std::string>& json) {
    if (!json || *json == "null") {
        out += "null";
    } else {
        append_object(out, *json);
    }
}

double percent(const Job& job) {
    // Makes up for rounding: 0.29 * 10000 is slightly less than 2900.
    constexpr double kEpsilon = 1e-6;
    return std::floor(job.progress.value_or(0.0) * 10'000 + kEpsilon) / 100;
}

int whole_percent(const Job& job) {
    return static_cast<int>(std::floor(percent(job)));
}

}  // namespace atlasjob::mcp
