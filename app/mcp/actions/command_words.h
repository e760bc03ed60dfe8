#pragma once

#include "mcp/actions/command_check.h"
#include "mcp/actions/program_rule.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace atlasjob::mcp {

/// The words of an action's command, as far as they are known before a caller fills them in.
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

    /// Whether it is one argument whatever a caller gives, and never none.
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

/// One way to read a command from one of its words on.
struct Reading {
    const KnownProgram* rule = nullptr;
    std::string program;      ///< Its name, with subcommands.
    std::size_t at = 0;       ///< The word that is next,
    std::size_t end = 0;      ///< and where the command ends.
    std::size_t operand = 0;  ///< Which of the operands is next.
    bool options_over = false;
    bool data_follows = false;     ///< KnownOption::data_follows was among the options, or
    bool instead_follows = false;  ///< instead_follows.
    /// Only what is code beyond doubt counts: the word that was taken for a program may be none.
    bool doubtful = false;

    auto key() const {
        return std::tuple{rule,    at, end, operand, options_over, data_follows, instead_follows,
                          doubtful};
    }
};

}  // namespace atlasjob::mcp
