#!/bin/bash
# Programs with mistakes: each makes ipcrun say what its golden text holds, and nothing once it is
# corrected. `run.sh NAME...` runs only these; with IPCRUN_TEST_REWRITE=1 what they say now becomes
# the golden text, to be read before it is committed. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
folder=$src/tests/mistakes
ipcrun=$build/ipcrun
slow=${IPCRUN_TEST_SLOW:-1}
cd "$work" || exit 99

# What differs from run to run, and from machine to machine: whom a rank in a collective waits for is
# a matter of the algorithm, so where collectives are involved, circles are left out. Findings of
# several ranks come in any order.
normal() {
    grep -q '^ipcrun: not in MPI_' "$1" && sed -i '/^ipcrun: a circle:/d' "$1"
    sed -E -e 's/pid [0-9]+/pid PID/; s/ on [^ ]+ \(pid/ on HOST (pid/; s/host [^ ,]+, pid/host HOST, pid/' \
        -e 's/since [0-9.]+ s/since T/g; s/0x[0-9a-f]+/ADDRESS/g' "$1" >lines
    grep '^ipcrun: check:' lines | LC_ALL=C sort
    grep -v '^ipcrun: check:' lines
}

# Without libdw there are no source lines; then places are left out on both sides.
places() {
    if grep -q "^DEFS = .*-DHAVE_LIBDW=1" "$build/Makefile"; then
        cat "$1"
    else
        sed -E 's/[,;] called from [^ ,:;]+(:[0-9]+| in [^ ,:;]+)?//' "$1"
    fi
}

# start NAME RANKS OPTION...: both variants, in the background, beside at most three others: many of
# them sleep until that is called a deadlock.
start() {
    while [ "$(jobs -pr | wc -l)" -ge 4 ]; do wait -n; done
    {
        program=$build/tests/mistakes/$1
        timeout $((20 * slow)) "$ipcrun" "${@:3}" -n "$2" "$program" >"$1.out" 2>&1
        echo $? >"$1.status"
        timeout $((20 * slow)) "$ipcrun" "${@:3}" -n "$2" "$program" fixed >"$1.fixed.out" 2>&1
        echo $? >"$1.fixed.status"
    } &
}

# judge NAME STATUS: what came of both.
judge() {
    name=$1 wanted=$2 status=$(cat "$1.status")
    normal "$name.out" >said
    [ -z "$IPCRUN_TEST_REWRITE" ] || cp said "$folder/$name.says"
    if [ "$status" -ne "$wanted" ]; then
        fail "$name" "exit status $status, not $wanted" "$(cat "$name.out")"
    elif places "$folder/$name.says" >golden && places said | diff -u golden - >diff; then
        pass "$name"
    else
        fail "$name" "$(cat diff)"
    fi
    status=$(cat "$name.fixed.status")
    empty "$name, corrected" \
        "$([ "$status" -eq 0 ] || echo "exit status $status"; cat "$name.fixed.out")"
}

# rows COMMAND NAME...: the command gets each row of LIST, or of those only.
rows() {
    while read -r name row; do
        case $name in '' | '#'*) continue ;; esac
        # shellcheck disable=SC2086
        [ $# -gt 1 ] && [[ " ${*:2} " != *" $name "* ]] || $1 $name $row
    done <"$folder/LIST"
}
start_row() { start "$1" "$2" "${@:4}"; }
judge_row() { judge "$1" "$3"; }

for file in "$folder"/*.c; do
    name=${file##*/} name=${name%.c}
    grep -q "^$name " "$folder/LIST" && grep -q "\`$name\`" "$folder/README.md" || echo "$name"
done >missing
empty "each program is in LIST and README.md" "$(cat missing)"
rows start_row "$@"
wait
rows judge_row "$@"
finish
