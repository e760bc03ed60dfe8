#include "mcp/actions/code_names.h"
#include "mcp/actions/command_words.h"
#include "mcp/actions/objection.h"
#include "mcp/actions/shell_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace atlasjob::mcp {

namespace {

using Takes = KnownOption::Takes;

/// Follows all possible readings of a command. Ambiguous words are read in every possible way.
class CommandReader {
  public:
    CommandReader(
        const ActionParts& action,
        const FileValue& command,
        const std::vector<Placeholders>& words,
        int depth)
        : action_(action), command_(command), words_(action, words), depth_(depth) {}

    void read() {
        refuse_any_value(action_, command_.at(std::size_t{0}), words_.at(0), "the program");
        read_command(0, words_.size(), {});
        while (!pending_.empty()) {
            const Reading reading = std::move(pending_.back());
            pending_.pop_back();
            step(reading);
        }
    }

  private:
    bool is_literal(std::size_t at) const { return words_.is_literal(at); }
    std::string_view prefix(std::size_t at) const { return words_.prefix(at); }
    bool may_begin_option(std::size_t at) const { return words_.may_begin_option(at); }

    void reject(const Reading& reading, std::size_t at, const Objection& objection) const {
        if (!reading.doubtful) reject_certain(reading, at, objection);
    }

    void reject_certain(const Reading& reading, std::size_t at, const Objection& objection) const {
        refuse(action_, command_.at(at), words_.at(at), objection, reading.program);
    }

    void need_literal(const Reading& reading, std::size_t at, const Objection& objection) const {
        if (at < reading.end && !is_literal(at)) reject(reading, at, objection);
    }

    void need_one(const Reading& reading, std::size_t at) const {
        if (at < reading.end && !words_.is_always_one(at)) reject(reading, at, kCount);
    }

    void next(Reading reading) {
        if (visited_.insert(reading.key()).second) pending_.push_back(std::move(reading));
    }

    /// Reads a command whose program is the word at `at`.
    void read_command(std::size_t at, std::size_t end, const Reading& outer) {
        if (at >= end) return;
        if (!is_literal(at)) return reject(outer, at, kProgram);
        const std::string name = program_name(prefix(at));
        const KnownProgram* rule = known_program(name);
        if (rule == nullptr) return scan(at + 1, end, outer.doubtful);
        next({.rule = rule, .program = name, .at = at + 1, .end = end, .doubtful = outer.doubtful});
    }

    /// Reads the arguments of a program without a rule. It may be a launcher: a word with the name
    /// of an interpreter or a launcher is read as one.
    void scan(std::size_t at, std::size_t end, bool doubtful) {
        for (; at < end; ++at) {
            if (!is_literal(at)) continue;
            const std::string name = program_name(prefix(at));
            const KnownProgram* rule = known_program(name);
            if (rule == nullptr) continue;
            const bool is_path = prefix(at).find('/') != std::string_view::npos;
            const bool may_be_word = rule->is(reads_ambiguous) && !is_path;
            next(
                {.rule = rule,
                 .program = name,
                 .at = at + 1,
                 .end = end,
                 .doubtful = doubtful || may_be_word});
        }
    }

    void step(const Reading& reading) {
        if (reading.at >= reading.end) return;
        if (reading.options_over) return read_operand(reading);
        const std::string_view text = prefix(reading.at);
        if (is_literal(reading.at) && text == "--") return end_options(reading);
        if (may_begin_option(reading.at)) reject(reading, reading.at, kOption);
        if (text.starts_with('+') && !is_literal(reading.at)) reject(reading, reading.at, kOption);
        const bool is_sign =
            text.starts_with('-') || (reading.rule->is(reads_as_shell) && text.starts_with('+'));
        const bool is_dash = text == "-" && is_literal(reading.at);
        if (is_dash && reading.rule->is(reads_as_shell)) return end_options(reading);
        if (!is_sign || (is_dash && reading.rule->option(text) == nullptr))
            return read_operand(reading);
        read_option(reading, text);
    }

