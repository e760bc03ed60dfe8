# What becomes of jobs under a real systemd. Run by machine.sh as root inside the container, at each boot.
# alice is in the lingering half of the cases, bob never lingers.
set -uo pipefail
source /test/steps.sh
source /test/sessions.sh

if [[ -e /test/rebooted ]]; then
    source /test/after_reboot.sh
    finish
fi
touch /test/rebooted

logind 'KillUserProcesses=no'
sessions_end no
logind 'KillUserProcesses=yes'
sessions_end yes
source /test/units.sh
source /test/before_reboot.sh
