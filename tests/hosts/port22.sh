#!/usr/bin/env bash
# Hosts between which nothing passes but ssh: the data of the ranks goes through ipcrun's own
# connections, and one line says so. Time limit: 600 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"

# wall_all HOW: between any two of the hosts.
wall_all() {
    local a b
    for a in h1 h2 h3; do
        for b in h1 h2 h3; do
            [ $a = $b ] || hosts_wall "$1" $a $b || return
        done
    done
}

# job_warns NAME PAIRS: the last job ended well, and its one line names these hosts.
job_warns() {
    if [ "$status" -eq 0 ] && [ "$(grep -c . "$work/err")" -eq 1 ] &&
        grep -qE "^ipcrun: hosts $2 cannot reach each other: .*slow.*--ports" "$work/err"; then
        pass "$1 ($took ms)"
    else
        fail "$1" "$(job_report)"
    fi
}

# More of what can go wrong than one program would meet.
programs() { # PAIRS OPTION...
    local program pairs=$1
    shift
    for program in order wildcards "coll_random 1 40" "large 64"; do
        # shellcheck disable=SC2086
        job_limit=200 run_job --bind-to none "$@" "$build/tests/mpi/"$program
        job_warns "... $program" "$pairs"
    done
    run_job --bind-to none "$@" "$build/examples/heat" "$work/heat.png" 900 60
    job_warns "... heat" "$pairs"
    grep -q '^heat: verified' "$work/out" || fail "... heat has the right result" "$(job_report)"
}
all_pairs="h1 and h2, h1 and h3, h2 and h3|h1 and h3, h1 and h2, h2 and h3|h1 and h2, h2 and h3, h1 and h3"
all_pairs+="|h2 and h3, h1 and h2, h1 and h3|h2 and h3, h1 and h3, h1 and h2|h1 and h3, h2 and h3, h1 and h2"

hosts_up 3
hosts_own_tmp
cd "$work" || exit 99
hosts_wall refused h2 h3 2>/dev/null && hosts_wall refused h3 h2 ||
    hosts_skip "the kernel has no policy routing"
run_job --bind-to none -H h1:2,h2:2,h3:2 -n 6 "$build/tests/hosts/everyone"
job_warns "two of three hosts refuse each other's packets: it works" "h2 and h3"
run_job --bind-to none --stats -H h1,h2 -n 2 "$build/tests/hosts/everyone"
job_passes "... the others do not notice"
grep -q 'cannot reach' "$work/err" && fail "... and are not told" "$(job_report)"
programs "h2 and h3" -H h2,h3 -n 2
nothing_left "nothing is left of that" 3
hosts_down

hosts_up 3
wall_all refused
run_job --bind-to none -H h1:2,h2:2,h3:2 -n 6 "$build/tests/hosts/everyone"
job_warns "all refuse each other's packets: it works" "($all_pairs)"
run_job --bind-to none -H h1,h2,h3 -n 3 "$build/tests/mpi/coll_random" 1 40
job_warns "... coll_random" "($all_pairs)"

# open_ports A B: lets these ports through the walls.
open_ports() {
    local host family side
    for host in h1 h2 h3; do
        for family in -4 -6; do
            for side in dport sport; do
                on $host ip $family rule add pref 11 ipproto tcp $side "$1-$2" lookup main
            done
        done
    done
}
open_ports 50100 50103
run_job --ports 50100-50103 --bind-to none -H h1:2,h2:2,h3:2 -n 6 "$build/tests/hosts/everyone"
job_passes "some ports are open, and --ports names them: it works ($took ms)"
empty "... directly" "$(cat "$work/err")"

# With the way closed, too, it is named.
IPCRUN_DETOUR=0 run_job -H h1,h2 -n 2 "$build/tests/hosts/everyone"
job_within=14 job_fails "IPCRUN_DETOUR=0: the wall is named" "1|17" \
    "rank [01] on h[12] finds no way to rank [01] on h[12]" "10[.]77[.]0[.][12]:[0-9]+" \
    "fd77::[12]" "firewall"

# The ends of such jobs.
start_job --bind-to none -H h1:2,h2:2,h3:2 -n 6 "$build/tests/hosts/busy" 30
began=$(hosts_ms)
sleep 1
for pid in $(hosts_processes h3); do
    [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != busy ] || { kill -9 "$pid"; break; }
done
began=$(hosts_ms)
end_job
job_within=5 job_fails "a rank is killed" 137 "rank [45].*h3.*signal 9|rank [45].*SIGKILL|rank [45].*killed"
nothing_left "... and nothing is left" 3
run_job --bind-to none -H h1,h2 -n 2 "$build/tests/mistakes/head_to_head"
job_within=20 job_fails "ranks that wait for each other are found" 1 "deadlock"
nothing_left "... and nothing is left, either" 3
hosts_down

hosts_up 3
wall_all lost
run_job --bind-to none -H h1:2,h2:2,h3:2 -n 6 "$build/tests/hosts/everyone"
job_warns "all lose each other's packets: it works" "($all_pairs)"
run_job --bind-to none -H h2,h3 -n 2 "$build/tests/mpi/large" 4
job_warns "... large messages" "h2 and h3"
nothing_left "nothing is left of all that" 3
finish
