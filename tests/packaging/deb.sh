#!/usr/bin/env bash
# Builds the Debian package, checks it, installs it into a temporary root and runs the installed
# program.
#   deb.sh BUILD
set -euo pipefail
build=$1
here=$(cd "$(dirname "$0")" && pwd)
source "$here/scratch.sh" "$build/atlasjob"
for tool in dpkg-deb dpkg-shlibdeps lintian; do
    command -v "$tool" >/dev/null || missing "$tool"
done

cpack --config "$build/CPackConfig.cmake" -G DEB -B "$scratch/package" >"$scratch/cpack.log" 2>&1 || {
    cat "$scratch/cpack.log" >&2
    fail "cpack"
}
package=$(echo "$scratch"/package/*.deb)
[[ -f $package ]] || fail "expected one package: $package"
[[ $(basename "$package") == atlasjob_*-1_$(dpkg --print-architecture).deb ]] || fail "name: $package"

lintian --fail-on error --allow-root "$package" ||
    fail "lintian"

files=$(dpkg-deb -c "$package")
for file in /usr/bin/atlasjob /usr/share/man/man1/atlasjob.1.gz \
    /usr/bin/atlasjob-follow-gp /usr/share/man/man1/atlasjob-follow-gp.1.gz \
    /usr/share/man/man5/atlasjob-config.5.gz /usr/share/bash-completion/completions/atlasjob \
    /usr/share/zsh/vendor-completions/_atlasjob /usr/share/fish/vendor_completions.d/atlasjob.fish \
    /usr/lib/systemd/user/atlasjob-gc.timer /usr/lib/systemd/user/atlasjob-gc.service \
    /usr/lib/systemd/user/atlasjob-worker.service /usr/lib/systemd/system/atlasjob-worker@.service \
    /usr/lib/systemd/system/atlasjob-gc@.service /usr/lib/systemd/system/atlasjob-gc@.timer \
    /usr/share/doc/atlasjob/examples/cron.d/atlasjob /usr/share/doc/atlasjob/README.md \
    /usr/share/doc/atlasjob/copyright /usr/share/doc/atlasjob/changelog.Debian.gz; do
    grep -q " \.$file$" <<<"$files" || fail "$file is not in the package: $files"
done
! grep -E '\./usr/(include|local)|\.a$' <<<"$files" || fail "the package has files of the library"
awk '$2 != "root/root" { bad = 1; print } END { exit bad }' <<<"$files" || fail "a file is not owned by root"

# The dependencies are the libraries that the programs link.
depends=$(dpkg-deb -f "$package" Depends)
for library in libc6 libcurl4; do
    [[ $depends == *$library* ]] || fail "it does not depend on $library: $depends"
done

# dpkg installs it into a temporary root; the package has no maintainer scripts that would need more.
root=$scratch/root
mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
touch "$root/var/lib/dpkg/status" "$root/var/lib/dpkg/available"
as_root=()
[[ $(id -u) -eq 0 ]] || as_root=(fakeroot)
"${as_root[@]}" dpkg --root="$root" --force-not-root --force-depends --log="$scratch/dpkg.log" \
    -i "$package" >"$scratch/dpkg.out" 2>&1 || {
    cat "$scratch/dpkg.out" >&2
    fail "dpkg -i"
}
installed=$root/usr/bin/atlasjob
export ATLASJOB_ON_DEMAND_WORKER=true
[[ $("$installed" --version) == 'atlasjob '* ]] || fail "--version"
job=$("$installed" submit -- echo 'from the package')
"$installed" wait "$job" --timeout 120s || fail "the job: $("$installed" status "$job")"
[[ $("$installed" logs "$job") == 'from the package' ]] || fail "its output"
"$installed" doctor >"$scratch/doctor" || fail "$(cat "$scratch/doctor")"
[[ $(bash -c "source '$root/usr/share/bash-completion/completions/atlasjob'; COMP_WORDS=(atlasjob can); COMP_CWORD=1; _atlasjob; echo \$COMPREPLY") == cancel ]] ||
    fail "the installed completion"
[[ $("$root/usr/bin/atlasjob-follow-gp" --version) == 'atlasjob-follow-gp '* ]] || fail "the follower"
grep -q '^\.TH ATLASJOB 1' <<<"$(zcat "$root/usr/share/man/man1/atlasjob.1.gz")" || fail "the installed manual"
"${as_root[@]}" dpkg --root="$root" --force-not-root --log="$scratch/dpkg.log" -r atlasjob >/dev/null ||
    fail "dpkg -r"
[[ ! -e $installed ]] || fail "the program is still there after dpkg -r"
