#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace atlasjob {

/// "3/7": so much of so much, 0 <= current <= total, total > 0.
struct Fraction {
    double current = 0;
    double total = 0;
    bool whole = false;    ///< Both numbers are whole, and fit a count.
    bool certain = false;  ///< Stands where nothing but progress does, see progress_rule.h.

    double share() const { return current / total; }
};

/// The first percentage in `line` that stands alone, as a share from 0 to 1. See progress_rule.h
/// for what stands alone.
std::optional<double> find_percentage(std::string_view line);

/// The fractions in `line` that stand alone. `ended` false: more of the line may follow, so that a
/// number at its very end may not be whole yet.
std::vector<Fraction> find_fractions(std::string_view line, bool ended);

/// The share that a line of curl's progress meter shows; nothing where the size is not known.
std::optional<double> find_curl_meter(std::string_view line);

/// "42" or "42.5" or "42%": a share from 0 to 1. Nothing for anything else.
std::optional<double> read_percentage(std::string_view text);

/// Nothing when they are no numbers or no fraction.
std::optional<Fraction> read_fraction(std::string_view current, std::string_view total);

}  // namespace atlasjob
