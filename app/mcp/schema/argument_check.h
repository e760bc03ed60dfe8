#pragma once

#include <nlohmann/json_fwd.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace atlasjob::mcp {

/// Strings that a schema's "pattern" would be tried on must be no longer than this: std::regex
/// recurses once a character and a long string would overflow the stack.
inline constexpr std::size_t kMaxPatternText = 4096;

/// A tool's published input schema, ready to judge arguments: what is published is what is
/// enforced.
class ArgumentCheck {
  public:
    /// Throws Error(internal) for a text that is not a JSON schema of type object.
    explicit ArgumentCheck(std::string_view schema_json);
    ArgumentCheck(ArgumentCheck&&) noexcept;
    ArgumentCheck& operator=(ArgumentCheck&&) noexcept;
    ArgumentCheck(const ArgumentCheck&) = delete;
    ArgumentCheck& operator=(const ArgumentCheck&) = delete;
    ~ArgumentCheck();

    /// What is wrong with the arguments (an object): for each which it is, what is wrong and what
    /// is allowed. Empty: nothing.
    std::string problem(const nlohmann::json& arguments) const;

  private:
    struct Compiled;

    std::unique_ptr<Compiled> compiled_;
};

}  // namespace atlasjob::mcp
