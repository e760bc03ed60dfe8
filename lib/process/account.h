#pragma once

#include <sys/types.h>

#include <string>

namespace atlasjob {

/// The name of an account: from /etc/passwd, else from what else getent(1) asks (LDAP, sssd), else
/// its uid. Never empty.
std::string account_name_of(uid_t uid);

/// The name of the account this process runs as.
std::string account_name();

}  // namespace atlasjob
