#!/bin/sh
# The models of this folder, all interleavings of them, by spin. What each leaves out on purpose must
# be found, or the search would prove nothing. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
for tool in spin gcc; do
    command -v $tool >/dev/null || {
        echo "1..0 # SKIP there is no $tool"
        exit 77
    }
done
cd "$work" || exit 99

# search MODEL [DEFINE]: leaves what the search said in the file said.
search() {
    spin -a ${2:+-D"$2"} "$src/tests/model/$1.pml" >said 2>&1 &&
        gcc -O2 -w -DSAFETY -DVECTORSZ=2048 pan.c -o pan >>said 2>&1 && ./pan -m100000 >said 2>&1
    # complete: nothing was cut off for want of depth or memory
    ! grep -q 'max search depth too small\|Search not completed\|out of memory' said || [ -n "$2" ]
}

holds() {
    if search "$2" "$3" && grep -q 'errors: 0' said; then
        pass "$1 ($(awk '/states, stored/ { print $1 }' said) states)"
    else
        fail "$1" "$(grep -v '^$' said | head -n 20)"
    fi
}

finds() {
    search "$2" "$3"
    if grep -q 'errors: [1-9]' said; then
        pass "$1"
    else
        fail "$1" "$(grep -v '^$' said | head -n 20)"
    fi
}

holds "no wake-up is lost: the sleeper fences for all" bell
finds "... without any fence one is" bell NO_FENCE
holds "no wake-up is lost: the wakers fence" bell OWN_FENCE
holds "a ring brings all messages whole and in order" ring
finds "... an entry that is published too early is found" ring EARLY_SEQ
holds "a rank that is ahead shows nothing where another one still reads" lines
finds "... without a look at who has left what it does" lines NO_ROOM
finish
