#!/bin/bash
# kill -9 of any process of a running job at any moment: nothing is left after 3 seconds.
# IPCRUN_TEST_KILLS (default 20) is how often; 100 in the full run. Time limit: 900 s.
# Alone: it looks for processes and files of any job.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

# A rank with all kinds of descendants: a child that waits, one that ignores every signal, one that
# has left the session, one whose parents are gone, one with an environment of its own.
cat >family.sh <<'END'
#!/bin/bash
sleep 100 &
(trap '' TERM INT HUP QUIT; sleep 100; sleep 100) &
setsid sleep 100 &
(setsid sh -c 'sleep 100 & exec sleep 100' &)
env -i "IPCRUN_TEST_TAG=$IPCRUN_TEST_TAG" sleep 100 &
"$RANK_PROGRAM" sleep 100 &
wait
END
chmod +x family.sh
RANK_PROGRAM=$rank
export RANK_PROGRAM

# pick KIND: a process of the job, of that kind, at random.
pick() {
    case $1 in
    launcher) echo "$job" ;;
    agent) left '[(]ipcr-agent[)]' | shuf -n 1 ;;
    guard) left '[(]ipcr-guard[)]' | shuf -n 1 ;;
    both) left '[(]ipcr-guard[)]' | shuf -n 1 | while read -r guard; do
        echo "$guard" && pgrep -P "$guard" -x ipcr-agent
    done ;;
    rank) left '[(]ipcr-agent[)]' | while read -r agent; do
        ps -o pid=,pgid=,comm= --ppid "$agent"
    done | awk '$1 == $2 && $3 == "family.sh" { print $1 }' | shuf -n 1 ;; # not those it adopted
    any) left . | shuf -n 1 ;;
    esac
}

entries() {
    ls -A /dev/shm "${TMPDIR:-/tmp}" 2>/dev/null | grep -i 'ipcr' | grep -v ipcrun-test | sort
}

kinds=(launcher agent rank guard any both)
wheres=("" "--ssh ./fakessh -H a:2,b:2" "")
before=$(entries)
for ((i = 0; i < ${IPCRUN_TEST_KILLS:-20}; i++)); do
    kind=${kinds[i % 6]} where=${wheres[i / 6 % 3]}
    "$ipcrun" -n 4 $where ./family.sh >out 2>err </dev/null &
    job=$!
    sleep "0.$((RANDOM % 60 + 1000))"
    sleep "0.0$((RANDOM % 90 + 10))"
    victim=$(pick $kind)
    kill -KILL ${victim:-$job} 2>/dev/null # several get it before the first one is missed
    # whatever has lost a child ends the job by itself; only "any" may hit what nobody minds
    [ $kind = any ] && { sleep 0.2; kill -TERM $job 2>/dev/null; }
    what=${kind/any/any process}
    what=${what/both/guard and agent}
    name="$((i + 1)): kill -9 of $what ${victim//$'\n'/ }${where:+, two hosts}"
    nothing_left "$name"
    for p in $(left .); do kill -KILL "$p"; done 2>/dev/null
    wait $job 2>/dev/null
done
same "no file is left" "$(entries)" "$before"

# ---- other ways to end ----
expect "ranks that leave descendants behind" 0 -n 2 sh -c \
    'setsid sleep 100 & (setsid sleep 100 &); (trap "" TERM; sleep 100) & exit 0'
nothing_left "... take them with them"
"$ipcrun" -n 4 ./family.sh >out 2>err </dev/null &
job=$!
ranks_are_there() {
    [ "$(left '[(]rank[)]' | wc -l)" -ge 4 ]
}
if ! wait_for 10 ranks_are_there; then
    fail "a job to be killed" "$(leftovers)"
fi
# what `killall -9 ipcrun` would hit
kill -KILL $job $(left '[(](ipcrun|ipcr-agent)[)]')
wait $job 2>/dev/null
nothing_left "launcher and agents killed together"
"$ipcrun" -n 2 "$ipcrun" -n 2 ./family.sh >out 2>err </dev/null &
job=$!
sleep 1
kill -KILL $job
wait $job 2>/dev/null
nothing_left "a job inside a job"
finish
