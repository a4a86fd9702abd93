#!/bin/sh
# Collectives as jobs: every algorithm against the oracle for several numbers of ranks, wrong
# arguments, and algorithms forced by the environment. Time limit: 600 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"

run() { # run RANKS PROGRAM [ARGUMENT...]
    timeout 120 "$build/ipcrun" -n "$@"
}

for ranks in 2 3 5 8; do # all others: oracle_sim
    # The oracle prints TAP of its own; of a failure, what is wrong.
    check "every algorithm on $ranks ranks" run $ranks "$build/tests/coll/oracle"
done
for ranks in 2 3; do
    check "wrong arguments on $ranks ranks" run $ranks "$build/tests/coll/arguments"
done

for setting in ALLREDUCE=lines ALLREDUCE=flat ALLREDUCE=ring ALLREDUCE=rabenseifner ALLREDUCE=doubling \
    BCAST=linear BCAST=chain BCAST=scatter_ring BCAST=binomial BARRIER=lines BARRIER=flat BARRIER=dissemination; do
    check "IPCRUN_COLL_$setting" \
        env "IPCRUN_COLL_$setting" timeout 60 "$build/ipcrun" -n 5 "$build/tests/coll/forced"
done

# refused SETTING TEXT: the job ends at once with a sentence that has this text.
refused() {
    if output=$(env "$1" timeout 60 "$build/ipcrun" -n 3 "$build/tests/coll/forced" 2>&1); then
        fail "$1 is refused" "the job succeeded"
        return
    fi
    case $output in
    *"$2"*) pass "$1 is refused" ;;
    *) fail "$1 is refused" "$output" ;;
    esac
}
refused IPCRUN_COLL_ALLREDUCE=fastest \
    "IPCRUN_COLL_ALLREDUCE=fastest: there is no such algorithm; choose one of nodes, lines, flat, doubling, ring"
refused IPCRUN_COLL_SUM=ring "IPCRUN_COLL_SUM=ring: there is no such collective"
finish
