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
        # A job on some cores leaves the others to the next one, whatever part of the machine is asked for.
        parts=$(HWLOC_HIDE_ERRORS=2 "$ipcrun" --map --bind-to l2 -n 2 true | awk '$1 ~ /^[01]$/ { print $4 }' | sort -u | wc -l)
        for pair in "core core" "l2 l2" "core l2" "l2 core" "hwthread core" "core hwthread"; do
            if [ "$parts" -lt 2 ] && [ "$pair" != "${pair/l2/}" ]; then
                skip "two jobs, bound to $pair" "one cache for all"
                continue
            fi
            rm -f first
            "$ipcrun" --bind-to ${pair% *} -n 1 sh -c "$cpus; exec sleep 2" >first 2>err &
            job=$!
            wait_for 5 test -s first
            expect "two jobs, bound to $pair" 0 --bind-to ${pair#* } -n 1 sh -c "$cpus"
            [ "$(cat out)" != "$(cat first)" ] && pass "... do not share" || fail "... do not share" "$(cat out first)"
            wait $job
        done
        expect "the next job" 0 -n "$cores" sh -c "$cpus"
        same "... has them again" "$(sort -u out | wc -l)" "$cores"
    fi
else
    skip "binding" "no hwloc, or no topology"
fi

# ---- what is drawn: machines that are made up ----
export HWLOC_SYNTHETIC="pack:2 l3:2 core:4 pu:2"
if "$ipcrun" --map --report-bindings -n 1 true | grep -q '2 packages, 16 cores, 32 hardware threads'; then
    "$ipcrun" --map --report-bindings -n 6 --map-by package --bind-to core true >out
    same "the picture of a machine" "$(sed -n '2,7p' out)" "$(cat <<'END'
+- package 0 ----------------------------------------------+
| l3 0     [0 0] [2 2] [4 4] [. .]                         |
| l3 1     [. .] [. .] [. .] [. .]                         |
+- package 1 ----------------------------------------------+
| l3 2     [1 1] [3 3] [5 5] [. .]                         |
| l3 3     [. .] [. .] [. .] [. .]                         |
END
)"
    same "... and the CPUs of each rank" "$(grep '^rank [0-5]:' out | head -n 2)" \
        "$(printf 'rank 0: CPUs 0-1\nrank 1: CPUs 16-17')"
    for pair in "--bind-to numa:0-31" "--bind-to l3:0-7" "--bind-to socket:0-15" "--bind-to core:3:0-5" \
        "--bind-to hwthread:0" "--cpus-per-rank 5:0-9" "--map-by l3:0-7" "--map-by l3:PE=2:0-3"; do
        "$ipcrun" --map --report-bindings -n 3 ${pair%:*} true >out
        same "${pair%:*}" "$(sed -n 's/^rank 0: CPUs* //p' out)" "${pair##*:}"
    done
    run --map -n 4 --cpus-per-rank 5 true
    same "more cores than there are" "$status $(grep -c '4 ranks with 5 cores each need 20 cores, and 16 can' err)" "2 1"
    "$ipcrun" --map --report-bindings -n 200 --bind-to core true >out
    same "many ranks" "$(awk 'length($0) > 120' out | wc -l) $(grep -c '^[.][.][.] and 136 more' out)" "0 1"
    # ranks are on this machine, whatever was described
    expect "a job" 0 --bind-to core -n 2 sh -c "$cpus"
    same "... is bound here" "$(grep -cvE '^[0-9,-]+$' out) $(grep -c '^3[0-9]' out)" "0 0"
else
    skip "pictures" "no hwloc"
