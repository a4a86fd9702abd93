#!/bin/sh
# What mpicc prints and passes on, case by case, with a stand-in for the compiler that shows the
# words it is given, one a line.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"

mkdir "$work/bin"
cat >"$work/bin/fake-cc" <<'END'
#!/bin/sh
for word; do echo "<$word>"; done
END
chmod +x "$work/bin/fake-cc"
PATH=$work/bin:$PATH
IPCRUN_CC=fake-cc
export PATH IPCRUN_CC
mpicc=$build/mpicc

# is NAME WANTED COMMAND...
is() {
    is_name=$1 is_wanted=$2
    shift 2
    is_seen=$("$@" 2>&1)
    if [ "$is_seen" = "$is_wanted" ]; then
        pass "$is_name"
    else
        fail "$is_name" "$* printed:" "$is_seen" "instead of:" "$is_wanted"
    fi
}

# links NAME yes|no ARGUMENT...: does the compiler get the library?
links() {
    links_name=$1 links_wanted=$2
    shift 2
    links_seen=no
    "$mpicc" "$@" | grep -q '^<-lmpi_abi>$' && links_seen=yes
    [ "$links_seen" = "$links_wanted" ] && pass "$links_name" ||
        fail "$links_name" "mpicc $*: library given: $links_seen"
}

links "a source file links" yes a.c
links "an object links" yes -o a a.o
links "-c does not link" no -c a.c
links "-E does not link" no -E a.c
links "-S does not link" no -S a.c
links "-M does not link" no -M a.c
links "-fsyntax-only does not link" no -fsyntax-only a.c
links "--version does not link" no --version
links "-v alone does not link" no -v
links "the value of -o is no input" no -v -o a
links "-v with a file links" yes -v a.c
links "-shared links" yes -shared -o a.so a.o
links "standard input links" yes -xc -
links "-MMD links" yes -MMD -MF a.d a.c

words=$("$mpicc" '-DTEXT="a b"' "it's.c" '$HOME' 'x*' -c |
    grep -v -e '^<-I' -e '^<-f' | tr '\n' ' ')
is "words stay whole" '<-DTEXT="a b"> <it'"'"'s.c> <$HOME> <x*> <-c> ' printf %s "$words"

is "-showme:incdirs" "$build/include" "$mpicc" -showme:incdirs
is "-showme:libdirs" "$build/.libs" "$mpicc" -showme:libdirs
is "-showme:libs" mpi_abi "$mpicc" -showme:libs
is "-showme:command" fake-cc "$mpicc" -showme:command
is "-cc= comes before the environment" other "$mpicc" -cc=other -showme:command
is "MPICH_CC" one env -u IPCRUN_CC MPICH_CC=one OMPI_CC=two "$mpicc" -showme:command
is "OMPI_CC" two env -u IPCRUN_CC OMPI_CC=two "$mpicc" -showme:command
is "IPCRUN_CC comes first" fake-cc env MPICH_CC=one OMPI_CC=two "$mpicc" -showme:command
is "a compiler of several words" "fake-cc -m64" env IPCRUN_CC='fake-cc -m64' "$mpicc" \
    -showme:command
check "an unknown word of -showme is refused" sh -c '! "$0" -showme:nonsense 2>/dev/null' "$mpicc"

# What -show prints is a command: run by a shell, it does what mpicc would have done.
for arguments in "a.c -o a" "-c a.c" "-DX='a b' a.c -lm" \
    "'-DA=\"\$HOME\"' '' '\`x\`' 'back\\slash' \"it's.c\""; do
    direct=$(eval "\"$mpicc\" $arguments")
    is "-show is the command: $arguments" "$direct" sh -c "$(eval "\"$mpicc\" -show $arguments")"
done
is "-compile-info compiles" "$("$mpicc" -c)" sh -c "$("$mpicc" -compile-info)"
check "-link-info links" sh -c '"$0" -link-info | grep -q -- -lmpi_abi' "$mpicc"
for word in -show-compile-info -compile_info -show-link-info -link_info -showme --showme --show; do
    check "$word prints a command" sh -c '"$0" "$1" | grep -q "^fake-cc "' "$mpicc" "$word"
done

# A wrapper whose compiler has gone: the system's is used; without that, one clear line.
gone=$work/mpicc
sed "s/^configured_compiler=.*/configured_compiler='no-such-compiler -m64'/" "$mpicc" >"$gone"
chmod +x "$gone"
printf '#!/bin/sh\n' >"$work/bin/cc" && chmod +x "$work/bin/cc"
is "a missing compiler falls back to cc" cc env -u IPCRUN_CC "$gone" -showme:command
rm "$work/bin/cc"
mkdir "$work/tools"
for tool in sh readlink sed; do ln -s "$(command -v $tool)" "$work/tools/$tool"; done
seen=$(env -u IPCRUN_CC "PATH=$work/tools" "$gone" a.c 2>&1)
status=$?
case "$status $seen" in
"1 mpicc: no C compiler:"*IPCRUN_CC*) pass "no compiler at all: one clear line" ;;
*) fail "no compiler at all: one clear line" "exit status $status" "$seen" ;;
esac
finish
