#pragma once

#include "mcp/actions/command_check.h"

#include <algorithm>

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

}  // namespace atlasjob::mcp
