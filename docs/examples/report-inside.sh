#!/bin/sh
# The same from any depth, by command: atlasjob report knows the job from the environment, also
# where descriptor 3 is closed or is something else (ssh, containers, programs that tidy up).
#   atlasjob submit --kind demo -- docs/examples/report-inside.sh
set -eu
atlasjob=${ATLASJOB:-atlasjob}

deep() {
    # A process far below, without the channel.
    (exec 3>&-; "$atlasjob" -q report --phase counting --current "$1" --total 4)
}

for current in 1 2 3 4; do
    # Exit status 3: somebody asked to stop.
    deep "$current" || { [ $? -eq 3 ] && exit 1; exit 2; }
done
"$atlasjob" -q report --message "counted to 4" --result '{"counted":4}'
