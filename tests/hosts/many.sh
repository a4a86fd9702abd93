#!/usr/bin/env bash
# 64 hosts that are started in one go: one sshd under 64 names, which hangs up as OpenSSH's does by
# default when ten logins are under way. Time limit: 200 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_max_startups=10
hosts_up 2 4
hosts_own_tmp
{
    for i in {1..64}; do
        printf 'Host n%d\n  HostName 10.77.0.2\n' "$i"
    done
    cat "$work/ssh/config"
} >"$work/ssh/many"
ssh_command="ssh -F $work/ssh/many"
all=$(printf ',n%d' {1..64})
job_limit=100
run_job --bind-to none -H "${all#,}" sh -c 'echo $IPCRUN_RANK $IPCRUN_NODE'
job_passes "64 hosts, with MaxStartups 10 ($took ms)"
empty "... without a word" "$(cat "$work/err")"
sort -n "$work/out" >"$work/sorted"
for i in {0..63}; do echo "$i $i"; done >"$work/wanted"
empty "... each of them has its rank" "$(diff "$work/wanted" "$work/sorted")"
run_job --bind-to none -H "${all#,}" "$build/tests/hosts/everyone" 1000
job_passes "64 hosts, all of which talk with all ($took ms)"
nothing_left "nothing is left of that" 3
finish
