#!/bin/sh
# Reports progress from any child process: atlasjob report finds the job through the environment,
# also where descriptor 3 is closed or something else (ssh, containers, programs that close it).
#   atlasjob submit --kind demo -- docs/examples/report-inside.sh
set -eu
atlasjob=${ATLASJOB:-atlasjob}

deep() {
    # A child process without the report channel.
    (exec 3>&-; "$atlasjob" -q report --phase counting --current "$1" --total 4)
}

for current in 1 2 3 4; do
    # Exit code 3: a cancel was requested.
    deep "$current" || { [ $? -eq 3 ] && exit 1; exit 2; }
done
"$atlasjob" -q report --message "counted to 4" --result '{"counted":4}'
