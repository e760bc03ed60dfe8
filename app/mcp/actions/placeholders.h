#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::mcp {

/// A text with placeholders for parameters: "--channel={channel_id}". "{{" and "}}" are literal
/// braces. The values that are filled in are never parsed again, whatever they contain.
class Placeholders {
  public:
    /// Throws Error(invalid_argument) for an unbalanced brace, or braces around an invalid name.
    explicit Placeholders(std::string_view text);

    /// The parameter names in the text, in order.
    std::vector<std::string> parameters() const;

    /// The parameter's name if the text consists of one placeholder, else nullptr.
    const std::string* whole() const;

    /// The text before the first placeholder; all of it if there is none.
    std::string_view literal_prefix() const;

    /// The text with the values (an object) filled in: strings as they are, anything else as JSON.
    /// nullopt if a parameter is missing.
    std::optional<std::string> fill(const nlohmann::json& values) const;
    /// The same, with missing parameters replaced by an empty string.
    std::string fill_all(const nlohmann::json& values) const;

  private:
    struct Piece {
        std::string text;
        bool is_parameter = false;
    };

    std::vector<Piece> pieces_;
};

/// `form` with the placeholders in its strings filled in. A string that consists of one placeholder
/// becomes the value itself, null if it is missing. Throws as Placeholders does.
nlohmann::json fill_json(const nlohmann::json& form, const nlohmann::json& values);

/// The parameter names in all strings of `form`.
std::vector<std::string> parameters_of_json(const nlohmann::json& form);

/// Letters, digits and _, not beginning with a digit.
bool is_parameter_name(std::string_view name);

}  // namespace atlasjob::mcp
