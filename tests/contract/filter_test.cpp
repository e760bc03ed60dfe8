#include "base/text.h"
#include "contract/get_case.h"
#include "support/random_ledger.h"

#include <fmt/format.h>

#include <algorithm>
#include <random>
#include <sstream>

using namespace atlasjob;
using namespace atlasjob::test;

namespace {

/// Random filters that each match some jobs of a random ledger, whose every job is in `records`.
class RandomFilters {
  public:
    RandomFilters(const std::vector<JobRecord>& records, unsigned seed)
        : records_(records), random_(seed) {}

    JobFilter next() {
        JobFilter filter;
        if (one_in(3)) add_any(filter.statuses, &Job::status);
        if (one_in(4)) add_any(filter.kinds, &Job::kind);
        if (one_in(4)) add_any(filter.owners, &Job::owner);
        if (one_in(6)) add_any(filter.queues, &Job::queue);
        if (one_in(4)) add_sessions(filter.sessions);
        if (one_in(5)) add_labels(filter.labels);
        if (one_in(5)) filter.since = any_job().created_at;
        if (one_in(5)) filter.until = any_job().created_at;
        if (one_in(2)) filter.search = any_text();
        return filter;
    }

  private:
    std::size_t below(std::size_t max) { return random_() % max; }
    bool one_in(std::size_t n) { return below(n) == 0; }
    const JobRecord& any_record() { return records_.at(below(records_.size())); }
    const Job& any_job() { return any_record().job; }

    /// The values of one to three jobs; a value may be given twice.
    template <class Value>
    void add_any(std::vector<Value>& values, Value Job::*member) {
        for (std::size_t n = 1 + below(3); n > 0; --n)
            values.push_back(any_job().*member);
    }

    /// "none" is the session of no job.
    void add_sessions(std::vector<std::string>& sessions) {
        for (std::size_t n = 1 + below(3); n > 0; --n)
            sessions.push_back(any_job().session.value_or("none"));
    }

    void add_labels(std::vector<Label>& labels) {
        for (const Label& label : any_job().labels)
            if (one_in(2)) labels.push_back(label);
    }

    /// A part of a text of some job, with the case of some letters changed.
    std::string any_text() {
        const JobRecord& record = any_record();
        std::vector<std::string> texts = {
            record.job.kind, record.job.name.value_or("e"), record.job.message.value_or("%"),
            record.job.error.value_or("7")};
        if (record.command)
            texts.push_back(fmt::format("{}", fmt::join(record.command->argv, " ")));
        std::string part = part_of(texts.at(below(texts.size())));
        for (char& c : part)
            if (one_in(4) && c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
        return part;
    }

    std::string part_of(const std::string& text) {
        const std::vector<std::string> characters = split_characters(repair_utf8(text));
        const std::size_t from = below(characters.size() + 1);
        const std::size_t to = std::min(from + below(8), characters.size());
        std::string part;
        for (std::size_t i = from; i < to; ++i)
            part += characters[i];
        return part;
    }

    /// Without those that stand for bytes that are not UTF-8: whether these can be found depends on
    /// the index.
    static std::vector<std::string> split_characters(std::string_view text) {
        std::vector<std::string> characters;
        while (!text.empty()) {
            const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
            if (const auto character = text.substr(0, length); character != "\uFFFD")
                characters.emplace_back(character);
            text.remove_prefix(length);
        }
        return characters;
    }

    const std::vector<JobRecord>& records_;
    std::mt19937 random_;
};

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

template <class Range, class Value>
bool allows(const Range& range, const Value& value) {
    return range.empty() || std::ranges::find(range, value) != range.end();
}

bool has_text(const JobRecord& record, const std::string& search) {
    std::vector<std::string> texts = {
        record.job.kind, record.job.name.value_or(""), record.job.message.value_or(""),
        record.job.error.value_or("")};
    if (record.command) texts.push_back(fmt::format("{}", fmt::join(record.command->argv, " ")));
    return std::ranges::any_of(texts, [&](const std::string& text) {
        return lower(text).find(lower(search)) != std::string::npos;
    });
}

/// What JobFilter promises, job by job.
bool matches(const JobFilter& filter, const JobRecord& record) {
    const Job& job = record.job;
    return allows(filter.statuses, job.status) && allows(filter.kinds, job.kind)
           && allows(filter.owners, job.owner) && allows(filter.queues, job.queue)
           && (filter.sessions.empty() || (job.session && allows(filter.sessions, *job.session)))
           && (!filter.since || job.created_at >= *filter.since)
           && (!filter.until || job.created_at < *filter.until)
           && std::ranges::all_of(
               filter.labels,
               [&](const Label& label) { return std::ranges::count(job.labels, label) == 1; })
           && (!filter.search || has_text(record, *filter.search));
}

std::string text_of(const JobFilter& filter) {
    std::ostringstream text;
    for (const Status status : filter.statuses)
        text << " status=" << to_string(status);
    for (const Label& label : filter.labels)
        text << " label=" << label.key << '=' << label.value;
    text << fmt::format(
        " kinds={} owners={} queues={} sessions={} since={} until={} search={}",
        fmt::join(filter.kinds, ","), fmt::join(filter.owners, ","), fmt::join(filter.queues, ","),
        fmt::join(filter.sessions, ","), filter.since ? to_ms(*filter.since) : -1,
        filter.until ? to_ms(*filter.until) : -1, filter.search.value_or("(none)"));
    return text.str();
}

struct FilterCase : ReadingCase {
    std::vector<JobRecord> exported(const JobFilter& filter, const Principal& who) const {
        std::vector<JobRecord> records;
        store->export_jobs(filter, who, [&](const JobRecord& record) {
            records.push_back(record);
            return true;
        });
        return records;
    }

