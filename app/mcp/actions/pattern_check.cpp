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
/// An expression may be tried in so many ways on one text: less than half a second.
constexpr double kMaxWays = 16'777'216;

/// "*", "{2,5}" …
struct Repetition {
    std::size_t length = 0;  ///< 0: there is none.
    double most = 1;         ///< How often; kMaxPatternText where there is no end.
};

Repetition repetition_at(std::string_view text) {
    if (text.empty()) return {};
    const double endless = kMaxPatternText;
    Repetition found;
    if (text[0] == '*' || text[0] == '+') {
        found = {1, endless};
    } else if (text[0] == '?') {
        found = {1, 1};
    } else if (text[0] == '{') {
        const std::size_t end = text.find('}');
        if (end == std::string_view::npos) return {};
        const auto bounds = split(text.substr(1, end - 1), ',');
        const auto most = parse_integer<int>(bounds.back());
        found = {end + 1, most ? *most : endless};
    } else {
        return {};
    }
    // "*?" is no second repetition.
    if (text.substr(found.length).starts_with('?')) ++found.length;
    return found;
}

/// Goes through an expression once.
class PatternReader {
  public:
    explicit PatternReader(std::string_view pattern) : rest_(pattern) {
        if (!pattern.starts_with('^')) ways_ *= kMaxPatternText;
    }

    std::string problem() {
        while (!rest_.empty() && problem_.empty())
            step();
        if (problem_.empty() && ways_ > kMaxWays) {
            return "its repetitions can be tried in too many ways: begin it with ^, and write "
                   "{1,64} in the place of + and *";
        }
        return problem_;
    }

  private:
    struct Group {
        bool varies = false;  ///< It repeats something or has alternatives.
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
        // A repetition was taken with what it repeats.
        rest_.remove_prefix(1);
        repeat(false);
    }

    void escape() {
        const char what = rest_.size() > 1 ? rest_[1] : '\\';
        if ((what >= '1' && what <= '9') || what == 'k')
            problem_ = "it refers back to what it has found";
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
            problem_ = "it looks ahead";
        }
    }

    void close() {
        rest_.remove_prefix(1);
        const Group group = groups_.back();
        if (groups_.size() > 1) groups_.pop_back();
        groups_.back().varies = groups_.back().varies || group.varies;
        repeat(group.varies);
    }

    /// Takes the repetition that stands here, if one does. `varies`: of what it repeats.
    void repeat(bool varies) {
        const Repetition repetition = repetition_at(rest_);
        if (repetition.length == 0) return;
        if (varies && repetition.most > 1)
            problem_ = "it repeats a group that has repetitions or alternatives itself";
        groups_.back().varies = true;
        ways_ *= std::max(repetition.most, 1.0);
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
        return "it is no regular expression";
    }
    return PatternReader{pattern}.problem();
}

}  // namespace atlasjob::mcp