    /// After "--", or "-" for a shell. It has no meaning for find and similar programs.
    void end_options(Reading reading) {
        reading.options_over = !reading.rule->is(reads_words);
        skip(std::move(reading), 1);
    }

    void read_option(const Reading& reading, std::string_view text) {
        if (text.size() == 1 && !is_literal(reading.at)) reject(reading, reading.at, kOption);
        if (is_literal(reading.at)) {
            if (const KnownOption* exact = reading.rule->option(text))
                return take(reading, *exact, std::string_view::npos);
        }
        if (text.starts_with("--") || reading.rule->is(reads_words))
            return read_long(reading, text);
        if (reading.rule->is(reads_as_shell)) return read_apart(reading, text[0], text.substr(1));
        read_letters(reading, text);
    }

    void read_long(const Reading& reading, std::string_view text) {
        const std::size_t sign = text.find('=');
        if (sign == std::string_view::npos && !is_literal(reading.at))
            reject(reading, reading.at, kOption);
        const auto options = reading.rule->options_named(text.substr(0, sign));
        if (options.empty()) return read_unknown(reading, sign != std::string_view::npos);
        for (const KnownOption* option : options)
            take(reading, *option, sign == std::string_view::npos ? sign : sign + 1);
    }

    /// An unknown option may or may not take the next argument: reads it both ways.
    void read_unknown(const Reading& reading, bool glued) {
        if (!is_literal(reading.at)) {
            if (!reading.rule->is(reads_data)) reject(reading, reading.at, kUnknownOption);
            need_one(reading, reading.at);
        }
        skip(reading, 1);
        if (!glued) skip(reading, 2);
    }

    void skip(Reading reading, std::size_t count) {
        reading.at += count;
        next(std::move(reading));
    }

    /// Reads combined letters such as "-ec" or "-we".
    void read_letters(Reading reading, std::string_view text) {
        for (std::size_t letter = 1; letter < text.size(); ++letter) {
            const KnownOption* option = reading.rule->option(std::string{"-"} + text[letter]);
            const bool is_last = letter + 1 == text.size() && is_literal(reading.at);
            if (option == nullptr) {
                if (!is_digit(text[letter])) skip(reading, is_last ? 2 : 1);
                continue;
            }
            if (option->takes == Takes::nothing) {
                note(reading, *option);
                continue;
            }
            return take(reading, *option, is_last ? std::string_view::npos : letter + 1);
        }
        if (!is_literal(reading.at)) reject(reading, reading.at, kOption);
        skip(reading, 1);
    }

    /// Each letter with a value takes one of the following arguments.
    void read_apart(Reading reading, char sign, std::string_view letters) {
        if (!is_literal(reading.at)) reject(reading, reading.at, kCode);
        ++reading.at;
        for (const char letter : letters) {
            const KnownOption* option = reading.rule->option(std::string{sign, letter});
            if (option == nullptr) continue;
            note(reading, *option);
            if (option->takes == Takes::nothing || option->takes == Takes::maybe) continue;
            check_value(reading, *option, reading.at, 0);
            ++reading.at;
        }
        next(std::move(reading));
    }

    static void note(Reading& reading, const KnownOption& option) {
        reading.data_follows = reading.data_follows || option.data_follows;
        reading.uses_alternative = reading.uses_alternative || option.uses_alternative;
    }

