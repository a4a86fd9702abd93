#!/usr/bin/env bash
# Hosts that share a directory and nothing else: no packet passes between them but ssh's, and each
# has IPC objects and mounts of its own. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_up 2
hosts_own_tmp
mkdir "$work/shared"

for host in h1 h2; do
    on $host ip rule add pref 10 ipproto tcp dport 22 lookup main &&
        on $host ip rule add pref 11 ipproto tcp sport 22 lookup main &&
        on $host ip rule add pref 12 to 10.77.0.0/24 prohibit &&
        on $host ip -6 rule add pref 10 ipproto tcp dport 22 lookup main &&
        on $host ip -6 rule add pref 11 ipproto tcp sport 22 lookup main &&
        on $host ip -6 rule add pref 12 to fd77::/64 prohibit ||
        hosts_skip "the kernel has no policy routing"
done 2>/dev/null

# over_dir TRANSPORT NAME PROGRAM...
over_dir() {
    local transport=$1 name=$2
    shift 2
    IPCRUN_DIR=$work/shared run_job --bind-to none -H h1:2,h2:2 -n 4 --transport "$transport" \
        --stats "$@"
    if [ "$status" -eq 0 ] && grep -q "sent by ${transport##*=}: [1-9]" "$work/err"; then
        pass "$transport: $name"
    else
        fail "$transport: $name" "$(job_report)"
    fi
    empty "$transport: $name: nothing is left" "$(find "$work/shared" -mindepth 1)"
}

for transport in file node=shm,remote=file mmap node=unix,remote=mmap; do
    over_dir $transport everyone "$build/tests/hosts/everyone"
    over_dir $transport order "$build/tests/mpi/order"
    over_dir $transport heat "$build/examples/heat" "$work/heat.png" 120 200
    over_dir $transport sort "$build/examples/sort"
done

# The same name, but not the same directory.
on h2 mount -t tmpfs none "$work/shared"
IPCRUN_DIR=$work/shared run_job -H h1,h2 -n 2 --transport file "$build/tests/hosts/everyone"
job_fails "a directory that is not shared is named" "1|17" \
    "does not find the folder of rank [01] in $work/shared"
IPCRUN_DIR=$work/shared run_job -H h1,h2 -n 2 --transport mmap "$build/tests/hosts/everyone"
job_fails "... for mmap, too" "1|17" "finds no file of rank [01] in $work/shared"
on h2 umount "$work/shared"

# kill -9 of the agent on either host: the directory goes as well.
for victim in h1 h2; do
    IPCRUN_DIR=$work/shared start_job -H h1,h2 -n 2 --transport file "$build/tests/hosts/busy" 100
    began=$(hosts_ms)
    for pid in $(hosts_processes $victim); do
        [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != ipcr-agent ] || kill -9 "$pid"
    done
    end_job
    nothing_left "the agent on $victim is killed: no process is left" 3
    empty "... and no file" "$(find "$work/shared" -mindepth 1)"
done
finish
