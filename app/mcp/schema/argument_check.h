#pragma once

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// The longest string, in bytes, that a schema's "pattern" is applied to: std::regex recurses for
/// every character, so a longer one could overflow the stack.
inline constexpr std::size_t kMaxPatternText = 4096;

/// Validates arguments against a tool's published input schema.
class ArgumentCheck {
  public:
    /// Throws Error(internal) for a text that is not a JSON schema of type object.
    explicit ArgumentCheck(std::string_view schema_json);
    ArgumentCheck(ArgumentCheck&&) noexcept;
    ArgumentCheck& operator=(ArgumentCheck&&) noexcept;
    ArgumentCheck(const ArgumentCheck&) = delete;
    ArgumentCheck& operator=(const ArgumentCheck&) = delete;
    ~ArgumentCheck();

    /// The arguments (an object) of a call as they count; see given_arguments.h.
    nlohmann::json given(const nlohmann::json& arguments) const;

    /// Describes what is wrong with the arguments (an object): which argument, why, and what is
    /// allowed. Empty if they are valid.
    std::string problem(const nlohmann::json& arguments) const;

  private:
    struct Compiled;

    std::unique_ptr<Compiled> compiled_;
};

}  // namespace atlasjob::mcp