    /// Reads an option; `value_at`: its value's offset in the word, npos if it is a separate one.
    void take(Reading reading, const KnownOption& option, std::size_t value_at) {
        const bool glued = value_at != std::string_view::npos;
        const std::size_t option_at = reading.at;
        const bool takes_next = option.takes != Takes::nothing && option.takes != Takes::maybe;
        const std::size_t count = glued || !takes_next ? 0 : option.count;
        const std::size_t first = glued ? option_at : option_at + 1;
        note(reading, option);
        if (option.takes == Takes::command) return read_rest(reading, first);
        if (option.takes == Takes::subcommand)
            return read_subcommand(reading, first, glued ? value_at : 0);
        for (std::size_t at = first; at < first + std::max<std::size_t>(count, glued ? 1 : 0); ++at)
            check_value(reading, option, at, glued ? value_at : 0);
        reading.at = option_at + 1 + count;
        if (option.ends_reading) return read_all_data(reading);
        next(std::move(reading));
    }

    void check_value(
        const Reading& reading, const KnownOption& option, std::size_t at, std::size_t value_at) {
        if (at >= reading.end || is_literal(at)) return;
        const bool is_own_word = at != reading.at;
        if (is_own_word && reading.rule->is(reads_anywhere) && may_begin_option(at))
            reject(reading, at, kOption);
        switch (option.takes) {
            case Takes::code:
                return reject_certain(reading, at, kCode);
            case Takes::assignment:
                return check_assignment(reading, at, value_at, is_code_variable);
            case Takes::git_setting:
                return check_assignment(reading, at, value_at, is_code_setting_of_git);
            case Takes::nothing:
                if (!reading.rule->is(reads_data)) reject(reading, at, kUnknownOption);
                break;
            case Takes::data:
            case Takes::maybe:
            case Takes::command:
            case Takes::subcommand:
                break;
        }
        need_one(reading, at);
    }

    void check_assignment(
        const Reading& reading,
        std::size_t at,
        std::size_t value_at,
        bool (*is_code)(std::string_view)) {
        const std::string_view text = prefix(at).substr(value_at);
        const std::size_t sign = text.find('=');
        if (sign == std::string_view::npos) return reject(reading, at, kName);
        if (is_code(text.substr(0, sign))) reject_certain(reading, at, kVariable);
        need_one(reading, at);
    }

    /// Reads the command after find's -exec, up to ";" or "+", or after xterm's -e, up to the end.
    void read_rest(Reading reading, std::size_t at) {
        std::size_t end = at;
        const bool is_ended = reading.rule->is(reads_mixed);
        const auto ends = [&](std::size_t word) {
            return is_ended && is_literal(word) && (prefix(word) == ";" || prefix(word) == "+");
        };
        if (at < reading.end && !is_literal(at)) reject_certain(reading, at, kProgram);
        for (; end < reading.end && !ends(end); ++end)
            if (is_ended && may_begin_option(end)) reject(reading, end, kOption);
        read_command(at, end, reading);
        reading.at = end + 1;
        next(std::move(reading));
    }

    /// Reads a subcommand such as in "python -m NAME".
    void read_subcommand(Reading reading, std::size_t at, std::size_t value_at) {
        if (at >= reading.end) return;
        if (!is_literal(at)) return reject(reading, at, kProgram);
        reading.program = fmt::format("{} -m {}", reading.program, prefix(at).substr(value_at));
        reading.at = at + 1;
        reading.operand = 0;
        const KnownProgram* rule = known_program(reading.program);
        if (rule == nullptr) return read_all_data(reading);
        reading.rule = rule;
        next(std::move(reading));
    }

    /// The rest is data. A script may be a launcher, so its arguments are scanned.
    void read_all_data(const Reading& reading) {
        if (!reading.rule->is(reads_data)) scan(reading.at, reading.end, reading.doubtful);
    }

    static const Operands& operands_of(const Reading& reading) {
        static const Operands data{{Operand::data}, true};
        if (reading.uses_alternative) return reading.rule->alternative;
        return reading.data_follows ? data : reading.rule->operands;
    }

