#!/bin/sh
# Every function with wrong arguments; badargs.py does the work.
command -v python3 >/dev/null || exit 77
exec python3 -B "$IPCRUN_TEST_SRC/tests/abi/badargs.py" "$IPCRUN_TEST_BUILD/include/mpi.h" \
    "$IPCRUN_TEST_BUILD/mpicc"
