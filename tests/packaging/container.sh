#!/usr/bin/env bash
# Runs the program as the first process of containers: pid namespaces of their own that share a volume, without
# /etc/machine-id, with a read-only root.
#   container.sh PROGRAM
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
volume=$scratch/volume
mkdir -m 700 "$volume"
touch "$scratch/empty"
mkfifo "$scratch/never"
export ATLASJOB_LEDGER=$volume/ledger.db ATLASJOB_ON_DEMAND_WORKER=true
own_user=()
[[ $(id -u) -eq 0 ]] || own_user=(--map-root-user)
command -v unshare >/dev/null || missing unshare
unshare "${own_user[@]}" --mount --pid --fork true 2>/dev/null || {
    echo "SKIPPED: no namespaces can be made here"
    exit 77
}

# contain COMMAND…: as the first process of a container; the volume is the only place that can be written.
contain() {
    unshare "${own_user[@]}" --mount --pid --fork --kill-child --mount-proc --wd=/ sh -c '
        mount --bind "$1" "$1" && mount --bind "$2" /etc/machine-id 2>/dev/null
        mount -o remount,bind,ro / || exit 99
        shift 2; exec "$@"' sh "$volume" "$scratch/empty" "$@"
}
await() {
    local deadline=$((SECONDS + 120))
    until "$@" 2>/dev/null; do
        [[ $SECONDS -lt $deadline ]] || fail "waited too long: $*"
        read -r -t 0.05 <>"$scratch/never" || true
    done
}
child_of() { sed 's/ .*//' "/proc/$1/task/$1/children"; }
# signal_first SIGNAL PID: to the first process of the container that `contain &`, which is PID, has made by unshare.
signal_first() { kill "-$1" "$(child_of "$(child_of "$2")")"; }

# --- run --------------------------------------------------------------------------------------------------------
code=0
contain atlasjob run -- sh -c 'test $PPID = 1 && ! touch /etc/x 2>/dev/null && test ! -s /etc/machine-id && exit 3' || code=$?
[[ $code == 3 ]] || fail "run as the first process exits with $code instead of its command's 3"
zombies=$(contain atlasjob run -- bash -c 'for n in $(seq 50); do (true &); done
    until test "$(ps -eo stat= | grep -c ^Z)" = 0; do :; done; ps -eo stat= | grep -c ^Z || true')
[[ $zombies == 0 ]] || fail "run as the first process leaves $zombies zombies"
contain atlasjob run -- sh -c "trap 'exit 5' TERM; sleep 1000 & touch $volume/trapped; wait" &
container=$!
await test -e "$volume/trapped"
signal_first TERM "$container"
code=0
wait "$container" || code=$?
[[ $code == 5 ]] || fail "run as the first process does not forward TERM: $code"
[[ $(atlasjob list -q --limit 1 --format '{status} {reason}') == 'cancelled user' ]] || fail "the forwarded TERM is not in the ledger"

# --- worker, and another container on the same volume -------------------------------------------------------------
mkfifo "$volume/end"
contain atlasjob worker --slots 1 &
container=$!
# Without it, the first submit would start another worker in its own container.
has_worker() { [[ $(contain atlasjob doctor) == *' pid '*' on '* ]]; }
await has_worker
job=$(contain atlasjob submit -- sh -c "touch $volume/running; cat <$volume/end")
await test -e "$volume/running"
report=$(contain atlasjob gc --json)
[[ $report == *'"reaped":0,"requeued":0'* ]] || fail "gc in another container took the job for lost: $report"
[[ $(contain atlasjob list --status running --ids) == "$job" ]] || fail "it is not running any more"
second=$(contain atlasjob submit -- true)
[[ $(contain atlasjob doctor | grep -o 'pid [0-9]* on' | wc -l) == 1 ]] || fail "a second worker was started beside that of another container"
echo >"$volume/end"
contain atlasjob wait --timeout 60s "$job" "$second" || fail "wait in another container: $?"
signal_first TERM "$container"
wait "$container" || fail "worker as the first process exits with $? after TERM"
[[ $(contain atlasjob doctor --json) == *'"healthy":true'* ]] || fail "doctor in a container: $(contain atlasjob doctor)"

# --- mcp ----------------------------------------------------------------------------------------------------------
request='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_jobs","arguments":{}}}'
answer=$(contain atlasjob mcp <<<"$request") || fail "mcp as the first process exits with $? at the end of its input"
[[ $answer == *"$job"* ]] || fail "mcp as the first process: $answer"
mkfifo "$scratch/input"
contain atlasjob mcp <"$scratch/input" >"$scratch/answer" &
container=$!
exec 9>"$scratch/input"
echo "$request" >&9
await test -s "$scratch/answer"
signal_first TERM "$container"
code=0
wait "$container" || code=$?
[[ $code == 143 ]] || fail "mcp as the first process exits with $code after TERM"
exec 9>&-

# --- an account without a name --------------------------------------------------------------------------------------
[[ $(id -u) -eq 0 ]] || exit 0
chmod 711 "$scratch"
install -d -m 700 -o 4242 -g 4242 "$volume/of4242"
chmod 711 "$volume"
code=0
owner=$(contain setpriv --reuid=4242 --regid=4242 --clear-groups env -u HOME ATLASJOB_LEDGER="$volume/of4242/ledger.db" \
    sh -c 'atlasjob run -- true && atlasjob list --format "{owner} {status}"') || code=$?
[[ $code == 0 && $owner == '4242 done' ]] || fail "an account without a name: $code, $owner"
