#include "store/sqlite/listing.h"

#include "store/sqlite/conditions.h"

#include <fmt/format.h>

namespace atlasjob::sqlite {

namespace {

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
