#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::mcp {

/// A text with places that parameters fill: "--channel={channel_id}". "{{" and "}}" are braces.
/// What fills a place is never looked at again: it stays one piece of one text, whatever is in it.
class Placeholders {
  public:
    /// Throws Error(invalid_argument) for a brace that opens or closes nothing, or encloses no
    /// name.
    explicit Placeholders(std::string_view text);

    /// The names in the text, in their order.
    std::vector<std::string> parameters() const;

    /// The parameter that is the whole text, if one is.
    const std::string* whole() const;

    /// What stands before the first parameter; all of the text when it has none.
    std::string_view literal_prefix() const;

    /// Nothing when a parameter of it is missing from `values` (an object). Texts stand as they
    /// are, all else as JSON.
    std::optional<std::string> fill(const nlohmann::json& values) const;
    /// The same with nothing in the place of what is missing.
    std::string fill_all(const nlohmann::json& values) const;

  private:
    struct Piece {
        std::string text;
        bool is_parameter = false;
    };

    std::vector<Piece> pieces_;
};

/// `form` with the placeholders in its texts filled in. A text that is one placeholder becomes the
/// value itself, null when it is missing. Throws as Placeholders does.
nlohmann::json fill_json(const nlohmann::json& form, const nlohmann::json& values);

/// The names in all the texts of `form`.
std::vector<std::string> parameters_of_json(const nlohmann::json& form);

/// Letters, digits and _, not beginning with a digit.
bool is_parameter_name(std::string_view name);

}  // namespace atlasjob::mcp
