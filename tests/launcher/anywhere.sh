#!/bin/bash
# Jobs start wherever they are tried, and stdout and stderr carry not one byte that is not the
# program's; or one sentence says what is missing. What only root can arrange is skipped for others.
# Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
exchange=$build/tests/launcher/exchange
forbid=$build/tests/launcher/forbid

# silent NAME RANKS COMMAND...: the command runs the program above with so many ranks.
silent() {
    silent_name=$1 silent_ranks=$2
    shift 2
    timeout -k 5 $((60 * slow)) "$@" >out 2>err
    status=$?
    if [ $status -eq 0 ] && [ ! -s err ] && [ "$(cat out)" = "$silent_ranks ranks, 0 wrong bytes" ]; then
        pass "$silent_name"
    else
        fail "$silent_name" "exit status $status" "$(head -n 5 out err)"
    fi
}

# sentence NAME PATTERN COMMAND...: nothing is started, and one line says why.
sentence() {
    sentence_name=$1 sentence_pattern=$2
    shift 2
    timeout -k 5 $((60 * slow)) "$@" >out 2>err
    status=$?
    if [ $status -ne 0 ] && [ "$(wc -l <err)" -eq 1 ] && [ ! -s out ] &&
        grep -Eq -- "^ipcrun: .*$sentence_pattern" err; then
        pass "$sentence_name"
    else
        fail "$sentence_name" "exit status $status" "$(head -n 5 out err)"
    fi
}

silent "here" 4 "$ipcrun" -n 4 "$exchange"
silent "one CPU" 4 taskset -c "$(taskset -cp $$ | sed 's/.*[ ,-]//')" "$ipcrun" -n 4 "$exchange"
silent "an empty environment, so no PATH, HOME or ssh" 4 env -i IPCRUN_TEST_TAG="$IPCRUN_TEST_TAG" \
    ASAN_OPTIONS="$ASAN_OPTIONS" LSAN_OPTIONS="$LSAN_OPTIONS" "$ipcrun" -n 4 "$exchange"
long=$work/$(printf 'x%.0s' $(seq 200))
mkdir "$long"
TMPDIR=$long silent "a long TMPDIR" 4 "$ipcrun" -n 4 "$exchange"
TMPDIR=/no/such/folder silent "a TMPDIR that is not there" 4 "$ipcrun" -n 4 "$exchange"
few() { # few DESCRIPTORS COMMAND...
    (ulimit -n "$1" && shift && exec "$@")
}
export -f few
silent "64 descriptors" 8 bash -c 'few 64 "$@"' - "$ipcrun" -n 8 "$exchange"
sentence "64 descriptors are too few for 32 ranks" 'need [0-9]+ open files, the limit is 64' \
    bash -c 'few 64 "$@"' - "$ipcrun" -n 32 "$exchange"
silent "stdin that is closed" 2 sh -c '"$@" <&-' - "$ipcrun" -n 2 "$exchange"
mkdir gone
sentence "a current directory that is gone" 'does not exist any more' \
    sh -c 'cd gone && rmdir ../gone && exec "$@"' - "$ipcrun" -n 2 "$exchange"

# ---- system calls that containers forbid ----
no_seccomp=
"$forbid" EPERM process_vm_readv true 2>/dev/null
if [ $? -eq 0 ]; then
    for error in EPERM ENOSYS; do
        silent "no process_vm_readv ($error)" 4 "$forbid" $error process_vm_readv "$ipcrun" -n 4 "$exchange"
        silent "no membarrier ($error)" 4 "$forbid" $error membarrier "$ipcrun" -n 4 "$exchange"
        silent "no memfd_create ($error)" 4 "$forbid" $error memfd_create "$ipcrun" -n 4 "$exchange"
        silent "none of them ($error)" 4 "$forbid" $error process_vm_readv,memfd_create,membarrier \
            "$ipcrun" -n 4 "$exchange"
    done
else
    no_seccomp=env # runs a program as it is
    skip "forbidden system calls" "no seccomp"
fi

