#!/bin/bash
# Ranks that Open MPI's mpirun starts and that speak PMIx with it. Time limit: 240 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
unset PMI_FD PMIX_NAMESPACE PMIX_RANK IPCRUN_RANK IPCRUN_TRANSPORT
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
# What is left of a launcher that is killed is swept up with the rest.
export TMPDIR=$work
# libpmix keeps a few words of its own; what this library keeps is still found.
echo leak:libpmix >known
export LSAN_OPTIONS="${LSAN_OPTIONS:+$LSAN_OPTIONS:}suppressions=$work/known:print_suppressions=0"

timeout -k 5 $((20 * slow)) env PMIX_NAMESPACE=nowhere PMIX_RANK=0 "$rank" ok >out 2>err
same "PMIx of nobody: refused" $? 17
says "... in one sentence" "PMIx(_Init: [A-Z_-]+| started it \\(PMIX_RANK\\).* ipcrun, or unset PMIX_RANK.*)$"

openmpi=$(command -v mpirun.openmpi)
[ -n "$openmpi" ] || ! mpirun --version 2>/dev/null | grep -q 'Open MPI' || openmpi=$(command -v mpirun)
if [ -z "$openmpi" ]; then
    skip "under Open MPI's mpirun" "no mpirun of Open MPI here"
    finish
fi

# under NAME STATUS ARGUMENT...: runs it under Open MPI's mpirun; leaves files out and err.
under() {
    under_name=$1 under_status=$2
    shift 2
    timeout -k 5 $((40 * slow)) "$openmpi" --oversubscribe "$@" >out 2>err </dev/null
    same "$under_name" $? "$under_status"
}

if ! "$ipcrun" --info | grep -q 'PMIx .*found$'; then
    under "without PMIx: refused" 17 -n 2 "$rank" ok
    check "... and it is said why" grep -Eq 'one of 2 ranks .* (libpmix|without PMIx).* ipcrun -n 2' err
    finish
fi

under "four ranks compute together" 0 -n 4 "$build/examples/heat"
same "... one result" "$(grep -c verified out)" 1
empty "... and nothing else is said" "$(cat err)"
exchange=$build/tests/launcher/exchange
for n in 1 2 13; do
    under "messages of all sizes among $n" 0 -n $n "$exchange"
    same "... in one world" "$(cat out)" "$n ranks, 0 wrong bytes"
done
# shm reaches ranks of one node only, so it has to be one.
under "they share memory" 0 -n 3 env IPCRUN_TRANSPORT=shm "$exchange"
under "they can use the network" 0 -n 3 env IPCRUN_TRANSPORT=tcp "$exchange"
if "$openmpi" -n 1 true : -n 1 true >/dev/null 2>&1; then
    under "two parts of a command line" 0 -n 1 "$rank" ok : -n 2 "$rank" ok
else # 5.0.7 of Debian 13 dies of it, whatever the program
    skip "two parts of a command line" "this mpirun takes one only"
fi
under "a script between launcher and rank" 0 -n 2 sh -c "$rank ok; exit \$?"
under "sessions alone" 0 -n 2 "$rank" session 0
under "a session that is left open" 1 -n 2 "$rank" session 1
under "MPI_Abort ends the job" 5 -n 3 "$rank" abort 5
says "... and says so once" "^MPI_Abort\\(MPI_COMM_WORLD, 5\\) was called by rank 1 of 3"
under "MPI_Abort is never a success" 1 -n 3 "$rank" abort 0
under "an error ends the job" 6 -n 3 "$rank" error
under "an early exit ends the job" 3 -n 3 "$rank" exit 3
under "a signal ends the job" 137 -n 3 "$rank" signal 9
under "the status of an exit after MPI_Finalize" 3 -n 2 "$rank" codes 3
under "what a rank starts is no rank" 0 -n 2 sh -c "IPCRUN_RANK=0 $rank ok"

# CPU time of a process with all its threads, in hundredths of a second.
spent() {
    set -- $(cat "/proc/$1/stat")
    echo $((${14} + ${15}))
}
"$openmpi" --oversubscribe -n 2 sh -c "echo \$\$ >pid.\$PMIX_RANK; exec $rank sleep 60" >out 2>err \
    </dev/null &
launcher=$!
wait_for 20 test -s pid.1
sleep 2
before=$(spent "$(cat pid.1)")
sleep 2
[ $(($(spent "$(cat pid.1)") - before)) -le 2 ] && pass "a rank that waits sleeps, its threads too" ||
    fail "a rank that waits sleeps, its threads too" "$(spent "$(cat pid.1)"), before $before"
kill -9 $launcher
wait $launcher 2>/dev/null
nothing_left "ranks end when their launcher is killed"
finish
