#!/bin/bash
# Ranks that MPICH's mpiexec starts and that speak PMI with it. Time limit: 180 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
unset PMI_FD PMI_RANK PMI_SIZE PMIX_NAMESPACE PMIX_RANK IPCRUN_RANK IPCRUN_TRANSPORT

# A launcher that talks nonsense.
cat >nonsense.py <<'END'
import os, socket, subprocess, sys
ours, theirs = socket.socketpair()
env = dict(os.environ, PMI_FD=str(theirs.fileno()), PMI_RANK="0", PMI_SIZE="2")
rank = subprocess.Popen(sys.argv[2:], env=env, pass_fds=[theirs.fileno()])
theirs.close()
ours.recv(1000)
ours.sendall(sys.argv[1].encode().decode("unicode_escape").encode("latin1"))
ours.shutdown(socket.SHUT_WR)
sys.exit(rank.wait())
END

# refused NAME ANSWER PATTERN
refused() {
    timeout -k 5 $((20 * slow)) python3 nonsense.py "$2" "$rank" ok >out 2>err
    same "$1: refused" $? 17
    says "... and it is said why" "$3"
}

if command -v python3 >/dev/null; then
    refused "an answer without words" 'hello\n' "the PMI command 'cmd=init' with 'hello'"
    refused "the answer to something else" 'cmd=barrier_out\n' "with 'cmd=barrier_out'"
    refused "a refusal" 'cmd=response_to_init rc=-1\n' "with 'cmd=response_to_init rc=-1'"
    refused "a count that is none" 'cmd=response_to_init rc=99999999999\n' "rc=99999999999"
    refused "zero bytes" 'cmd=\x00response_to_init rc=0\n' "with 'cmd='"
    refused "two lines for one" 'cmd=response_to_init rc=0\ncmd=x\n' "cmd=response_to_init rc=0"
    refused "a launcher that hangs up" '' "the launcher closed the socket that PMI_FD names"
else
    skip "a launcher that talks nonsense" "no python3 here"
fi
timeout -k 5 $((20 * slow)) env PMI_FD=3 PMI_SIZE=2 PMI_RANK=2 "$rank" ok >out 2>err
same "a rank beyond the size: refused" $? 17
says "... in one sentence" "PMI_RANK is '2', which makes no sense"

if ! command -v mpiexec.hydra >/dev/null; then
    skip "under MPICH's mpiexec" "no mpiexec.hydra here"
    finish
fi

# under NAME STATUS ARGUMENT...: runs it under MPICH's mpiexec; leaves files out and err.
under() {
    under_name=$1 under_status=$2
    shift 2
    timeout -k 5 $((40 * slow)) mpiexec.hydra "$@" >out 2>err </dev/null
    same "$under_name" $? "$under_status"
}

heat=$build/examples/heat
under "four ranks compute together" 0 -n 4 "$heat"
same "... one result" "$(grep -c 'verified' out)" 1
under "one rank" 0 -n 1 "$rank" ok
# shm reaches ranks of one node only, so it has to be one.
under "they share memory" 0 -n 3 env IPCRUN_TRANSPORT=shm "$build/tests/launcher/exchange"
under "they can use the network" 0 -n 3 env IPCRUN_TRANSPORT=tcp "$build/tests/launcher/exchange"
under "two parts of a command line" 0 -n 1 "$rank" ok : -n 2 "$rank" ok
under "a script between launcher and rank" 0 -n 2 sh -c "$rank ok; exit \$?"
under "MPI_Abort ends the job" 5 -n 2 "$rank" abort 5
under "MPI_Abort is never a success" 1 -n 2 "$rank" abort 0
under "thirteen ranks" 0 -n 13 "$build/tests/launcher/exchange"
under "sessions alone" 0 -n 2 "$rank" session 0
# By files and slowly: this mpiexec may die of SIGPIPE when ranks that never greet it end at once.
timeout -k 5 $((40 * slow)) mpiexec.hydra -n 2 sh -c \
    "IPCRUN_RANK=0 $rank ok; echo \$? >ended.\$PMI_RANK; sleep 0.5" >out 2>err </dev/null
same "what a rank starts is no rank" "$(cat ended.0 ended.1)" "$(printf '0\n0')"
nothing_left "nothing is left of all these"
finish
