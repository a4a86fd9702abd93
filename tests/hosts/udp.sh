#!/usr/bin/env bash
# udp between two hosts whose network loses, doubles and delays one frame of twenty (weather.c), and
# worse. Time limit: 400 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_up 2
hosts_own_tmp

# storm LOST DOUBLED DELAYED: from now on, of a thousand frames.
storm() {
    [ -z "${weather:-}" ] || kill "$weather" 2>/dev/null
    ip -n "$hosts_net" link set port1 nomaster 2>/dev/null
    ip -n "$hosts_net" link set port2 nomaster 2>/dev/null
    ip netns exec "$hosts_net" "$build/tests/hosts/weather" "$@" 7 port1 port2 \
        >"$work/weather" 2>&1 &
    weather=$!
    disown "$weather"
    hosts_wait "the weather" grep -q blowing "$work/weather"
}

# over_udp NAME PROGRAM...: three ranks on each host.
over_udp() {
    local name=$1
    shift
    run_job --bind-to none -H h1:3,h2:3 -n 6 --transport udp --stats "$@"
    if [ "$status" -eq 0 ] && grep -q 'sent by udp: [1-9]' "$work/err" &&
        ! grep -qE 'sent by (shm|tcp)' "$work/err"; then
        pass "$name"
    else
        fail "$name" "$(job_report)"
    fi
}

random="$build/tests/mpi/p2p_random 1 20"
over_udp "a good network" "$build/tests/hosts/everyone"
storm 50 0 0
over_udp "5 % lost: everyone" "$build/tests/hosts/everyone"
over_udp "5 % lost: random messages" $random
storm 0 50 0
over_udp "5 % doubled" $random
storm 0 0 50
over_udp "5 % late" $random
storm 50 50 50
over_udp "5 % of each: random messages" $random
over_udp "5 % of each: collectives" "$build/tests/mpi/coll_random" 1 20
over_udp "5 % of each: heat" "$build/examples/heat" "$work/heat.png" 120 200
over_udp "5 % of each: sort" "$build/examples/sort"
over_udp "5 % of each: cg" "$build/examples/cg"
storm 100 100 100
over_udp "10 % of each" "$build/tests/hosts/everyone"
# While the network still passes something: ssh, too, has to hear that its connection is over.
nothing_left "nothing is left" 15
kill "$weather" 2>/dev/null
finish
