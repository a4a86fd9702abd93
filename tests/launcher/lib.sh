# For the scripts of this folder. They run $ipcrun with local ranks, and "remote" ones through a
# stand-in for ssh that drops the host's name. $jobs tags the environment of everything that a test
# starts, so that leftovers can be found whatever they turned themselves into.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
ipcrun=$build/ipcrun
rank=$build/tests/launcher/rank
slow=${IPCRUN_TEST_SLOW:-1}
IPCRUN_TEST_TAG=$$.$(date +%s%N)
export IPCRUN_TEST_TAG
unset IPCRUN_SSH
cd "$work" || exit 99

# What sshd does: a login shell with an environment of its own, and the words after the host as one
# command line.
cat >fakessh <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
    -*) shift 2 ;;
    *) break ;;
    esac
done
case $1 in
unreachable) echo "ssh: connect to host $1 port 22: Connection refused" >&2; exit 255 ;;
silent) exec sleep 60 ;;
chatty) echo 'Welcome to chatty!'; echo 'A warning of the login shell.' >&2 ;;
talker) echo 'This is not an agent.'; exit 0 ;;
esac
host=$1
shift
remote() {
    exec env -i HOME=/ PATH=/usr/bin:/bin IPCRUN_TEST_TAG="$IPCRUN_TEST_TAG" \
        ASAN_OPTIONS="$ASAN_OPTIONS" LSAN_OPTIONS="$LSAN_OPTIONS" ${IPCRUN_TEST_SHELL:-sh} -c "$1"
}
if [ "$host" != cut ]; then remote "$*"; fi
# A line of two processes between here and there, which a test can stop.
mkfifo there back
exec 3<&0
cat <&3 >there &
cat back &
remote "$*" <there >back
END
chmod +x fakessh

# run ARGUMENT...: runs ipcrun within $limit seconds; leaves $status, and files out and err.
limit=20
run() {
    timeout -k 5 $((limit * slow)) "$ipcrun" "$@" >out 2>err
    status=$?
}

# expect NAME STATUS ARGUMENT...: runs ipcrun and compares its exit status.
expect() {
    expect_name=$1 expect_status=$2
    shift 2
    run "$@"
    if [ $status -eq "$expect_status" ]; then
        pass "$expect_name"
    else
        fail "$expect_name" "exit status $status, not $expect_status" "$(tail -n 5 err)"
    fi
}

# go KEY ARGUMENT...: the same run in the background, beside at most three others: for runs that
# mostly wait. came NAME STATUS KEY: waits for it, and is then what expect is. For bash.
go() {
    go_key=$1
    shift
    while [ "$(jobs -pr | wc -l)" -ge 4 ]; do wait -n; done
    {
        timeout -k 5 $((limit * slow)) "$ipcrun" "$@" >"$go_key.out" 2>"$go_key.err"
        echo $? >"$go_key.ended" && mv "$go_key.ended" "$go_key.status"
    } &
}
came() {
    until [ -e "$3.status" ]; do sleep 0.05; done
    status=$(cat "$3.status")
    cp "$3.out" out
    cp "$3.err" err
    if [ "$status" -eq "$2" ]; then
        pass "$1"
    else
        fail "$1" "exit status $status, not $2" "$(tail -n 5 err)"
    fi
}

# says NAME PATTERN: the last run's stderr has exactly one line that matches.
says() {
    if [ "$(grep -Ec -- "$2" err)" -eq 1 ]; then
        pass "$1"
    else
        fail "$1" "one line should match: $2" "$(cat err)"
    fi
}

# same NAME SEEN WANTED
same() {
    if [ "$2" = "$3" ]; then
        pass "$1"
    else
        fail "$1" "seen:   $2" "wanted: $3"
    fi
}

# Processes of this test that still live, but for this shell and what it is running right now.
leftovers() {
    # one grep for all: there may be hundreds, and nothing_left has three seconds
    for dir in $(grep -zlxs "IPCRUN_TEST_TAG=$IPCRUN_TEST_TAG" /proc/[0-9]*/environ); do
        dir=${dir%/environ}
        pid=${dir#/proc/}
        [ "$pid" -ne $$ ] || continue
        read -r _ comm state ppid _ 2>/dev/null <"$dir/stat" || continue
        # our own subshell, and what it started to look around
        [ "$pid" -ne "$BASHPID" ] && [ "$ppid" -ne "$BASHPID" ] && [ "$ppid" -ne $$ ] || continue
        [ "$state" != Z ] || continue
        echo "$pid $comm $(tr '\0' ' ' <"$dir/cmdline" 2>/dev/null)"
    done
}

# left PATTERN: pids of those whose line matches. Not `leftovers | grep`: the grep carries the tag as
# well, so whether it finds itself among them is a race.
left() {
    left_lines=$(leftovers)
    awk -v pattern="$1" '$0 ~ pattern { print $1 }' <<END
$left_lines
END
}

# nothing_left NAME: within 3 seconds every process of this test is gone.
nothing_left() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
        left=$(leftovers)
        [ -n "$left" ] || break
        sleep 0.2
    done
    empty "$1" "$left"
}

# wait_for SECONDS COMMAND...: until the command succeeds.
wait_for() {
    wait_end=$(($(date +%s) + $1 * slow))
    shift
    until "$@" >/dev/null 2>&1; do
        [ "$(date +%s)" -lt $wait_end ] || return 1
        sleep 0.02
    done
}
