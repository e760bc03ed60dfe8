#pragma once

#include "base/error.h"
#include "client/atlasjob.h"

#include <utility>

namespace atlasjob::client {

/// Rethrows the current exception as a Failure.
[[noreturn]] void rethrow_as_failure();

/// Calls `body` and converts any exception to a Failure.
template <class Body>
auto with_failures(Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        rethrow_as_failure();
    }
}

}  // namespace atlasjob::client
