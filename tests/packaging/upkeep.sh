#!/usr/bin/env bash
# Runs the commands of the systemd unit and of the cron line as they are shipped.
#   upkeep.sh PROGRAM PACKAGING
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
units=$2/systemd/user
unset ATLASJOB_ON_DEMAND_WORKER

ended_job() { atlasjob run --retain 0s -- true; }
jobs_left() { atlasjob list --ids | wc -l; }

# of_unit FILE KEY: prints a value of a unit file.
of_unit() { sed -n "s/^$2=//p" "$units/$1"; }
exec_start=$(of_unit atlasjob-gc.service ExecStart)
[[ -n $exec_start ]] || fail "no ExecStart in atlasjob-gc.service"
run_unit() {
    code=0
    env -i HOME="$HOME" PATH="$PATH" bash -c "$exec_start" >"$scratch/output" 2>&1 || code=$?
}
run_unit
[[ " $(of_unit atlasjob-gc.service SuccessExitStatus) " == *" $code "* ]] ||
    fail "without a ledger the unit's command exits with $code, which systemd would report as a failure"
[[ -z $(ls -A "$HOME") ]] || fail "the unit's command created a ledger"
ended_job
run_unit
[[ $code == 0 ]] || fail "the unit's command exited with $code: $(cat "$scratch/output")"
[[ $(jobs_left) == 0 ]] || fail "the unit's command deleted no job"
run_unit
[[ $code == 0 && ! -s $scratch/output ]] || fail "with nothing to do it prints: $(cat "$scratch/output")"
[[ $(of_unit atlasjob-gc.timer WantedBy) == timers.target ]] || fail "nothing starts the timer"

# cron: SHELL, and the command after minute, hour, day, month, weekday and account.
cron=$2/cron.d/atlasjob
cron_shell=$(sed -n 's/^SHELL=//p' "$cron")
cron_line=$(grep -E '^[*0-9]' "$cron" | sed -E 's/^([^[:space:]]+[[:space:]]+){6}//')
[[ $(wc -l <<<"$cron_line") == 1 ]] || fail "expected one cron line"
run_cron() {
    code=0
    env -i HOME="$1" PATH="$PATH" "$cron_shell" -c "$cron_line" >"$scratch/output" 2>&1 || code=$?
    [[ $code == 0 ]] || fail "cron's command exited with $code: $(cat "$scratch/output")"
}
mkdir "$scratch/other-home"
run_cron "$scratch/other-home"
[[ ! -s $scratch/output && -z $(ls -A "$scratch/other-home") ]] || fail "cron's command prints or creates something without a ledger"
ended_job
run_cron "$HOME"
[[ $(jobs_left) == 0 ]] || fail "cron's command deleted no job"
run_cron "$HOME"
[[ ! -s $scratch/output ]] || fail "cron would send a mail: $(cat "$scratch/output")"

# systemd's own check of the units, with ExecStart pointing to this program; a system unit is an instance for root.
command -v systemd-analyze >/dev/null || missing systemd-analyze
mkdir "$scratch/units" "$scratch/units/user" "$scratch/units/system" "$scratch/runtime"
for unit in "$2"/systemd/*/*; do
    copy=$scratch/units/$(basename "$(dirname "$unit")")/$(basename "${unit/@/@root}")
    sed "s|^ExecStart=atlasjob |ExecStart=$scratch/bin/atlasjob |" "$unit" >"$copy"
done
for manager in user system; do
    warnings=$(XDG_RUNTIME_DIR=$scratch/runtime SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --$manager --man=no \
        --recursive-errors=no "$scratch/units/$manager"/* 2>&1) || fail "systemd-analyze --$manager: $warnings"
    grep -F "$scratch/units" <<<"$warnings" && fail "systemd-analyze prints warnings"
done

# A unit for one account and its namesake for any differ in nothing but the account.
for unit in atlasjob-worker.service atlasjob-gc.service; do
    same() { grep -vE '^(#|$|Description=|User=|After=|WantedBy=)' "$1"; }
    diff <(same "$units/$unit") <(same "$2/systemd/system/${unit/./@.}") || fail "$unit: the system unit differs"
done
exit 0
