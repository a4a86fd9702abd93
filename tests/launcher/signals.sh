#!/bin/bash
# Signals to ipcrun: passed on, with a grace, and nothing stays. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

# A rank that says which signals it gets. $1: what to do on TERM and INT.
cat >rank.sh <<'END'
#!/bin/bash
trap 'echo "$IPCRUN_RANK USR1"' USR1
trap 'echo "$IPCRUN_RANK USR2"' USR2
trap 'echo "$IPCRUN_RANK WINCH"' WINCH
trap 'echo "$IPCRUN_RANK ALRM"' ALRM
trap 'echo "$IPCRUN_RANK CONT"' CONT
case $1 in
leave) trap 'echo "$IPCRUN_RANK saves"; sleep 0.7; echo "$IPCRUN_RANK saved"; exit 0' TERM INT HUP QUIT ;;
ignore) trap '' TERM INT HUP QUIT ;;
esac
echo "$IPCRUN_RANK ready"
for ((i = 0; i < 600; i++)); do sleep 0.05; done
END
chmod +x rank.sh

# launch ARGUMENT...: in the background, with job control's signal settings; waits until 3 ranks say
# ready. Leaves $job.
launch() {
    rm -f out # or what the job before this one said counts
    perl -e '$SIG{INT} = $SIG{QUIT} = "DEFAULT"; setpgrp; exec @ARGV' \
        "$ipcrun" -n 3 $where "$@" >out 2>err </dev/null &
    job=$!
    wait_for 10 sh -c '[ "$(grep -c ready out)" -eq 3 ]'
}

ended() { # ended NAME STATUS: of the launched job, within 10 s
    if wait_for 10 sh -c "! kill -0 $job"; then
        wait "$job"
        same "$1" "$?" "$2"
    else
        fail "$1" "still running" "$(cat out err)"
        kill -KILL "$job"
    fi
}

for where in "" "--ssh ./fakessh -H a:2,b:1"; do
    echo "# $where"
    for pair in INT:130 TERM:143 HUP:129; do
        launch ./rank.sh die
        kill -"${pair%:*}" "$job"
        ended "${pair%:*} ends the job" "${pair#*:}"
        says "... and that is said" "^ipcrun: ended by SIG${pair%:*}\$"
        nothing_left "... and nothing is left"
    done
    launch ./rank.sh leave
    kill -TERM "$job"
    ended "ranks may save their work on TERM" 143
    same "... all of them, to the end" "$(grep -c saved out)" 3
    launch ./rank.sh leave
    kill -INT -"$job"
    ended "Ctrl-C: the whole process group gets INT" 130
    same "... the ranks once, from ipcrun" "$(grep -c saves out)" 3
    launch ./rank.sh ignore
    begin=$(date +%s%N)
    kill -INT "$job"
    sleep 0.5
    kill -INT "$job"
    ended "a second INT kills ranks that ignore it" 130
    took=$((($(date +%s%N) - begin) / 1000000))
    [ $took -lt $((2500 * slow)) ] && pass "... at once" || fail "... at once" "$took ms"
    nothing_left "... and nothing is left"

    launch ./rank.sh die
    for sig in USR1 USR2 WINCH ALRM; do
        kill -$sig "$job"
        wait_for 5 sh -c "[ \"\$(grep -c '$sig\$' out)\" -eq 3 ]"
        same "$sig reaches every rank" "$(grep -c "$sig\$" out)" 3
    done
    kill -QUIT "$job"
    wait_for 5 grep -q 'ranks 0-2 have not called MPI_Init' err
    same "QUIT asks what the ranks do" "$(grep -c 'ranks 0-2 have not called MPI_Init' err)" 1
    kill -TSTP "$job"
    wait_for 5 sh -c "grep -q '^State:.T' /proc/$job/status"
    same "TSTP stops ipcrun" "$(awk '/^State/ { print $2 }' /proc/"$job"/status)" T
    sleep 0.3
    stopped=0
    for p in $(left 'rank[.]sh'); do
        grep -q '^State:.T' "/proc/$p/status" && stopped=$((stopped + 1))
    done
    # a rank that was about to start its sleep shows up twice
    [ $stopped -ge 3 ] && pass "... and the ranks" || fail "... and the ranks" "$stopped"
    kill -CONT "$job"
    wait_for 5 sh -c "[ \"\$(grep -c 'CONT\$' out)\" -eq 3 ]"
    same "CONT resumes all" "$(grep -c 'CONT$' out)" 3
    kill -TSTP "$job"
    wait_for 5 sh -c "grep -q '^State:.T' /proc/$job/status"
    kill -TERM "$job"
    kill -CONT "$job"
    ended "TERM to a stopped job" 143
    nothing_left "... leaves nothing"
done
where=

# ---- ignored from the start: nohup and background jobs of scripts ----
(trap '' HUP INT; exec "$ipcrun" -n 2 sh -c 'sleep 1; echo done') >out 2>err &
job=$!
sleep 0.5
kill -HUP $job
kill -INT $job
wait $job
same "ignored signals stay ignored" "$? $(grep -c done out)" "0 2"

# ---- a reader that has stopped does not hold an interrupted job ----
mkfifo pipe
sleep 20 <pipe &
reader=$!
"$ipcrun" -n 2 yes >pipe 2>err &
job=$!
sleep 1
kill -INT $job
kill -TERM $job
begin=$(date +%s)
wait $job
status=$?
kill $reader
[ $status -ge 129 ] && [ $(($(date +%s) - begin)) -lt $((8 * slow)) ] &&
    pass "an interrupted job does not wait for a stopped reader" ||
    fail "an interrupted job does not wait for a stopped reader" "status $status, $(($(date +%s) - begin)) s"

# ---- grace ----
took() { # took NAME LEAST MOST: milliseconds since $begin
    took=$((($(date +%s%N) - begin) / 1000000))
    [ $took -ge "$2" ] && [ $took -lt $(($3 * slow)) ] && pass "$1" || fail "$1" "$took ms"
}
launch --grace 0.8 ./rank.sh ignore
begin=$(date +%s%N)
kill -TERM "$job"
ended "--grace" 143
took "... is what ranks have" 700 2500
launch --grace 0 ./rank.sh ignore
begin=$(date +%s%N)
kill -TERM "$job"
ended "no grace" 143
took "... is none" 0 700
launch --grace 20 ./rank.sh leave
begin=$(date +%s%N)
kill -TERM "$job"
ended "a long grace" 143
took "... is not waited for" 600 5000
same "... when all have saved" "$(grep -c saved out)" 3
expect "--grace of a time limit" 124 --timeout 0.3 --grace 5 -n 2 ./rank.sh leave
same "... lets ranks save" "$(grep -c saved out)" 2
run --grace x -n 1 true
same "--grace x" "$status $(grep -c 'expected a number of seconds' err)" "2 1"

# ---- time limit ----
begin=$(date +%s%N)
expect "--timeout" 124 --timeout 0.5 -n 2 sleep 30
says "... is said" 'did not end within 0.5 s'
took=$((($(date +%s%N) - begin) / 1000000))
[ $took -ge 500 ] && [ $took -lt $((2000 * slow)) ] && pass "... in time" || fail "... in time" "$took ms"
says "... with what the ranks did" 'what the ranks do'
says "... each of them" 'ranks 0-1 have not called MPI_Init'
expect "--timeout kills what ignores TERM" 124 --timeout 0.5 -n 2 ./rank.sh ignore
expect "--timeout that is not reached" 0 --timeout 20 -n 2 true
nothing_left "nothing is left of all these"
finish
