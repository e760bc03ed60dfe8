#pragma once

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// A value of an actions file and where it stands: what is wrong with it is told with its place.
/// The value must outlive it.
class FileValue {
  public:
    FileValue(const nlohmann::json& value, std::string file)
        : value_(&value), file_(std::move(file)) {}

    const nlohmann::json& json() const { return *value_; }
    const std::string& place() const { return place_; }

    /// It must have that member or element.
    FileValue at(const std::string& key) const;
    FileValue at(std::size_t index) const;
    bool has(const std::string& key) const;

    /// Each throws Error(invalid_argument) that names the file and the place.
    [[noreturn]] void refuse(std::string_view why, std::string_view hint) const;
    /// That it is an object with no members but these; names the nearest of them.
    void require_members(std::initializer_list<std::string_view> known) const;
    const std::string& text() const;
    /// Text that is not empty, and has at most so many bytes.
    const std::string& text(std::size_t most) const;
    bool flag() const;
    int whole_number(int least, int most) const;
    void require_object() const;
    void require_array() const;

  private:
    const nlohmann::json* value_;
    std::string file_;
    std::string place_;
};

}  // namespace atlasjob::mcp
