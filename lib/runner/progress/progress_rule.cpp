#include "runner/progress/progress_rule.h"

#include "base/error.h"
#include "base/text.h"
#include "ledger/limits.h"
#include "runner/progress/progress_text.h"

#include <fmt/format.h>

#include <cmath>
#include <regex>

namespace atlasjob {

namespace {

constexpr std::size_t kMaxPattern = 1024;

/// How much a fraction may differ from a percentage in the same line and still agree with it.
constexpr double kTolerance = 0.0101;

void set_counts(Report& report, const Fraction& fraction) {
    if (!fraction.whole) return;
    report.current = static_cast<std::int64_t>(fraction.current);
    report.total = static_cast<std::int64_t>(fraction.total);
}

Report report_of(double share) {
    Report report;
    report.progress = share;
    return report;
}

Report report_of(const Fraction& fraction) {
    Report report = report_of(fraction.share());
    set_counts(report, fraction);
    return report;
}

class AutomaticRule final : public ProgressRule {
  public:
    std::optional<Report> read(std::string_view line, bool ended) override {
        const auto fractions = find_fractions(line, ended);
        auto share = find_curl_meter(line);
        if (!share) share = find_percentage(line);
        return share ? with_counts(*share, fractions) : best_of(fractions);
    }

  private:
    static Report with_counts(double share, const std::vector<Fraction>& fractions) {
        Report report = report_of(share);
        for (const Fraction& fraction : fractions) {
            if (std::abs(fraction.share() - share) > kTolerance) continue;
            set_counts(report, fraction);
            break;
        }
        return report;
    }

    std::optional<Report> best_of(const std::vector<Fraction>& fractions) {
        for (const Fraction& fraction : fractions) {
            if (fraction.certain) return report_of(fraction);
        }
        if (fractions.empty() || !is_counting(fractions.front())) return {};
        return report_of(fractions.front());
    }

    /// Whether successive lines count up to this total.
    bool is_counting(const Fraction& fraction) {
        if (fraction.total != last_.total) {
            last_ = fraction;
            counting_ = false;
            return false;
        }
        counting_ = counting_ || fraction.current > last_.current;
        last_ = fraction;
        return counting_;
    }

    Fraction last_;
    bool counting_ = false;
};

[[noreturn]] void refuse(const std::string& pattern, std::string_view why) {
    throw Error(
        ErrorCode::invalid_argument,
        fmt::format("progress-from \"{}\": {}", clipped(pattern, 200), why),
        "give auto, or a regular expression with one group (a percentage) or two (current and "
        "total), such as 'step (\\d+) of (\\d+)'");
}

std::regex compile(const std::string& pattern) {
    if (pattern.size() > kMaxPattern)
        refuse(pattern, fmt::format("longer than {} bytes", kMaxPattern));
    try {
        // __polynomial (libstdc++): the default matcher backtracks, which can take forever, and
        // recurses as deeply as the line is long.
        return std::regex{
            pattern,
            std::regex::ECMAScript | std::regex::optimize | std::regex_constants::__polynomial};
    } catch (const std::regex_error& error) {
        const bool back_reference = error.code() == std::regex_constants::error_complexity;
        refuse(
            pattern, back_reference ? "back-references are not supported"
                                    : fmt::format("not a regular expression ({})", error.what()));
    }
}

class PatternRule final : public ProgressRule {
  public:
    explicit PatternRule(const std::string& pattern) : pattern_(compile(pattern)) {
        const auto groups = pattern_.mark_count();
        if (groups == 1 || groups == 2) return;
        refuse(pattern, fmt::format("has {} groups", groups));
    }

    std::optional<Report> read(std::string_view line, bool /*ended*/) override {
        std::cmatch match;
        if (!std::regex_search(line.data(), line.data() + line.size(), match, pattern_)) return {};
        return match.size() == 2 ? percentage(match[1].str())
                                 : count(match[1].str(), match[2].str());
    }

  private:
    static std::optional<Report> percentage(const std::string& text) {
        const auto share = read_percentage(text);
        if (!share) return {};
        return report_of(*share);
    }

    static std::optional<Report> count(const std::string& current, const std::string& total) {
        const auto fraction = read_fraction(current, total);
        if (!fraction) return {};
        return report_of(*fraction);
    }

    std::regex pattern_;
};

}  // namespace

std::unique_ptr<ProgressRule> make_progress_rule(const std::string& pattern) {
    if (pattern == "auto") return std::make_unique<AutomaticRule>();
    return std::make_unique<PatternRule>(pattern);
}

void check_progress_pattern(const std::string& pattern) {
    make_progress_rule(pattern);
}

}  // namespace atlasjob
