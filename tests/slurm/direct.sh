#!/bin/bash
# Programs started by srun itself, on four nodes. Time limit: 600 s.
. "${IPCRUN_TEST_SRC:-.}/tests/slurm/lib.sh"
unset PMI_FD PMIX_NAMESPACE PMIX_RANK IPCRUN_RANK IPCRUN_TRANSPORT
rank=$build/tests/launcher/rank
exchange=$build/tests/launcher/exchange

# same NAME SEEN WANTED
same() {
    [ "$2" = "$3" ] && pass "$1" || fail "$1" "seen:   $2" "wanted: $3"
}

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

# A small plate: eight ranks on four nodes that are one machine each believe that they have it alone.
by "eight ranks on four nodes compute together" 0 --mpi=pmi2 -N 4 -n 8 \
    "$build/examples/heat" heat.png 120 400
same "... one result" "$(grep -c verified out)" 1

# A world of N ranks is one world, whichever way they meet.
worlds() { # worlds WAY
    by "$1: messages of all sizes between nodes" 0 --mpi=$1 -N 2 -n 4 "$exchange"
    same "... in one world" "$(cat out)" "4 ranks, 0 wrong bytes"
    by "$1: ranks of a node share memory" 0 --mpi=$1 -N 1 -n 3 env IPCRUN_TRANSPORT=shm "$exchange"
    # Whether srun's status is that of the rank that fails or of the one that it kills is a race.
    timeout -k 5 $((60 * slow)) srun --mpi=$1 -N 2 -n 2 env IPCRUN_TRANSPORT=shm "$exchange" \
        >out 2>err </dev/null
    [ $? -ne 0 ] && grep -q 'no transport reaches rank' err &&
        pass "$1: ranks of different nodes do not" ||
        fail "$1: ranks of different nodes do not" "$(cat err)"
    by "$1: nodes of unlike sizes" 0 --mpi=$1 -N 3 -n 4 "$exchange"
    by "$1: dealt out one by one" 0 --mpi=$1 -N 2 -n 5 -m cyclic "$exchange"
    by "$1: thirteen ranks" 0 --mpi=$1 -N 4 -n 13 "$exchange"
    by "$1: one rank" 0 --mpi=$1 -n 1 "$exchange"
    by "$1: sessions alone" 0 --mpi=$1 -N 2 -n 3 "$rank" session 0
}

# ends NAME PATTERN ARGUMENT...: the job ends by itself, not well, and says why.
ends() {
    ends_name=$1 ends_pattern=$2
    shift 2
    timeout -k 5 $((60 * slow)) srun "$@" >out 2>err </dev/null
    ends_seen=$?
    [ $ends_seen -ne 0 ] && [ $ends_seen -ne 124 ] && grep -q "$ends_pattern" err &&
        pass "$ends_name" || fail "$ends_name" "exit status $ends_seen" "$(cat err)"
}

failures() { # failures WAY
    ends "$1: MPI_Abort ends the job" 'MPI_Abort(MPI_COMM_WORLD, 5) was called by rank 1 of 3' \
        --mpi=$1 -N 2 -n 3 "$rank" abort 5
    ends "$1: an error ends the job" 'MPI_ERR_RANK' --mpi=$1 -N 2 -n 3 "$rank" error
    ends "$1: an early exit ends the job" 'Exited with exit code 3' \
        --mpi=$1 -N 2 -n 3 "$rank" exit 3
}

worlds pmi2
failures pmi2
if ! srun --mpi=list 2>&1 | grep -q pmix; then
    skip "ranks that meet by PMIx" "this Slurm has no plugin pmix"
elif ! "$build/ipcrun" --info | grep -q 'PMIx .*found$'; then
    by "without PMIx: refused" 17 --mpi=pmix -N 1 -n 2 "$rank" ok
    check "... and said why" grep -q 'PMIx.*ipcrun -n 2 or srun --mpi=pmi2' err
else
    worlds pmix
    failures pmix
    ends "pmix: a signal ends the job" 'Killed' --mpi=pmix -N 2 -n 3 "$rank" signal 9
fi
by "without PMI: refused" 17 --mpi=none -N 2 -n 2 "$rank" ok
grep -q 'one of 2 ranks (SLURM_STEP_NUM_TASKS)' err && pass "... and said why" ||
    fail "... and said why" "$(cat err)"
by "one task is a world of one" 0 --mpi=none -n 1 "$rank" ok
finish
