#!/usr/bin/env bash
# Hosts that are not ready when the job starts: waited for, with one line. Hosts whose key is not the
# known one: named at once, and never asked about. Time limit: 200 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_up 3
hosts_own_tmp
cd "$work" || exit 99

stop_sshd() {
    local file=$work/ssh/$1.pid
    kill "$(<"$file")"
    hosts_wait "the end of sshd" test ! -s "$file"
}

# later SECONDS COMMAND...
later() {
    { sleep "$1"; shift; "$@"; } >/dev/null 2>&1 &
}

# waited_for NAME PATTERN: the job ended well, and its one line says whom it waits for.
waited_for() {
    if [ "$status" -eq 0 ] && [ "$(sort "$work/out" | paste -sd ' ')" = "h1 h2 h3" ] &&
        [ "$(grep -c . "$work/err")" -eq 1 ] && grep -qE "$2.*; trying again for 5[0-9] s" "$work/err"; then
        pass "$1 ($took ms)"
    else
        fail "$1" "$(job_report)"
    fi
}

# A machine that boots: its sshd comes up after five seconds.
stop_sshd h3
later 5 hosts_start_sshd h3
run_job -H h1,h2,h3 hostname
waited_for "a host whose sshd starts later" "host h3: .*Connection refused"

# A pod that has no name yet.
sed '/^Host h3$/,+1d' "$work/ssh/config" >"$work/ssh/nameless"
cp /etc/hosts "$work/names"
on h1 mount --bind "$work/names" /etc/hosts
name_h3() { echo "10.77.0.3 h3" >>"$work/names"; }
with_names=$ssh_command
ssh_command="ssh -F $work/ssh/nameless"
later 5 name_h3
run_job -H h1,h2,h3 hostname
waited_for "a host whose name is known later" "host h3: .*Could not resolve hostname h3"
ssh_command=$with_names

# Less patience.
stop_sshd h3
run_job --wait-hosts 3 -H h1,h2,h3 hostname
job_within=7 job_fails "--wait-hosts is the limit" 2 "host h3: cannot start .*Connection refused"
hosts_start_sshd h3

# The key that is known for h2 is another one; nobody is asked, though there is a terminal.
ssh-keygen -q -t ed25519 -N '' -f "$work/ssh/strange"
echo "10.77.0.2 $(cut -d' ' -f1,2 "$work/ssh/strange.pub")" >"$work/ssh/known"
sed -e "s,UserKnownHostsFile .*,UserKnownHostsFile $work/ssh/known," \
    -e 's,StrictHostKeyChecking no,StrictHostKeyChecking ask,' "$work/ssh/config" >"$work/ssh/changed"
ssh_command="ssh -F $work/ssh/changed"
run_job -H h1,h2 hostname
job_within=5 job_fails "a host whose key has changed" 2 "host h2: .*Host key verification failed[.] [(]its key .* has changed"
run_job -H h1,h3 hostname
job_within=5 job_fails "a host whose key is not known" 2 "host h3: .*Host key verification failed[.] [(]its key is not among the known ones"
command -v script >/dev/null || { skip "a terminal to ask at" "there is no script(1)"; finish; }
on h1 timeout 20 script -qec "$build/ipcrun --ssh '$ssh_command' -H h1,h3 hostname" /dev/null >"$work/err" 2>&1 </dev/null
status=$? took=0
job_fails "... not even where there is a terminal to ask at" 2 "host h3: .*Host key verification failed"
grep -q 'yes/no' "$work/err" && fail "... nobody is asked" "$(cat "$work/err")"
nothing_left "nothing is left of all that" 3
finish