    Ids exported_ids(const JobFilter& filter, const Principal& who = kAdmin) const {
        Ids ids;
        for (const JobRecord& record : exported(filter, who))
            ids.push_back(record.job.job_id);
        return ids;
    }

    /// Every page of the list, oldest first.
    Ids listed_ids(const JobFilter& filter, const Principal& who) const {
        ListQuery query;
        query.filter = filter;
        query.order = {ListKey::seq, true};
        query.limit = 7;
        Ids ids;
        do {
            const JobPage page = store->list(query, who);
            for (const Job& job : page.jobs)
                ids.push_back(job.job_id);
            query.before_seq = page.next_seq;
        } while (query.before_seq);
        return ids;
    }

    std::int64_t total_of(const JobFilter& filter, const Principal& who) const {
        ListQuery query;
        query.filter = filter;
        query.limit = 1;
        return store->list(query, who).total;
    }

    void check(const JobFilter& filter, const std::vector<JobRecord>& all) const {
        INFO(text_of(filter));
        for (const Principal& who : {kAdmin, kAlice, kBob}) {
            INFO("as " << (who.admin ? "admin" : who.name));
            Ids expected;
            for (const JobRecord& record : all) {
                if (who.may_see(record.job.owner) && matches(filter, record))
                    expected.push_back(record.job.job_id);
            }
            CHECK(listed_ids(filter, who) == expected);
            CHECK(exported_ids(filter, who) == expected);
            CHECK(total_of(filter, who) == std::ssize(expected));
        }
    }
};

}  // namespace

TEST_CASE_METHOD(FilterCase, "list and export and totals agree for random filters") {
    const unsigned seed = GENERATE(1U, 2U, 3U);
    CAPTURE(seed);
    RandomLedger{*store, clock, seed}.add(40);
    const std::vector<JobRecord> all = exported({}, kAdmin);
    REQUIRE(all.size() > 20);
    RandomFilters filters{all, seed};
    for (const bool indexed : {false, true}) {
        CAPTURE(indexed);
        if (indexed) store->optimize();
        for (int n = 0; n < 150; ++n)
            check(filters.next(), all);
    }
}

TEST_CASE_METHOD(FilterCase, "an export finds the text of a command in either case") {
    NewJob spec = jobs.command_spec();
    spec.command->argv = {"Make", "-j8", "two words"};
    const JobId id = jobs.queued(spec);
    add();
    const auto found = [&](const char* text) {
        JobFilter filter;
        filter.search = text;
        return exported_ids(filter);
    };
    for (const bool indexed : {false, true}) {
        CAPTURE(indexed);
        if (indexed) store->optimize();
        for (const char* const text : {"make", "MAKE -J8", "-j8 two words"})
            CHECK(found(text) == Ids{id});
    }
}

TEST_CASE_METHOD(FilterCase, "a value that a filter names twice counts once") {
    JobFilter filter;
    filter.owners = {"alice", "alice"};
    filter.statuses = {Status::done, Status::done};
    const JobId done = jobs.in(Status::done).job_id;
    REQUIRE(get(done).owner == "alice");
    CHECK(exported_ids(filter) == Ids{done});
    CHECK(listed_ids(filter, kAdmin) == Ids{done});
    filter.statuses.clear();
    CHECK(listed_ids(filter, kAdmin) == Ids{done});
}
