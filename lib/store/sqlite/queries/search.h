#pragma once

#include "store/sqlite/connection/query.h"

#include <string>
#include <vector>

namespace atlasjob::sqlite {

/// Every so many jobs the one that submits brings the index of texts up to date. Until then a
/// search reads them one by one, which takes it some 2 us a job.
inline constexpr int kTextBatch = 256;

/// Brings the index of texts up to date by at most `most` jobs. Within a write transaction; about
/// 20 us a job. Returns how many it were; fewer than `most`: it is up to date.
int index_texts(Connection& connection, int most);

/// Indexes a batch when the job just born is the last of one.
void index_texts_after(Connection& connection, std::int64_t seq);

/// What is searched for: any text, its ASCII letters of either case.
class SearchTerm {
  public:
    explicit SearchTerm(std::string_view text);

    /// Whether the index knows texts of this length. The others are looked for in every job.
    bool is_indexed() const;
    /// For MATCH: this text as it stands.
    std::string phrase() const;
    bool is_in(std::string_view text) const;

  private:
    std::string lower_;
};

/// The jobs whose text must be read to know, and that have the needle in it.
std::vector<std::int64_t> read_matches(Connection& connection, const SearchTerm& needle);

/// The kinds of the ledger's jobs.
struct Kinds {
    std::vector<std::string> matching;  ///< With the needle in them.
    std::vector<std::string> others;
};
Kinds kinds_by(Connection& connection, const SearchTerm& needle);

}  // namespace atlasjob::sqlite
