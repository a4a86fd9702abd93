#!/bin/bash
# kill -9 while ranks talk over each transport: no process, no file, no queue is left after 3 seconds.
# IPCRUN_TEST_TRANSPORT: only this one. Time limit: 300 s.
# Alone: it looks for processes and files of any job.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
cp "$build/tests/transport/ring" ring # a path of its own: how its processes are found
ring=$work/ring
mkdir tmp
TMPDIR=$work/tmp
export TMPDIR

transports=${IPCRUN_TEST_TRANSPORT:-$("$ipcrun" --transport '?' true 2>&1 | sed -n 's/.*the transports are self, //p' | tr -d ,)}

ranks() {
    pgrep -f "^$ring"
}

parent() {
    ps -o ppid= -p "$1" | tr -d ' '
}

# pick KIND: a process of the job.
pick() {
    case $1 in
    launcher) echo "$job" ;;
    rank) ranks | shuf -n 1 ;;
    agent) parent "$(ranks | head -n 1)" ;;
    guard) parent "$(pick agent)" ;;
    esac
}

# within_3_s NAME: nothing of the job is left, launcher, guard and agent included: the path of its program
# is on their command lines, too.
all_gone() {
    ! pgrep -f "$ring"
}
within_3_s() {
    wait_for 3 all_gone
    empty "$1" "$(pgrep -af "$ring")"
}

# Names that outlive processes: files of the job, message queues where those can be listed.
names() {
    ls -A tmp
    ls /dev/mqueue 2>/dev/null | grep ipcrun
}

ranks_run() {
    [ "$(ranks | wc -l)" -eq 3 ]
}

queues=$(names)
for transport in $transports; do
    reason=$("$ipcrun" --transport "$transport" -n 2 true 2>&1) || {
        skip "$transport" "$reason"
        continue
    }
    for kind in rank agent launcher guard; do
        "$ipcrun" --transport "$transport" -n 3 "$ring" >out 2>err </dev/null &
        job=$!
        wait_for 10 ranks_run || fail "$transport: ranks start" "$(cat err)"
        sleep "0.$((RANDOM % 30 + 10))"
        victim=$(pick $kind)
        kill -KILL "$victim"
        within_3_s "$transport: kill -9 of $kind leaves no process"
        same "... and no name" "$(names)" "$queues"
        for p in $(pgrep -f "$ring"); do kill -KILL "$p"; done
        wait $job 2>/dev/null
        rm -rf tmp/*
    done
    expect "$transport: a job that ends well" 0 --transport "$transport" -n 3 "$rank" ok
    same "... leaves no name" "$(names)" "$queues"
done

# The directory is nobody else's, and what somebody else has put in its place is not touched.
"$ipcrun" --transport fifo -n 2 "$ring" >out 2>err </dev/null &
job=$!
wait_for 10 sh -c 'ls tmp | grep -q ipcrun'
same "the job's directory is private" "$(stat -c %a tmp/ipcrun.*)" 700
kill -TERM $job
wait $job 2>/dev/null
expect "a place that does not exist" 2 --transport fifo -n 2 -x IPCRUN_DIR=/nowhere/at/all "$rank" ok
says "... is a sentence" "cannot make the job's directory /nowhere/at/all/ipcrun.*: No such file"
expect "and nobody minds who does not need it" 0 -n 2 -x IPCRUN_DIR=/nowhere/at/all "$rank" ok

# Descriptors: n * (n - 1) for sockets, twice that for pipes.
limited() {
    (ulimit -n 128 && exec timeout 20 "$ipcrun" "$@" "$rank" ok) >out 2>err </dev/null
    status=$?
}
limited --transport pipe -n 12
same "too many pipes for the limit on open files" $status 2
says "... is a sentence" "12 ranks need 332 open files with transport pipe, the limit is 128"
limited --transport pipe -n 5
same "... and fewer are none" "$status $(cat err)" "0 "
nothing_left "nothing is left of all these"
finish
