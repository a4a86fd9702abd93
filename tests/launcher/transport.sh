#!/bin/bash
# --transport: what is chosen, and mistakes that are found before anything starts.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

# choice NAME WANTED ARGUMENT...: the row of rank 0 in the table of pairs.
choice() {
    choice_name=$1 wanted=$2
    shift 2
    run --map "$@" true
    same "$choice_name" "$(awk '$1 == "0" && $2 == "self" { $1 = ""; print substr($0, 2) }' out)" "$wanted"
}

choice "by default" "self shm tcp" -n 3 -H a:2,b
choice "one for all" "self tcp tcp" -n 3 -H a:2,b --transport tcp
choice "the first that reaches" "self shm tcp" -n 3 -H a:2,b --transport shm,tcp
choice "order counts" "self tcp tcp" -n 3 -H a:2,b --transport tcp,shm
choice "one class alone" "self tcp tcp" -n 3 -H a:2,b --transport node=tcp
choice "both classes" "self shm tcp" -n 3 -H a:2,b --transport remote=tcp,node=shm
choice "names before a class are for both" "self tcp tcp" -n 3 -H a:2,b --transport tcp,node=shm
choice "the variable" "self tcp" -n 2 -x IPCRUN_TRANSPORT=tcp
choice "what nobody needs may be missing" "self shm" -n 2 --transport shm
run --map -n 3 -H a:2,b --transport node=tcp true
same "--map says why" "$(tail -n 3 out)" "$(printf '%s\n' 'a rank and itself: self (always)' \
    'ranks of one host: tcp (tcp reaches every rank)' 'ranks of different hosts: tcp (by default)')"

expect "out of reach" 2 -n 3 -H a:2,b --transport shm touch started
says "... is a sentence" "no transport of 'shm' gets from ranks of one host to those of another: shm reaches ranks of one host only"
expect "no such transport" 2 -n 2 --transport shm,carrier touch started
says "... is a sentence" "names 'carrier'; the transports are self, shm, tcp"
expect "no such transport of a class" 2 -n 2 --transport node= touch started
expect "an empty name" 2 -n 2 --transport shm,,tcp touch started
expect "an empty list" 2 -n 2 --transport '' touch started
expect "programs that disagree" 2 -n 1 -x IPCRUN_TRANSPORT=tcp touch started : -n 1 touch started
says "... are told" "need the same IPCRUN_TRANSPORT"
expect "a directory that is none" 2 -n 2 -x IPCRUN_DIR=here touch started
says "... is a sentence" "IPCRUN_DIR is 'here'; it must be a path that begins with /"
[ ! -e started ] && pass "none of these has started anything" || fail "none of these has started anything"
expect "a job over the transport" 0 -n 3 --transport tcp --stats "$build/tests/mpi/order"
same "... and over no other" "$(sed -n 's/.* sent by \([a-z]*\): .*/\1/p' err | sort -u | tr '\n' ' ')" "tcp "
nothing_left "nothing is left of all these"
finish
