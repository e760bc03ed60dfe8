#pragma once

#include "ledger/job.h"
#include "view/json_object.h"

#include <cstddef>
#include <limits>
#include <optional>
#include <string_view>

namespace atlasjob::mcp {

/// The longest result, target or command, in bytes, that an answer about one job contains.
inline constexpr std::size_t kMaxValue = 65'536;
inline constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();

/// A job without its longest values, so that its status always fits into an answer. A target that
/// is too long becomes {"omitted_bytes":N}, a command loses its last arguments.
class ShownJob {
  public:
    /// What takes the place of a result that is left out.
    enum class Instead { nothing, omitted_bytes };

    /// `job` must outlive it. Values of more than `max_bytes` are left out.
    ShownJob(const Job& job, std::size_t max_bytes, Instead instead = Instead::nothing);
    ShownJob(const ShownJob&) = delete;
    ShownJob& operator=(const ShownJob&) = delete;

    const Job& job() const { return shortened_ ? *shortened_ : job_; }
    bool is_whole() const { return !shortened_; }
    /// Adds the length of each value that is left out, as "result_omitted_bytes", and where the
    /// whole job is; nothing if it is whole. `job_uri` is the part of a job's URI before its id.
    void add_omissions(view::JsonObject& object, std::string_view job_uri) const;

  private:
    const Job& job_;
    std::optional<Job> shortened_;
    std::size_t result_bytes_ = 0;
    std::size_t target_bytes_ = 0;
    std::size_t command_bytes_ = 0;
};

/// {"omitted_bytes":N}
std::string omitted_json(std::size_t bytes);

}  // namespace atlasjob::mcp
