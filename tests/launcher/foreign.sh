#!/bin/bash
# Programs that are linked with another MPI: refused where they would be several worlds of one. Time
# limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
unset IPCRUN_RANK

# linked NAME LIBRARY...: a program that wants libraries of such names, and says hello. It gets those that
# are made here, not what ipcrun offers: an old DT_RPATH comes before the environment.
linked() {
    linked_name=$1
    shift
    linked_with=
    for library; do
        echo 'int unused;' | cc -shared -fPIC -x c - -Wl,-soname,"$library" -o "$library" || exit 99
        linked_with="$linked_with ./$library"
    done
    echo '#include <stdio.h>
int main(void) { return puts("hello") < 0; }' | cc -x c - -x none -Wl,--no-as-needed \
        -Wl,--disable-new-dtags -Wl,-rpath,. $linked_with -o "$linked_name" || exit 99
}

linked mpich libm.so.6 libmpich.so.12
linked openmpi libmpi.so.40
linked fortran libmpi_mpifh.so.40
linked both libmpi.so.40 libmpi_abi.so.1
linked other libmpiplot.so.1

for program in "mpich libmpich.so.12 MPICH" "openmpi libmpi.so.40 Open MPI" \
    "fortran libmpi_mpifh.so.40 Open MPI"; do
    set -- $program
    expect "linked with $2: refused" 126 -n 4 "./$1"
    says "... in one sentence" "'./$1' is linked with $2 \\(${*:3}\\) and would be 4 worlds of one"
    empty "... before it starts" "$(cat out)"
    expect "one rank of it" 0 -n 1 "./$1"
    expect "a script that starts it" 0 -n 2 sh -c "./$1; ./$1"
done
expect "as a part of the command line: refused" 126 -n 1 "$rank" ok : -n 1 ./mpich
expect "linked with the standard ABI, too" 0 -n 2 ./both
expect "linked with something of a like name" 0 -n 2 ./other

# Files that make no sense reach the kernel, which says so; they never take the agent with them.
size=$(stat -c %s mpich)
for cut in 20 100 600 $((size / 2)); do
    head -c "$cut" mpich >broken
    chmod +x broken
    run -n 2 ./broken
    case $status in
    126 | 127 | 13[0-9]) pass "the first $cut bytes of a program" ;;
    *) fail "the first $cut bytes of a program" "exit status $status" "$(cat err)" ;;
    esac
done

for peer in mpich openmpi; do
    if ! command -v mpicc.$peer >/dev/null; then
        skip "compiled by the mpicc of $peer" "no mpicc.$peer here"
        continue
    fi
    mpicc.$peer "$src/tests/launcher/exchange.c" -o "exchange.$peer" || exit 99
    expect "compiled by the mpicc of $peer: refused" 126 -n 4 "./exchange.$peer"
done
nothing_left "nothing is left of all these"
finish
