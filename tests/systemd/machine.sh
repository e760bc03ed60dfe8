#!/usr/bin/env bash
# Boots a systemd of its own, in a container made of this machine's /usr, and runs a script in it as root.
#   machine.sh BUILD SCRIPT
#
# The container sees no other file of this machine and none of its processes: /etc and /var are made here, /usr is
# an overlay, the network is empty. The Debian package of BUILD is installed in it, with the accounts alice and bob.
# SCRIPT is run at each boot by a unit and prints what it finds to standard output; the last line must be "done".
# Exits with 77 and says why if no container can be booted here.
set -euo pipefail
build=$1
script=$2
here=$(cd "$(dirname "$0")" && pwd)
# A hung container is ended after this time, in seconds.
time_limit=${ATLASJOB_MACHINE_SECONDS:-170}

skip() {
    echo "SKIPPED: $1" >&2
    exit 77
}
fail() {
    echo "machine.sh: $1" >&2
    exit 1
}

# What bootstrap --full installs must be there if it ran; what the machine forbids is no fault.
[[ $(id -u) -eq 0 ]] || skip "booting a container needs root"
for tool in systemd-nspawn dbus-daemon; do
    command -v "$tool" >/dev/null || {
        [[ -z ${ATLASJOB_FULL-} ]] || fail "$tool is missing"
        skip "$tool is not installed (scripts/bootstrap --full installs it)"
    }
done
for file in /usr/lib/systemd/systemd /usr/share/pam-configs/systemd; do
    [[ -e $file ]] || skip "$file is not installed (scripts/bootstrap --full installs it)"
done
[[ -L /bin && -L /lib ]] || skip "/bin and /lib are not links into /usr"

scratch=$(mktemp -d -p "${TMPDIR:-/tmp}" atlasjob-machine.XXXXXX)
root=$scratch/root
nspawn=
clean_up() {
    if [[ -n $nspawn ]] && kill -0 "$nspawn" 2>/dev/null; then
        kill -KILL "$nspawn" 2>/dev/null || true
        wait "$nspawn" 2>/dev/null || true
    fi
    ! mountpoint -q "$root/usr" || umount -l "$root/usr"
    ! mountpoint -q "$scratch" || umount -l "$scratch"
    rmdir "$scratch"
}
trap clean_up EXIT
trap 'exit 1' INT TERM HUP

# In memory, because the upper layer of an overlay cannot be on another overlay, as in many containers.
why=$(mount -t tmpfs -o size=1g,mode=755 atlasjob-machine "$scratch" 2>&1) || skip "nothing can be mounted here: $why"

# --- The tree ---------------------------------------------------------------------------------------------------
mkdir -p "$root"/{etc/{pam.d,default,systemd/{system,system-preset,user-preset}},usr,var/lib/dpkg/{info,updates},var/{log/journal,cache,tmp},run,proc,sys,dev,tmp,root,home,test} "$scratch"/{upper,work}
chmod 755 "$root"
chmod 1777 "$root/tmp" "$root/var/tmp"
for link in bin sbin lib lib64; do ln -s "usr/$link" "$root/$link"; done
mount -t overlay atlasjob-machine -o "lowerdir=/usr,upperdir=$scratch/upper,workdir=$scratch/work" "$root/usr" 2>"$scratch/mount" ||
    skip "no overlay can be mounted here: $(cat "$scratch/mount")"

# From this machine's /etc only what programs in /usr need; the rest is written here.
for file in ld.so.cache ld.so.conf ld.so.conf.d alternatives os-release debian_version; do
    cp -a "/etc/$file" "$root/etc/"
