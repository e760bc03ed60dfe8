# Helpers of the cases. Everything that is awaited has a generous limit, so a fault is a failure and not a hang.

# Kept in a file: a reboot is between the first and the last case.
pass() { echo "ok   $1"; }
fail() {
    echo "FAIL $1"
    echo "$1" >>/test/failures
}
# check TEXT COMMAND…: the command succeeds.
check() {
    local text=$1
    shift
    if "$@" >/test/check 2>&1; then pass "$text"; else
        fail "$text"
        sed 's/^/     | /' /test/check
    fi
}
finish() {
    if [[ -e /test/failures ]]; then echo "$(wc -l </test/failures) cases failed"; else echo done; fi
    rm -f /test/reboot
    exit 0
}

# await COMMAND…: until it succeeds, for 120 s at most.
await() {
    local deadline=$((SECONDS + 120))
    until "$@" >/dev/null 2>&1; do
        [[ $SECONDS -lt $deadline ]] || return 1
        read -r -t 0.05 <>/test/never || true
    done
}
[[ -p /test/never ]] || mkfifo /test/never

# until_holds CONDITION: a command for a session, which waits until the condition of test(1) holds.
until_holds() { echo "timeout 120 sh -c 'until test $1; do sleep 0.05; done'"; }

# login ACCOUNT COMMAND: in a session of its own, which ends with the command.
login() { su -l "$1" -c "$2"; }
# as ACCOUNT COMMAND…: without a session, in this unit.
as() {
    local account=$1
    shift
    setpriv --reuid="$account" --regid="$account" --init-groups env -C "/home/$account" HOME="/home/$account" "$@"
}
direct() { as "$1" bash -c "$2"; }
# user_manager ACCOUNT ARGUMENTS…: systemctl --user.
user_manager() {
    local account=$1
    shift
    as "$account" env XDG_RUNTIME_DIR="/run/user/$(id -u "$account")" systemctl --user "$@"
}

# logind SETTING: applies to sessions from now on. The manager of an account ends right after its last logout.
logind() {
    mkdir -p /etc/systemd/logind.conf.d
    printf '[Login]\nUserStopDelaySec=0\n%s\n' "$1" >/etc/systemd/logind.conf.d/test.conf
    systemctl restart systemd-logind
}
logged_out() { ! loginctl show-user "$1"; }

# A command that runs until it is ended and leaves its pid in the file FILE of the account's home.
long_job() { echo "sh -c 'echo \$\$ >$1; exec sleep 1000'"; }
pid_in() { cat "/home/$1/$2"; }
runs() { kill -0 "$(pid_in "$1" "$2")"; }
# unit_of ACCOUNT FILE: the path of the cgroup of the process whose pid the file has.
unit_of() { sed -n 's/^0:://p' "/proc/$(pid_in "$1" "$2")/cgroup"; }
unit_is() { [[ $(unit_of "$1" "$2") == $3 ]] || { echo "it is in $(unit_of "$1" "$2")" && false; }; }
# job_is ACCOUNT SEQ "STATUS REASON": as the ledger has it.
job_is() {
    local is
    is=$(direct "$1" "atlasjob list -q --format '{seq} {status} {reason}'" | sed -n "s/^$2 //p")
    [[ $is == "$3" ]] || { echo "job $2 is: $is" && false; }
}
# becomes: the same, before long.
becomes() {
    await job_is "$@"
    job_is "$@"
}
says() { grep -q -- "$2" "$1" || { cat "$1" && false; }; }
is_silent() { [[ ! -s $1 ]] || { cat "$1" && false; }; }
# end_jobs ACCOUNT: cancels all, so that the worker leaves nothing to the next case.
end_jobs() {
    direct "$1" "atlasjob cancel -q --status queued --status running --yes --wait" >/dev/null 2>&1
    pkill -u "$1" -f '^[^ ]*atlasjob worker --on-demand'
    await no_worker "$1"
}
no_worker() { ! pgrep -u "$1" -f '^[^ ]*atlasjob (worker|slot)'; }
