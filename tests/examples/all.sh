#!/bin/sh
# Runs every example with 8 ranks, and with 1 and 3, in a scratch folder. Each verifies its own
# result and says so by its exit status; what it prints has to be something. Then the same on real
# files. Time limit: 600 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
cd "$work" || exit 99

# run RANKS EXAMPLE ARGUMENT...
run() {
    ranks=$1 example=$2
    shift 2
    name="$example${*:+ ${*##*/}} with $ranks ranks"
    seen=$(timeout 120 "$build/ipcrun" -n "$ranks" "$build/examples/$example" "$@" 2>errors </dev/null)
    status=$?
    if [ $status -eq 0 ] && [ -n "$seen" ]; then
        pass "$name"
    else
        fail "$name" "exit status $status" "$(tail -n 20 errors)" "$(echo "$seen" | tail -n 20)"
    fi
}

# picture FILE: a PNG file whose end is there.
picture() {
    if [ "$(head -c 8 "$1" | od -An -c | tr -d ' ')" = '211PNG\r\n032\n' ] &&
        tail -c 8 "$1" | grep -q IEND; then
        pass "$1 is a picture"
    else
        fail "$1 is a picture" "$(ls -l "$1" 2>&1)"
    fi
}

found=no
for file in "$src"/examples/*.c; do
    grep -q '^int main' "$file" || continue
    found=yes
    example=$(basename "$file" .c)
    for ranks in 8 1 3; do
        run $ranks "$example"
    done
done
[ $found = yes ] || fail "there are examples"
picture heat.png
picture mandelbrot.png

# The project's own sources as lines to sort and words to count, checked against the system's tools.
cat "$src"/*/*.[ch] >sources.txt
run 8 sort sources.txt sorted.txt
LC_ALL=C sort sources.txt | cmp - sorted.txt >cmp.out 2>&1 && pass "sort sorts as sort(1) does" ||
    fail "sort sorts as sort(1) does" "$(cat cmp.out)"
run 8 wordcount sources.txt

# Matrices from an application, where the folder with the project's real data lies.
for matrix in "${IPCRUN_SHARED:-$src/../shared}"/data/*.mtx; do
    [ -e "$matrix" ] && run 8 cg "$matrix"
done
finish
