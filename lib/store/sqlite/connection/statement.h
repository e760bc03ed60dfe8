#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace atlasjob::sqlite {

/// The names of a statement's parameters or columns. A name costs one comparison if names are asked
/// for in the order of the list, over and over; in any other order they are found as well.
class NameList {
  public:
    explicit NameList(std::vector<std::string> names) : names_(std::move(names)) {}

    /// The position of `name`, from 0.
    std::optional<int> find(std::string_view name);
    int size() const { return static_cast<int>(names_.size()); }

  private:
    std::vector<std::string> names_;
    std::size_t next_ = 0;
};

/// A prepared statement whose parameters and columns are known by name. Runs nothing by itself; see
/// Query.
class Statement {
  public:
    /// Throws SQLite::Exception.
    Statement(sqlite3* database, const char* sql);

    sqlite3_stmt* handle() const { return statement_.get(); }
    /// The number of parameters.
    int parameters() const { return parameters_.size(); }
    /// The number, from 1, of the parameter `:name`. Throws internal if there is none.
    int parameter(std::string_view name);
    /// The position, from 0, of the column `name`. Throws internal if there is none.
    int column(std::string_view name);

  private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };

    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    NameList parameters_;
    std::optional<NameList> columns_;  ///< Read when the first column is asked for.
};

}  // namespace atlasjob::sqlite
