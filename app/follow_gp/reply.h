#pragma once

#include "base/time.h"
#include "follow_gp/gp_job.h"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace atlasjob::follow_gp {

/// The result of a request, with its body not yet parsed.
struct HttpReply {
    std::string failure;    ///< Why there is no answer; empty if there is one.
    bool hopeless = false;  ///< A retry would fail in the same way.
    long status = 0;
    std::string body;
    std::string location;  ///< The target of a redirection.
    std::optional<milliseconds> retry_after;
};

/// Why an answer cannot be used.
struct Failure {
    std::string text;                           ///< One clause for people, without a full stop.
    bool passing = true;                        ///< Transient: a retry may succeed.
    std::optional<milliseconds> retry_after{};  ///< The earliest time for a retry, from the server.
};

template <class T>
using Reading = std::variant<T, Failure>;

// Parsers for untrusted answers: members that are missing or of the wrong type are left out, and an
// answer that cannot be parsed is a Failure. So is a body {"error":…}, whatever the HTTP status.

Reading<GpJob> read_job(const HttpReply& reply);
/// A result as compact JSON {"paramName","dataType","value"}, with the value exactly as the server
/// wrote it.
Reading<std::string> read_result(const HttpReply& reply);
/// Parses the answer to a cancel request; nullopt if the server accepted it.
std::optional<Failure> read_cancel(const HttpReply& reply);

}  // namespace atlasjob::follow_gp
