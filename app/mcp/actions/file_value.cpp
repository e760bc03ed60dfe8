#include "mcp/actions/file_value.h"

#include "base/error.h"
#include "base/text.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace atlasjob::mcp {

FileValue FileValue::at(const std::string& key) const {
    FileValue inner{value_->at(key), file_};
    inner.place_ = place_.empty() ? key : fmt::format("{}.{}", place_, key);
    return inner;
}

FileValue FileValue::at(std::size_t index) const {
    FileValue inner{value_->at(index), file_};
    inner.place_ = fmt::format("{}[{}]", place_, index);
    return inner;
}

bool FileValue::has(const std::string& key) const {
    return value_->contains(key);
}

void FileValue::refuse(std::string_view why, std::string_view hint) const {
    const std::string where = place_.empty() ? file_ : fmt::format("{}: {}", file_, place_);
    throw Error(ErrorCode::invalid_argument, fmt::format("{}: {}", where, why), hint);
}

void FileValue::require_members(std::initializer_list<std::string_view> known) const {
    require_object();
    for (const auto& entry : value_->get_ref<const nlohmann::json::object_t&>()) {
        if (std::ranges::find(known, std::string_view{entry.first}) != known.end()) continue;
        const std::vector<std::string_view> candidates{known};
        const std::string_view meant = nearest(entry.first, candidates);
        at(entry.first)
            .refuse(
                "unknown", meant.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                         : fmt::format("did you mean {}?", meant));
    }
}

const std::string& FileValue::text() const {
    if (!value_->is_string()) {
        refuse(fmt::format("is of type {}", value_->type_name()), "give a text");
    }
    return value_->get_ref<const std::string&>();
}

const std::string& FileValue::text(std::size_t most) const {
    const std::string& given = text();
    if (given.empty() || given.size() > most)
        refuse(fmt::format("has {} bytes", given.size()), fmt::format("give 1 to {}", most));
    return given;
}

bool FileValue::flag() const {
    if (!value_->is_boolean()) refuse("is neither true nor false", "give one of them");
    return value_->get<bool>();
}

int FileValue::whole_number(int least, int most) const {
    const bool fits = value_->is_number_integer() && *value_ >= least && *value_ <= most;
    if (!fits) {
        refuse(
            fmt::format("is {}", value_->dump()),
            fmt::format("give a whole number from {} to {}", least, most));
    }
    return value_->get<int>();
}

void FileValue::require_object() const {
    if (value_->is_object()) return;
    refuse(fmt::format("is of type {}", value_->type_name()), "give an object");
}

void FileValue::require_array() const {
    if (value_->is_array()) return;
    refuse(fmt::format("is of type {}", value_->type_name()), "give an array");
}

}  // namespace atlasjob::mcp