# ---- what only root can arrange ----
# Everything is bound to another place first: the tree may lie below what is taken away.
inside='mount --bind "$1" /mnt && cd / && eval "$2" && shift 2 && exec "$@"'
as_root() { # as_root NAME MOUNTS [RANKS]: in a mount namespace where the commands have been run
    silent "$1" "${3:-4}" unshare -m bash -c "$inside" - "$build" "$2" \
        /mnt/ipcrun -n "${3:-4}" /mnt/tests/launcher/exchange 300000
}
no_memfd() { # no_memfd NAME PATTERN MOUNTS: the same 64 ranks, and no memory without a name either
    sentence "$1" "$2" unshare -m bash -c "$inside" - "$build" "$3" \
        /mnt/tests/launcher/forbid EPERM memfd_create /mnt/ipcrun -n 64 /mnt/tests/launcher/exchange
}
if unshare -m mount -t tmpfs none /mnt 2>/dev/null; then
    as_root "64 ranks, /dev/shm of 64 MB" 'mount -t tmpfs -o size=64m none /dev/shm' 64
    as_root "64 ranks, /dev/shm of 1 MB" 'mount -t tmpfs -o size=1m none /dev/shm' 64
    as_root "64 ranks, /dev/shm read-only" 'mount -t tmpfs -o ro none /dev/shm' 64
    as_root "64 ranks, no /dev/shm" \
        'mount -t tmpfs none /dev && mknod /dev/null c 1 3 && chmod 666 /dev/null' 64
    [ -n "$no_seccomp" ] || {
        no_memfd "no memory to share is an error with what is wanted and what there is" \
            'cannot make [0-9]+ bytes of shared memory for 64 ranks .memfd: Operation not permitted; /dev/shm has 1048576 bytes left; /tmp has 65536 bytes left' \
            'mount -t tmpfs -o size=1m none /dev/shm && mount -t tmpfs -o size=64k none /tmp'
        no_memfd "... and each of the places where there is none" \
            '/dev/shm: Read-only file system; /tmp: Read-only file system' \
            'mount -t tmpfs -o ro none /dev/shm && mount -t tmpfs -o ro none /tmp'
    }
    as_root "/tmp read-only" 'mount -t tmpfs -o ro none /tmp'
    as_root "no /sys" 'mount -t tmpfs none /sys'
    silent "no network, not even the loopback" 4 unshare -n "$ipcrun" -n 4 "$exchange"
    silent "a host name that nobody can resolve" 4 unshare -u sh -c \
        'hostname no-such-name.invalid && exec "$@"' - "$ipcrun" -n 4 "$exchange"
    # all_at_once FORBIDDEN MEGABYTES: without these system calls, and with so little in /dev/shm
    all_at_once() {
        silent "one CPU, no network, no name, 64 descriptors, /dev/shm of $2 MB, no $1: all at once" 8 \
            env -i IPCRUN_TEST_TAG="$IPCRUN_TEST_TAG" ASAN_OPTIONS="$ASAN_OPTIONS" \
            LSAN_OPTIONS="$LSAN_OPTIONS" PATH=/usr/bin:/bin TMPDIR="$long" \
            taskset -c "$(taskset -cp $$ | sed 's/.*[ ,-]//')" unshare -m -n -u bash -c "$inside" - "$build" \
            "hostname nobody.invalid && ulimit -n 64 && mount -t tmpfs -o size=$2m none /dev/shm &&
             mount -t tmpfs -o ro none /tmp" \
            ${no_seccomp:-/mnt/tests/launcher/forbid ENOSYS "$1"} \
            /mnt/ipcrun -n 8 /mnt/tests/launcher/exchange
    }
    all_at_once process_vm_readv,membarrier 1
    all_at_once process_vm_readv,membarrier,memfd_create 64
    chmod 755 "$work"
    if setpriv --reuid 65534 --regid 65534 --clear-groups test -x "$exchange" 2>/dev/null; then
        silent "a user without a name, and a home that is not his" 4 env HOME=/root \
            setpriv --reuid 65534 --regid 65534 --clear-groups "$ipcrun" -n 4 "$exchange"
    else
        skip "another user" "he cannot read the build tree"
    fi
else
    skip "mounts, no network, another user" "not root"
fi

# 256 MB for 32 ranks, in a control group of version 2 or 1.
v1=/sys/fs/cgroup/memory$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
v2=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)
group=
mkdir "$v1/ipcrun-test.$$" 2>/dev/null && group=$v1/ipcrun-test.$$ &&
    echo 256M 2>/dev/null >"$group/memory.limit_in_bytes"
[ -n "$group" ] || { mkdir "$v2/ipcrun-test.$$" 2>/dev/null && group=$v2/ipcrun-test.$$ &&
    echo 256M 2>/dev/null >"$group/memory.max"; }
if [ -n "$group" ] && [ "$slow" -eq 1 ] && (echo $BASHPID >"$group/cgroup.procs") 2>/dev/null; then
    silent "32 ranks in 256 MB" 32 bash -c 'echo $$ >"$1/cgroup.procs" && shift && exec "$@"' - "$group" \
        "$ipcrun" -n 32 "$exchange" 500000
else
    skip "32 ranks in 256 MB" "no memory control group of our own"
fi
[ -z "$group" ] || rmdir "$group" 2>/dev/null
nothing_left "nothing is left of all these"
finish
