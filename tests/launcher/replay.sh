#!/bin/bash
# --record, --replay and --chaos. Time limit: 400 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
program=$build/tests/launcher/replay

# ---- a race that hardly ever shows ----
seed=0
while [ $seed -lt 150 ]; do
    seed=$((seed + 1))
    run --chaos $seed --record failed -n 3 "$program" race
    [ $status -eq 0 ] || break
done
same "some seed brings the race out" "$status $(cat out)" "7 rank 2 came before rank 1"

# again TIMES OPTION...: how often the record of the failure fails again in the same way.
again() {
    times=$1 repeated=0
    shift
    for _ in $(seq "$times"); do
        run --replay failed "$@" -n 3 "$program" race
        [ "$status $(cat out)" != "7 rank 2 came before rank 1" ] || repeated=$((repeated + 1))
    done
    echo $repeated
}
same "its record fails every time" "$(again 20)" 20
same "... over another transport, too" "$(again 5 --transport tcp)" 5
same "... and whatever else is delayed" "$(again 5 --chaos 77)" 5

expect "a message of the record that never comes ends the job" 1 --replay failed -n 3 "$program" race 1
says "... and is named" '^ipcrun: .*rank 0 .*waits in MPI_Recv, tag 1 on MPI_COMM_WORLD for rank 1'

# ---- everything that a rank sees of time ----
sees() { # sees OPTION...: what the ranks have seen, in the order of the ranks
    run "$@" -n 4 "$program" medley
    echo "$status"
    sort out
}
seen=$(sees --chaos 5 --record medley)
same "a record without races ends well" "${seen%%[!0-9]*}" 0
for seed in 1 2 3 4 5; do
    same "the same is seen again under --chaos $seed" "$(sees --replay medley --chaos $seed)" "$seen"
    same "... over tcp" "$(sees --replay medley --chaos $seed --transport tcp)" "$seen"
done
same "... on two hosts" "$(sees --replay medley --ssh ./fakessh -H a:3,b:1)" "$seen"
seen=$(sees --record hosts --chaos 6 --ssh ./fakessh -H a:3,b:1)
same "a record of two hosts ends well, too" "${seen%%[!0-9]*}" 0
same "... and is seen again" "$(sees --replay hosts --chaos 7 --ssh ./fakessh -H a:3,b:1)" "$seen"
different=0
for seed in 1 2 3 4 5; do
    [ "$(sees --chaos $seed)" = "$seen" ] || different=$((different + 1))
done
same "without the record it is something else" $different 5
expect "a receive that was cancelled" 0 --record cancelled -n 3 "$program" cancel
sort out >before
expect "... is cancelled again" 0 --replay cancelled -n 3 "$program" cancel
same "... by all" "$(sort out)" "$(cat before)"

# ---- programs and records that do not fit ----
expect "a program that goes on where the record ends" 17 --replay medley -n 4 "$program" medley 3
says "... is told where" '--replay: the program has left the record .*/medley.0 at receive 217, answer [0-9]*: it goes on'
expect "a program that ends before the record" 17 --replay medley -n 4 "$program" nothing
says "... is told so" 'it ends, and the record goes on to'
expect "a program that asks for something else" 17 --replay medley -n 4 "$program" other
says "... is told for what" 'the record has a probe here, and the program makes a test'
expect "another number of ranks" 17 --replay medley -n 3 "$program" medley
says "... is refused" 'was recorded by rank [0-9] of 4, and this is rank [0-9] of 3'
expect "no record" 17 --replay nothing -n 1 "$program" cancel
says "... is refused" 'nothing.0 cannot be read: No such file'
echo "This is no record, but a text of more than the length that the head of a record has." >text.0
expect "another file" 17 --replay text -n 1 "$program" cancel
says "... is refused" 'text.0 is no record of this version of ipcrun, or is damaged'
head -c 100 medley.0 >cut.0
expect "a piece of a record" 17 --replay cut -n 1 "$program" cancel
says "... is refused" 'cut.0 is no record of this version of ipcrun, or is damaged'
expect "a record that cannot be written" 17 --record no/where -n 1 "$program" cancel
says "... is refused" 'no/where.0 cannot be written: No such file'
expect "several threads that take decisions" 17 --record threads -n 1 "$build/tests/mpi/threads"
says "... are refused" 'two threads of rank 0 use wildcards, probes or tests'
expect "a record of a replay" 2 --record a --replay medley -n 4 "$program" medley
says "... is refused" 'a run is one or the other'
expect "a seed that is none" 2 --chaos 0 -n 1 "$program" cancel

# ---- a record of a job that was killed ----
"$ipcrun" --record killed -n 2 "$program" forever >out 2>err &
job=$!
wait_for 20 test -s out
kill -KILL $job
wait $job 2>/dev/null
run --replay killed -n 2 "$program" forever 1
says "a record that broke off is played to its end" 'past the end of its record, which broke off after'
same "... and the program goes on" $status 0

# ---- programs without races ----
limit=60
bad=""
for seed in $(seq 20); do
    for transport in shm tcp; do
        go "wild.$seed.$transport" --chaos "$seed" --transport $transport -n 4 \
            "$build/tests/mpi/wildcards"
    done
done
wait
for key in wild.*.status; do
    [ "$(cat "$key")" -eq 0 ] || bad="$bad $key"
done
same "all of them have run" "$(ls wild.*.status | wc -l)" 40
empty "a correct program with many wildcards passes with 20 seeds over shm and tcp" "$bad"
tests="order wildcards completion probe threads cancel persistent"
for test in $tests; do
    go "$test.1" --chaos 1 -n 3 "$build/tests/mpi/$test"
    go "$test.2" --chaos 2 -n 3 "$build/tests/mpi/$test"
done
for test in $tests; do
    came "tests/mpi/$test under --chaos 1" 0 "$test.1"
    came "tests/mpi/$test under --chaos 2" 0 "$test.2"
done
nothing_left "nothing is left of all these"
finish
