#pragma once

#include <string>
#include <string_view>

namespace atlasjob::follow_gp {

/// The address of one task of a geoprocessing service.
struct TaskUrl {
    /// Reads what the user gave. Throws Error(invalid_argument), naming it and what is wrong with
    /// it, for anything but an http or https URL with a host and a path, and without a user, a
    /// query and a fragment.
    static TaskUrl parse(const std::string& text);

    std::string given;
    std::string normal;      ///< The same for every spelling (base/url.h). Requests go to it.
    std::string host;        ///< With its port where that is not the default: for messages.
    bool encrypted = false;  ///< https
};

/// A job's id as the server gave it. Throws Error(invalid_argument) for one that could be anything
/// else in a URL: only letters, digits, "-" and "_", at most 128 of them.
void check_gp_job_id(const std::string& id);

}  // namespace atlasjob::follow_gp
