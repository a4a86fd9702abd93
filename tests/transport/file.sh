#!/bin/bash
# file where things are missing: no inotify, no space. Needs user namespaces, else skipped.
# Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
unshare -Urm true 2>/dev/null || { echo "1..0 # SKIP there are no user namespaces"; exit 77; }
mkdir dir
export IPCRUN_DIR=$work/dir

# within COMMAND ARGUMENT...: `command` as root of namespaces of its own.
within() {
    timeout 100 unshare -Urm sh -c "$1"' && exec "$@"' sh "${@:2}" >out 2>err </dev/null
    status=$?
}

without_inotify='echo 0 >/proc/sys/user/max_inotify_instances'
within "$without_inotify" "$ipcrun" -n 3 --transport file --stats "$build/tests/mpi/wildcards"
same "folders are read at intervals where there is no inotify" "$status" 0
says "... over file" 'ipcrun: rank 0 sent by file: [1-9].*'

# A rank that waits for five seconds looks a hundred times.
within "$without_inotify" "$ipcrun" -n 2 --transport file "$build/tests/mpi/idle"
same "... and a rank that waits uses little CPU" "$status" 0

small='mount -t tmpfs -o size=64k none "$IPCRUN_DIR"'
within "$small" "$ipcrun" -n 2 --transport file "$build/tests/hosts/everyone"
[ "$status" -ne 0 ] && pass "a file system that stays full ends the job" ||
    fail "a file system that stays full ends the job"
says "... with a sentence" "finds no space for its messages to rank [01] in $IPCRUN_DIR/ipcrun.*IPCRUN_DIR"

roomy='mount -t tmpfs -o size=3m none "$IPCRUN_DIR"'
within "$roomy" "$ipcrun" -n 2 --transport file --stats "$build/tests/mpi/sendrecv"
same "what goes through a small one may be many times its size" "$status" 0
finish
