#pragma once

#include "base/time.h"
#include "follow_gp/gp_job.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace atlasjob::follow_gp {

/// What came of one request, before anybody has looked at its body.
struct HttpReply {
    std::string failure;    ///< Why there is no answer; empty: there is one.
    bool hopeless = false;  ///< The failure would be the same again.
    long status = 0;
    std::string body;
    std::string location;  ///< Where a redirection leads.
    std::optional<milliseconds> retry_after;
};

/// Why an answer cannot be used.
struct Failure {
    std::string text;                           ///< One clause for people, without a full stop.
    bool passing = true;                        ///< It may be over the next time.
    std::optional<milliseconds> retry_after{};  ///< When the server wants to be asked again.
};

template <class T>
using Reading = std::variant<T, Failure>;

// Each reads an answer that may be anything: what is missing or of another type is left out, what
// cannot be understood at all is a Failure. An {"error":…} body counts whatever the HTTP status
// says.

Reading<GpJob> read_job(const HttpReply& reply);
/// One result as compact JSON {"paramName","dataType","value"}, its value exactly as the server
/// wrote it.
Reading<std::string> read_result(const HttpReply& reply);
/// The answer to a request to cancel: nothing when it was taken.
std::optional<Failure> read_cancel(const HttpReply& reply);

}  // namespace atlasjob::follow_gp
