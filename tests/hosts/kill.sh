#!/usr/bin/env bash
# kill -9 of each kind of process of a job over three hosts, at random moments from its start on:
# the job ends at once, and three seconds later nothing of it is left on any host.
# IPCRUN_TEST_KILLS says how often each kind (default 2). Time limit: 3000 s.
# Alone: it looks for what any job left.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_up 3
hosts_own_tmp
cd "$work" || exit 99

# A rank with descendants: a child, and one that has left the session and lost its parents.
cat >"$work/family" <<'END'
#!/bin/sh
(setsid sleep 300 &)
sleep 300 &
exec "$@"
END
chmod +x "$work/family"

# pids of a kind: command name as ps shows it, on hosts. Of sshd's processes those that run something:
# the one that has let a user in outlives another one, which nobody would miss.
pids_of() { # NAME HOST...
    local name=$1 host pid
    shift
    for host; do
        for pid in $(hosts_processes "$host"); do
            [ "$(cat "/proc/$pid/comm" 2>/dev/null)" = "$name" ] || continue
            [ "$name" != sshd ] || ps -o comm= --ppid "$pid" | grep -qvx sshd || continue
            echo "$pid"
        done
    done
}

# One of them, once there is one.
victim_of() {
    local try pids
    for try in {1..100}; do
        pids=$(pids_of "$@")
        [ -n "$pids" ] && shuf -n 1 <<<"$pids" && return
        sleep 0.02
    done
    return 1
}

# kill_one NAME KIND HOST...: KIND is a command name, or "both": a guard and its agent.
kill_one() {
    local name=$1 kind=$2 delay victim program=busy
    shift 2
    delay=$((RANDOM % 1300))
    [ $((RANDOM % 2)) = 0 ] || program="busy 30 quiet"
    [ "$program" = busy ] && program="busy 30"
    on h1 "$build/ipcrun" --bind-to none --ssh "$ssh_command" -H h1:2,h2:3,h3:3 -n 8 \
        "$work/family" "$build/tests/hosts/"${program} >"$work/out" 2>"$work/err" </dev/null &
    job=$!
    sleep "$((delay / 1000)).$(printf %03d $((delay % 1000)))"
    name="$name, after $delay ms"
    if ! victim=$(victim_of "${kind/both/ipcr-guard}" "$@"); then
        fail "$name" "there is no $kind on $*" "$(hosts_leftovers)" "$(cat "$work/err")"
        kill "$job" 2>/dev/null
        wait "$job" 2>/dev/null
        return
    fi
    [ "$kind" != both ] || victim+=" $(pgrep -P "$victim")"
    kill -9 $victim 2>/dev/null
    began=$(hosts_ms)
    nothing_left "$name: nothing is left" 3
    { wait "$job"; status=$?; } 2>/dev/null
    took=$(($(hosts_ms) - began))
    [ "$status" -ne 0 ] || fail "$name: the job says so" "$(job_report)"
    if [ "$kind" = busy ]; then
        grep -qE 'rank [0-7].*(signal 9|SIGKILL|[Kk]illed)' "$work/err" && [ "$status" -eq 137 ] ||
            fail "$name: the rank is named" "$(job_report)"
    fi
}

for ((round = 0; round < ${IPCRUN_TEST_KILLS:-2}; round++)); do
    kill_one "ipcrun" ipcrun h1
    kill_one "its guard" ipcr-guard h1
    kill_one "its agent" ipcr-agent h1
    kill_one "an agent elsewhere" ipcr-agent h2 h3
    kill_one "the guard of an agent" ipcr-guard h2 h3
    kill_one "guard and agent beside ipcrun" both h1
    kill_one "guard and agent elsewhere" both h2 h3
    kill_one "a rank beside ipcrun" busy h1
    kill_one "a rank elsewhere" busy h2 h3
    kill_one "an ssh client" ssh h1
    kill_one "an sshd session" sshd h2 h3
done
finish
