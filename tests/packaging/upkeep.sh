#!/usr/bin/env bash
# Runs the very commands of the systemd unit and of the cron line.
#   upkeep.sh PROGRAM PACKAGING
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
units=$2/systemd
unset ATLASJOB_ON_DEMAND_WORKER

ended_job() { atlasjob run --retain 0s -- true; }
jobs_left() { atlasjob list --ids | wc -l; }

# The unit: a value of its file.
of_unit() { sed -n "s/^$2=//p" "$units/$1"; }
exec_start=$(of_unit atlasjob-gc.service ExecStart)
[[ -n $exec_start ]] || fail "no ExecStart in atlasjob-gc.service"
run_unit() {
    code=0
    env -i HOME="$HOME" PATH="$PATH" bash -c "$exec_start" >"$scratch/said" 2>&1 || code=$?
}
run_unit
[[ " $(of_unit atlasjob-gc.service SuccessExitStatus) " == *" $code "* ]] ||
    fail "without a ledger the unit's command ends with $code: that would be a failed unit"
[[ -z $(ls -A "$HOME") ]] || fail "the unit's command made a ledger"
ended_job
run_unit
[[ $code == 0 ]] || fail "the unit's command ended with $code: $(cat "$scratch/said")"
[[ $(jobs_left) == 0 ]] || fail "the unit's command forgot nothing"
run_unit
[[ $code == 0 && ! -s $scratch/said ]] || fail "with nothing to do it says: $(cat "$scratch/said")"
[[ $(of_unit atlasjob-gc.timer WantedBy) == timers.target ]] || fail "nothing starts the timer"

# cron: SHELL, and all that stands after minute, hour, day, month, weekday and account.
cron=$2/cron.d/atlasjob
cron_shell=$(sed -n 's/^SHELL=//p' "$cron")
cron_line=$(grep -E '^[*0-9]' "$cron" | sed -E 's/^([^[:space:]]+[[:space:]]+){6}//')
[[ $(wc -l <<<"$cron_line") == 1 ]] || fail "not one line of cron"
run_cron() {
    code=0
    env -i HOME="$1" PATH="$PATH" "$cron_shell" -c "$cron_line" >"$scratch/said" 2>&1 || code=$?
    [[ $code == 0 ]] || fail "cron's command ended with $code: $(cat "$scratch/said")"
}
mkdir "$scratch/other-home"
run_cron "$scratch/other-home"
[[ ! -s $scratch/said && -z $(ls -A "$scratch/other-home") ]] || fail "cron's command, no ledger: it says or makes something"
ended_job
run_cron "$HOME"
[[ $(jobs_left) == 0 ]] || fail "cron's command forgot nothing"
run_cron "$HOME"
[[ ! -s $scratch/said ]] || fail "cron would send a mail: $(cat "$scratch/said")"

# What systemd itself thinks of the units, with the program where they look for it.
command -v systemd-analyze >/dev/null || missing systemd-analyze
mkdir "$scratch/units" "$scratch/runtime"
for unit in "$units"/*; do
    sed "s|^ExecStart=atlasjob |ExecStart=$scratch/bin/atlasjob |" "$unit" >"$scratch/units/$(basename "$unit")"
done
complaints=$(XDG_RUNTIME_DIR=$scratch/runtime SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --user --man=no --recursive-errors=no \
    "$scratch"/units/* 2>&1) || fail "systemd-analyze: $complaints"
grep -F "$scratch/units" <<<"$complaints" && fail "systemd-analyze complains"
exit 0
