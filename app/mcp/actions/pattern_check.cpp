#include "mcp/actions/pattern_check.h"

#include "base/text.h"
#include "mcp/schema/argument_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <vector>

namespace atlasjob::mcp {

namespace {

constexpr std::size_t kMaxPattern = 256;
/// The most ways in which an expression may be tried on one text; takes less than half a second.
constexpr double kMaxWays = 16'777'216;

/// "*", "{2,5}" …
struct Repetition {
    std::size_t length = 0;  ///< In the pattern; 0 if there is no repetition.
    double max = 1;          ///< Most occurrences; kMaxPatternText if unlimited.
};

Repetition repetition_at(std::string_view text) {
    if (text.empty()) return {};
    const double unlimited = kMaxPatternText;
    Repetition found;
    if (text[0] == '*' || text[0] == '+') {
        found = {1, unlimited};
    } else if (text[0] == '?') {
        found = {1, 1};
    } else if (text[0] == '{') {
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) return {};
        const auto bounds = split(text.substr(1, end - 1), ',');
        const auto max = parse_integer<int>(bounds.back());
        found = {end + 1, max ? *max : unlimited};
    } else {
        return {};
    }
    // The "?" in "*?" makes it lazy; it is not another repetition.
    if (text.substr(found.length).starts_with('?')) ++found.length;
    return found;
}

/// Scans an expression once.
class PatternReader {
  public:
    explicit PatternReader(std::string_view pattern) : rest_(pattern) {
        if (!pattern.starts_with('^')) ways_ *= kMaxPatternText;
    }

    std::string problem() {
        while (!rest_.empty() && problem_.empty())
            step();
        if (problem_.empty() && ways_ > kMaxWays) {
            return "its repetitions can be tried in too many ways: begin it with ^ and use {1,64} "
                   "instead of + and *";
        }
        return problem_;
    }

  private:
    struct Group {
        bool varies = false;  ///< It contains repetitions or alternatives.
    };

    void step() {
        switch (rest_[0]) {
            case '\\':
                return escape();
            case '[':
                return skip(class_length());
            case '(':
                return open();
            case ')':
                return close();
            case '|':
                groups_.back().varies = true;
                return skip(1);
            default:
                return plain();
        }
    }

    void skip(std::size_t length) {
        rest_.remove_prefix(std::min(length, rest_.size()));
        repeat(false);
    }

    void plain() {
        // Repetitions are consumed together with what they repeat.
        rest_.remove_prefix(1);
        repeat(false);
    }

    void escape() {
        const char what = rest_.size() > 1 ? rest_[1] : '\\';
        if ((what >= '1' && what <= '9') || what == 'k') problem_ = "it has a back-reference";
        skip(2);
    }

    std::size_t class_length() const {
        std::size_t at = 1;
        while (at < rest_.size() && rest_[at] != ']')
            at += rest_[at] == '\\' ? 2U : 1U;
        return at + 1;
    }

    void open() {
        rest_.remove_prefix(1);
        groups_.emplace_back();
        if (rest_.starts_with("?:")) {
            rest_.remove_prefix(2);
        } else if (rest_.starts_with('?')) {
            problem_ = "it has a look-ahead";
        }
    }

    void close() {
        rest_.remove_prefix(1);
        const Group group = groups_.back();
        if (groups_.size() > 1) groups_.pop_back();
        groups_.back().varies = groups_.back().varies || group.varies;
        repeat(group.varies);
    }

    /// Consumes a repetition, if there is one here. `varies`: whether what it repeats varies.
    void repeat(bool varies) {
        const Repetition repetition = repetition_at(rest_);
        if (repetition.length == 0) return;
        if (varies && repetition.max > 1)
            problem_ = "it repeats a group that contains repetitions or alternatives";
        groups_.back().varies = true;
        ways_ *= std::max(repetition.max, 1.0);
        rest_.remove_prefix(repetition.length);
    }

    std::string_view rest_;
    std::string problem_;
    std::vector<Group> groups_{1};
    double ways_ = 1;
};

}  // namespace

std::string pattern_problem(std::string_view pattern) {
    if (pattern.size() > kMaxPattern) return fmt::format("it is longer than {} bytes", kMaxPattern);
    try {
        const std::regex compiled{pattern.begin(), pattern.end()};
    } catch (const std::regex_error&) {
        return "it is not a valid regular expression";
    }
    return PatternReader{pattern}.problem();
}

}  // namespace atlasjob::mcp
