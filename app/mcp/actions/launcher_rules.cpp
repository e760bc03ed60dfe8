#include "mcp/actions/program_rule.h"

#include <array>

namespace atlasjob::mcp {

namespace {

/// Programs whose arguments, after their options, are a command to run.
constexpr std::array kRules = std::to_array<ProgramRule>({
    {"env|genv",
     "-i - -0 -v -u! -C! -S!* -a! --ignore-environment --null --debug --list-signal-handling "
     "--unset! "
     "--chdir! --split-string!* --argv0! --default-signal? --ignore-signal? --block-signal?",
     "assign command", "assign code*"},
    {"nice|gnice", "-n: --adjustment:", "command", {}, reads_ambiguous},
    {"ionice",
     "-c: -n: -t -p: -P: -u: --class: --classdata: --ignore --pid: --pgid: --uid:", "command"},
    {"nohup|chronic|cronic|eatmydata|unbuffer|catchsegv|fghack|pgrphack|busybox|toybox|caffeinate|"
     "torsocks|torify|proxychains|proxychains4|nocache",
     "-p -q -v", "command"},
    {"setsid", "-c -f -w --ctty --fork --wait", "command"},
    {"timeout|gtimeout",
     "-k: --kill-after: -s: --signal: -v --verbose -f -p --foreground --preserve-status",
     "data command",
     {},
     reads_ambiguous},
    {"time|gtime",
     "-f: --format: -o: --output: -a -p -v -q --append --portability --quiet --verbose",
     "command",
     {},
     reads_ambiguous},
    {"stdbuf|gstdbuf", "-i: -o: -e: --input: --output: --error:", "command"},
    {"chrt",
     "-T: -P: -D: -p -a -m -b -f -i -o -r -d -R -v --sched-runtime: --sched-period: "
     "--sched-deadline: "
     "--batch --deadline --fifo --idle --other --rr --reset-on-fork --all-tasks --max --verbose",
     "maybe command"},
    {"taskset|schedtool", "-a -c -p --all-tasks --cpu-list --pid", "data command"},
    {"numactl",
     "-i: -m: -N: -C: -p: -w: -P: -l -a -b -K -s -H --interleave: --membind: --cpunodebind: "
     "--physcpubind: --preferred: --preferred-many: --localalloc --all --balancing",
     "command"},
    {"prlimit",
     "-p: --pid: -o: --output: --core? --cpu? --data? --fsize? --nofile? --nproc? --rss? --stack? "
     "--as? "
     "--memlock? --noheadings --raw --verbose -c? -d? -e? -f? -i? -l? -m? -n? -q? -r? -s? -t? -u? "
     "-v? "
     "-x? -y?",
     "command"},
    {"choom|cpulimit|coresched", "-n: --adjust: -p: --pid: -l: -e: -b -z -i -v", "command"},
    {"linux32|linux64|i386|x86_64|uname26", "-v -B -F -I -L -R -S -T -X -Z -3", "command"},
    {"setarch", "-v -B -F -I -L -R -S -T -X -Z -3 --addr-no-randomize --verbose", "maybe command"},

    // As another account. A caller must not choose the account of a command either.
    {"sudo|sudo-rs|please",
     "-A -b -B -E -H -K -k -l -n -N -P -v -V -S -C: -h: -p: -T: -D! -R! -u! -U! -g! -r! -t! -i* "
     "-s* -e* "
     "--login* --shell* --edit* --user! --other-user! --group! --role! --type! --chdir! --chroot! "
     "--host: --prompt: --close-from: --command-timeout: --preserve-env? --askpass --background "
     "--bell --set-home --non-interactive --preserve-groups --stdin --reset-timestamp --list "
     "--validate",
     "assign command", "assign code*"},
    {"doas|opendoas", "-a! -C! -u! -n -L -s*", "command", "code*"},
    {"su",
     "- -c! --command! -s! --shell! -g! --group! -G! --supp-group! -w! --whitelist-environment! "
     "--session-command! -l -m -p -f -P -T --login --preserve-environment --fast --pty",
     "program code*",
     {},
     reads_mixed | reads_ambiguous},
    {"runuser",
     "- -u!* --user!* -c! --command! -s! --shell! -g! --group! -G! --supp-group! -w! "
     "--whitelist-environment! --session-command! -l -m -p -f -P -T --login --preserve-environment",
     "program code*", "command"},
    {"pkexec", "--user! --disable-internal-agent --keep-cwd", "command"},
    {"gosu|su-exec|setuidgid|envuidgid|s6-setuidgid|s6-envuidgid|s6-applyuidgid|setuser", "",
     "program command"},
    {"sg|newgrp", "-c! - -l", "program code*"},
    {"setpriv",
     "--reuid! --ruid! --euid! --regid! --rgid! --egid! --groups! --inh-caps! --ambient-caps! "
     "--bounding-set! --securebits! --selinux-label! --apparmor-profile! --seccomp-filter! "
     "--landlock-access! --landlock-rule! --pdeathsig: --ptracer: --nnp --no-new-privs "
     "--clear-groups "
     "--keep-groups --init-groups --reset-env --dump -d --list-caps",
     "command"},
    {"capsh", "", "code*"},
    {"runcon", "-c -t! -u! -r! -l! --compute --type! --user! --role! --range!", "program command"},
    {"chpst|runsv|softlimit",
     "-u! -U! -e! -/! -C! -b! -n: -l: -L: -m: -d: -o: -p: -f: -c: -r: -t: -s: -a: -P -v -0 -1 -2",
     "command"},
    {"envdir|s6-envdir|direnv exec", "", "program command"},
    {"direnv|opam|rbenv|pyenv|nodenv|asdf|mise|nvm|volta", "", "sub data*", {}, reads_ambiguous},
    {"opam exec|rbenv exec|pyenv exec|nodenv exec|asdf exec|mise exec|mise x|volta run", "",
     "command"},
    {"setlock|s6-setlock|lckdo", "-n -N -x -X -w -W: -q", "data command"},

    // In another root, namespace, container or machine.
    {"chroot|gchroot", "--userspec! --groups! --skip-chdir", "program command"},
    {"unshare",
     "-m? -u? -i? -n? -p? -U? -C? -T? -f -r -c --mount? --uts? --ipc? --net? --pid? --user? "
     "--cgroup? "
     "--time? --fork --map-root-user --map-current-user --map-auto --map-user! --map-group! "
     "--map-users! --map-groups! --kill-child? --mount-proc? --propagation: --setgroups: -R! "
     "--root! "
     "-w! --wd! -S! --setuid! -G! --setgid! --monotonic: --boottime: --keep-caps",
     "command"},
    {"nsenter",
     "-t! --target! -a --all -m? -u? -i? -n? -p? -U? -C? -T? -r? -w? -W? -S! -G! -F -Z -e -c "
     "--mount? "
     "--uts? --ipc? --net? --pid? --user? --cgroup? --time? --root? --wd? --wdns? --setuid! "
     "--setgid! "
     "--no-fork --env --preserve-credentials --keep-caps",
     "command"},
    {"bwrap|bubblewrap",
     "--ro-bind!2 --bind!2 --dev-bind!2 --symlink!2 --bind-try!2 --ro-bind-try!2 --setenv!2 --dev! "
     "--proc! --tmpfs! --dir! --chdir! --unsetenv! --uid! --gid! --hostname: --args! --seccomp! "
     "--die-with-parent --new-session --unshare-all --unshare-net --unshare-pid --share-net "
     "--clearenv",
     "command"},
    {"faketime|datefudge", "-m -f -p: --exclude-monotonic --static", "data command"},
    {"firejail|proot|fakechroot|fakeroot|pseudo|xvfb-run|dbus-run-session|dbus-launch|rlwrap|ssh-"
     "agent|"
     "tini|dumb-init|catatonit|cgexec",
     "-l! -s! -b! -r! -w! -i! -f: -n: -e: -p: -t: -E: -O: -P: -a -g: -v -d -c -D -k --lib! "
     "--faked! "
     "--server-args! --config-file! --rcfile! --profile! --auto-servernum --sticky",
     "command"},
    {"ip", "-n: -netns: -4 -6 -j -d -s", "sub data*", {}, reads_ambiguous},
    {"ip netns", "", "sub data*"},
    {"ip netns exec|ip vrf exec", "", "program command"},
    {"ip vrf", "", "sub data*"},
    {"ssh|slogin|rsh|remsh|autossh|dbclient|plink",
     "-1 -2 -4 -6 -A -a -C -f -G -g -K -k -M -N -n -q -s -T -t -V -v -X -x -Y -y -F! -I! -J! -o! "
     "-R! "
     "-S! -B: -b: -c: -D: -E: -e: -i: -L: -l: -m: -O: -p: -P: -Q: -W: -w:",
     "data code*",
     {},
     reads_mixed | reads_ambiguous},
    {"mosh",
     "--ssh! --server! --client! --bind-server: -p: --port: -4 -6 -a -n",
     "data code*",
     {},
     reads_mixed},
    {"sshpass", "-f: -p: -d: -P: -e -v", "command"},
    {"pdsh|dsh|pssh|parallel-ssh|clush|cssh|ansible|salt|salt-call|fab|cap|mco|knife|bolt|rexec|"
     "rexd",
     "", "code*"},
    {"systemd-nspawn|schroot|arch-chroot|lxc-attach|lxc-execute", "", "code*"},
    {"machinectl|vagrant|distrobox|toolbox|flatpak|snap|heroku|multipass|minikube|limactl|gcloud",
     "",
     "sub data*",
     {},
     reads_mixed | reads_data | reads_ambiguous},
    {"machinectl shell|vagrant ssh|distrobox enter|toolbox run|toolbox enter|flatpak run|snap run|"
     "heroku run|multipass exec|minikube ssh|limactl shell|gcloud compute ssh",
     "", "code*"},
    {"gcloud compute", "", "sub data*"},

    // Watching, limiting, recording or repeating a command.
    {"xargs|gxargs",
     "-0 -r -t -p -x -o -a: -d: -E: -e? -I! -J! -L: -l? -n: -P: -R: -S: -s: --arg-file: "
     "--delimiter: --eof? --max-lines? --max-args: --max-procs: --max-chars: --null "
     "--no-run-if-empty --verbose --interactive --open-tty --show-limits --exit "
     "--process-slot-var!",
     "command"},
    {"parallel|sem|rush|hyperfine|entr|nodemon|watchexec|watchman|watchmedo|concurrently|"
     "inoticoming|when-changed",
     "", "code*"},
    {"watch|gwatch",
     "-n: --interval: -q: --equexit: -b -c -d? -e -g -p -r -t -w -x* --exec* --beep --color "
     "--differences? --errexit --chgexit --no-title --no-rerun --precise",
     "code*", "command", reads_ambiguous},
    {"systemd-run",
     "-p! --property! -M! --machine! -H! --host! -E= --setenv= --uid! --gid! --working-directory! "
     "--root-directory! --path-property! --socket-property! --timer-property! -u: --unit: "
     "--description: --slice: --nice: --service-type: --on-active: --on-boot: --on-calendar: "
     "--on-startup: --on-unit-active: --user --system --scope --slice-inherit --remain-after-exit "
     "-r "
     "-d -q -P -t -S -G --same-dir --pty --pipe --quiet --wait --no-block --shell --collect "
     "--no-ask-password",
     "command"},
    {"systemd-inhibit|systemd-cat",
     "-t: -p: --identifier: --priority: --stderr-priority: --level-prefix: --what: --who: --why: "
     "--mode: --list --no-pager",
     "command"},
    {"flock|lockf",
     "-c! --command! -e -x -s -u -n -o -F -k -w: -t: -E: --wait: --timeout: --conflict-exit-code: "
     "--exclusive --shared --unlock --nonblock --nb --close --no-fork --verbose",
     "data command",
     {},
     reads_mixed},
    {"strace|ltrace|truss|dtruss",
     "-E= -o! --output! -u! --user! -F? -l: -a: -b: -e: -I: -O: -p: -P: -s: -S: -U: -X: -c -C -d "
     "-D -f "
     "-ff -h -i -k -n -N -q -qq -r -t -tt -ttt -T -v -V -w -x -xx -y -yy -z -Z -A --trace: --env= "
     "--follow-forks --string-limit:",
     "command"},
    {"valgrind", "--db-command! --suppressions: --log-file: --tool: -q -v -d --quiet --verbose",
     "command"},
    {"perf", "", "sub data*", {}, reads_ambiguous},
    {"perf stat|perf record|perf trace|perf top",
     "-e: -o: -p: -t: -r: -F: -c: -C: -G: -I: -a -g -d -A -v -q --event: --output: --call-graph: "
     "--repeat:",
     "command"},
    {"perf script|perf bench|perf lock|perf mem|perf sched|perf kvm|perf c2c", "", "code*"},
    {"script|scriptlive|scriptreplay",
     "-c! --command! -O: -I: -B: -T: -t? -m: -o: -E: -a -e -f -q --log-out: --log-in: --log-io: "
     "--log-timing: --echo: --output-limit: --append --return --flush --force --quiet",
     "maybe command",
     {},
     reads_mixed | reads_ambiguous},
    {"screen",
     "-X!* -c! -s! -Q!* -S: -T: -t: -e: -h: -p: -L? -Logfile: -d -D -m -r? -R? -x? -A -a -f -i -l "
     "-ls -O "
     "-q -U -wipe",
     "command", "code*", reads_ambiguous},
    {"tmux|byobu|zellij|tmuxinator|dvtm|dtach|abduco|ttyd|gotty|socat|ncat|nc|netcat|inetd|xinetd|"
     "tcpserver|websocketd|x11vnc|telnetd",
     "",
     "code*",
     {},
     reads_ambiguous},
    {"xterm|uxterm|lxterm|urxvt|rxvt|st|alacritty|kitty|foot|konsole|gnome-terminal|xfce4-terminal|"
     "terminator|mate-terminal|x-terminal-emulator",
     "-e> -x> --execute> --command!",
     "code*",
     {},
     reads_words | reads_ambiguous},
    {"ld.so",
     "--preload! --library-path! --audit! --inhibit-rpath! --inhibit-cache --argv0: "
     "--glibc-hwcaps-prepend! --glibc-hwcaps-mask! --list --verify --list-tunables "
     "--list-diagnostics",
     "command"},
    {"exec|command|builtin|coproc", "-a: -c -l -v -V -p", "command", {}, reads_ambiguous},
    {"eval|source|.|trap|run-parts|crontab|incrond|anacron|cron|fcrontab",
     "-l -r",
     "code*",
     {},
     reads_ambiguous},
    {"at|batch",
     "-f! -t: -q: -l -b -d -r -c -m -M -v -V",
     "data*",
     {},
     reads_mixed | reads_ambiguous},
    {"start-stop-daemon|daemon|daemonize",
     "-x! -a! -n: -p: -u! -c! -g! -r! -d! -N: -k: -s: -R: -P: -I: --exec! --startas! --name: "
     "--pidfile: --user! --chuid! --group! --chroot! --chdir! -K -S -b -m -q -t -v -B -o -C "
     "--start "
     "--stop --background --make-pidfile --oknodo --quiet --test --verbose",
     "maybe command",
     {},
     reads_ambiguous},

    // atlasjob itself. The first -- ends the options, wherever it is.
    {"atlasjob|atlasjob-pg",
     "--ledger! --principal! --actions! --on-end! --env= --cwd! --stdin! --batch! --import! "
     "--like: "
     "--kind: --target: --name: --label: --queue: --priority: --timeout: --retries: --backoff: "
     "--backoff-factor: --at: "
     "--in: --after: --after-ended: --kill-signal: --key: --result: --log-limit: --retain: "
     "--session: --progress-from: --color: "
     "--format: --limit: --sort: --status: --owner: --since: --until: --search: --cursor: "
     "--progress: "
     "--phase: --message: --current: --total: --error: --error-code: --grace: --reason: "
     "--detach-after: --json -q --quiet --admin --follow --detach --interactive --tty --wait "
     "--clean-env --keep-strays --yes --dependents --even-unrecorded",
     "sub data*",
     {},
     reads_mixed | reads_anywhere},
    {"atlasjob submit|atlasjob run|atlasjob-pg submit|atlasjob-pg run|atlasjob supervise|atlasjob "
     "create",
     "--ledger! --principal! --on-end! --env= --cwd! --stdin! --batch! --like! --kind: --target: "
     "--name: --label: --queue: --priority: --timeout: --retries: --backoff: --backoff-factor: "
     "--at: --in: --after: --after-ended: --grace: --kill-signal: "
     "--key: --result: --log-limit: --retain: --session: --progress-from: --detach-after: --color: "
     "--ttl: --json -q --quiet --admin --follow --detach --interactive --tty --clean-env "
     "--keep-strays --even-unrecorded",
     "command",
     {},
     reads_anywhere},
    // Input that is sent to an interactive job may reach a shell.
    {"atlasjob mcp|atlasjob worker|atlasjob import|atlasjob serve|atlasjob send",
     "",
     "code*",
     {},
     reads_mixed},
});

}  // namespace

std::span<const ProgramRule> launcher_rules() {
    return kRules;
}

}  // namespace atlasjob::mcp