fi
unset HWLOC_SYNTHETIC
if ! "$ipcrun" --map -n 1 --bind-to core true | grep -q ' any '; then
    expect "--report-bindings" 0 --report-bindings --bind-to core -n 2 --ssh ./fakessh -H localhost:1,b:1 echo ran
    same "... draws each host" "$(grep -c '^bindings on .*: .* cores*, ' err) $(grep -c '^rank [01]: CPU' err) $(cat out)" \
        "2 2 $(printf 'ran\nran')"
    first=${mine%%[,-]*}
    expect "--cpu-list" 0 --cpu-list "$first" -n 2 sh -c "$cpus"
    same "... binds" "$(sort -u out)" "$first"
    expect "--bind-to user" 0 --bind-to "user:$first" -n 1 sh -c "$cpus"
    same "... does, too" "$(cat out)" "$first"
    run --cpu-list 1000 -n 1 true
    same "a CPU that is not ours" "$status $(grep -c "only CPUs $mine may be used here" err)" "2 1"
    run --cpus-per-rank "$((cores + 1))" -n 1 true
    same "too many cores" "$status $(grep -c "need $((cores + 1)) cores, and $cores can be used" err)" "2 1"
    expect "--cpus-per-rank" 0 --cpus-per-rank "$cores" -n 1 sh -c 'echo $OMP_NUM_THREADS'
    same "... tells OpenMP" "$(cat out)" "$cores"
    expect "... unless that is told already" 0 --cpus-per-rank 1 -n 1 --env OMP_NUM_THREADS=7 sh -c 'echo $OMP_NUM_THREADS'
    same "... by somebody else" "$(cat out)" 7
    for object in socket package numa l3 l2 hwthread l2:2; do
        run --bind-to $object -n $((cores + 1)) sh -c "$cpus"
        same "--bind-to $object runs anywhere" "$status $(wc -l <out)" "0 $((cores + 1))"
    done
else
    skip "more binding" "no hwloc, or no topology"
fi

# ---- rankfiles ----
first=${mine%%[,-]*}
printf '# places\nrank 1=a slot=%s\n\n  rank 0=b slot=%s # there\nrank 2=a slot=%s\n' "$first" "$first" "$first" >ranks
expect "--rankfile" 0 --ssh ./fakessh --rankfile ranks sh -c "echo \$IPCRUN_RANK \$IPCRUN_LOCAL_RANK \$IPCRUN_NODE; $cpus"
same "... places ranks" "$(grep ' ' out | sort | tr '\n' ' ')" "0 0 0 1 0 1 2 1 1 "
same "... and binds them" "$(grep -v ' ' out | sort | uniq -c | tr -s ' ')" " 3 $first"
printf 'rank 0=+n1\nrank 1=+n0\n' >relative
expect "hosts by number" 0 --ssh ./fakessh -rf relative -H a,b --map true
same "... are those of the command line" "$(awk '$1 ~ /^[01]$/ && NF >= 5 { printf "%s ", $1 $2 }' out)" "0b 1a "
printf 'rank 0=localhost\nrank 1=localhost\n' >here
expect "fewer ranks than lines, and no slots" 0 -rf here -n 1 true
wrong_rankfile() { # wrong_rankfile TEXT PATTERN ARGUMENT...
    printf "$1" >bad
    wrong_pattern=$2
    shift 2
    run --rankfile bad "$@" true
    same "a mistake: $(tail -n 1 bad)" "$status $(grep -Ec "$wrong_pattern" err) $(wc -l <err)" "2 1 1"
}
wrong_rankfile 'rank 0=a\nrnk 1=b\n' "line 2: expected 'rank N=HOST slot=CPUS' and not rnk"
wrong_rankfile 'rank 0\n' 'line 1: expected N=HOST'
wrong_rankfile 'rank x=a\n' 'line 1: expected N=HOST'
wrong_rankfile 'rank 0=a slot=x\n' 'line 1: these are no CPUs: x'
wrong_rankfile 'rank 0=a slot=1:0-2\n' "line 1: CPUs need the system's numbers"
wrong_rankfile 'rank 0=a cpus=1\n' 'line 1: expected slot=CPUS'
wrong_rankfile 'rank 0=a\nrank 0=b\n' 'line 2: this rank has a place already'
wrong_rankfile 'rank 0=a\nrank 2=b\n' 'there is no line for rank 1'
wrong_rankfile 'rank 99999999999999999999=a\n' 'line 1: expected N=HOST'
wrong_rankfile '# nothing\n' 'places no rank'
wrong_rankfile 'rank 0=+n7\n' 'wants rank 0 on .n7, which is no host' -H a
wrong_rankfile 'rank 0=localhost\n' 'fewer lines than the job has ranks' -n 2
wrong_rankfile 'rank 0=localhost\n' 'so nothing else can' -ppn 2

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
