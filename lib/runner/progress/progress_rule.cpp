#include "runner/progress/progress_rule.h"

#include "base/regex.h"
#include "ledger/limits.h"
#include "runner/progress/progress_text.h"

#include <array>
#include <cmath>
#include <span>

namespace atlasjob {

namespace {

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

class PatternRule final : public ProgressRule {
  public:
    explicit PatternRule(const std::string& pattern) : pattern_(pattern) {}

    std::optional<Report> read(std::string_view line, bool /*ended*/) override {
        std::array<std::string_view, 2> found;
        const bool is_count = pattern_.groups() == 2;
        const std::span groups{found.data(), is_count ? 2U : 1U};
        if (!pattern_.search(line, groups)) return {};
        return is_count ? count(found[0], found[1]) : percentage(found[0]);
    }

  private:
    static std::optional<Report> percentage(std::string_view text) {
        const auto share = read_percentage(text);
        if (!share) return {};
        return report_of(*share);
    }

    static std::optional<Report> count(std::string_view current, std::string_view total) {
        const auto fraction = read_fraction(current, total);
        if (!fraction) return {};
        return report_of(*fraction);
    }

    Regex pattern_;
};

}  // namespace

std::unique_ptr<ProgressRule> make_progress_rule(const std::string& pattern) {
    check_progress_pattern(pattern);
    if (pattern == "auto") return std::make_unique<AutomaticRule>();
    return std::make_unique<PatternRule>(pattern);
}

}  // namespace atlasjob