done
accounts=(root:0:/root messagebus:100:/nonexistent alice:1000:/home/alice bob:1001:/home/bob nobody:65534:/nonexistent)
for account in "${accounts[@]}"; do
    IFS=: read -r name id home <<<"$account"
    echo "$name:x:$id:$id::$home:/bin/bash" >>"$root/etc/passwd"
    echo "$name:x:$id:" >>"$root/etc/group"
    echo "$name:*:19000:0:99999:7:::" >>"$root/etc/shadow"
    [[ $home != /home/* ]] || install -d -m 700 -o "$id" -g "$id" "$root$home"
done
printf 'tty:x:5:\nutmp:x:43:\nshadow:x:42:\nsystemd-journal:x:101:\n' >>"$root/etc/group"
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files\n' >"$root/etc/nsswitch.conf"
for service in su su-l login other; do
    printf '%s\n' 'auth sufficient pam_rootok.so' 'auth required pam_deny.so' 'account required pam_permit.so' \
        'session required pam_unix.so' 'session optional pam_systemd.so' >"$root/etc/pam.d/$service"
done
printf '%s\n' 'account required pam_permit.so' 'session optional pam_systemd.so' >"$root/etc/pam.d/systemd-user"
echo machine >"$root/etc/hostname"
tr -d - </proc/sys/kernel/random/uuid >"$root/etc/machine-id"
touch "$root/etc/environment" "$root/etc/fstab" "$root/var/lib/dpkg/"{status,available}
# Services that happen to be installed on this machine are none of this test's.
echo 'disable *' | tee "$root/etc/systemd/system-preset/00-none.preset" >"$root/etc/systemd/user-preset/00-none.preset"
for unit in systemd-networkd systemd-resolved systemd-timesyncd systemd-tmpfiles-setup.service console-getty getty.target \
    systemd-pstore systemd-firstboot systemd-sysusers apt-daily.timer man-db.timer dpkg-db-backup.timer e2scrub_all.timer \
    fstrim.timer apt-daily-upgrade.timer; do
    [[ $unit == *.* ]] || unit+=.service
    [[ $unit == systemd-tmpfiles-setup.service ]] || ln -s /dev/null "$root/etc/systemd/system/$unit"
done

# --- The package ------------------------------------------------------------------------------------------------
cpack --config "$build/CPackConfig.cmake" -G DEB -B "$scratch/package" >"$scratch/cpack" 2>&1 || fail "cpack: $(cat "$scratch/cpack")"
dpkg --root="$root" --force-depends --log=/dev/null -i "$scratch"/package/*.deb >"$scratch/dpkg" 2>&1 || fail "dpkg: $(cat "$scratch/dpkg")"

# --- Booting it -------------------------------------------------------------------------------------------------
cp -r "$(dirname "$script")"/. "$root/test/"
cat >"$root/etc/systemd/system/machine-test.service" <<EOF
[Unit]
After=multi-user.target systemd-logind.service
[Service]
Type=exec
ExecStart=/bin/bash /test/$(basename "$script")
StandardOutput=append:/test/output
StandardError=inherit
KillMode=process
ExecStopPost=+-/bin/sh -c 'test -e /test/reboot || systemctl --no-block poweroff'
[Install]
WantedBy=multi-user.target
EOF
mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
ln -s ../machine-test.service "$root/etc/systemd/system/multi-user.target.wants/"
ln -sf /usr/lib/systemd/system/multi-user.target "$root/etc/systemd/system/default.target"
# With --keep-unit, a reboot ends systemd-nspawn with 133: whoever runs it is to start it again.
deadline=$((SECONDS + time_limit))
code=133
while [[ $code -eq 133 && $SECONDS -lt $deadline ]]; do
    code=0
    timeout --kill-after=10 $((deadline - SECONDS)) systemd-nspawn --quiet --boot --register=no --keep-unit \
        --private-network --directory="$root" --machine="atlasjob-$$" --console=pipe </dev/null >>"$scratch/console" 2>&1 &
    nspawn=$!
    wait "$nspawn" || code=$?
    nspawn=
done
[[ -e $root/test/output ]] || {
    # Nothing ran: this machine does not allow it.
    tail -n 5 "$scratch/console" >&2
    skip "systemd-nspawn could not boot a container here (exit code $code)"
}
cat "$root/test/output"
[[ $(tail -n 1 "$root/test/output") == done ]] || {
    tail -n 60 "$scratch/console" >&2
    [[ $code -ne 124 && $code -ne 137 ]] || echo "machine.sh: it was ended after $time_limit s" >&2
    exit 1
}
