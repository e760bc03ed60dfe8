#pragma once

#include <string>
#include <string_view>

namespace atlasjob::follow_gp {

/// The address of one task of a geoprocessing service.
struct TaskUrl {
    /// Parses the user's input. Throws Error(invalid_argument), naming the input and the problem,
    /// unless it is an http or https URL with a host and a path and without user, query and
    /// fragment.
    static TaskUrl parse(const std::string& text);

    std::string given;
    std::string normal;      ///< Normalized (base/url.h). Used for requests.
    std::string host;        ///< For messages; includes a port that is not the default.
    bool encrypted = false;  ///< https
};

/// Checks a job id of the server: at most 128 letters, digits, "-" and "_", so that it is safe in a
/// URL. Throws Error(invalid_argument).
void check_gp_job_id(const std::string& id);

}  // namespace atlasjob::follow_gp
