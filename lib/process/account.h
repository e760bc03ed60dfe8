#pragma once

#include <string>

namespace atlasjob {

/// The name of the account this process runs as, or its uid where it has none. Never empty.
std::string account_name();

}  // namespace atlasjob
