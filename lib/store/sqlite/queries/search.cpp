#include "store/sqlite/queries/search.h"

#include "base/text.h"

#include <algorithm>

namespace atlasjob::sqlite {

namespace {

/// Length of the tokenizer's tokens in characters.
constexpr std::size_t kTrigram = 3;
/// Indexing longer texts (scripts as an argument) would slow a commit by milliseconds.
constexpr std::size_t kMaxText = 16UL * 1024;

constexpr const char* kIndexedTo = R"sql(
    SELECT indexed_to
    FROM job_texts_state
)sql";
constexpr const char* kAdvance = R"sql(
    UPDATE job_texts_state
    SET indexed_to = :seq
)sql";
constexpr const char* kNewJobs = R"sql(
    SELECT j.seq, j.name, j.message, j.error, s.argv
    FROM jobs j
    LEFT JOIN job_specs s ON s.job_seq = j.seq
    WHERE j.seq > :after_seq
    ORDER BY j.seq
    LIMIT :limit
)sql";
constexpr const char* kChangedJobs = R"sql(
    SELECT u.job_seq AS seq, j.name, j.message, j.error, s.argv
    FROM unindexed_texts u
    CROSS JOIN jobs j ON j.seq = u.job_seq
    LEFT JOIN job_specs s ON s.job_seq = j.seq
    WHERE u.too_long <= :too_long
    ORDER BY u.job_seq
    LIMIT :limit
)sql";
constexpr const char* kRemove = R"sql(
    DELETE FROM job_texts
    WHERE rowid = :seq
)sql";
constexpr const char* kRemoveDeleted = R"sql(
    DELETE FROM job_texts
    WHERE rowid IN (
        SELECT job_seq
        FROM unindexed_texts
        WHERE too_long = 0
          AND NOT EXISTS (SELECT 1 FROM jobs WHERE seq = job_seq)
        ORDER BY job_seq
        LIMIT :limit
    )
)sql";
constexpr const char* kForgetDeleted = R"sql(
    DELETE FROM unindexed_texts
    WHERE job_seq IN (
        SELECT job_seq
        FROM unindexed_texts
        WHERE too_long = 0
          AND NOT EXISTS (SELECT 1 FROM jobs WHERE seq = job_seq)
        ORDER BY job_seq
        LIMIT :limit
    )
)sql";
constexpr const char* kAdd = R"sql(
    INSERT INTO job_texts (rowid, text)
    VALUES (:seq, :text)
)sql";
constexpr const char* kMarkIndexed = R"sql(
    DELETE FROM unindexed_texts
    WHERE job_seq = :seq
)sql";
constexpr const char* kMarkTooLong = R"sql(
    INSERT OR REPLACE INTO unindexed_texts (job_seq, too_long)
    VALUES (:seq, 1)
)sql";
constexpr const char* kKinds = R"sql(
    SELECT DISTINCT kind
    FROM counters
    WHERE jobs > 0
)sql";

constexpr std::int64_t kNoLimit = -1;  ///< For LIMIT.

std::string lower(std::string_view text) {
    std::string lower{text};
    for (char& c : lower) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return lower;
}

struct JobText {
    std::int64_t seq = 0;
    std::string text;
};

/// All texts of one job, in lower case; the arguments of its command are separated by spaces.
JobText read_text(const Query& query) {
    JobText job{query.integer("seq"), {}};
    for (const char* column : {"name", "message", "error"}) {
        if (query.is_null(column)) continue;
        job.text += query.text(column);
        job.text += '\n';
    }
    std::string words{query.text("argv")};
    std::ranges::replace(words, '\0', ' ');
    if (!words.empty()) words.pop_back();  // The last terminator.
    job.text = lower(job.text + words);
    return job;
}

std::vector<JobText> read_texts(Query& query) {
    std::vector<JobText> jobs;
    while (query.step())
        jobs.push_back(read_text(query));
    return jobs;
}

