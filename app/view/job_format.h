#pragma once

#include "ledger/job.h"

#include <string>
#include <string_view>
#include <vector>

namespace atlasjob::view {

/// A line of text for a job, with its fields filled in: '{seq} {status} {result.files}'. A field is
/// a key of the job as JSON, or a path into its target, result, labels or worker. A text stands as
/// it is (one line, no control characters), null and what is not there as nothing, the rest as
/// JSON. "{{" and "}}" are braces, "\t" and "\n" what they are in C.
class JobFormat {
  public:
    /// Throws invalid_argument, naming a field that no job has and those that it has.
    explicit JobFormat(std::string_view text);

    /// With its line end.
    std::string line(const Job& job, Time now) const;

  private:
    struct Segment {
        std::string text;               ///< As it is,
        std::vector<std::string> path;  ///< or what stands there in the job, when not empty.
    };

    void add_text(char c);

    std::vector<Segment> pieces_;
};

}  // namespace atlasjob::view
