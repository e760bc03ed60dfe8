#pragma once

#include "base/id.h"
#include "ledger/transition.h"
#include "store/sqlite/connection/connection.h"

namespace atlasjob::sqlite {

/// Bytes to bind as a BLOB. They must live until the query has run.
struct Blob {
    std::string_view bytes;
};

/// One execution of a prepared statement: binds in order, steps, reads columns by position. Always
/// resets the statement and clears its bindings afterwards. Throws failures as Error.
class Query {
  public:
    Query(Connection& connection, const char* sql);
    Query(const Query&) = delete;
    Query& operator=(const Query&) = delete;
    ~Query();

    /// Binds the next parameters, ?1 first. An empty optional is NULL.
    template <class... Values>
    Query& bind(const Values&... values) {
        (bind_next(values), ...);
        return *this;
    }

    /// Moves to the next row; returns false if there is none.
    bool step();
    /// Runs to the end; returns the number of rows it changed.
    int run();

    bool is_null(int column) const;
    std::string_view text(int column) const;  ///< Valid until the next step.
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
    std::int64_t integer64(int column) const;

    void bind_next(std::nullptr_t);
    void bind_next(std::int64_t value);
    void bind_next(int value) { bind_next(std::int64_t{value}); }
    void bind_next(unsigned value) { bind_next(std::int64_t{value}); }
    void bind_next(std::uint64_t value) { bind_next(static_cast<std::int64_t>(value)); }
    void bind_next(bool value) { bind_next(std::int64_t{value ? 1 : 0}); }
    void bind_next(double value);
    void bind_next(std::string_view value);
    void bind_next(const std::string& value) { bind_next(std::string_view{value}); }
    void bind_next(const char* value) { bind_next(std::string_view{value}); }
    void bind_next(Blob value);
    void bind_next(Time value) { bind_next(to_ms(value)); }
    void bind_next(milliseconds value) { bind_next(std::int64_t{value.count()}); }
    void bind_next(Status value) { bind_next(to_string(value)); }
    void bind_next(Reason value) { bind_next(to_string(value)); }
    void bind_next(Verb value) { bind_next(to_string(value)); }
    template <class Tag>
    void bind_next(const Id<Tag>& value) {
        bind_next(value.view());
    }
    template <class Value>
    void bind_next(const std::optional<Value>& value) {
        if (value) {
            bind_next(*value);
        } else {
            bind_next(nullptr);
        }
    }

    Connection& connection_;
    SQLite::Statement& statement_;
    int next_ = 1;
};

}  // namespace atlasjob::sqlite