    void read_operand(Reading reading) {
        const Operands& operands = operands_of(reading);
        const bool is_last = reading.operand + 1 >= operands.list.size();
        if (reading.operand >= operands.list.size()) return read_all_data(reading);
        const Operand operand = operands.list[reading.operand];
        const bool repeats = is_last && operands.repeats;
        const bool options_over = reading.options_over || !reading.rule->is(reads_mixed);
        switch (operand) {
            case Operand::command:
                return read_its_command(reading);
            case Operand::assign:
                return read_assignment(std::move(reading));
            case Operand::sub:
                return read_sub(std::move(reading), options_over);
            case Operand::letters:
                if (follows_program(reading)) return read_letters_alone(std::move(reading));
                ++reading.operand;
                return next(std::move(reading));
            case Operand::data:
                if (repeats && options_over) return read_all_data(reading);
                if (!repeats) need_one(reading, reading.at);
                break;
            case Operand::maybe: {
                Reading without = reading;
                ++without.operand;
                next(std::move(without));
                need_one(reading, reading.at);
                break;
            }
            case Operand::code:
                if (reading.uses_alternative && reading.rule->is(reads_as_shell))
                    read_shell_text(reading);
                [[fallthrough]];
            case Operand::program:
                need_literal(reading, reading.at, operand == Operand::code ? kCode : kProgram);
                break;
        }
        reading.options_over = options_over;
        if (!repeats) ++reading.operand;
        skip(std::move(reading), 1);
    }

    /// Reads the commands in the script of sh -c, with the arguments substituted.
    void read_shell_text(const Reading& reading) {
        std::vector<std::string> arguments;
        for (std::size_t at = reading.at + 1; at < reading.end; ++at)
            arguments.push_back(command_.at(at).text());
        std::size_t placeholder = reading.at + 1;
        while (placeholder < reading.end && is_literal(placeholder))
            ++placeholder;
        if (placeholder >= reading.end || !is_literal(reading.at)) return;
        if (shell_runs_value(action_, prefix(reading.at), arguments, depth_))
            reject(reading, placeholder, kReadAgain);
    }

    bool follows_program(const Reading& reading) const {
        return known_program(program_name(prefix(reading.at - 1))) == reading.rule;
    }

    /// Reads letters without a dash, such as tar's "czf".
    void read_letters_alone(Reading reading) {
        ++reading.operand;
        const std::string_view letters = prefix(reading.at);
        read_apart(std::move(reading), '-', letters);
    }

    void read_its_command(const Reading& reading) {
        const bool is_marked = is_literal(reading.at) && prefix(reading.at) == "--";
        read_command(reading.at + (is_marked ? 1 : 0), reading.end, reading);
    }

    /// Reads NAME=VALUE, or moves on to the next operand.
    void read_assignment(Reading reading) {
        if (prefix(reading.at).find('=') != std::string_view::npos) {
            if (!is_literal(reading.at)) check_assignment(reading, reading.at, 0, is_code_variable);
            reading.options_over = true;
            return skip(std::move(reading), 1);
        }
        ++reading.operand;
        next(std::move(reading));
    }

    void read_sub(Reading reading, bool options_over) {
        need_literal(reading, reading.at, kProgram);
        const std::string name = fmt::format("{} {}", reading.program, prefix(reading.at));
        ++reading.at;
        ++reading.operand;
        reading.options_over = options_over;
        if (const KnownProgram* rule = known_program(name)) {
            reading.rule = rule;
            reading.program = name;
            reading.operand = 0;
            reading.options_over = false;
            reading.data_follows = false;
            reading.uses_alternative = false;
        }
        next(std::move(reading));
    }

    const ActionParts& action_;
    const FileValue& command_;
    CommandWords words_;
    int depth_;  ///< The number of shell scripts around this command.
    std::vector<Reading> pending_;
    std::set<decltype(Reading{}.key())> visited_;
};

}  // namespace

void refuse_run_values(
    const ActionParts& action,
    const FileValue& command,
    const std::vector<Placeholders>& words,
    int depth) {
    CommandReader{action, command, words, depth}.read();
}

}  // namespace atlasjob::mcp
