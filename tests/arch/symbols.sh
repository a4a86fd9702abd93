#!/bin/sh
# The library shows MPI_ and PMPI_ symbols and nothing else; each MPI_ is a weak twin of a PMPI_, so
# that profilers can interpose; and each function that mpi.h declares is there.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"

nm -D --defined-only "$build/.libs/libmpi_abi.so" | awk '{ print $2, $3 }' |
    sort -k2 >"$work/symbols" || exit 99

empty "nothing but MPI_ and PMPI_ is exported" "$(grep -vE ' P?MPI_' "$work/symbols")"
empty "every MPI_ is weak" "$(awk '$2 ~ /^MPI_/ && $1 != "W"' "$work/symbols")"

awk '$2 ~ /^MPI_/ { print $2 }' "$work/symbols" >"$work/mpi"
awk '$2 ~ /^PMPI_/ { print substr($2, 2) }' "$work/symbols" >"$work/pmpi"
empty "every MPI_ has its PMPI_ and the reverse" "$(diff "$work/mpi" "$work/pmpi")"

# What a compiler sees in mpi.h, not what a pattern guesses.
echo '#include <mpi.h>' | "$build/mpicc" -E -P - | tr '\n;' ' \n' |
    grep -vw typedef | grep -oE '\bP?MPI_[A-Z][a-zA-Z0-9_]* ?\(' | tr -d '( ' | sort -u >"$work/header"
sort "$work/mpi" >"$work/have"
sed 's/^/P/' "$work/pmpi" | sort >>"$work/have"
sort -u -o "$work/have" "$work/have"
empty "everything that mpi.h declares is in the library" "$(comm -23 "$work/header" "$work/have")"
empty "everything in the library is declared in mpi.h" "$(comm -13 "$work/header" "$work/have")"

soname=$(readelf -d "$build/.libs/libmpi_abi.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
[ "$soname" = libmpi_abi.so.1 ] && pass "the SONAME is libmpi_abi.so.1" ||
    fail "the SONAME is libmpi_abi.so.1" "it is '$soname'"
finish
