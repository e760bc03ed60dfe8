#!/usr/bin/env bash
# Starts what each snippet of docs/mcp.md tells a host to start.
#   mcp_hosts.sh PROGRAM PYTHON DOCUMENT
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
"$2" "$here/mcp_hosts.py" "$3"
