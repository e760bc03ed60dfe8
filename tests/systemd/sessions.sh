# What the end of a session ends.

# sessions_end KILLS: with KillUserProcesses=KILLS, each row of the table for accounts that linger and do not.
sessions_end() {
    without_linger "$1"
    with_linger "$1"
}

without_linger() {
    local kills=$1 said=/test/said
    rm -f /home/bob/lone
    login bob "atlasjob submit --retries 1 -- $(long_job lone); $(until_holds "-s lone")" 2>$said >/dev/null
    if [[ $kills == no ]]; then
        check "no linger, KillUserProcesses=no: nothing is said" is_silent $said
        check "no linger, KillUserProcesses=no: the worker stays in the session" unit_is bob lone '*/session-*.scope'
        await closing bob
        check "no linger, KillUserProcesses=no: jobs outlive the last logout" runs bob lone
    else
        check "no linger, KillUserProcesses=yes: the mend is said" says $said 'loginctl enable-linger bob'
        await logged_out bob
        check "no linger, KillUserProcesses=yes: jobs end with the last logout, and are queued again" \
            becomes bob "$(newest bob)" 'queued shutdown'
    fi
    end_jobs bob
    while_logged_in "$kills"
}

# In one session, so that what is said once can be told from what is said each time.
while_logged_in() {
    [[ $1 == yes ]] || return 0
    login bob "
        atlasjob submit -- $(long_job first) 2>said1
        $(until_holds "-s first"); sed -n 's/^0:://p' /proc/\$(cat first)/cgroup >unit
        atlasjob doctor >doctor
        atlasjob cancel --status running --yes --wait -q
        pkill -u bob -f '^[^ ]*atlasjob worker'; while pgrep -u bob -f '^[^ ]*atlasjob worker'; do sleep 0.05; done
        atlasjob run --detach -- sleep 1000 2>said2" >/dev/null
    check "no linger, KillUserProcesses=yes: the worker is in a scope of the user manager" \
        grep -q 'user@1001.service.*/atlasjob-.*\.scope' /home/bob/unit
    check "no linger, KillUserProcesses=yes: doctor says so" says /home/bob/doctor 'after the last logout of bob'
    check "no linger, KillUserProcesses=yes: it is said once" says /home/bob/said1 linger
    check "no linger, KillUserProcesses=yes: and not again in the same session" is_silent /home/bob/said2
    await logged_out bob
    check "no linger, KillUserProcesses=yes: a detached job ends with the last logout" \
        becomes bob "$(newest bob)" 'error shutdown'
    end_jobs bob
}

with_linger() {
    local kills=$1 said=/test/said
    loginctl enable-linger alice
    await test -S /run/user/1000/systemd/private
    login alice "atlasjob submit -- $(long_job lone); atlasjob run --detach -- $(long_job detached)" 2>$said >/dev/null
    await runs alice lone
    check "linger, KillUserProcesses=$kills: nothing is said" is_silent $said
    check "linger, KillUserProcesses=$kills: the worker is in a scope of its own" \
        unit_is alice lone '*/user@1000.service/*/atlasjob-*.scope'
    check "linger, KillUserProcesses=$kills: a detached job is in another" \
        unit_is alice detached '*/user@1000.service/*/atlasjob-*.scope'
    await no_session alice
    check "linger, KillUserProcesses=$kills: jobs outlive the last logout" runs alice lone
    check "linger, KillUserProcesses=$kills: detached jobs, too" runs alice detached
    end_jobs alice
    with_larger_limit "$kills"
}
# The scope's worker has argv[0] of its own, and lower limits than the second submitter.
with_larger_limit() {
    rm -f /home/alice/small /home/alice/large
    login alice "ulimit -n 64; atlasjob submit -q -- $(long_job small)" >/dev/null
    await runs alice small
    login alice "atlasjob submit -q -- $(long_job large)" >/dev/null
    await runs alice large
    check "linger, KillUserProcesses=$1: a restricted worker in a scope is replaced" \
        test "$(open_files alice large)" -gt 64
    end_jobs alice
}
open_files() { awk '/Max open files/ {print $5}' "/proc/$(pid_in "$1" "$2")/limits"; }
# The last session is over, except for what it has left running.
closing() { [[ $(loginctl show-user "$1" -P State) == closing ]]; }
no_session() { [[ -z $(loginctl list-sessions --no-legend | grep " $1 ") ]]; }
newest() { direct "$1" "atlasjob list -q --limit 1 --format '{seq}'"; }
