#!/usr/bin/env bash
# Programs of tests/mpi over three hosts. Time limit: 600 s.
# IPCRUN_TEST_HOSTS_MPI holds options for tests/mpi/run instead of the selection here, such as -v.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_up 3
hosts_own_tmp

# An ipcrun for tests/mpi/run: on h1, with up to nine ranks dealt out to three hosts.
{
    printf '#!/bin/bash\n'
    printf 'exec nsenter --target %s --net --uts --ipc --mount -- env -C %q %q --bind-to none --ssh %q -H h1:1,h2:1,h3:7 "$@"\n' \
        "${hosts_anchor[0]}" "$work" "$build/ipcrun" "$ssh_command"
} >"$work/launch"
chmod +x "$work/launch"

# Rows whose point is something else than messages between ranks run on one host only.
cat >"$work/LIST" <<'LIST'
order          3,8   30
modes          3     30
wildcards      3,8   30
probe          2     30
cancel         3     30
completion     3,5   30
truncate       2     30
zero           3,8   30
sendrecv       3,5   30
contexts       3,8   30
persistent     3     30
large          2     60  -- 40
outstanding    2     60
flood          8     60  -- 3000
p2p_random     3,8   60  -- 1 60
idle           2     60
idle           9     30
derived        3     30
derived_random 3     60  -- 1 100
coll_bcast     3,8   60
coll_gather    3,8   60
coll_alltoall  3,8   60
coll_reduce    3,8   60
coll_random    8     60  -- 1 200
comm           3,8   30
comm_cycles    8     60  -- 500
finalize       4     20
threads        3     60  -- 4 50
LIST
# shellcheck disable=SC2086
"$src/tests/mpi/run" -l "$work/LIST" -t "${IPCRUN_TEST_SLOW:-1}" ${IPCRUN_TEST_HOSTS_MPI:-} \
    "$work/launch" "$build/tests/mpi" >"$work/results" &
wait $!
result=$?
cat "$work/results"
left=$(hosts_leftovers)
[ -z "$left" ] || { echo "left behind: $left" >&2; result=1; }
exit $result
