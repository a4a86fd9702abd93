#!/bin/sh
# --check finds nothing in programs without mistakes: the examples, and the programs of tests/mpi.
# Time limit: 600 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
slow=${IPCRUN_TEST_SLOW:-1}
cd "$work" || exit 99

for file in "$src"/examples/*.c; do
    grep -q '^int main' "$file" || continue
    example=$(basename "$file" .c)
    timeout $((60 * slow)) "$build/ipcrun" --check -n 3 "$build/examples/$example" </dev/null >out 2>err
    status=$?
    empty "$example" "$([ $status -eq 0 ] || echo "exit status $status"; cat err)"
done

# With three ranks: there, none of them leaves anything behind on purpose.
IPCRUN_CHECK=2 "$src/tests/mpi/run" -n 3 "$build/ipcrun" "$build/tests/mpi" >out 2>&1
status=$?
empty "the programs of tests/mpi" "$([ $status -eq 0 ] || grep -A 5 '^not ok' out)"
grep -q '^ok' out && pass "... of which there are some" || fail "... of which there are some" "$(cat out)"
finish
