#!/bin/sh
# mpi.h and the library against the standard's tables; abi.py does the work.
command -v python3 >/dev/null || exit 77
exec python3 -B "$IPCRUN_TEST_SRC/tests/abi/abi.py" "$IPCRUN_TEST_BUILD/include/mpi.h" \
    "$IPCRUN_TEST_BUILD/mpicc" "$IPCRUN_TEST_BUILD/mpicxx"
