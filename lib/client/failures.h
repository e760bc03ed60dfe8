#pragma once

#include "base/error.h"
#include "client/atlasjob.h"

#include <utility>

namespace atlasjob::client {

/// What the rooms below throw, as what users catch.
[[noreturn]] void rethrow_as_failure();

/// Calls `body` and lets nothing but Failure out.
template <class Body>
auto with_failures(Body&& body) {
    try {
        return std::forward<Body>(body)();
    } catch (...) {
        rethrow_as_failure();
    }
}

}  // namespace atlasjob::client
