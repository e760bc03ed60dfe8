#include "store/sqlite/queries/list.h"

#include "base/error.h"
#include "store/sqlite/queries/access_paths.h"
#include "store/sqlite/queries/get.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace atlasjob::sqlite {

namespace {

/// How many of the newest jobs to read one by one before using an index that is not in the order of
/// seq: they fill most pages.
constexpr std::int64_t kNewest = 4'000;

constexpr const char* kNewestSeq = R"sql(
    SELECT max(seq) AS seq
    FROM jobs
)sql";
constexpr const char* kPositions = R"sql(
    SELECT {seq} AS seq, {key} AS sort_key
    FROM {from}
    {where}
    ORDER BY {order}
    LIMIT :limit
)sql";

/// A job's position in a list.
struct RowPosition {
    std::int64_t seq = 0;
    std::string text;         ///< The sort key, if it is text.
    std::int64_t number = 0;  ///< The sort key otherwise.

    auto key() const { return std::tie(text, number, seq); }
};

/// The sort key as an SQL expression that puts jobs without a value last.
struct SortKey {
    std::string expression;
    bool is_text = false;
};

SortKey sort_key_of(const ListOrder& order) {
    static constexpr std::array kColumns = {"seq",      "created_at", "started_at", "updated_at",
                                            "ended_at", "priority",   "kind",       "name",
                                            "owner",    "queue",      "status"};
    const auto* column = kColumns.at(static_cast<std::size_t>(order.key));
    const bool is_text = order.key >= ListKey::kind;
    // U+10FFFF sorts after any text in practice.
    const std::string_view last = is_text ? (order.ascending ? "char(1114111)" : "''")
                                          : (order.ascending ? "9223372036854775807" : "-1");
    if (order.key == ListKey::seq || order.key == ListKey::priority)
        return {fmt::format("j.{}", column), false};
    return {fmt::format("coalesce(j.{}, {})", column, last), is_text};
}

/// Builds one page of a list from its access paths.
class Listing {
  public:
    Listing(Connection& connection, const ListQuery& query, const ResolvedFilter& resolved)
        : connection_(connection),
          query_(query),
          resolved_(resolved),
          key_(sort_key_of(query.order)) {}

    JobPage page() {
        const std::vector<AccessPath> paths = access_paths(connection_, resolved_);
        JobPage page;
        for (const AccessPath& path : paths)
            page.total += path.jobs ? *path.jobs : count_jobs_of(connection_, path);
        if (page.total > 0) find_positions(paths);
        page.jobs.reserve(positions_.size());
        for (const RowPosition& position : positions_) {
            if (std::ssize(page.jobs) == query_.limit) {
                set_next_page(page);
                break;
            }
            const JobRef ref{JobRef::Kind::seq, position.seq, {}};
            auto job = find_job(connection_, ref, Principal{{}, true}, Detail::full);
            if (!job)
                throw_damaged(
                    "an index has a job that does not exist:", std::to_string(position.seq));
            page.jobs.push_back(std::move(*job));
        }
        return page;
    }

  private:
    bool by_seq() const { return query_.order.key == ListKey::seq; }
    /// One more than the page holds, to know whether there is a next page.
    std::size_t max_positions() const { return static_cast<std::size_t>(query_.limit) + 1; }

    void find_positions(const std::vector<AccessPath>& paths) {
        if (find_among_newest(paths)) return;
        positions_.clear();
        for (const AccessPath& path : paths)
            add_positions(path);
        std::ranges::sort(positions_, [this](const RowPosition& a, const RowPosition& b) {
            return query_.order.ascending ? a.key() < b.key() : b.key() < a.key();
        });
        positions_.resize(std::min(positions_.size(), max_positions()));
    }

    /// Whether the newest jobs alone fill the page. Returns false without trying if the only access
    /// path is in the order of seq anyway.
    bool find_among_newest(const std::vector<AccessPath>& paths) {
        const bool in_order = paths.size() == 1 && paths[0].source.in_order_of_seq;
        if (!by_seq() || query_.order.ascending || query_.filter.search || in_order) return false;
        AccessPath newest = all_jobs(resolved_);
        newest.conditions.add("j.seq > " + newest.conditions.parameter(first_seq() - kNewest));
        add_positions(newest);
        return positions_.size() == max_positions();
    }

    std::int64_t first_seq() const {
        if (query_.before_seq) return *query_.before_seq;
        Query newest{connection_, kNewestSeq};
        return newest.step() ? newest.integer("seq") : 0;
    }

    void add_positions(const AccessPath& path) {
        Conditions conditions = path.conditions;
        skip_previous_page(path, conditions);
        // Paths that do not read the jobs need them for any sort key but seq.
        const std::string sql = fmt::format(
            kPositions, fmt::arg("seq", path.source.seq),
            fmt::arg("key", by_seq() ? "0" : key_.expression),
            fmt::arg("from", path.from(!by_seq())), fmt::arg("where", conditions.where()),
            fmt::arg("order", order_of(path)));
        Query query{connection_, connection_.intern(sql)};
        conditions.bind_to(query);
        for (query.bind("limit", std::uint64_t{max_positions()}); query.step();)
            positions_.push_back(read_position(query));
    }

    std::string order_of(const AccessPath& path) const {
        const char* direction = query_.order.ascending ? "ASC" : "DESC";
        if (by_seq()) return fmt::format("{} {}", path.source.seq, direction);
        return fmt::format("{} {}, {} {}", key_.expression, direction, path.source.seq, direction);
    }

    void skip_previous_page(const AccessPath& path, Conditions& conditions) const {
        if (!query_.before_seq) return;
        const char* beyond = query_.order.ascending ? ">" : "<";
        if (by_seq()) {
            const std::string seq = conditions.parameter(*query_.before_seq);
            conditions.add(fmt::format("{} {} {}", path.source.seq, beyond, seq));
            return;
        }
        const std::string key = conditions.parameter(query_.before_key.value_or(""));
        const std::string seq = conditions.parameter(*query_.before_seq);
        conditions.add(fmt::format(
            "({}, {}) {} ({}, {})", key_.expression, path.source.seq, beyond,
            key_.is_text ? key : fmt::format("CAST({} AS INTEGER)", key), seq));
    }

    RowPosition read_position(const Query& query) const {
        RowPosition position{query.integer("seq"), {}, 0};
        if (key_.is_text) {
            position.text = query.text("sort_key");
        } else {
            position.number = query.integer("sort_key");
        }
        return position;
    }

    void set_next_page(JobPage& page) const {
        if (page.jobs.empty()) {  // The limit is 0.
            page.next_seq = query_.before_seq;
            page.next_key = query_.before_key;
            return;
        }
        const RowPosition& last = positions_.at(page.jobs.size() - 1);
        page.next_seq = last.seq;
        if (!by_seq()) page.next_key = key_.is_text ? last.text : std::to_string(last.number);
    }

    Connection& connection_;
    const ListQuery& query_;
    const ResolvedFilter& resolved_;
    SortKey key_;
    std::vector<RowPosition> positions_;
};

}  // namespace

JobPage list_jobs(Connection& connection, const ListQuery& query, const Principal& principal) {
    const auto resolved = resolve_filter(connection, query.filter, principal, query.limit);
    return resolved ? Listing{connection, query, *resolved}.page() : JobPage{};
}

}  // namespace atlasjob::sqlite
