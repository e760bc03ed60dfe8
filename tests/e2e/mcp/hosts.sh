#!/usr/bin/env bash
# hosts.sh PYTHON PROGRAM PACKAGES PLUGIN: runs hosts.py without a network, with the agents installed in PACKAGES.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/npm.sh"
python=$1
shift
installed "$here/hosts" "$2" || missing "the agents could not be installed"
[[ $(uname -m) == x86_64 ]] || missing "the agents' packages are for x64"
command -v ip >/dev/null || missing "iproute2 is not installed (scripts/bootstrap --full installs it)"
unshare --map-root-user --net true 2>/dev/null || missing "network namespaces are not allowed here"
exec unshare --map-root-user --net bash -c 'ip link set lo up; exec "$@"' - "$python" "$here/hosts.py" "$@"
