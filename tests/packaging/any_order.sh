#!/usr/bin/env bash
# Runs the README's commands in fresh clones, in two orders, and checks the results: a small program, a
# small installation, and a package that installs and runs.
#   any_order.sh SOURCE
set -euo pipefail
source=$1
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "any_order.sh: $1" >&2
    exit 1
}
git -C "$source" rev-parse --git-dir >/dev/null 2>&1 || { echo "not a clone" && exit 77; }
# With ccache, the second clone reuses the objects of the first.
cd "$source"
source scripts/compiler-cache

# Clones the source, including uncommitted changes.
fresh_clone() {
    git clone -q "$source" "$1"
    git -C "$source" diff HEAD --binary | git -C "$1" apply --allow-empty
    cd "$1"
    export CCACHE_BASEDIR=$1
}
demo() { scripts/demo >"$scratch/log" 2>&1; }
build() { { cmake --preset release && cmake --build --preset release; } >"$scratch/log" 2>&1; }
symbols() {
    cmake --preset release -DCMAKE_BUILD_TYPE=RelWithDebInfo >"$scratch/log" 2>&1
    grep -q 'CMAKE_BUILD_TYPE:.*=RelWithDebInfo' build/release/CMakeCache.txt || fail "RelWithDebInfo was not configured"
    cmake --preset release >"$scratch/log" 2>&1
}
install() { cmake --install build/release --prefix "$PWD/installed" >"$scratch/log" 2>&1; }
package() { (cd build/release && cpack -G DEB) >"$scratch/log" 2>&1; }
bench() { tests/bench/run version >"$scratch/log" 2>&1; }

in_order() {
    local step
    for step in "$@"; do
        "$step" || {
            cat "$scratch/log" >&2
            fail "$step fails in the order: $*"
        }
    done
}
fresh_clone "$scratch/one"
# The demo builds the program alone, so nothing can be installed right after it.
in_order demo build install package symbols bench build install
one=$PWD
fresh_clone "$scratch/two"
in_order bench build package demo install

for program in "$one/build/release/atlasjob" "$one/installed/bin/atlasjob"; do
    size=$(stat -c %s "$program")
    ((size < 10000000)) || fail "$program: $size bytes"
done
size=$(du -sb "$one/installed" | cut -f1)
((size < 30000000)) || fail "the installation: $size bytes"
"$here/deb.sh" "$one/build/release"
