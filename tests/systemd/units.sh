# gc from its unit, by a system unit and from cron; services that submit jobs; the worker units.

# queue_job ACCOUNT FILE: queued, with nobody to run it.
queue_job() {
    direct "$1" "ATLASJOB_ON_DEMAND_WORKER=false atlasjob submit -q -- $(long_job "$2")" >/dev/null
}
inactive() { [[ $(systemctl show -P ActiveState "$1") == inactive ]]; }

# --- gc -------------------------------------------------------------------------------------------
# The timer's delay is minutes; here it is at once.
mkdir -p /etc/systemd/user/atlasjob-gc.timer.d
printf '[Timer]\nOnStartupSec=\nOnStartupSec=1s\nRandomizedDelaySec=0\nAccuracySec=1ms\n' >/etc/systemd/user/atlasjob-gc.timer.d/now.conf
queue_job alice by_timer
user_manager alice daemon-reload
user_manager alice start atlasjob-gc.timer
await runs alice by_timer
check "gc by the user's timer: the queue moves" runs alice by_timer
await bash -c '! pgrep -u alice -f "atlasjob gc"'
check "gc by the user's timer: the worker is in a scope of its own, not in the unit of gc" \
    unit_is alice by_timer '*/atlasjob-*.scope'
check "gc by the user's timer: the unit has ended, and the job has not" \
    test "$(user_manager alice show -P ActiveState atlasjob-gc.service)" = inactive
user_manager alice stop atlasjob-gc.timer
end_jobs alice

queue_job bob by_system_unit
systemctl start atlasjob-gc@bob.service
await runs bob by_system_unit
check "gc by a system unit, without a user manager: the queue moves" runs bob by_system_unit
check "gc by a system unit: the unit has ended, and the job has not" inactive atlasjob-gc@bob.service
check "gc by a system unit: a second run leaves the worker alone" systemctl start atlasjob-gc@bob.service
check "gc by a system unit: the job is still running" runs bob by_system_unit
end_jobs bob

HOME=/root ATLASJOB_ON_DEMAND_WORKER=false atlasjob submit -q -- sh -c 'sed -n s/^0:://p /proc/self/cgroup >/root/unit; sleep 1000' >/dev/null
systemctl start atlasjob-gc@root.service
await test -s /root/unit
check "gc for root: the worker is in a scope of the system manager" says /root/unit '^/system.slice/atlasjob-.*\.scope$'
HOME=/root atlasjob cancel -q --status running --yes --wait
check "gc for root: doctor is satisfied with where it lives" \
    bash -c "HOME=/root atlasjob doctor | grep 'is in atlasjob-.*scope'"

# The line of the package's cron file, with the environment and KillMode of Debian's cron.
queue_job bob by_cron
line=$(sed -nE 's/^[^#]* root +(if .*)/\1/p' /usr/share/doc/atlasjob/examples/cron.d/atlasjob)
systemd-run --quiet --unit=cron-like --property=KillMode=process --property=User=bob \
    env -i HOME=/home/bob PATH=/usr/bin:/bin sh -c "$line"
await runs bob by_cron
check "gc from cron: the queue moves" runs bob by_cron
await inactive cron-like.service
check "gc from cron: the job continues after the cron job" runs bob by_cron
end_jobs bob

# --- A service that submits jobs ------------------------------------------------------------------
# service ACCOUNT FILE: a system unit with User= that submits a job and stays.
service() {
    echo "atlasjob submit -q -- $(long_job "$2"); $(until_holds "-s $2"); atlasjob doctor >doctor; touch app_ready; exec sleep 1000" >/test/app
    systemd-run --quiet --unit="app-$1" --property=User="$1" --property=WorkingDirectory="/home/$1" \
        --setenv=HOME="/home/$1" sh /test/app
    await runs "$1" "$2"
    await test -e "/home/$1/app_ready"
}
service bob of_service
check "a service without a user manager: the worker is in its unit" unit_is bob of_service '/system.slice/app-bob.service'
check "a service without a user manager: doctor says what a restart ends" \
    says /home/bob/doctor 'is in app-bob.service, and to stop or restart that unit ends its jobs'
systemctl stop app-bob.service
check "a service without a user manager: its stop ends the job, as the ledger says" \
    becomes bob "$(newest bob)" 'error shutdown'
end_jobs bob

service alice of_service
check "a service of an account that lingers: the worker is in a scope of its own" \
    unit_is alice of_service '*/user@1000.service/*/atlasjob-*.scope'
systemctl stop app-alice.service
check "a service of an account that lingers: its stop ends no job" runs alice of_service
end_jobs alice

