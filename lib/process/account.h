#pragma once

#include "base/clock.h"

#include <sys/types.h>

#include <string>

namespace atlasjob {

/// How long a directory service (LDAP, sssd) may take to name an account.
inline constexpr milliseconds kDirectoryTimeout{10'000};

/// The name of an account: from /etc/passwd, else from getent(1), which also queries LDAP and sssd.
/// If neither has such an account, or getent is not installed, returns the uid as text. Never
/// empty. Throws Error(unavailable) when the lookup fails: /etc/passwd cannot be read, or getent
/// fails, prints nonsense or takes longer than `timeout`. May start one process; safe on any
/// thread.
[[nodiscard]] std::string account_name_of(uid_t uid, milliseconds timeout = kDirectoryTimeout);

/// The name of the account this process runs as. Cached after the first success, so that one
/// process never acts under two names. Throws Error(unavailable) as above; the next call then tries
/// again. Safe on any thread.
[[nodiscard]] std::string account_name();

}  // namespace atlasjob
