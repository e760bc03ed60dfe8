#include "mcp/actions/shell_text.h"

#include "base/error.h"
#include "mcp/actions/placeholders.h"

#include <nlohmann/json.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace atlasjob::mcp {

namespace {

using Words = std::vector<std::string>;

constexpr int kMaxDepth = 8;
/// A command begins after these words.
constexpr std::array<std::string_view, 13> kCommandPrefixes = {
    "if", "then", "else", "elif", "while",   "until",  "do",
    "!",  "{{",   "time", "exec", "command", "builtin"};

bool is_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_assignment(std::string_view word) {
    const std::size_t sign = word.find('=');
    return sign != std::string_view::npos && sign > 0
           && std::ranges::all_of(word.substr(0, sign), is_name);
}

bool has_placeholder(const std::string& text) {
    return !Placeholders{text}.parameters().empty();
}

/// Scans a script once.
class ShellText {
  public:
    ShellText(std::string_view text, const Words& arguments) : text_(text), arguments_(arguments) {}

    std::vector<Words> commands() {
        for (; at_ < text_.size(); ++at_)
            step(text_[at_]);
        while (!outer_.empty())
            leave();
        end_command();
        return std::move(commands_);
    }

  private:
    /// A command that has not ended yet.
    struct Open {
        Words words;
        std::string word;
        bool has_word = false;
        bool quoted = false;  ///< Within "…".
    };

    char after(std::size_t count = 1) const {
        return at_ + count < text_.size() ? text_[at_ + count] : '\0';
    }

    static bool is_end_of_command(char c) {
        return std::string_view{";&|()\n"}.find(c) != std::string_view::npos;
    }

    void step(char c) {
        if (c == '\\') {
            ++at_;
            if (at_ < text_.size() && text_[at_] != '\n') put(text_[at_]);
        } else if (c == '\'' && !open_.quoted) {
            put_literally();
        } else if (c == '"') {
            open_.quoted = !open_.quoted;
            open_.has_word = true;
        } else if (c == '$') {
            expand();
        } else if (c == '#' && !open_.quoted && !open_.has_word) {
            skip_comment();
        } else if (c == '`') {
            ticked_ ? leave() : enter();
            ticked_ = !ticked_;
        } else if (!open_.quoted && c == ')' && !outer_.empty()) {
            leave();
        } else if (!open_.quoted && (c == ' ' || c == '\t')) {
            end_word();
        } else if (!open_.quoted && is_end_of_command(c)) {
            end_command();
        } else {
            put(c);
        }
    }

    /// Appends a literal character, escaped for Placeholders.
    void put(char c) {
        open_.word += c;
        if (c == '{' || c == '}') open_.word += c;
        open_.has_word = true;
    }

    /// Reads '…', or $'…' if `escapes`.
    void put_literally(bool escapes = false) {
        open_.has_word = true;
        for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
            if (escapes && text_[at_] == '\\') ++at_;
            if (at_ < text_.size()) put(text_[at_]);
        }
    }

    /// Skips to the end of the line.
    void skip_comment() {
        at_ = std::min(text_.find('\n', at_), text_.size());
        end_command();
    }

    void expand() {
        const bool braced = after() == '{';
        const char name = after(braced ? 2 : 1);
        if (after() == '(') {
            ++at_;
            return enter();
        }
        if (after() == '\'' && !open_.quoted) {
            ++at_;
            return put_literally(true);
        }
        const bool is_digit = name >= '0' && name <= '9';
        if (!is_digit && name != '@' && name != '*') return put('$');
        ++at_;
        if (braced) at_ = std::min(text_.find('}', at_), text_.size());
        if (is_digit) return put_argument(static_cast<std::size_t>(name - '0'));
        put_all(name == '@');
    }

    void put_argument(std::size_t number) {
        if (number >= arguments_.size()) return;
        open_.has_word = true;
        const std::string& argument = arguments_[number];
        const bool is_split = !open_.quoted && has_placeholder(argument);
        open_.word += is_split ? fmt::format("{{{}}}", kSplitParameter) : argument;
    }

    /// "$@" becomes one word per argument; anything else an unknown number of words.
    void put_all(bool each) {
        const std::size_t first = std::min<std::size_t>(1, arguments_.size());
        const Words all{arguments_.begin() + static_cast<std::ptrdiff_t>(first), arguments_.end()};
        if (each && open_.quoted && open_.word.empty() && after() == '"') {
            open_.words.insert(open_.words.end(), all.begin(), all.end());
            open_.has_word = false;
            open_.quoted = false;
            ++at_;
            return;
        }
        open_.has_word = true;
        const bool is_split = std::ranges::any_of(all, has_placeholder);
        open_.word += is_split ? fmt::format("{{{}}}", kSplitParameter)
                               : fmt::format("{}", fmt::join(all, " "));
    }

    void enter() { outer_.push_back(std::exchange(open_, {})); }

    void leave() {
        end_command();
        if (outer_.empty()) return;
        open_ = std::move(outer_.back());
        outer_.pop_back();
        put('$');
    }

    void end_word() {
        if (open_.has_word) {
            const bool begins = open_.words.empty();
            const bool is_prefix =
                begins && std::ranges::find(kCommandPrefixes, open_.word) != kCommandPrefixes.end();
            if (!is_prefix && !(begins && is_assignment(open_.word)))
                open_.words.push_back(open_.word);
        }
        open_.word.clear();
        open_.has_word = false;
    }

    void end_command() {
        end_word();
        if (!open_.words.empty()) commands_.push_back(std::move(open_.words));
        open_ = {};
    }

    std::string_view text_;
    const Words& arguments_;
    std::size_t at_ = 0;
    Open open_;
    std::vector<Open> outer_;
    bool ticked_ = false;
    std::vector<Words> commands_;
};

}  // namespace

std::vector<Words> commands_in_shell_text(std::string_view text, const Words& arguments) {
    return ShellText{text, arguments}.commands();
}

bool shell_runs_value(
    const ActionParts& action, std::string_view text, const Words& arguments, int depth) {
    // A here-document is not a command, but its text may contain quotes that confuse this parser.
    if (depth == kMaxDepth || text.find("<<") != std::string_view::npos) return true;
    ActionParts parts = action;
    parts.shapes[std::string{kSplitParameter}] = {};
    try {
        for (const Words& words : commands_in_shell_text(text, arguments)) {
            const nlohmann::json document = words;
            refuse_run_values(
                parts, FileValue{document, {}}, {words.begin(), words.end()}, depth + 1);
        }
        return false;
    } catch (const Error&) {
        return true;
    }
}

}  // namespace atlasjob::mcp
