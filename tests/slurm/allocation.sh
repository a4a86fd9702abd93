#!/bin/bash
# ipcrun inside an allocation of four nodes: its hosts, and agents started by srun. Time limit: 600 s.
. "${IPCRUN_TEST_SRC:-.}/tests/slurm/lib.sh"
exchange=$build/tests/launcher/exchange
where='echo $IPCRUN_RANK $IPCRUN_NODE $SLURMD_NODENAME'
limit=40

# $alloc are the options of the allocation that "$ipcrun" runs in.
printf '#!/bin/sh\nexec salloc --quiet $alloc "%s" "$@"\n' "$build/ipcrun" >in_job
chmod +x in_job
ipcrun=./in_job
alloc='-N 4 -n 6'
export alloc

# placed NAME WANTED ARGUMENT...: WANTED are the nodes of the ranks by Slurm's numbers, in order.
placed() {
    placed_name=$1 placed_wanted=$2
    shift 2
    expect "$placed_name" 0 "$@" sh -c "$where"
    same "... puts ranks where they belong" "$(sort -n out | awk '{ printf "%s", substr($3, 2) }')" \
        "$placed_wanted"
}
placed "all slots" 111234
empty "... without a word" "$(cat err)"
placed "fewer ranks" 11123 -n 5
placed "more ranks" 11111122334 -n 11
placed "in turns" 123411 --map-by node
placed "-ppn" 112233 -ppn 2 -n 6
placed "some of the hosts" 4111 -H n4,n1
placed "... with slots of one's own" 4423 -H n4:2,n2,n3
expect "a host of somebody else" 2 -H n1,n9 true
says "... is named" "host n9 is none of the 4 hosts that Slurm has given to job [0-9]+"
expect "no host of the job" 0 --scheduler none -n 2 sh -c 'echo $IPCRUN_NODES'
same "... is this machine" "$(sort -u out)" 1
alloc='-N 2 -n 3 -c 2' expect "ranks with several CPUs" 0 sh -c "$where"
same "... one for each task" "$(awk '{ print $3 }' out | sort | tr '\n' ' ')" "n1 n1 n2 "
expect "a wrong scheduler" 2 --scheduler pbs true
says "... is told" 'this is no job of PBS [(]PBS_NODEFILE is not set[)]'

expect "messages of all sizes" 0 "$exchange"
expect "-v" 0 -v -H n1,n2 -ppn 1 -n 2 true
same "... shows that srun starts agents" "$(grep -c '^ipcrun: host n[12]: srun .* --agent$' err)" 2
nothing_left "... nothing is left of those"
expect "a program with a result" 0 "$build/examples/heat"
same "... has one" "$(grep -c verified out)" 1

# ---- input, output, ends ----
head -c 3000000 /dev/urandom >random
limit=60 run -n 6 sh -c '[ $IPCRUN_RANK != 0 ] || cat' <random
same "stdin and stdout byte by byte" "$status $(cmp out random 2>&1)" "0 "
expect "a failing rank" 5 sh -c '[ $IPCRUN_RANK != 4 ] || exit 5; sleep 30'
says "... is named with its node" '^ipcrun: rank 4 on n3 \(pid [0-9]+\) exited with code 5'
expect "a program that does not exist" 127 ./nothing
says "... is said once" "program './nothing' does not exist"
expect "nothing can be started there" 2 --launcher slurm --ssh /bin/false -n 2 -H n2:2 true
says "... is told with the host" '^ipcrun: host n2: cannot start the agent'
nothing_left "... and nothing is left"

