#!/bin/bash
# What starting a job costs, and what it must not need. Time limit: 200 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

# quick NAME MILLISECONDS TIMES ARGUMENT...: the shortest of several runs keeps the bound. It is that
# of two quiet cores; a busy machine is given four times as much.
quick() {
    best=999999
    for _ in $(seq "$3"); do
        begin=$(date +%s%N)
        "$ipcrun" "${@:4}" >out 2>err || best=failed
        took=$((($(date +%s%N) - begin) / 1000000))
        [ $best != failed ] || break
        [ $took -ge $best ] || best=$took
    done
    [ $best != failed ] && [ $best -le $(($2 * 4 * slow)) ] && pass "$1 ($best ms)" ||
        fail "$1" "$best ms" "$(cat err)"
}
quick "2 ranks start and end MPI" 20 10 -n 2 "$rank" ok
quick "8 ranks start and end MPI" 40 10 -n 8 "$rank" ok
quick "64 ranks start and end MPI" 300 3 -n 64 "$rank" ok
expect "256 ranks" 0 -n 256 true

if [ -n "$(command -v strace)" ] && [ "$slow" -eq 1 ] && strace -o trace -f true 2>/dev/null; then
    timeout 60 strace -f -o trace -e trace=%file,%network "$ipcrun" -n 4 "$rank" ok >out 2>err
    same "under strace" $? 0
    empty "no name is looked up" "$(grep -E 'resolv.conf|nsswitch|/etc/hosts|AF_INET' trace | cut -c 1-200)"
    empty "no file is made" "$(grep -E 'O_CREAT|O_TMPFILE|mkdir|mknod' trace)"
    empty "no devices are looked for" "$(grep -E '/sys/(bus|class|devices/pci)|/dev/(dri|infiniband|nvidia)' trace)"
else
    skip "system calls of a start" "no strace here"
fi

bad=0
for _ in $(seq 30); do
    timeout $((10 * slow)) "$ipcrun" -n 64 true >out 2>err || bad=$((bad + 1))
done
same "64 ranks that only end, 30 times: none hangs" "$bad" 0

# ---- poor surroundings ----
(unset HOME USER TERM TMPDIR; PATH=/usr/bin:/bin; exec "$ipcrun" -n 2 "$rank" ok) 2>err
same "no HOME, no TMPDIR" "$? $(cat err)" "0 "
env -i "$ipcrun" -n 2 "$rank" ok 2>err
same "no environment at all" "$? $(cat err)" "0 "
(TMPDIR=/$(printf 'x%.0s' $(seq 200)); export TMPDIR; exec "$ipcrun" -n 2 "$rank" ok) 2>err
same "a TMPDIR that is long and missing" "$? $(cat err)" "0 "
if unshare -n true 2>/dev/null; then
    unshare -n "$ipcrun" -n 4 "$rank" ok 2>err
    same "no network, not even the loopback" "$? $(cat err)" "0 "
    unshare --uts sh -c "hostname no-such-name.invalid && exec '$ipcrun' -n 2 '$rank' ok" 2>err
    same "a host name that nobody knows" "$? $(cat err)" "0 "
    unshare -m sh -c "mount -t tmpfs -o size=1m,ro none /dev/shm && exec '$ipcrun' -n 8 '$rank' ok" 2>err
    same "/dev/shm of no use" "$? $(cat err)" "0 "
else
    skip "namespaces" "not permitted here"
fi
(ulimit -n 64; exec "$ipcrun" -n 8 "$rank" ok) 2>err
same "64 open files" "$? $(cat err)" "0 "
(ulimit -n 64; exec "$ipcrun" -n 100 true) 2>err
same "too few open files" "$? $(grep -c '100 ranks need 332 open files, the limit is 64' err)" "2 1"

# A user who may have so many processes. Root may have any number.
user() {
    setpriv --reuid 61234 --regid 61234 --clear-groups prlimit --nproc="$1" "${@:2}"
}
chmod 755 "$work"
if user 400 test -x "$ipcrun" 2>/dev/null; then
    timeout $((20 * slow)) bash -c "$(declare -f user); user 40 '$ipcrun' -n 100 sleep 20" >out 2>err
    same "too few processes" "$? $(grep -c 'cannot start rank [0-9]*: the limit of processes is reached' err) $(wc -l <err)" "1 1 1"
else
    skip "too few processes" "not root, or another user cannot read the build tree"
fi

# ---- an idle job ----
"$ipcrun" -n 4 sleep 5 &
job=$!
sleep 1.5
ticks() {
    sum=0
    for p in $(left '^[0-9]+ [(]ipcr'); do
        t=$(awk '{ print $14 + $15 }' "/proc/$p/stat" 2>/dev/null)
        sum=$((sum + ${t:-0}))
    done
    echo $sum
}
first=$(ticks)
sleep 2
second=$(ticks)
[ $((second - first)) -le 1 ] && pass "an idle job costs no CPU time" ||
    fail "an idle job costs no CPU time" "$((second - first)) ticks in 2 s"
wait $job
nothing_left "nothing is left of all these"
finish
