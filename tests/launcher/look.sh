#!/bin/bash
# A running job is seen from another terminal: --status, --top. Time limit: 200 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
hang=$build/tests/launcher/hang
limit=10

# start ARGUMENT...: a job in the background; $job is the pid of its ipcrun.
start() {
    "$ipcrun" "$@" >job.out 2>job.err &
    job=$!
    wait_for 10 visible "$job"
}

visible() {
    grep -q " @ipcrun/$(id -u)/$1\$" /proc/net/unix
}

# A head shows its name once more for each visitor.
visited() {
    [ "$(grep -c " @ipcrun/$(id -u)/$1\$" /proc/net/unix)" -ge 2 ]
}

# shows NAME PATTERN: one line of what the last run wrote to stdout matches.
shows() {
    if [ "$(grep -Ec -- "$2" out)" -eq 1 ]; then
        pass "$1"
    else
        fail "$1" "one line should match: $2" "$(cat out)"
    fi
}

# ---- one job, on two hosts ----
start --ssh ./fakessh -H a:2,b:1 "$hang" sleeper
sleep 1
expect "the status of a job by the pid of its ipcrun" 0 --status "$job"
shows "... says what it is" "^job $job \([0-9a-f]+\): 3 ranks on 2 hosts, for [0-9.]+ s: .*hang sleeper$"
shows "... where its ranks are" '^on a: ranks 0-1$'
shows "... on the other host, too" '^on b: rank 2$'
shows "... who waits" '^ranks 1-2 wait in MPI_Barrier on MPI_COMM_WORLD, since [0-9.]+ s'
shows "... who is missed" '^not in MPI_Barrier with the others: rank 0$'
shows "... and what that one does" '^rank 0 sleeps outside of MPI$'
empty "... and nothing on stderr" "$(cat err)"
expect "by its id" 0 "--status=$(sed -n 's/^job [0-9]* (\(.*\)): .*/\1/p' out)"
shows "... it is the same" "^job $job "
wait $job
same "the job has not noticed" "$? $(cat job.out job.err)" "0 "
expect "a job that has ended" 1 --status "$job"
says "... is no job" "no job '$job' of yours runs on this machine"
empty "nothing is left of its name" "$(grep "@ipcrun/[0-9]*/$job\$" /proc/net/unix)"

# ---- again and again ----
start -n 2 "$hang" sleeper
expect "following it until it ends" 0 --status "$job" --follow=0.3
[ "$(grep -c "^job $job " out)" -ge 3 ] && pass "... says it again" ||
    fail "... says it again" "$(cat out)"
says "... and that it has ended" "the job of ipcrun $job: it has ended$"
wait $job

# ---- the live picture ----
onpty() {
    timeout $((60 * slow)) python3 "$src/tests/launcher/onpty.py" "$@" >out 2>err
}
if [ -n "$(command -v python3)" ]; then
    start -n 6 "$hang" chatter
    sleep 1
    onpty 24 110 ...q "$ipcrun" --top "$job"
    shows "the live picture has the job" "^job $job .*: 6 ranks on "
    shows "... a line for each rank" '^0 +1 +[0-9]+ +[0-9]+  .* shm [1-9][0-9.]*k? [0-9.]+k?B$'
    shows "... who only waits" '^5 +1 +(9[0-9]|100) +[0-9]  MPI_Barrier, MPI_COMM_WORLD +-$'
    shows "... comes again" '^pictures: [2-9]$'
    shows "... ends with q" '^status: 0$'
    shows "... gives the other screen back" '^other screen: entered 1 left 1$'
    shows "... and the terminal as it was" '^terminal: as before$'
    onpty 8 110 ..w.^C "$ipcrun" --top "$job"
    shows "on a small screen ranks share lines" '^2-5 +4 +(9[0-9]|100) +[0-9]  MPI_Barrier'
    [ "$(sed -n '/^job /,/^q quit/p' out | wc -l)" -le 8 ] && pass "... and all of it fits" ||
        fail "... and all of it fits" "$(cat out)"
    shows "... ends with Ctrl-C" '^status: 0$'
    shows "... gives the screen back" '^other screen: entered 1 left 1$'
    shows "... and the terminal" '^terminal: as before$'
    ONPTY_TERM=dumb onpty 24 80 . "$ipcrun" --top "$job"
    shows "a terminal without escape codes is refused" '^after it: ipcrun: --top needs a terminal'
    shows "... as it is" '^other screen: entered 0 left 0$'
    expect "no terminal" 2 --top "$job"
    says "... is said" '--top needs a terminal'
    kill $job
    wait $job
    start -n 2 "$hang" chatter
    (wait_for 20 visited "$job" && sleep 1 && kill $job) &
    onpty 24 80 ..... "$ipcrun" --top "$job"
    shows "the end of the job ends it" "^after it: ipcrun: the job of ipcrun $job: it has ended$"
    wait $job
