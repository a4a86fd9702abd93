#!/bin/bash
# Deadlocks are proved and explained; programs that only wait for long are left alone. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
hang=$build/tests/launcher/hang

# words NAME LINE...: the last run's stderr is these lines, whatever the times and places.
words() {
    words_name=$1
    shift
    sed 's/since [0-9.]* s/since T/; s/, called from .*//' err >words
    printf 'ipcrun: %s\n' "$@" | diff -u - words >diff && pass "$words_name" ||
        fail "$words_name" "$(cat diff)"
}

# ---- true deadlocks ----
# Each sleeps for most of its time, so they are started all together and looked at one by one.
limit=10
go head_to_head -n 2 "$hang" head_to_head
go wrong_tag -n 2 "$hang" wrong_tag
go either -n 2 "$hang" wait_for_either
go any -n 2 "$hang" wait_for_any
go wrong_comm -n 2 "$hang" wrong_comm
go in_part -n 6 "$hang" missing_in_part
go missing -n 4 "$hang" missing_collective
go anybody -n 3 "$hang" from_anybody
go alone -n 1 "$hang" from_anybody
for transport in shm tcp unix pipe mmap udp; do
    go $transport --transport self,$transport -n 2 "$hang" large_sends
done
go hosts --ssh ./fakessh -H a:2,b:1 "$hang" head_to_head
[ "$slow" -eq 1 ] && go threads -n 2 "$hang" two_threads
came "synchronous sends head to head end the job" 1 head_to_head
words "... are explained" \
    "rank 0 waits in MPI_Ssend, tag 5 on MPI_COMM_WORLD for rank 1, since T" \
    "rank 1 waits in MPI_Ssend, tag 5 on MPI_COMM_WORLD for rank 0, since T" \
    "a circle: rank 0 waits for rank 1, which waits for rank 0" \
    "deadlock: 2 ranks wait in MPI calls, and no message is under way"
came "a wrong tag ends the job" 1 wrong_tag
says "... is named" 'rank 1 waits in MPI_Recv, tag 9 on MPI_COMM_WORLD for rank 0'
says "... with what the other one does" 'rank 0 waits in MPI_Barrier on MPI_COMM_WORLD'
says "... and the message that is there instead" \
    'nearest unmatched message at rank 1 is from rank 0 with tag 8$'
came "nonblocking calls that never match end the job" 1 either
words "... with what the waits are for" \
    "rank 0 waits in MPI_Wait (a send), tag 8 on MPI_COMM_WORLD for rank 1, since T" \
    "rank 1 waits in MPI_Wait (a receive), tag 9 on MPI_COMM_WORLD for rank 0, since T" \
    "the nearest unmatched message at rank 1 is from rank 0 with tag 8" \
    "a circle: rank 0 waits for rank 1, which waits for rank 0" \
    "deadlock: 2 ranks wait in MPI calls, and no message is under way"
came "a wait for any of several requests ends the job" 1 any
words "... with what each of them is" \
    "rank 0 waits in MPI_Waitany for any of 2 requests: a receive from any rank, tag 8; a send to rank 1, tag 9, since T" \
    "rank 1 waits in MPI_Waitany for any of 2 requests: a receive from any rank, tag 8; a send to rank 0, tag 10, since T" \
    "deadlock: 2 ranks wait in MPI calls, and no message is under way"
came "a wrong communicator ends the job" 1 wrong_comm
says "... is named" 'nearest unmatched message at rank 1 is from rank 0 with tag 9 on mine$'
came "a collective of some ranks that one never enters ends the job" 1 in_part
words "... is explained" \
    "ranks 0, 2, 4 wait in MPI_Barrier on MPI_COMM_WORLD, since T" \
    "not in MPI_Barrier with the others: ranks 1, 3, 5" \
    "ranks 1, 3 wait in MPI_Barrier on odd, since T" \
    "not in MPI_Barrier with the others of odd: rank 5" \
    "rank 5 waits in MPI_Recv, tag 3 on MPI_COMM_WORLD for rank 0, since T" \
    "a circle: rank 0 waits for rank 1, which waits for rank 5, which waits for rank 0" \
    "deadlock: 6 ranks wait in MPI calls, and no message is under way"
came "a collective that a rank never enters ends the job" 1 missing
says "... names that rank" '^ipcrun: not in MPI_Barrier with the others: rank 3$'
says "... groups the others" '^ipcrun: ranks 0-2 wait in MPI_Barrier on MPI_COMM_WORLD, since'
says "... tells what it does instead" '^ipcrun: rank 3 waits in MPI_Recv, tag 3 on'
came "nobody sends" 1 anybody
words "... is explained" \
    "ranks 0-2 wait in MPI_Recv, tag 4 on MPI_COMM_WORLD for any rank, since T" \
    "deadlock: 3 ranks wait in MPI calls, and no message is under way"
