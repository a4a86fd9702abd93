#!/bin/bash
# stdin: to rank 0, byte for byte, of any length, and to nobody else. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

head -c 64000000 /dev/urandom >data
sum=$(sha256sum <data)
nobody=$(sha256sum </dev/null)
only_rank_0='s=$(sha256sum); [ $IPCRUN_RANK = 0 ] && echo "$s" || [ "$s" = "$NOBODY" ] || echo "$IPCRUN_RANK reads"'
export NOBODY="$nobody"

for where in "-n 3" "--ssh ./fakessh -H a:1,b:2" "--ssh ./fakessh -H a:1,localhost:2"; do
    "$ipcrun" $where sh -c "$only_rank_0" <data >out 2>err
    same "64 MB from a file ($where)" "$(cat out err)" "$sum"
    cat data | "$ipcrun" $where sh -c "$only_rank_0" >out 2>err
    same "64 MB from a pipe ($where)" "$(cat out err)" "$sum"
    cat data | "$ipcrun" $where sh -c "sleep 1; $only_rank_0" >out 2>err
    same "64 MB to a rank that reads late ($where)" "$(cat out err)" "$sum"
    (cat data; sleep 1; echo more) | "$ipcrun" $where sh -c "$only_rank_0" >out 2>err
    same "a writer that pauses ($where)" "$(cat out err)" "$( (cat data; echo more) | sha256sum)"
    for n in 0 1 65536 70000; do
        head -c $n data | "$ipcrun" $where sh -c "$only_rank_0" >out 2>err
        same "$n bytes ($where)" "$(cat out err)" "$(head -c $n data | sha256sum)"
    done
    timeout 10 "$ipcrun" $where head -c 5 <data >out 2>err
    same "a rank that stops reading ($where)" "$? $(cmp out <(head -c 5 data))" "0 "
    (timeout 10 "$ipcrun" $where true; echo $? >status) < <(exec sleep 3) 2>err
    same "stdin that is open and silent ($where)" "$(cat status)" 0
    timeout 10 "$ipcrun" $where sh -c "$only_rank_0" <&- >out 2>err
    same "closed stdin ($where)" "$(cat out err)" "$nobody"
done

# Another rank than 0, here and elsewhere.
for where in "-n 3" "--ssh ./fakessh -H a:1,b:2" "--ssh ./fakessh -H a:1,localhost:2"; do
    head -c 300000 data | "$ipcrun" --stdin 1 $where sh -c '[ $IPCRUN_RANK = 1 ] && exec sha256sum
        s=$(sha256sum); [ "$s" = "$NOBODY" ] || echo "$IPCRUN_RANK reads"' >out 2>err
    same "--stdin 1 ($where)" "$(cat out err)" "$(head -c 300000 data | sha256sum)"
done
run --stdin 3 -n 3 true
same "--stdin of no rank" "$status $(grep -c 'no such rank' err)" "2 1"
run --stdin some -n 3 true
same "--stdin some" "$status $(grep -c 'expected a rank, all, or none' err)" "2 1"
for where in "-n 3" "--ssh ./fakessh -H a:1,b:2" "--ssh ./fakessh -H a:1,localhost:2"; do
    timeout $((60 * slow)) "$ipcrun" --stdin all $where sha256sum <data >out 2>err
    same "--stdin all, a file ($where)" "$? $(sort out | uniq -c | awk '{ print $1, $2 }')" "0 3 ${sum%% *}"
    (head -c 3000000 data; sleep 0.5; echo more) | timeout $((60 * slow)) "$ipcrun" --stdin all $where \
        sh -c '[ $IPCRUN_RANK != 2 ] || sleep 1; sha256sum' >out 2>err
    same "... a pipe, and one that reads late ($where)" "$? $(sort out | uniq -c | awk '{ print $1, $2 "  -" }')" \
        "0 3 $( (head -c 3000000 data; echo more) | sha256sum)"
    timeout $((60 * slow)) "$ipcrun" --stdin all $where sh -c \
        'case $IPCRUN_RANK in 0) sha256sum ;; 1) head -c 5 ;; 2) exec <&-; sleep 0.5 ;; esac' <data >out 2>err
    same "... others that stop ($where)" "$? $(tr -d '\0' <out | grep -ac "${sum%% *}")" "0 1"
    timeout $((20 * slow)) "$ipcrun" --stdin all $where cat <&- >out 2>err
    same "... closed stdin ($where)" "$? $(cat out)" "0 "
    (timeout 10 "$ipcrun" --stdin all $where true; echo $? >status) < <(exec sleep 3) 2>err
    same "... stdin that is open and silent ($where)" "$(cat status)" 0
done

# A rank that does not read leaves the input to others.
printf 'one\ntwo\nthree\n' | while read -r line; do
    "$ipcrun" -n 2 true
    echo "$line"
done >out
same "a loop that reads lines sees them all" "$(cat out)" "$(printf 'one\ntwo\nthree')"
# In the background of a terminal nobody is stopped for wanting to read it.
cat >background.py <<'END'
import os, pty, sys
pid, ours = pty.fork()
if pid == 0:
    job = os.fork()
    if job == 0:
        os.setpgid(0, 0)
        os.execvp(sys.argv[1], sys.argv[1:])
    os.setpgid(job, job)
    _, status = os.waitpid(job, os.WUNTRACED)
    os._exit(99 if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status))
try:
    while os.read(ours, 1000):
        pass
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
END
if command -v python3 >/dev/null; then
    for where in "-n 3" "--ssh ./fakessh -H a:1,b:2"; do
        timeout 20 python3 background.py "$ipcrun" $where cat </dev/null >out 2>err
        same "in the background of a terminal ($where)" "$? $(cat err)" "0 "
    done
else
    skip "in the background of a terminal" "no python3"
fi
# A writer into a rank that has closed its input gets SIGPIPE, while the job goes on.
(cat data data; echo "writer: $?" >writer) |
    "$ipcrun" -n 1 sh -c 'exec <&-; sleep 1; test -s writer' 2>err
same "a rank that closes stdin" "$? $(cat err)" "0 "
sleep 2
nothing_left "nothing is left of all these"
finish
