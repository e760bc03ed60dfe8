#pragma once

#include "store/sqlite/connection/query.h"

#include <string>
#include <vector>

namespace atlasjob::sqlite {

// Search finds texts through `job_texts`, an FTS5 index of trigrams. Most submits do not pay for
// it: every kTextBatch-th submit, an import and `gc` bring it up to date. Jobs that are not indexed
// yet, have changed since or have more than 16 KiB of text (`unindexed_texts`) are read one by one.
// A trigger may not touch a virtual table while the schema is untrusted, so deleting a job only
// enters it in `unindexed_texts`. `gc` drops the texts of deleted jobs, many at once: the index
// writes some pages for every change, however small.

/// Every so many jobs, submit updates the full-text index. Until then a search reads new jobs one
/// by one, about 2 us each.
inline constexpr int kTextBatch = 256;

/// Indexes at most `max` jobs, about 20 us each. Requires a write transaction. Returns the number
/// of jobs indexed; if it is less than `max`, the index is up to date.
int index_texts(Connection& connection, int max);

/// Texts of deleted jobs to drop at once: about 15 ms under the write lock.
inline constexpr int kTextsAtOnce = 4096;

/// Removes the texts of at most `limit` deleted jobs, about 3 us each if there are thousands.
/// Requires a write transaction. Returns how many there were.
int drop_texts_of_deleted(Connection& connection, int limit);

/// Indexes a batch if the job just created completes one.
void index_texts_after(Connection& connection, std::int64_t seq);

/// The text to search for; ASCII letters match in either case.
class SearchTerm {
  public:
    explicit SearchTerm(std::string_view text);

    /// Whether the term is long enough (3 characters) for the index. Searching for a shorter one
    /// reads every job.
    bool is_indexed() const;
    /// The term as a quoted phrase for MATCH.
    std::string phrase() const;
    bool is_in(std::string_view text) const;

  private:
    std::string lower_;
};

/// The matching jobs among those that are not indexed, found by reading them.
std::vector<std::int64_t> unindexed_matches(Connection& connection, const SearchTerm& term);

/// The kinds of the ledger's jobs, by whether they contain the search term.
struct Kinds {
    std::vector<std::string> matching;
    std::vector<std::string> others;
};
Kinds match_kinds(Connection& connection, const SearchTerm& term);

}  // namespace atlasjob::sqlite
