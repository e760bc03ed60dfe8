#!/usr/bin/env bash
# Installs the build into a temporary directory, builds the library's example against it with
# pkg-config and with CMake, runs both and checks the ledger with the installed program.
#   installed.sh SOURCE BUILD COMPILER FLAGS LIBDIR
set -euo pipefail
source=$1 build=$2 compiler=$3 flags=$4 libdir=$5
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
    echo "installed.sh: $1" >&2
    exit 1
}

cmake --install "$build" --prefix "$scratch/usr" >/dev/null
export PKG_CONFIG_PATH=$scratch/usr/$libdir/pkgconfig
example=$source/docs/examples/library/count-words.cpp

# shellcheck disable=SC2046,SC2086  # the flags are meant to be split
"$compiler" -std=c++17 $flags "$example" $(pkg-config --cflags --libs atlasjob) -o "$scratch/count-words"

mkdir "$scratch/project"
cat >"$scratch/project/CMakeLists.txt" <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(user LANGUAGES C CXX)
find_package(atlasjob 0.1 REQUIRED)
add_executable(count-words ${EXAMPLE})
target_link_libraries(count-words atlasjob::client)
CMAKE
cmake -S "$scratch/project" -B "$scratch/project/build" -DEXAMPLE="$example" \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_CXX_FLAGS="$flags" \
    -DCMAKE_PREFIX_PATH="$scratch/usr" >"$scratch/configure.log" || {
    cat "$scratch/configure.log" >&2
    fail "cmake cannot find the installed library"
}
cmake --build "$scratch/project/build" >"$scratch/build.log" || {
    cat "$scratch/build.log" >&2
    fail "cmake cannot build the example"
}

export ATLASJOB_LEDGER=$scratch/state/ledger.db
echo "three words here" >"$scratch/a.txt"
echo "two more" >"$scratch/b.txt"
for program in "$scratch/count-words" "$scratch/project/build/count-words"; do
    id=$("$program" "$scratch/a.txt" "$scratch/b.txt")
    json=$("$scratch/usr/bin/atlasjob" status --json "$id")
    [[ $json == *'"status":"done"'*'"result":{"words":5}'* ]] || fail "not done with 5 words: $json"
    code=0
    "$program" "$scratch/a.txt" "$scratch/none.txt" >"$scratch/id" || code=$?
    [[ $code == 1 ]] || fail "exit status $code for a missing file, expected 1"
    json=$("$scratch/usr/bin/atlasjob" status --json "$(cat "$scratch/id")")
    [[ $json == *'"status":"error"'*"cannot read $scratch/none.txt"*'"error_code":"unreadable"'* ]] ||
        fail "not recorded as an error: $json"
done