# --- An MCP host, and a manager that refuses --------------------------------------------------------
request='{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"submit_job","arguments":{"command":["sh","-c","echo $$ >of_host; exec sleep 1000"],"cwd":"/home/alice"}}}'
login alice "echo '$request' | atlasjob mcp --allow submit" >/dev/null
await runs alice of_host
check "an MCP host of an account that lingers: its jobs outlive its session" runs alice of_host
check "an MCP host of an account that lingers: they are in a scope of their own" \
    unit_is alice of_host '*/user@1000.service/*/atlasjob-*.scope'
end_jobs alice

mount --bind /bin/false /usr/bin/systemd-run
login alice "atlasjob submit -q -- $(long_job refused); $(until_holds "-s refused")
    sed -n 's/^0:://p' /proc/\$(cat refused)/cgroup >unit" >/dev/null
umount /usr/bin/systemd-run
check "no scope can be had: the worker is detached in the session" says /home/alice/unit '/session-.*\.scope$'
end_jobs alice

# --- The worker units -----------------------------------------------------------------------------
# The grace of a minute is a second here.
for unit in user/atlasjob-worker.service system/atlasjob-worker@.service; do
    mkdir -p "/etc/systemd/$unit.d"
    printf '[Service]\nExecStart=\nExecStart=atlasjob worker --slots 4 --grace 1s\n' >"/etc/systemd/$unit.d/grace.conf"
done
systemctl daemon-reload
user_manager alice daemon-reload

# in_worker_unit ACCOUNT UNIT CONTROL…: what holds for jobs in the worker unit of either kind.
in_worker_unit() {
    local account=$1 unit=$2
    shift 2
    local control=("$@")
    check "$unit: it starts, and is there when systemctl returns" "${control[@]}" start "$unit"
    check "$unit: its status says what it does" test "$("${control[@]}" show -P StatusText "$unit")" = 'running queued jobs'
    direct "$account" "atlasjob submit -q -- $(long_job victim)
        atlasjob submit -q -- $(long_job neighbour)
        atlasjob submit -q --retries 1 -- $(long_job again)
        atlasjob submit -q -- sh -c 'grep -E \"NoNewPrivs|Seccomp:\" /proc/self/status >hardening; readlink /proc/self/ns/mnt >>hardening'
        atlasjob submit -q -- sh -c 'trap : TERM; echo \$\$ >ending; until test -e /tmp/draining-$account; do sleep 0.05; done'" >/dev/null
    await runs "$account" victim && await runs "$account" neighbour && await runs "$account" again
    check "$unit: the job is in the unit" unit_is "$account" victim "*$unit*"
    await test "$(wc -l <"/home/$account/hardening")" -eq 3
    check "$unit: nothing that hardens it reaches into jobs" \
        diff "/home/$account/hardening" <(grep -E 'NoNewPrivs|Seccomp:' /proc/1/status; readlink /proc/1/ns/mnt)
    # Not the kernel's killer, but what it does: SIGKILL to the largest process.
    check "$unit: OOMPolicy" test "$("${control[@]}" show -P OOMPolicy "$unit")" = continue
    kill -KILL "$(pid_in "$account" victim)"
    check "$unit: a killed job ends" becomes "$account" "$(seq_of "$account" victim)" 'error signal'
    check "$unit: and its neighbours do not" runs "$account" neighbour
    await runs "$account" ending
    "${control[@]}" stop --no-block "$unit"
    await drains "$account"
    touch "/tmp/draining-$account"
    await stopped "${control[@]}" "$unit"
    check "$unit: it stops cleanly within its time" test "$("${control[@]}" show -P Result "$unit")" = success
    check "$unit: a job that ends within the grace is done" job_is "$account" "$(seq_of "$account" ending)" 'done '
    check "$unit: one that does not is stopped" job_is "$account" "$(seq_of "$account" neighbour)" 'error shutdown'
    check "$unit: and queued again if it has attempts left" job_is "$account" "$(seq_of "$account" again)" 'queued shutdown'
    end_jobs "$account"
}
drains() { direct "$1" "atlasjob doctor" | grep -q draining; }
# stopped CONTROL… UNIT
stopped() { [[ $("${@:1:$#-1}" show -P ActiveState "${@: -1}") =~ ^(inactive|failed)$ ]]; }
seq_of() { direct "$1" "atlasjob list --json" | python3 -c "
import json, sys
print(max(job['seq'] for job in json.load(sys.stdin)['jobs'] if any('>$2' in part for part in job['command'])))"; }

in_worker_unit alice atlasjob-worker.service user_manager alice
in_worker_unit bob atlasjob-worker@bob.service systemctl
