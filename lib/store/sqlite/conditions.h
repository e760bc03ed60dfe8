#pragma once

#include "store/sqlite/rows.h"

#include <variant>

namespace atlasjob::sqlite {

/// Conditions joined by AND, and the values of their parameters in order.
class Conditions {
  public:
    using Value = std::variant<std::int64_t, std::string>;

    /// `condition` has one "?" for each value: they become numbered parameters.
    void add(std::string_view condition, std::vector<Value> values);
    void add_any_of(std::string_view column, const std::vector<std::string>& words);
    void add_none_of(std::string_view column, const std::vector<std::string>& words);

    bool empty() const { return text_.empty(); }
    /// " WHERE …", or nothing when there are none.
    const std::string& text() const { return text_; }
    void bind_to(Query& query) const;

  private:
    void add_list(
        std::string_view column, std::string_view test, const std::vector<std::string>& words);

    std::string text_;
    std::vector<Value> values_;
};

/// What makes a row of `jobs j` one that is wanted and that `principal` may see. Where a page
/// begins is not part of it.
Conditions conditions_of(const ListQuery& wanted, const Principal& principal);

}  // namespace atlasjob::sqlite