# job: starts one in the background, $job, with $head as its ipcrun, and waits until its ranks run.
six_up() { [ -e up.0 ] && [ -e up.1 ] && [ -e up.2 ] && [ -e up.3 ] && [ -e up.4 ] && [ -e up.5 ]; }
job() {
    rm -f up.*
    "$ipcrun" sh -c ': >$0/up.$IPCRUN_RANK; exec sleep 300' "$PWD" >out 2>err &
    job=$!
    wait_for 60 six_up || fail "six ranks run" "$(leftovers)" "$(cat err)"
    head=$(pgrep -P $job ipcrun)
}
job
kill -INT "$head"
wait $job
same "Ctrl-C" $? 130
nothing_left "... leaves nothing"
job
kill -KILL "$head"
nothing_left "a killed ipcrun leaves nothing"
wait $job 2>/dev/null
job
kill -KILL $(left '[(]ipcr-agent[)]' | tail -n 1)
wait $job
same "a killed agent ends the job" $? 1
says "... and its node is named" '^ipcrun: host n[1-4]: lost the agent'
nothing_left "... and leaves nothing"
job
kill -KILL "$(pgrep -P "$head" srun | head -n 1)" # its own child is called srun, too
wait $job
same "a killed srun ends the job" $? 1
nothing_left "... and leaves nothing"
job
stepd=$(ps -eo pid=,args= | awk '/slurmstepd: \[[0-9]+\.[0-9]+\]/ { print $1 }' | tail -n 1)
kill -KILL "$stepd"
wait $job
same "a lost step ends the job" $? 1
says "... and its node is named" '^ipcrun: host n[1-4]: lost'
nothing_left "... and leaves nothing"
job
scancel "$(squeue -h -o %A)"
wait $job 2>/dev/null
cancelled=$? # the signal goes to agents and ranks at once: whoever is first is reported
case $cancelled in 1 | 143) pass "a cancelled job fails" ;; *) fail "a cancelled job fails" "$cancelled" ;; esac
says "... says why" '^ipcrun: (host n[1-4]: lost: a signal has ended the agent|rank [0-5] on n[1-4] .* killed by signal 15)'
nothing_left "... and leaves nothing"

# ---- batch scripts and steps ----
# batch OPTIONS WORD...: a script of these words; leaves files out and err, and $status.
batch() {
    batch_options=$1
    shift
    { echo '#!/bin/bash' && printf '%q ' "$@" && echo; } >script
    timeout -k 5 $((60 * slow)) sbatch --quiet --wait $batch_options -o out -e err script
    status=$?
}
batch '-N 3 --ntasks-per-node=2' "$build/ipcrun" -v sh -c "$where"
same "a batch script" "$status $(sort -n out | awk '{ printf "%s", substr($3, 2) }')" "0 112233"
same "... has the agent of its own node in place" "$(grep -c 'host n[1-4]: srun' err)" 2
batch '-N 2 -n 4' "$build/ipcrun" "$exchange"
same "messages between its ranks" $status 0
batch '-N 2 -n 2' "$build/ipcrun" sh -c 'echo ${SLURM_PROCID-none} ${SLURM_LOCALID-none}'
same "no rank is told that it is Slurm's first" "$(sort -u out)" "none none"
batch '-N 2 -n 3' "$build/ipcrun" -n 1 -H localhost sh -c "$where"
same "localhost is the script's node" "$status $(cat out)" "0 0 0 n1"
batch '-N 2 -n 4' sh -c "srun -N 2 -n 3 '$build/ipcrun' hostname"
same "several copies of ipcrun" "$status $(grep -c 'srun has started ipcrun 3 times' err)" "2 1"
alloc='-N 2 -n 2' ipcrun=./in_step
printf '#!/bin/sh\nexec salloc --quiet $alloc srun -N 1 -n 1 "%s" "$@"\n' "$build/ipcrun" >in_step
chmod +x in_step
expect "one copy inside a step" 0 sh -c "$where"
same "... has the whole allocation" "$(awk '{ print $3 }' out | sort -u | tr '\n' ' ')" "n1 n2 "

salloc --quiet -N 4 -n 6 "$build/ipcrun" --info >out 2>err
same "--info" "$(grep -cE 'Slurm +inside job [0-9]+: 4 hosts, 6 slots' out)" 1
nothing_left "nothing is left at the end"
finish
