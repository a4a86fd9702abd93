#!/bin/sh
# Installs into a scratch DESTDIR, moves the tree to another place (with a space in its path), and
# uses it from there in every way that users do. Nothing may refer to the build tree or to the
# configured prefix.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"

# The test's own make must not talk to the one that runs the tests.
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES
configured=$(sed -n 's/^prefix = //p' "$build/Makefile")
check "make install DESTDIR=..." make -C "$build" install DESTDIR="$work/stage"
home="$work/moved here"
mv "$work/stage$configured" "$home" || exit 99
PATH=$home/bin:$PATH
export PATH

for file in bin/ipcrun bin/mpiexec bin/mpirun bin/mpicc bin/mpicxx bin/mpic++ include/mpi.h \
    lib/libmpi_abi.so lib/libmpi_abi.so.1 lib/pkgconfig/ipcrun.pc share/man/man1/ipcrun.1 \
    share/man/man1/mpicc.1 share/man/man1/mpiexec.1 \
    share/bash-completion/completions/ipcrun share/bash-completion/completions/mpiexec; do
    check "installed: $file" test -e "$home/$file"
done
empty "no text file names the build tree" "$(
    grep -rlI "$build" "$home" 2>/dev/null | grep -v '[.]la$')"
# Programs and the library may not look there for their libraries, either.
empty "no rpath names the build tree" "$(
    for file in "$home/bin/ipcrun" "$home/lib/libmpi_abi.so"; do
        readelf -d "$file" | grep -E 'R(UN)?PATH' | grep -F "$build"
    done)"

cp "$src/tests/install/cmake/"* "$work"
cd "$work" || exit 99

# runs NAME COMMAND...: the command runs the program from above, which prints its sum.
runs() {
    runs_name=$1
    shift
    if seen=$(timeout 60 "$@" 2>&1) && [ "$seen" = "4 ranks, sum 12" ]; then
        pass "$runs_name"
    else
        fail "$runs_name" "$* printed:" "$seen"
    fi
}

check "mpicc compiles and links" mpicc -O2 -Wall -Werror -o twice twice.c
runs "ipcrun runs it" ipcrun -n 4 ./twice
runs "mpiexec runs it" mpiexec -n 4 ./twice
runs "mpirun runs it" mpirun -np 4 ./twice
if [ -n "$(mpicxx -showme:command)" ]; then
    check "mpicxx compiles and links" mpicxx -O2 -Wall -Werror -o twice_cxx twice.cc
    runs "ipcrun runs the C++ program" ipcrun -n 4 ./twice_cxx
else
    skip "mpicxx" "no C++ compiler"
fi
check "mpicc compiles only" mpicc -c twice.c -o twice.o
check "mpicc links objects" mpicc twice.o -o twice_o
runs "ipcrun runs it, too" ipcrun -n 4 ./twice_o

mkdir links && ln -s "$home/bin/mpicc" links/cc-for-mpi
check "a link to mpicc from elsewhere works" links/cc-for-mpi twice.c -o twice_link
runs "and what it builds runs" ipcrun -n 4 ./twice_link

if command -v pkg-config >/dev/null; then
    PKG_CONFIG_PATH=$home/lib/pkgconfig
    export PKG_CONFIG_PATH
    # pkg-config escapes the space for a shell, so a shell has to read it.
    check "pkg-config gives the flags" sh -c \
        'eval "cc $(pkg-config --cflags ipcrun) twice.c -o twice_pc $(pkg-config --libs ipcrun)"'
    runs "and what they build runs" ipcrun -n 4 ./twice_pc
else
    skip "pkg-config" "not installed"
fi

if [ -e "$src/examples/Makefile.user" ]; then
    mkdir plain && cp "$src/examples/"*.[ch] "$src/examples/Makefile.user" plain
    check "a plain Makefile with CC=mpicc builds" make -C plain -f Makefile.user CC=mpicc
    check "and what it builds runs" timeout 60 ipcrun -n 4 plain/ring
else
    fail "a plain Makefile with CC=mpicc builds" "examples/Makefile.user is missing"
fi

# CMake twice: found on PATH, and named by MPI_HOME only.
if command -v cmake >/dev/null && [ -n "$(mpicxx -showme:command)" ]; then
    mkdir project && cp CMakeLists.txt twice.c twice.cc project
    check "CMake configures with find_package(MPI)" cmake -S project -B by-path
    check "CMake found this mpicc and no other MPI" grep -q "^MPI_C_COMPILER:FILEPATH=$home/bin/" \
        by-path/CMakeCache.txt
    check "CMake found this mpiexec" grep -q "^MPIEXEC_EXECUTABLE:FILEPATH=$home/bin/" \
        by-path/CMakeCache.txt
    check "CMake builds" cmake --build by-path
    check "ctest runs the programs" sh -c 'cd by-path && timeout 120 ctest --output-on-failure'
    check "CMake configures with MPI_HOME" env "PATH=${PATH#*:}" "MPI_HOME=$home" \
        cmake -S project -B by-home
    check "CMake found this mpicc there, too" grep -q "^MPI_C_COMPILER:FILEPATH=$home/bin/" \
        by-home/CMakeCache.txt
    check "CMake builds there" cmake --build by-home
    runs "and what it built runs" ipcrun -n 4 by-home/twice_cxx
else
    skip "CMake" "no cmake or no C++ compiler"
fi

check "make uninstall" make -C "$build" install uninstall DESTDIR="$work/gone"
empty "nothing is left after make uninstall" "$(find "$work/gone" ! -type d)"
finish
