#!/usr/bin/env bash
# Renders every manual page with man, groff and mandoc; none may print a warning.
#   manual.sh PROGRAM [FOLLOWER FOLLOWERS_PAGE]
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$1"
command -v groff >/dev/null || missing groff
command -v man >/dev/null || missing man
command -v mandoc >/dev/null || missing mandoc
export LC_ALL=C.UTF-8 MANWIDTH=80

pages=(atlasjob.1 atlasjob-config.5)
for page in "${pages[@]}"; do
    atlasjob manual "$page" >"$scratch/$page"
done
if [[ $# -gt 1 ]]; then
    cp "$3" "$scratch/atlasjob-follow-gp.1"
    pages+=(atlasjob-follow-gp.1)
fi
for page in "${pages[@]}"; do
    warnings=$(groff -man -ww -Tutf8 "$scratch/$page" 2>&1 >/dev/null)
    [[ -z $warnings ]] || fail "groff, $page: $warnings"
    # The pages have a version instead of a date.
    warnings=$(mandoc -T lint -W warning "$scratch/$page" 2>&1 | grep -v 'missing date' || true)
    [[ -z $warnings ]] || fail "mandoc, $page: $warnings"
    warnings=$(man --warnings -l "$scratch/$page" 2>&1 >"$scratch/$page.txt")
    [[ -z $warnings ]] || fail "man, $page: $warnings"
    ! grep -q '.\{81\}' "$scratch/$page.txt" || fail "$page: wider than 80 columns"
done
text=$(col -b <"$scratch/atlasjob.1.txt")
# Every command that --help lists is in the manual.
while read -r command; do
    grep -q "^   $command\( \|$\)" <<<"$text" || fail "atlasjob.1 lacks the command $command"
done < <(atlasjob --help | sed -n '/^Global options/q; s/^  \([a-z]*\) .*/\1/p')
grep -q -- '--detach-after DURATION' <<<"$text" || fail "atlasjob.1 lacks an option"
grep -q 'ATLASJOB_LEDGER' <<<"$text" || fail "atlasjob.1 lacks the environment"
grep -q '\[cancel\] grace = DURATION' <<<"$(col -b <"$scratch/atlasjob-config.5.txt")" ||
    fail "atlasjob-config.5 lacks a setting"
# The page of atlasjob-follow-gp is written by hand: it must list exactly the options of --help.
if [[ $# -gt 1 ]]; then
    long_options() { grep -o -- '--[a-z][a-z-]*' | sort -u; }
    listed=$("$2" --help | grep '^ .* --' | long_options)
    written=$(col -b <"$scratch/atlasjob-follow-gp.1.txt" | long_options)
    [[ $listed == "$written" ]] || fail "atlasjob-follow-gp.1: $(diff <(echo "$listed") <(echo "$written"))"
fi
