#pragma once

#include "base/clock.h"

#include <sys/types.h>

#include <string>

namespace atlasjob {

/// How long a directory service (LDAP, sssd) may take to name an account.
inline constexpr milliseconds kDirectoryTimeout{10'000};

/// The name of an account: from /etc/passwd, else from what else getent(1) asks (LDAP, sssd); its
/// uid where both say that there is no such account, or where there is no getent. Never empty.
/// Throws Error(unavailable) when that could not be found out: /etc/passwd cannot be read, or
/// getent fails, answers nonsense or takes longer than `timeout`. Starts a process at most; safe on
/// any thread.
std::string account_name_of(uid_t uid, milliseconds timeout = kDirectoryTimeout);

/// The name of the account this process runs as. Looked up once a process, so that it never acts
/// for two. Throws Error(unavailable) as above, and is looked up again then. Safe on any thread.
std::string account_name();

}  // namespace atlasjob
