#include "store/sqlite/listing.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

namespace atlasjob::sqlite {

namespace {

/// Conditions joined by AND, and the values of their parameters in order.
class Conditions {
  public:
    using Value = std::variant<std::int64_t, std::string>;

    /// `condition` has one "{}" for each value: they become numbered parameters.
    void add(std::string_view condition, std::vector<Value> values) {
        std::string numbered;
        for (const char c : condition) {
            if (c == '?') {
                numbered += fmt::format("?{}", values_.size() + 1);
                values_.push_back(std::move(values.front()));
                values.erase(values.begin());
            } else {
                numbered += c;
            }
        }
        text_ += text_.empty() ? " WHERE " : " AND ";
        text_ += numbered;
    }

    void add_any_of(std::string_view column, const std::vector<std::string>& words) {
        if (words.empty()) return;
        std::string marks = "?";
        for (std::size_t i = 1; i < words.size(); ++i)
            marks += ", ?";
        add(fmt::format("{} IN ({})", column, marks), {words.begin(), words.end()});
    }

    const std::string& text() const { return text_; }

    void bind_to(Query& query) const {
        for (const Value& value : values_) {
            std::visit([&](const auto& bound) { query.bind(bound); }, value);
        }
    }

  private:
    std::string text_;
    std::vector<Value> values_;
};

/// `text` as a pattern for LIKE … ESCAPE '\' that finds it anywhere.
std::string containing(std::string_view text) {
    std::string pattern = "%";
    for (const char c : text) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + "%";
}

void add_search(Conditions& conditions, const std::string& text) {
    // In the spec words end in NUL; "make -j8" is to be found all the same.
    std::string words = text;
    std::ranges::replace(words, ' ', '\0');
    const std::string pattern = containing(text);
    conditions.add(
        "(j.name LIKE ? ESCAPE '\\' OR j.kind LIKE ? ESCAPE '\\' OR j.message LIKE ? ESCAPE '\\' "
        "OR j.error LIKE ? ESCAPE '\\' OR EXISTS (SELECT 1 FROM job_specs s WHERE s.job_seq = "
        "j.seq "
        "AND (instr(s.argv, CAST(? AS BLOB)) > 0 OR instr(s.argv, CAST(? AS BLOB)) > 0)))",
        {pattern, pattern, pattern, pattern, text, words});
}

Conditions conditions_of(const ListQuery& wanted, const Principal& principal) {
    Conditions conditions;
    if (!principal.admin) conditions.add("j.owner = ?", {principal.name});
    conditions.add_any_of("j.owner", wanted.owners);
    std::vector<std::string> statuses;
    for (const Status status : wanted.statuses)
        statuses.emplace_back(to_string(status));
    conditions.add_any_of("j.status", statuses);
    conditions.add_any_of("j.kind", wanted.kinds);
    conditions.add_any_of("j.queue", wanted.queues);
    for (const Label& label : wanted.labels) {
        conditions.add(
            "j.seq IN (SELECT job_seq FROM labels WHERE key = ? AND value = ?)",
            {label.key, label.value});
    }
    if (wanted.since) conditions.add("j.created_at >= ?", {to_ms(*wanted.since)});
    if (wanted.until) conditions.add("j.created_at < ?", {to_ms(*wanted.until)});
    if (wanted.search) add_search(conditions, *wanted.search);
    return conditions;
}

std::int64_t count_matching(Connection& connection, const Conditions& conditions) {
    Query query{connection, connection.intern("SELECT count(*) FROM jobs j" + conditions.text())};
    conditions.bind_to(query);
    return query.step() ? query.integer(0) : 0;
}

}  // namespace

JobPage list_jobs(Connection& connection, const ListQuery& wanted, const Principal& principal) {
    Conditions conditions = conditions_of(wanted, principal);
    JobPage page;
    page.total = count_matching(connection, conditions);
    if (wanted.before_seq) conditions.add("j.seq < ?", {*wanted.before_seq});
    const std::string sql =
        fmt::format("SELECT {} FROM jobs j{} ORDER BY j.seq DESC", kJobColumns, conditions.text());
    Query query{connection, connection.intern(sql)};
    conditions.bind_to(query);
    while (query.step()) {
        if (std::ssize(page.jobs) == wanted.limit) {
            page.next_seq =
                page.jobs.empty() ? wanted.before_seq : std::optional{page.jobs.back().seq};
            break;
        }
        page.jobs.push_back(read_job(query));
        load_details(connection, page.jobs.back());
    }
    return page;
}

}  // namespace atlasjob::sqlite
