#!/bin/sh
# Runs every row of LIST with the build tree's ipcrun. Time limit: 900 s.
# IPCRUN_TEST_MPI holds further options for tests/mpi/run, such as -n 1,2 or -o coll_*.
set -f
exec "$IPCRUN_TEST_SRC/tests/mpi/run" -t "${IPCRUN_TEST_SLOW:-1}" ${IPCRUN_TEST_MPI:-} \
    "$IPCRUN_TEST_BUILD/ipcrun" "$IPCRUN_TEST_BUILD/tests/mpi"
