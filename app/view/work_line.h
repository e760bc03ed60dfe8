#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace atlasjob::view {

/// How far something is that goes through a whole ledger, within 60 columns:
/// "copying [######--------------]  30%"; a plain count where nobody knows the total (0).
std::string work_line(std::string_view what, std::int64_t done, std::int64_t total);

}  // namespace atlasjob::view
