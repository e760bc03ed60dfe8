#pragma once

#include "ledger/job.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::view {

/// A --format template such as '{seq} {status} {result.files}'. A field is a key of the JSON job,
/// or a path into its target, result, labels, worker or usage. Strings are printed as one line
/// without control characters, null and missing values as empty, other values as JSON. "{{" and
/// "}}" are literal braces, "\t" and "\n" a tab and a line end.
class JobFormat {
  public:
    /// Throws invalid_argument for an unknown field and lists the known ones.
    explicit JobFormat(std::string_view text);

    /// The line for a job, with a line end.
    std::string line(const Job& job, Time now) const;

  private:
    struct Segment {
        std::string text;               ///< Literal text, or
        std::vector<std::string> path;  ///< if not empty, the path of a field.
    };

    void add_text(char c);

    std::vector<Segment> segments_;
};

}  // namespace atlasjob::view
