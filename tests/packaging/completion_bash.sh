#!/usr/bin/env bash
# Loads the completion script in this bash and completes lines with it.
#   completion_bash.sh PROGRAM
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"

source <(atlasjob completion bash)
[[ $(complete -p atlasjob) == *' _atlasjob '* ]] || fail "nothing completes atlasjob"

# complete_line WORD...: prints the candidates for the last word.
complete_line() {
    COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMPREPLY=()
    _atlasjob 2>"$scratch/errors"
    [[ ! -s $scratch/errors ]] || fail "at the prompt: $(cat "$scratch/errors")"
    printf '%s\n' "${COMPREPLY[@]}"
}
expect() {
    local expected=$1
    shift
    local got
    got=$(complete_line "$@" | paste -sd ' ')
    [[ $got == "$expected" ]] || fail "$(printf '[%s] ' "$@"): \"$got\", not \"$expected\""
}
expect_among() {
    local expected=$1
    shift
    local got
    got=$(complete_line "$@")
    grep -qxF -e "$expected" <<<"$got" || fail "$(printf '[%s] ' "$@"): no \"$expected\""
}

# Without a ledger completion prints nothing and creates nothing.
expect '' atlasjob status ''
[[ -z $(ls -A "$HOME") ]] || fail "completion created $(ls -A "$HOME")"

make_jobs
expect 'cancel' atlasjob can
expect_among submit atlasjob ''
[[ $(complete_line atlasjob '' | grep -cx slot) == 0 ]] || fail "a hidden command is offered"
expect_among --ledger atlasjob --
expect_among --follow atlasjob logs --
expect_among -f atlasjob logs -
expect '--grace' atlasjob cancel --gr
expect 'auto always never' atlasjob list --color ''
expect 'always' atlasjob list --color = al
expect 'running' atlasjob list --status r
expect 'report stdout' atlasjob submit --result ''
expect 'gpu' atlasjob pause g
expect 'sync' atlasjob list --kind s
expect 'bash zsh fish' atlasjob completion ''
expect 'cancel' atlasjob help canc
# The jobs that the command accepts, newest first.
expect '3 2 1 last' atlasjob status ''
expect '3 1 last' atlasjob cancel ''
expect '2 last' atlasjob retry ''
expect '2 last' atlasjob --color never rm ''
expect '1 last' atlasjob edit ''
expect '3 last' atlasjob finish ''
expect '1' atlasjob logs --lines 5 1
expect '3 2 1 last' atlasjob submit --after ''
id=$(atlasjob list --ids --status running)
expect "$id" atlasjob status "${id:0:30}"
# With a description when bash lists candidates (COMP_TYPE 63 is '?').
COMP_TYPE=63
expect_among '1  (queued: make -j8)' atlasjob status ''
expect_among '2  (done: nightly: all)' atlasjob status ''
unset COMP_TYPE
# The jobs of the ledger named on the line, and only the caller's own.
atlasjob --ledger "$scratch/other.db" create --kind elsewhere >/dev/null
expect '1 last' atlasjob --ledger "$scratch/other.db" status ''
expect '1 last' atlasjob --ledger = "$scratch/other.db" status ''
expect '' atlasjob --principal nobody-else status ''
# File names for file options, and commands after --.
touch "$scratch/a file.json"
expect 'a file.json' atlasjob submit --batch 'a f'
mkdir "$scratch/folder"
expect 'folder' atlasjob run --cwd fol
grep -qx printenv <<<"$(complete_line atlasjob run -- printe)" || fail "no command after --"
expect 'folder' atlasjob run -- ls fol
# Completion also works for the program by its path.
COMP_WORDS=("$scratch/bin/atlasjob" status '') COMP_CWORD=2
_atlasjob
[[ ${COMPREPLY[*]} == '3 2 1 last' ]] || fail "by its path: ${COMPREPLY[*]}"
