#include "client/failures.h"

namespace atlasjob::client {

namespace {

Failure::Kind kind_of(ErrorCode code) {
    using Kind = Failure::Kind;
    switch (code) {
        case ErrorCode::invalid_argument:
            return Kind::invalid_argument;
        case ErrorCode::not_found:
        case ErrorCode::expired:
        case ErrorCode::refused:
            return Kind::refused;
        case ErrorCode::unavailable:
        case ErrorCode::ledger_moved:
            return Kind::unavailable;
        case ErrorCode::outcome_unknown:
            return Kind::outcome_unknown;
        case ErrorCode::not_a_ledger:
        case ErrorCode::old_ledger:
        case ErrorCode::newer_ledger:
            return Kind::not_a_ledger;
        case ErrorCode::internal:
            return Kind::internal;
    }
    return Kind::internal;
}

}  // namespace

void rethrow_as_failure() {
    try {
        throw;
    } catch (const Error& error) {
        throw Failure(kind_of(error.code()), error.what());
    } catch (const std::exception& error) {
        throw Failure(Failure::Kind::internal, error.what());
    }
}

}  // namespace atlasjob::client
