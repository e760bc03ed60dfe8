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
    inner.path_ = path_.empty() ? key : fmt::format("{}.{}", path_, key);
    return inner;
}

FileValue FileValue::at(std::size_t index) const {
    FileValue inner{value_->at(index), file_};
    inner.path_ = fmt::format("{}[{}]", path_, index);
    return inner;
}

bool FileValue::has(const std::string& key) const {
    return value_->contains(key);
}

void FileValue::refuse(std::string_view why, std::string_view hint) const {
    const std::string where = path_.empty() ? file_ : fmt::format("{}: {}", file_, path_);
    throw Error(ErrorCode::invalid_argument, fmt::format("{}: {}", where, why), hint);
}

void FileValue::require_members(std::initializer_list<std::string_view> known) const {
    require_object();
    for (const auto& entry : value_->get_ref<const nlohmann::json::object_t&>()) {
        if (std::ranges::find(known, std::string_view{entry.first}) != known.end()) continue;
        const std::vector<std::string_view> candidates{known};
        const std::string_view suggestion = nearest(entry.first, candidates);
        at(entry.first)
            .refuse(
                "unknown", suggestion.empty() ? fmt::format("known: {}", fmt::join(known, ", "))
                                              : fmt::format("did you mean {}?", suggestion));
    }
}

const std::string& FileValue::text() const {
    if (!value_->is_string()) {
        refuse(fmt::format("is of type {}", value_->type_name()), "give a string");
    }
    return value_->get_ref<const std::string&>();
}

const std::string& FileValue::text(std::size_t max_bytes) const {
    const std::string& value = text();
    if (value.empty() || value.size() > max_bytes)
        refuse(fmt::format("has {} bytes", value.size()), fmt::format("give 1 to {}", max_bytes));
    return value;
}

bool FileValue::flag() const {
    if (!value_->is_boolean())
        refuse(fmt::format("is of type {}", value_->type_name()), "give true or false");
    return value_->get<bool>();
}

int FileValue::whole_number(int min, int max) const {
    const bool fits = value_->is_number_integer() && *value_ >= min && *value_ <= max;
    if (!fits) {
        refuse(
            fmt::format("is {}", value_->dump()),
            fmt::format("give a whole number from {} to {}", min, max));
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
