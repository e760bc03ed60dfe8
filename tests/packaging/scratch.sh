# Sourced by these tests: creates a temporary home with the program in PATH.
#   source scratch.sh PROGRAM
program=$1
scratch=$(mktemp -d)
# A worker that is still exiting may create files during the rm.
trap 'until rm -rf "$scratch" 2>/dev/null; do :; done' EXIT
mkdir -p "$scratch/bin" "$scratch/home"
ln -s "$program" "$scratch/bin/atlasjob"
# Independent of the caller's environment: no XDG folders, no ledger of the caller, no on-demand worker.
export HOME=$scratch/home PATH=$scratch/bin:$PATH
unset ATLASJOB_LEDGER ATLASJOB_PRINCIPAL XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME
export ATLASJOB_ON_DEMAND_WORKER=false
cd "$scratch"

fail() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

# missing TOOL: skips the test (exit code 77); fails it when ATLASJOB_FULL is set.
missing() {
    echo "SKIPPED: $1 is not installed (scripts/bootstrap --full installs it)" >&2
    [[ -z ${ATLASJOB_FULL-} ]] || fail "$1 is missing"
    exit 77
}

# Job 1 is queued, 2 done, 3 running.
make_jobs() {
    atlasjob submit --queue gpu -- make -j8 >/dev/null
    atlasjob run --name 'nightly: all' -- true
    atlasjob create --kind sync --start >/dev/null
}
