#pragma once

#include "base/error.h"
#include "ledger/store.h"

#include <catch2/catch.hpp>

/// How failed assertions print atlasjob's types.
namespace Catch {

template <>
struct StringMaker<atlasjob::Status> {
    static std::string convert(atlasjob::Status status) { return std::string{to_string(status)}; }
};
template <>
struct StringMaker<atlasjob::Reason> {
    static std::string convert(atlasjob::Reason reason) { return std::string{to_string(reason)}; }
};
template <>
struct StringMaker<atlasjob::ErrorCode> {
    static std::string convert(atlasjob::ErrorCode code) {
        return std::string{atlasjob::error_row(code).word};
    }
};
template <>
struct StringMaker<atlasjob::JobId> {
    static std::string convert(const atlasjob::JobId& id) { return id.str(); }
};
template <>
struct StringMaker<atlasjob::Time> {
    static std::string convert(atlasjob::Time time) { return atlasjob::format_time(time); }
};
template <>
struct StringMaker<atlasjob::CancelResult> {
    static std::string convert(atlasjob::CancelResult result) {
        switch (result) {
            case atlasjob::CancelResult::cancelled:
                return "cancelled";
            case atlasjob::CancelResult::requested:
                return "requested";
            case atlasjob::CancelResult::already_requested:
                return "already_requested";
            case atlasjob::CancelResult::already_terminal:
                return "already_terminal";
        }
        return "?";
    }
};

}  // namespace Catch
