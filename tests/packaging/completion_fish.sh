#!/usr/bin/env bash
# Loads the completion script in a real fish and completes lines with it.
#   completion_fish.sh PROGRAM
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
command -v fish >/dev/null || missing fish

atlasjob completion fish >"$scratch/atlasjob.fish"
# complete_line LINE: prints the candidates, one per line, with a description after a tab.
complete_line() {
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$scratch/atlasjob.fish" "$1" 2>"$scratch/errors"
    [[ ! -s $scratch/errors ]] || fail "at the prompt: $(cat "$scratch/errors")"
}
expect() {
    local got
    got=$(complete_line "$2" | cut -f1 | paste -sd ' ')
    [[ $got == "$1" ]] || fail "\"$2\": \"$got\", not \"$1\""
}
expect_line() {
    local got
    got=$(complete_line "$2")
    grep -qxF -e "$1" <<<"$got" || fail "\"$2\": no \"$1\" in: $got"
}

expect '' 'atlasjob status '
rm -rf "$HOME/.cache" "$HOME/.config/fish" "$HOME/.local/share/fish"
[[ ! -e $HOME/.local/state/atlasjob ]] || fail "completion created a ledger"

make_jobs
expect_line $'cancel\tcancel jobs' 'atlasjob can'
expect_line $'--grace\ttime between the kill signal and KILL (default: the job\'s --grace, or 10s)' 'atlasjob cancel --gr'
expect_line $'-f\tfollow the output until the job ends, across attempts' 'atlasjob logs -'
expect 'always auto never' 'atlasjob list --color '
expect '--color=always' 'atlasjob list --color=al'
expect 'running' 'atlasjob list --status r'
expect 'gpu' 'atlasjob pause g'
expect 'bash fish zsh' 'atlasjob completion '
expect 'cancel' 'atlasjob help canc'
expect '3 2 1 last' 'atlasjob status '
expect '3 1 last' 'atlasjob cancel '
expect '2 last' 'atlasjob --color never rm '
expect_line $'1\tqueued: make -j8' 'atlasjob status '
expect_line $'2\tdone: nightly: all' 'atlasjob logs '
atlasjob --ledger "$scratch/other.db" create --kind elsewhere >/dev/null
expect_line $'1\tqueued: elsewhere' "atlasjob --ledger $scratch/other.db status "
expect '' 'atlasjob --principal nobody-else status '
touch "$scratch/a-file.json"
expect 'a-file.json' 'atlasjob submit --batch a-f'
expect 'printenv' 'atlasjob run -- printe'
[[ $(complete_line 'atlasjob ' | grep -c '^slot') == 0 ]] || fail "a hidden command is offered"
