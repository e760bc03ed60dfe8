#!/bin/sh
# A job that reports its progress, in shell: one JSON object per line on the report channel.
#   atlasjob submit --kind demo -- docs/examples/report.sh
set -eu

# Outside a job nothing reads it.
[ -n "${ATLASJOB_REPORT_FD-}" ] || exec 3>/dev/null

total=4
for current in 1 2 3 4; do
    percent=$((current * 100 / total))
    printf '{"phase":"counting","current":%d,"total":%d,"progress":%d.%02d}\n' \
        "$current" "$total" $((percent / 100)) $((percent % 100)) >&3
done
printf '{"message":"counted to %d","result":{"counted":%d}}\n' "$total" "$total" >&3
