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

# With three ranks: there, none of them leaves anything behind on purpose. One gives different counts
# to a broadcast, since it is about what comes then.
IPCRUN_CHECK=2 "$src/tests/mpi/run" -t "$slow" -n 3 "$build/ipcrun" "$build/tests/mpi" >out 2>&1
seen=$(sed -n 's/^not ok [0-9]* - \([a-z_]*\) .*/\1/p' out)
if [ "$seen" = nbc ] && grep -q '^ok' out; then
    pass "of the programs of tests/mpi, the one with different counts"
else
    fail "of the programs of tests/mpi, the one with different counts" "$(grep -A 5 '^not ok' out)"
fi
finish
