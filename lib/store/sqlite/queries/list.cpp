#include "store/sqlite/queries/list.h"

#include "base/error.h"
#include "store/sqlite/queries/access_paths.h"
#include "store/sqlite/queries/get.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace atlasjob::sqlite {

namespace {

/// So many of the newest jobs are looked at one by one before an index is asked that does not have
/// them in their order: most lists are filled by them.
constexpr std::int64_t kNewest = 4'000;

constexpr const char* kNewestSeq = "SELECT max(seq) FROM jobs";

/// A job's place in a list.
struct RowPosition {
    std::int64_t seq = 0;
    std::string text;         ///< What it is sorted by, where that is a text,
    std::int64_t number = 0;  ///< else this.

    auto key() const { return std::tie(text, number, seq); }
};

/// How SQL says what a list is sorted by: jobs without such a value come last.
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
    // U+10FFFF comes after every text that is in use.
    const std::string_view last = is_text ? (order.ascending ? "char(1114111)" : "''")
                                          : (order.ascending ? "9223372036854775807" : "-1");
    if (order.key == ListKey::seq || order.key == ListKey::priority)
        return {fmt::format("j.{}", column), false};
    return {fmt::format("coalesce(j.{}, {})", column, last), is_text};
}

/// One list being put together from its sources.
class Listing {
  public:
    Listing(Connection& connection, const ResolvedQuery& wanted)
        : connection_(connection), wanted_(wanted), key_(sort_key_of(wanted.query.order)) {}

    JobPage page() {
        const std::vector<AccessPath> sources = access_paths(connection_, wanted_);
        JobPage page;
        for (const AccessPath& source : sources)
            page.total += source.jobs ? *source.jobs : count_jobs_of(connection_, source);
        if (page.total > 0) find_places(sources);
        for (const RowPosition& place : places_) {
            if (std::ssize(page.jobs) == wanted_.query.limit) {
                note_next(page);
                break;
            }
            const JobRef ref{JobRef::Kind::seq, place.seq, {}};
            page.jobs.push_back(
                find_job(connection_, ref, Principal{{}, true}, Detail::full).value());
        }
        return page;
    }

  private:
    const ListQuery& query() const { return wanted_.query; }
    bool by_seq() const { return query().order.key == ListKey::seq; }
    std::size_t enough() const { return static_cast<std::size_t>(query().limit) + 1; }

    void find_places(const std::vector<AccessPath>& sources) {
        if (find_among_newest(sources)) return;
        places_.clear();
        for (const AccessPath& source : sources)
            add_places(source);
        std::ranges::sort(places_, [this](const RowPosition& a, const RowPosition& b) {
            return query().order.ascending ? a.key() < b.key() : b.key() < a.key();
        });
        places_.resize(std::min(places_.size(), enough()));
    }

    /// Whether the newest jobs fill the page. Not asked where the way to all of them is in their
    /// order anyway.
    bool find_among_newest(const std::vector<AccessPath>& sources) {
        const bool in_order = sources.size() == 1
                              && (sources[0].from.find("labels") != std::string::npos
                                  || sources[0].from.find("jobs_of_owner") != std::string::npos);
        if (!by_seq() || query().order.ascending || query().search || in_order) return false;
        AccessPath newest = all_jobs(wanted_);
        newest.conditions.add("j.seq > ?", {first_seq() - kNewest});
        add_places(newest);
        return places_.size() == enough();
    }

    std::int64_t first_seq() const {
        if (query().before_seq) return *query().before_seq;
        Query newest{connection_, kNewestSeq};
        return newest.step() ? newest.integer(0) : 0;
    }

    void add_places(const AccessPath& source) {
        Conditions conditions = source.conditions;
        begin_after_page_before(source, conditions);
        const std::string_view direction = query().order.ascending ? "ASC" : "DESC";
        std::string from = source.from;
        // Sources that need nothing else of a job do not look at it.
        if (!by_seq() && from.find("jobs j") == std::string::npos)
            from += fmt::format(" CROSS JOIN {} ON j.seq = {}", kJobsByNumber, source.seq);
        const std::string sql = fmt::format(
            "SELECT {0}, {1} FROM {2}{3} ORDER BY {4}{0} {5} LIMIT ?", source.seq,
            by_seq() ? "0" : key_.expression, from, conditions.text(),
            by_seq() ? std::string{} : fmt::format("{} {}, ", key_.expression, direction),
            direction);
        Query query{connection_, connection_.intern(sql)};
        conditions.bind_to(query);
        for (query.bind(static_cast<std::int64_t>(enough())); query.step();)
            places_.push_back(read_place(query));
    }

    void begin_after_page_before(const AccessPath& source, Conditions& conditions) const {
        if (!query().before_seq) return;
        const char* beyond = query().order.ascending ? ">" : "<";
        if (by_seq()) {
            conditions.add(fmt::format("{} {} ?", source.seq, beyond), {*query().before_seq});
            return;
        }
        const std::string value = key_.is_text ? "?" : "CAST(? AS INTEGER)";
        conditions.add(
            fmt::format("({}, {}) {} ({}, ?)", key_.expression, source.seq, beyond, value),
            {query().before_key.value_or(""), *query().before_seq});
    }

    RowPosition read_place(const Query& query) const {
        RowPosition place{query.integer(0), {}, 0};
        if (key_.is_text) {
            place.text = query.text(1);
        } else {
            place.number = query.integer(1);
        }
        return place;
    }

    void note_next(JobPage& page) const {
        if (page.jobs.empty()) {  // A page of no jobs at all.
            page.next_seq = query().before_seq;
            page.next_key = query().before_key;
            return;
        }
        const RowPosition& last = places_.at(page.jobs.size() - 1);
        page.next_seq = last.seq;
        if (!by_seq()) page.next_key = key_.is_text ? last.text : std::to_string(last.number);
    }

    Connection& connection_;
    const ResolvedQuery& wanted_;
    SortKey key_;
    std::vector<RowPosition> places_;
};

}  // namespace

JobPage list_jobs(Connection& connection, const ListQuery& wanted, const Principal& principal) {
    const auto seen = resolve_query(connection, wanted, principal);
    return seen ? Listing{connection, *seen}.page() : JobPage{};
}

}  // namespace atlasjob::sqlite
