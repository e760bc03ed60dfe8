#pragma once

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// A value of an actions file with its path, which its errors name. Refers to the JSON value, which
/// must outlive it.
class FileValue {
  public:
    FileValue(const nlohmann::json& value, std::string file)
        : value_(&value), file_(std::move(file)) {}

    const nlohmann::json& json() const { return *value_; }
    const std::string& path() const { return path_; }

    /// The member or element, which must exist.
    FileValue at(const std::string& key) const;
    FileValue at(std::size_t index) const;
    bool has(const std::string& key) const;

    // All of these throw Error(invalid_argument), naming the file and the path.
    [[noreturn]] void refuse(std::string_view why, std::string_view hint) const;
    /// Requires an object with no members other than these; the hint suggests the nearest one.
    void require_members(std::initializer_list<std::string_view> known) const;
    const std::string& text() const;
    /// A string that is not empty and not longer than that.
    const std::string& text(std::size_t max_bytes) const;
    bool flag() const;
    int whole_number(int min, int max) const;
    void require_object() const;
    void require_array() const;

  private:
    const nlohmann::json* value_;
    std::string file_;
    std::string path_;
};

}  // namespace atlasjob::mcp
