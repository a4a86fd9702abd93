# For test scripts: checks that print TAP, and what every script needs. Source it:
#     . "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
# src and build are the two trees; $work is a scratch folder that goes when the script ends.

src=${IPCRUN_TEST_SRC:?is set by make check}
build=${IPCRUN_TEST_BUILD:?is set by make check}
work=$(mktemp -d "${TMPDIR:-/tmp}/ipcrun-test.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# Tests have hosts of their own, also where a scheduler's job runs them.
for tap_name in $(env | sed -n 's/^\(\(SLURM\|PBS\|LSB\|PE\)_[A-Z0-9_]*\)=.*/\1/p'); do
    unset "$tap_name"
done

tap_count=0
tap_failed=0

pass() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1"
}

fail() { # fail NAME [what was seen ...]
    tap_count=$((tap_count + 1))
    tap_failed=$((tap_failed + 1))
    echo "not ok $tap_count - $1"
    shift
    [ $# -eq 0 ] || printf '%s\n' "$@" | sed 's/^/# /'
}

skip() { # skip NAME REASON
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# check NAME COMMAND...: passes when the command does, and shows its output when it does not.
check() {
    check_name=$1
    shift
    if check_output=$("$@" 2>&1); then
        pass "$check_name"
    else
        fail "$check_name" "$* exited with $?" "$check_output"
    fi
}

# empty NAME TEXT: passes when there is no text, and shows it otherwise: for lists of offenders.
empty() {
    if [ -z "$2" ]; then
        pass "$1"
    else
        fail "$1" "$2"
    fi
}

# The last line of every script.
finish() {
    echo "1..$tap_count"
    exit $((tap_failed > 0))
}
