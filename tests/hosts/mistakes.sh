#!/usr/bin/env bash
# Hosts that are not there, and hosts on which something is missing: one clear sentence that names
# the host, and nothing is left. Time limit: 200 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_up 3
hosts_own_tmp
cd "$work" || exit 99

printf 'Host h9\n  HostName 10.77.0.99\nHost h8\n  HostName 10.77.0.2\n  Port 23\n' >>"$work/ssh/config"
run_job -H h1,h9 -n 2 hostname
job_within=15 job_fails "a host that does not answer" 2 "host h9:" "No route to host|timed out"
run_job --wait-hosts 0 -H h1,h8 -n 2 hostname
job_within=5 job_fails "a host without sshd" 2 "host h8:" "Connection refused"
run_job --wait-hosts 0 -H h1,nosuchhost.invalid -n 2 hostname
job_within=15 job_fails "a name that nobody knows" 2 "host nosuchhost.invalid:" "resolve"
empty "one sentence for it" "$(sed 1d "$work/err")"
run_job --wait-hosts 5 -H h1,h8 -n 2 hostname
job_within=9 job_fails "a host without sshd is tried again, for as long as is said" 2 \
    "host h8: .*refused; trying again for [0-9] s" "host h8: cannot start"
run_job -H h1,h2,h9,h3 -n 4 "$build/tests/hosts/busy" 20
job_within=15 job_fails "a host that does not answer among others that do" 2 "host h9:"
nothing_left "nothing is left after that" 3

# A folder of programs that h3 sees empty.
mkdir "$work/bin" && cp "$build/ipcrun" "$work/bin/"
printf '#!/bin/sh\nsleep 20\n' >"$work/bin/program" && chmod +x "$work/bin/program"
on h3 mount -t tmpfs none "$work/bin"
run_job -H h1,h2,h3 -n 3 "$work/bin/program"
job_within=5 job_fails "a program that one host has not" 127 "host h3:.*$work/bin/program.*does not exist"
on h3 touch "$work/bin/program"
run_job -H h1,h2,h3 -n 3 "$work/bin/program"
job_within=5 job_fails "a program that cannot be run on one host" 126 "host h3:.*$work/bin/program"
mkdir "$work/dir"
on h3 mount -t tmpfs none "$work/dir"
mkdir "$work/dir/here"
run_job -H h1,h2,h3 -n 3 --wdir "$work/dir/here" sleep 20
job_within=5 job_fails "a working directory that one host has not" "1|2|126|127" "host h3:.*$work/dir/here"
here=$build
build=$work/bin
run_job -H h1,h2,h3 -n 3 sleep 20
build=$here
job_within=5 job_fails "ipcrun is not installed on one host" 2 "host h3:.*$work/bin/ipcrun"

# No way in: a key that sshd does not accept must not end in a question.
sed "s,$work/ssh/key,$work/ssh/hostkey," "$work/ssh/config" >"$work/ssh/locked"
own=$ssh_command
ssh_command="ssh -F $work/ssh/locked"
run_job -H h1,h2 -n 2 hostname
ssh_command=$own
job_within=10 job_fails "a host that does not let us in" 2 "host h2:" "denied|authentication"
sed 's,StrictHostKeyChecking no,StrictHostKeyChecking yes,' "$work/ssh/config" >"$work/ssh/strict"
ssh_command="ssh -F $work/ssh/strict"
run_job -H h1,h2 -n 2 hostname
ssh_command=$own
job_within=10 job_fails "a host with an unknown key" 2 "host h2: .*Host key verification failed[.] [(]its key"
run_job --ssh "$work/nosuchssh" -H h1,h2 -n 2 hostname
job_within=5 job_fails "an ssh command that does not exist" 2 "nosuchssh"

# Ends of ranks on other hosts.
run_job -H h1,h2,h3 -n 3 sh -c '[ $(hostname) != h3 ] || exit 7; sleep 20'
job_within=5 job_fails "a rank elsewhere fails" 7 "rank 2.*h3"
run_job -H h1,h2,h3 -n 3 sh -c '[ $(hostname) != h2 ] || kill -SEGV $$; sleep 20'
job_within=5 job_fails "a rank elsewhere crashes" 139 "rank 1.*h2"
job_limit=20
start_job --timeout 3 -H h1,h2,h3 -n 3 "$build/tests/hosts/busy" 20
began=$(hosts_ms)
end_job
job_within=6 job_fails "--timeout ends all hosts" 124
nothing_left "nothing is left of all that" 3
finish