std::int64_t indexed_to(Connection& connection) {
    Query query{connection, kIndexedTo};
    return query.step() ? query.integer("indexed_to") : 0;
}

void add_text(Connection& connection, const JobText& job) {
    if (job.text.empty()) return;
    if (job.text.size() > kMaxText) {
        Query{connection, kMarkTooLong}.bind("seq", job.seq).run();
    } else {
        Query{connection, kAdd}.bind("seq", job.seq).bind("text", job.text).run();
    }
}

int index_changed(Connection& connection, int max) {
    Query query{connection, kChangedJobs};
    const std::vector<JobText> jobs = read_texts(query.bind("too_long", 0).bind("limit", max));
    for (const JobText& job : jobs) {
        Query{connection, kMarkIndexed}.bind("seq", job.seq).run();
        Query{connection, kRemove}.bind("seq", job.seq).run();
        add_text(connection, job);
    }
    return static_cast<int>(jobs.size());
}

int index_new(Connection& connection, int max) {
    Query query{connection, kNewJobs};
    query.bind("after_seq", indexed_to(connection)).bind("limit", max);
    const std::vector<JobText> jobs = read_texts(query);
    for (const JobText& job : jobs)
        add_text(connection, job);
    if (!jobs.empty()) Query{connection, kAdvance}.bind("seq", jobs.back().seq).run();
    return static_cast<int>(jobs.size());
}

void collect(Query& query, const SearchTerm& term, std::vector<std::int64_t>& seqs) {
    while (query.step()) {
        const JobText job = read_text(query);
        if (term.is_in(job.text)) seqs.push_back(job.seq);
    }
}

}  // namespace

int index_texts(Connection& connection, int max) {
    const int changed = index_changed(connection, max);
    return changed < max ? changed + index_new(connection, max - changed) : changed;
}

int drop_texts_of_deleted(Connection& connection, int limit) {
    Query{connection, kRemoveDeleted}.bind("limit", limit).run();
    return Query{connection, kForgetDeleted}.bind("limit", limit).run();
}

void index_texts_after(Connection& connection, std::int64_t seq) {
    // Two batches: one for the new jobs, one for those that have changed.
    if (seq % kTextBatch == 0) index_texts(connection, 2 * kTextBatch);
}

SearchTerm::SearchTerm(std::string_view text) : lower_(lower(text)) {}

bool SearchTerm::is_indexed() const {
    std::size_t characters = 0;
    for (std::string_view rest = lower_; !rest.empty(); ++characters)
        rest.remove_prefix(std::max<std::size_t>(utf8_length(rest), 1));
    return characters >= kTrigram;
}

std::string SearchTerm::phrase() const {
    std::string phrase = "\"";
    for (const char c : lower_)
        phrase += c == '"' ? std::string{"\"\""} : std::string(1, c);
    return phrase + "\"";
}

bool SearchTerm::is_in(std::string_view text) const {
    return text.find(lower_) != std::string_view::npos;
}

std::vector<std::int64_t> unindexed_matches(Connection& connection, const SearchTerm& term) {
    std::vector<std::int64_t> seqs;
    Query new_jobs{connection, kNewJobs};
    const std::int64_t from = term.is_indexed() ? indexed_to(connection) : 0;
    collect(new_jobs.bind("after_seq", from).bind("limit", kNoLimit), term, seqs);
    if (from == 0) return seqs;
    Query changed{connection, kChangedJobs};
    collect(changed.bind("too_long", 1).bind("limit", kNoLimit), term, seqs);
    return seqs;
}

Kinds match_kinds(Connection& connection, const SearchTerm& term) {
    Kinds kinds;
    Query query{connection, kKinds};
    while (query.step()) {
        std::string kind{query.text("kind")};
        auto& found = term.is_in(lower(kind)) ? kinds.matching : kinds.others;
        found.push_back(std::move(kind));
    }
    return kinds;
}

}  // namespace atlasjob::sqlite
