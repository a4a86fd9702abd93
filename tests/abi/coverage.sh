#!/bin/sh
# How much of the standard there is, by chapter; coverage.py does the work.
command -v python3 >/dev/null || exit 77
command -v nm >/dev/null || exit 77
exec python3 -B "$IPCRUN_TEST_SRC/tests/abi/coverage.py" "$IPCRUN_TEST_BUILD/include/mpi.h" \
    "$IPCRUN_TEST_BUILD/.libs/libmpi_abi.so.1" "$IPCRUN_TEST_BUILD/mpicc" "$IPCRUN_TEST_SRC"
