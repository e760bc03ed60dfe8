#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace atlasjob {

/// "3/7": 0 <= current <= total, total > 0.
struct Fraction {
    double current = 0;
    double total = 0;
    bool whole = false;    ///< Both are integers in the range of a count.
    bool certain = false;  ///< Its place in the line shows that it is progress (progress_rule.h).

    double share() const { return current / total; }
};

/// The first separate percentage in `line` (progress_rule.h), as a number from 0 to 1.
[[nodiscard]] std::optional<double> find_percentage(std::string_view line);

/// The separate fractions in `line` (progress_rule.h). `ended` false: more of the line may follow,
/// so a number at its very end may be incomplete and is ignored.
[[nodiscard]] std::vector<Fraction> find_fractions(std::string_view line, bool ended);

/// The progress in a line of curl's meter, from 0 to 1; nullopt if the total size is not known.
[[nodiscard]] std::optional<double> find_curl_meter(std::string_view line);

/// Parses "42", "42.5" or "42%" to a number from 0 to 1; nullopt for anything else.
[[nodiscard]] std::optional<double> read_percentage(std::string_view text);

/// nullopt if the texts are not numbers, or not a valid Fraction.
[[nodiscard]] std::optional<Fraction> read_fraction(
    std::string_view current, std::string_view total);

}  // namespace atlasjob
