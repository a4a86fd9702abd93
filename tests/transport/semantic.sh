#!/bin/bash
# Programs over every transport: semantics of point-to-point and collectives, and examples that verify
# their results. The counters of --stats prove which transport carried the bytes. A new row of
# runtime/transports.c is tested without a change here.
#
# IPCRUN_TEST_TRANSPORT: only this one. IPCRUN_TEST_ALL=1: all of tests/mpi/LIST, with all rank counts
# (minutes for each transport). Time limit: 900 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
cd "$work" || exit 99
ipcrun=$build/ipcrun

# Few programs, small sizes: the smallest channels need a thousand times what shm does.
programs='order|modes|wildcards|probe|cancel|completion|sendrecv|zero|truncate|persistent|outstanding'
programs="$programs|contexts|coll_bcast|coll_reduce|coll_alltoall|comm"
counts=3
[ -z "$IPCRUN_TEST_ALL" ] || { programs='.*' counts=1,2,3,5,8; }
awk -v programs="^($programs)\$" '$1 ~ programs' "$src/tests/mpi/LIST" >LIST

# Seven bytes a signal: only what sends less than ten megabytes in all.
lean='wildcards|probe|completion|zero|contexts|coll_bcast|coll_alltoall|comm'
awk -v programs="^($lean)\$" '$1 ~ programs' LIST >LIST.signal

transports=${IPCRUN_TEST_TRANSPORT:-$("$ipcrun" --transport '?' true 2>&1 | sed -n 's/.*the transports are self, //p' | tr -d ,)}
[ -n "$transports" ] && pass "there are transports" || fail "there are transports"

# carried NAME: over the transport, and over no other but self.
carried() {
    used=$(sed -n 's/.* sent by \([a-z]*\): .*/\1/p' err | grep -vx self | sort -u | tr '\n' ' ')
    if [ "$used" = "$transport " ]; then
        pass "$1"
    else
        fail "$1" "carried by: $used" "$(tail -n 5 err)"
    fi
}

example() { # example NAME ARGUMENT...
    name="$transport: $1 with 3 ranks"
    timeout 120 "$ipcrun" --transport "$transport" --stats -n 3 "$build/examples/$1" "${@:2}" \
        >out 2>err </dev/null
    status=$?
    if [ $status -eq 0 ] && grep -q verified out; then
        pass "$name"
    else
        fail "$name" "exit status $status" "$(tail -n 5 out)" "$(tail -n 5 err)"
    fi
    carried "... carried by $transport"
}

for transport in $transports; do
    reason=$("$ipcrun" --transport "$transport" -n 2 true 2>&1) || {
        skip "$transport" "$reason"
        continue
    }
    example heat heat.png 120 200
    example sort
    example cg
    list=LIST
    [ ! -e "LIST.$transport" ] || list=LIST.$transport
    "$src/tests/mpi/run" -j 2 -l "$list" -n $counts -x "--transport $transport" "$ipcrun" \
        "$build/tests/mpi" >run.out 2>&1
    if [ $? -eq 0 ]; then
        pass "$transport: $(tail -n 1 run.out)"
    else
        fail "$transport: programs of tests/mpi" "$(grep -A 3 '^not ok' run.out)" "$(tail -n 1 run.out)"
    fi
done
# Where a sandbox forbids sockets: what needs none works, and what does says so.
sandbox=$build/tests/transport/nosocket
without_sockets() { # without_sockets TRANSPORT
    timeout 60 "$ipcrun" -n 3 --transport "$1" "$sandbox" "$build/tests/mpi/$2" >out 2>err </dev/null
    status=$?
}
if "$sandbox" /bin/true 2>/dev/null; then
    for transport in pipe unix fifo mmap; do
        without_sockets $transport order
        [ $status -eq 0 ] && pass "$transport without a right to sockets" ||
            fail "$transport without a right to sockets" "exit status $status" "$(tail -n 5 err)"
    done
    without_sockets pipe threads
    [ $status -eq 0 ] && pass "... and with threads" || fail "... and with threads" "$(tail -n 5 err)"
    without_sockets tcp order
    [ $status -ne 0 ] && grep -q "transport tcp does not open: Operation not permitted" err &&
        pass "tcp says that it has none" || fail "tcp says that it has none" "$(cat err)"
else
    skip "a sandbox without sockets" "no seccomp here"
fi
finish
