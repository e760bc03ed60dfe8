# Sourced by the tests here: a home of its own with the program in PATH, and jobs in its ledger.
#   source scratch.sh PROGRAM
program=$1
scratch=$(mktemp -d)
# A worker that is still leaving may write beside the rm.
trap 'until rm -rf "$scratch" 2>/dev/null; do :; done' EXIT
mkdir -p "$scratch/bin" "$scratch/home"
ln -s "$program" "$scratch/bin/atlasjob"
# Nothing of whoever runs the test: no XDG folders, no ledger of theirs, no worker in the background.
export HOME=$scratch/home PATH=$scratch/bin:$PATH
unset ATLASJOB_LEDGER ATLASJOB_PRINCIPAL XDG_CONFIG_HOME XDG_DATA_HOME XDG_STATE_HOME XDG_CACHE_HOME
export ATLASJOB_ON_DEMAND_WORKER=false
cd "$scratch"

fail() {
    echo "$(basename "$0"): $1" >&2
    exit 1
}

# What the test needs and is not there: told, and no failure where only the plain tests are run.
missing() {
    echo "SKIPPED: $1 is not installed (scripts/bootstrap --full installs it)" >&2
    [[ -z ${ATLASJOB_FULL-} ]] || fail "$1 is missing"
    exit 77
}

# 1 queued, 2 done, 3 running.
make_jobs() {
    atlasjob submit --queue gpu -- make -j8 >/dev/null
    atlasjob run --name 'nightly: all' -- true
    atlasjob create --kind sync --start >/dev/null
}
