#pragma once

#include "base/id.h"
#include "ledger/transition.h"
#include "store/sqlite/connection/connection.h"

#include <cstddef>
#include <string_view>

namespace atlasjob::sqlite {

/// Bytes to bind as a BLOB. They must live until the query has run.
struct Blob {
    std::string_view bytes;
};

/// One execution of a prepared statement: binds parameters and reads columns, both by name. Always
/// resets the statement and clears its bindings afterwards. Throws failures as Error: internal for
/// a name that the statement does not have, for a parameter that was not bound, and for a column
/// that is read without a row.
///
/// A name costs a few nanoseconds if names are used in the order in which the statement has them.
class Query {
  public:
    Query(Connection& connection, const char* sql);
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query();

    /// Binds the parameter `:name`. An empty optional is NULL.
    template <class Value>
    Query& bind(std::string_view name, const Value& value) {
        bind_at(statement_.parameter(name), value);
        return *this;
    }

    /// Moves to the next row; returns false if there is none.
    bool step();
    /// Runs to the end; returns the number of rows it changed.
    int run();

    /// The position of a column, for what reads several columns that follow one another.
    int column(std::string_view name) const { return statement_.column(name); }

    bool is_null(std::string_view name) const { return is_null(column(name)); }
    /// Valid until the next step.
    std::string_view text(std::string_view name) const { return text(column(name)); }
    template <class Integer = std::int64_t>
    Integer integer(std::string_view name) const {
        return integer<Integer>(column(name));
    }
    bool flag(std::string_view name) const { return integer64(column(name)) != 0; }
    Time time(std::string_view name) const { return time(column(name)); }

    std::optional<std::string> optional_text(std::string_view name) const {
        return optional_text(column(name));
    }
    std::optional<Time> optional_time(std::string_view name) const {
        return optional_time(column(name));
    }
    std::optional<milliseconds> optional_duration(std::string_view name) const {
        return optional_duration(column(name));
    }
    template <class Integer = std::int64_t>
    std::optional<Integer> optional_integer(std::string_view name) const {
        return optional_integer<Integer>(column(name));
    }

    bool is_null(int column) const;
    std::string_view text(int column) const;
    double real(int column) const;
    template <class Integer = std::int64_t>
    Integer integer(int column) const {
        return static_cast<Integer>(integer64(column));
    }
    Time time(int column) const { return from_ms(integer64(column)); }

    std::optional<std::string> optional_text(int column) const;
    std::optional<double> optional_real(int column) const;
    std::optional<Time> optional_time(int column) const;
    std::optional<milliseconds> optional_duration(int column) const;
    template <class Integer = std::int64_t>
    std::optional<Integer> optional_integer(int column) const {
        return is_null(column) ? std::nullopt : std::optional{integer<Integer>(column)};
    }

  private:
    enum class Position { before_first, at_row, after_last };

    std::int64_t integer64(int column) const;
    /// The statement, which must be at a row.
    sqlite3_stmt* row() const;
    void require_bound() const;
    /// Counts a parameter that was bound, or throws.
    void check_bound(int code);

    void bind_at(int number, std::nullptr_t);
    void bind_at(int number, std::int64_t value);
    void bind_at(int number, int value) { bind_at(number, std::int64_t{value}); }
    void bind_at(int number, unsigned value) { bind_at(number, std::int64_t{value}); }
    void bind_at(int number, std::uint64_t value) {
        bind_at(number, static_cast<std::int64_t>(value));
    }
    void bind_at(int number, bool value) { bind_at(number, std::int64_t{value ? 1 : 0}); }
    void bind_at(int number, double value);
    void bind_at(int number, std::string_view value);
    void bind_at(int number, const std::string& value) { bind_at(number, std::string_view{value}); }
    void bind_at(int number, const char* value) { bind_at(number, std::string_view{value}); }
    void bind_at(int number, Blob value);
    void bind_at(int number, Time value) { bind_at(number, to_ms(value)); }
    void bind_at(int number, milliseconds value) { bind_at(number, std::int64_t{value.count()}); }
    void bind_at(int number, Status value) { bind_at(number, to_string(value)); }
    void bind_at(int number, Reason value) { bind_at(number, to_string(value)); }
    void bind_at(int number, Verb value) { bind_at(number, to_string(value)); }
    template <class Tag>
    void bind_at(int number, const Id<Tag>& value) {
        bind_at(number, value.view());
    }
    template <class Value>
    void bind_at(int number, const std::optional<Value>& value) {
        if (value) {
            bind_at(number, *value);
        } else {
            bind_at(number, nullptr);
        }
    }

    Connection& connection_;
    Statement& statement_;
    int bound_ = 0;  ///< The number of parameters that have a value.
    Position position_ = Position::before_first;
};

}  // namespace atlasjob::sqlite
