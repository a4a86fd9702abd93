#!/bin/bash
# Programs started by srun itself, on four nodes. Time limit: 240 s.
. "${IPCRUN_TEST_SRC:-.}/tests/slurm/lib.sh"
unset IPCRUN_RANK IPCRUN_TRANSPORT
rank=$build/tests/launcher/rank
exchange=$build/tests/launcher/exchange

# by NAME STATUS ARGUMENT...: runs it under srun; leaves files out and err.
by() {
    by_name=$1 by_status=$2
    shift 2
    timeout -k 5 $((60 * slow)) srun "$@" >out 2>err </dev/null
    by_seen=$?
    if [ $by_seen -eq "$by_status" ]; then
        pass "$by_name"
    else
        fail "$by_name" "exit status $by_seen, not $by_status" "$(tail -n 5 err)"
    fi
}

by "eight ranks on four nodes compute together" 0 --mpi=pmi2 -N 4 -n 8 "$build/examples/heat"
[ "$(grep -c verified out)" -eq 1 ] && pass "... one result" || fail "... one result" "$(cat out)"
by "messages of all sizes between nodes" 0 --mpi=pmi2 -N 2 -n 4 "$exchange"
by "ranks of a node share memory" 0 --mpi=pmi2 -N 1 -n 3 env IPCRUN_TRANSPORT=shm "$exchange"
# Whether srun's status is that of the rank that fails or of the one that it kills then is a race.
timeout -k 5 $((60 * slow)) srun --mpi=pmi2 -N 2 -n 2 env IPCRUN_TRANSPORT=shm "$exchange" \
    >out 2>err </dev/null
[ $? -ne 0 ] && grep -q 'no transport reaches rank' err && pass "ranks of different nodes do not" ||
    fail "ranks of different nodes do not" "$(cat err)"
by "nodes of unlike sizes" 0 --mpi=pmi2 -N 3 -n 4 "$exchange"
by "dealt out one by one" 0 --mpi=pmi2 -N 2 -n 5 -m cyclic "$exchange"
by "without PMI: refused" 17 --mpi=none -N 2 -n 2 "$rank" ok
grep -q 'one of 2 ranks (SLURM_STEP_NUM_TASKS)' err && pass "... and said why" ||
    fail "... and said why" "$(cat err)"
by "one task is a world of one" 0 --mpi=none -n 1 "$rank" ok
finish