came "one rank alone" 1 alone
for transport in shm tcp unix pipe mmap udp; do
    came "large sends head to head over $transport" 1 $transport
    says "... are a deadlock" '^ipcrun: deadlock: 2 ranks'
done
came "head to head between hosts" 1 hosts
says "... is a deadlock" '^ipcrun: deadlock: 3 ranks'
if [ "$slow" -eq 1 ]; then # the sanitizers have threads of their own, so nothing is certain
    came "all threads of all ranks wait" 1 threads
    says "... is a deadlock" '^ipcrun: deadlock: 2 ranks'
fi

# ---- the line of the source, where libdw can tell ----
line=hang.c:$(grep -n 'MPI_Ssend(' "$src/tests/launcher/hang.c" | cut -d: -f1)
if grep -q -e -DHAVE_LIBDW=1 "$build/Makefile"; then
    cp "$hang" stripped && strip --strip-debug stripped
    cp stripped bare && strip bare
    go place -n 2 "$hang" head_to_head
    go places --ssh ./fakessh -H a:1,b:1 "$hang" head_to_head
    go stripped -n 2 ./stripped head_to_head
    go bare -n 2 ./bare head_to_head
    # A program of clang does not go together with a library that gcc's sanitizers are in.
    [ "$slow" -eq 1 ] && [ -n "$(command -v clang)" ] && IPCRUN_CC=clang "$build/mpicc" -g -std=gnu11 -D_GNU_SOURCE \
        "$src/tests/launcher/hang.c" -o by_clang && go clang -n 2 ./by_clang head_to_head
    for key in place places; do
        came "a deadlock has places ($key)" 1 $key
        says "... with the line of the call" "rank 0 waits in MPI_Ssend.*, called from $line$"
        says "... of the other rank, too" "rank 1 waits in MPI_Ssend.*, called from $line$"
    done
    if [ -e by_clang ]; then # it writes no table of where its units lie
        came "a program that clang has built has places" 1 clang
        says "... the same" "rank 0 waits in MPI_Ssend.*, called from $line$"
    else
        skip "a program that clang has built has places" "no clang that can build one"
    fi
    came "without debug information" 1 stripped
    says "... it is the function" 'rank 0 waits .*, called from .*\+0x[0-9a-f]+ in stripped$'
    came "without symbols" 1 bare
    says "... it is the place in the file" 'rank 0 waits .*, called from bare\+0x[0-9a-f]+$'
else
    skip "the line of the source" "built without libdw"
fi

# ---- what the ranks do, while the job goes on ----
go report --hang-report 1 -n 3 "$hang" sleeper
go patient --hang-report 30 -n 3 "$hang" sleeper
quit() { # quit KEY OPTION...: a job that is asked by SIGQUIT
    perl -e '$SIG{QUIT} = "DEFAULT"; setpgrp; exec @ARGV' "$ipcrun" "${@:2}" "$hang" sleeper \
        >"$1.out" 2>"$1.err" &
    sleep 2
    kill -QUIT -$!
    wait $!
    echo $? >"$1.ended" && mv "$1.ended" "$1.status"
}
quit here -n 3 &
quit two_hosts --ssh ./fakessh -H a:2,b:1 &
came "a partial hang is reported on demand" 0 report
says "... with the time" '^ipcrun: waiting for 1 s or longer'
says "... with those that wait" '^ipcrun: ranks 1-2 wait in MPI_Barrier on MPI_COMM_WORLD, since'
says "... with the one that is missed" '^ipcrun: not in MPI_Barrier with the others: rank 0$'
says "... and what it does instead" '^ipcrun: rank 0 sleeps outside of MPI$'
came "not if nobody waits for so long" 0 patient
empty "... and nothing is said" "$(cat err)"
for key in here two_hosts; do
    came "the job goes on after SIGQUIT ($key)" 0 $key
    says "... which shows who waits" '^ipcrun: ranks 1-2 wait in MPI_Barrier on MPI_COMM_WORLD'
    says "... and who sleeps" '^ipcrun: rank 0 sleeps outside of MPI$'
done

# ---- ordinary waits, all at once: that is load as well ----
limit=60
waits="sleeper computer tester slow_ring late_thread child stopped workers"
for case in $waits reader; do
    for n in 2 3; do
        (sleep 4; echo line) | timeout $((limit * slow)) "$ipcrun" -n $n "$hang" "$case" \
            >"$case.$n" 2>&1 &
        pids="$pids $!:$case:$n"
    done
    timeout $((limit * slow)) "$ipcrun" --ssh ./fakessh -H a:1,b:2 "$hang" "$case" \
        <<<line >"$case.hosts" 2>&1 &
    pids="$pids $!:$case:hosts"
done
for job in $pids; do
    IFS=: read -r pid case n <<<"$job"
    wait "$pid"
    same "$case ($n) is no deadlock" "$? $(cat "$case.$n")" "0 "
done
nothing_left "nothing is left of all these"
finish