else
    skip "the live picture" "no python3"
fi

# ---- visitors that are none ----
start -n 2 "$hang" chatter
if [ -n "$(command -v python3)" ]; then
    python3 - "$(id -u)" "$job" >visitor <<'END'
import os, socket, sys
name = "\0ipcrun/%s/%s" % (sys.argv[1], sys.argv[2])
for garbage in b"", b"\0" * 5000, os.urandom(300000), b"\211IPCRUN\n" + os.urandom(5000):
    s = socket.socket(socket.AF_UNIX)
    s.connect(name)
    try:
        s.sendall(garbage)
    except OSError:
        pass
    s.close()
if os.geteuid() == 0:
    os.setuid(65534)
    s = socket.socket(socket.AF_UNIX)
    s.connect(name)
    try:
        print("another user hears %d bytes" % len(s.recv(100)))
    except OSError:
        print("another user hears 0 bytes")
END
    same "strangers are not let in" "$(cat visitor)" \
        "$([ "$(id -u)" -ne 0 ] || echo 'another user hears 0 bytes')"
    expect "after garbage it still answers" 0 --status "$job"
else
    skip "strangers are not let in" "no python3"
fi
if [ -n "$(command -v python3)" ]; then
    python3 -c 'import os, socket
s = socket.socket(socket.AF_UNIX)
s.bind("\0ipcrun/%d/1" % os.getuid())
s.listen()
while True:
    s.accept()[0].close()' &
    ender=$!
    wait_for 10 visible 1
    for _ in 1 2 3 4 5 6; do
        "$ipcrun" --status "$job" >/dev/null 2>&1 || echo "exit status $?"
    done >endings
    empty "jobs that end meanwhile do no harm" "$(cat endings)"
    kill $ender
    "$ipcrun" --status "$job" --follow=0.1 2>err | head -n 1 >out
    same "a reader that goes ends it" "${PIPESTATUS[0]}" 1
fi
kill -STOP $job
expect "a stopped ipcrun" 1 --status "$job"
says "... does not answer, and that is said" "the job of ipcrun $job: it does not answer$"
kill -CONT $job
expect "the job goes on all the same" 0 --status "$job"
kill $job
wait $job

# ---- no job, and several: seen where no other jobs are ----
if unshare -n true 2>/dev/null; then
    unshare -n bash -c '
        "$1" --status; echo "none: $?"
        "$1" -n 1 "$2" sleeper & "$1" -n 2 "$2" sleeper &
        sleep 2
        "$1" --status; echo "both: $?"
        "$1" --status --follow; echo "follow: $?"
        wait' sh "$ipcrun" "$hang" >out 2>&1
    shows "without a job" '^none: 1$'
    shows "... that is said" '^ipcrun: no job of yours runs on this machine$'
    shows "of several jobs there is a line each" '^both: 0$'
    same "... in both cases" "$(grep -cE '^job [0-9]+ \([0-9a-f]+\): [12] ranks? on .*: .*hang sleeper$' out)" 4
    shows "one of several must be named to be followed" '^follow: 2$'
    shows "... that is said" '^ipcrun: several jobs run: say which'
else
    skip "no job, and several" "no network namespace of its own"
fi

# ---- mistakes ----
expect "two jobs" 2 --status 1 2
expect "--follow without --status" 2 --follow a
nothing_left "nothing is left"
finish
