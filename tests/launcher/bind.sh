#!/bin/bash
# Binding to cores, and --map. Time limit: 120 s.
# Claims on cores are names in the network namespace: in one of our own, other jobs do not disturb.
if [ -z "$IPCRUN_TEST_ALONE" ] && unshare -n true 2>/dev/null; then
    export IPCRUN_TEST_ALONE=yes
    exec unshare -n bash "$0"
fi
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

cpus='awk "/^Cpus_allowed_list/ { print \$2 }" /proc/self/status'
mine=$(awk '/^Cpus_allowed_list/ { print $2 }' /proc/self/status)
cores=$("$ipcrun" sh -c 'echo $IPCRUN_SIZE' | head -n 1)

expect "--bind-to none" 0 --bind-to none -n 2 sh -c "$cpus"
same "... leaves ranks alone" "$(sort -u out)" "$mine"
expect "one rank" 0 -n 1 sh -c "$cpus"
same "... has the machine" "$(cat out)" "$mine"
expect "more ranks than cores" 0 -n $((cores + 1)) sh -c "$cpus"
same "... are not bound" "$(sort -u out)" "$mine"

if ! "$ipcrun" --map -n 1 --bind-to core true | grep -q ' any '; then
    expect "--bind-to core, one each" 0 --bind-to core -n "$cores" sh -c "$cpus"
    same "... on different cores" "$(sort -u out | wc -l)" "$cores"
    expect "--bind-to core, too many ranks" 0 --bind-to core -n $((2 * cores)) sh -c "$cpus"
    same "... two each" "$(sort out | uniq -c | awk '{ print $1 }' | sort -u)" 2
    if [ "$cores" -ge 2 ]; then
        expect "a rank for each core" 0 -n "$cores" sh -c "$cpus"
        same "... is bound without being asked" "$(sort -u out | wc -l)" "$cores"
        expect "two ranks" 0 -n 2 sh -c "$cpus"
        same "... share the cores" "$(sort -u out | wc -l)" 2
        last=$(sed 's/.*[,-]//' <<<"$mine")
        for how in "" "--bind-to core"; do
            taskset -c "$last" "$ipcrun" $how -n 3 sh -c "$cpus" >out 2>err
            same "a mask of one CPU is kept ($how)" "$(sort -u out) $(wc -l <out)" "$last 3"
        done
        # another job on the same cores must not be bound to them, too
        "$ipcrun" -n "$cores" sh -c "$cpus; sleep 3" >first 2>err &
        job=$!
        wait_for 5 sh -c "[ \$(wc -l <first) -eq $cores ]"
        expect "a second job" 0 -n "$cores" sh -c "$cpus"
        same "... is not bound to the same cores" "$(sort -u out)" "$mine"
        wait $job
        expect "the next job" 0 -n "$cores" sh -c "$cpus"
        same "... has them again" "$(sort -u out | wc -l)" "$cores"
    fi
else
    skip "binding" "no hwloc, or no topology"
fi

# ---- CPU quotas: files as a kernel with such a group shows them ----
group=$(sed -n 's/^0:://p' /proc/self/cgroup)
if [ -n "$group" ] && [ "$cores" -ge 2 ] && unshare -m mount -t tmpfs none /sys/fs/cgroup 2>/dev/null; then
    for pair in "100000 100000:1" "50000 100000:1" "199000 100000:1" "200000 100000:2" "max 100000:$cores"; do
        got=$(unshare -m sh -c "mount -t tmpfs none /sys/fs/cgroup && mkdir -p '/sys/fs/cgroup$group' &&
            echo '${pair%:*}' >/sys/fs/cgroup/cpu.max && exec '$ipcrun' sh -c 'echo \$IPCRUN_SIZE'" | sort -u)
        same "cpu.max ${pair%:*}" "$got" "${pair#*:}"
    done
else
    skip "quotas" "no mount namespace"
fi

# ---- --map ----
expect "--map" 0 --map -n 3 -H a:2,b touch started
same "... shows ranks and hosts" "$(awk '$1 ~ /^[0-2]$/ && $2 ~ /^[ab]$/ { printf "%s ", $1 $2 }' out)" "0a 1a 2b "
same "... and the transport of each pair" "$(awk '/^ *[0-2] .*self/ { print $2, $3, $4 }' out)" \
    "$(printf 'self shm tcp\nshm self tcp\ntcp tcp self')"
[ ! -e started ] && pass "... and starts nothing" || fail "... and starts nothing"
expect "--map of many ranks" 0 --map -n 1000 -H a:500,b:500 true
same "... stays readable" "$(grep -cE '^ranks of .*: (shm|tcp) .by default' out) $(awk 'length($0) > 100' out | wc -l)" "2 0"
nothing_left "nothing is left of all these"
finish
