#pragma once

#include "mcp/actions/command_check.h"
#include "mcp/actions/program_rule.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace atlasjob::mcp {

/// The words of an action's command, as known before a caller fills in the placeholders.
class CommandWords {
  public:
    CommandWords(const ActionParts& action, const std::vector<Placeholders>& words)
        : action_(action), words_(words) {}

    std::size_t size() const { return words_.size(); }
    const Placeholders& at(std::size_t at) const { return words_[at]; }
    bool is_literal(std::size_t at) const { return words_[at].parameters().empty(); }
    std::string_view prefix(std::size_t at) const { return words_[at].literal_prefix(); }

    bool may_begin_option(std::size_t at) const {
        if (is_literal(at) || !prefix(at).empty()) return false;
        return action_.shapes.at(words_[at].parameters().front()).may_begin_option;
    }

    /// Whether the word is always exactly one argument, whatever the caller passes.
    bool is_always_one(std::size_t at) const {
        const bool is_whole = words_[at].whole() != nullptr;
        return std::ranges::all_of(words_[at].parameters(), [&](const std::string& name) {
            const ParameterShape& shape = action_.shapes.at(name);
            return shape.always_given && !(is_whole && shape.may_be_list);
        });
    }

  private:
    const ActionParts& action_;
    const std::vector<Placeholders>& words_;
};

inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// One possible reading of a command, from one of its words on.
struct Reading {
    const KnownProgram* rule = nullptr;
    std::string program;      ///< Its name, with subcommands.
    std::size_t at = 0;       ///< Index of the next word.
    std::size_t end = 0;      ///< Index after the command's last word.
    std::size_t operand = 0;  ///< Index of the next operand in the rule.
    bool options_over = false;
    bool data_follows = false;      ///< An option had KnownOption::data_follows.
    bool uses_alternative = false;  ///< An option had KnownOption::uses_alternative.
    /// The word read as a program may not be one: only certain code is refused.
    bool doubtful = false;

    auto key() const {
        return std::tuple{rule,    at, end, operand, options_over, data_follows, uses_alternative,
                          doubtful};
    }
};

}  // namespace atlasjob::mcp
