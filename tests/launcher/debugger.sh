#!/bin/bash
# Ranks under a debugger, each with a terminal, and under a checker. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
exchange=$build/tests/launcher/exchange

# A debugger that says what it has got, and asks once.
cat >debugger <<'END'
#!/bin/sh
[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && : </dev/tty && echo "$IPCRUN_RANK has a terminal of $(stty size)"
printf "$IPCRUN_RANK asks> "
read -r answer || exit 9
echo "$IPCRUN_RANK got $answer"
shift
exec "$@"
END
chmod +x debugger
export IPCRUN_GDB="./debugger --args"

for where in "-n 3" "--ssh ./fakessh -H a:1,b:2"; do
    echo hello | timeout 30 "$ipcrun" $where --gdb 1 sh -c 'echo "$IPCRUN_RANK runs"; cat' >out 2>err
    same "one rank under a debugger ($where)" "$? $(cat err)" "0 "
    same "... which gets what is typed" "$(tr -d '\r' <out | grep -c '^1 asks> 1 got hello$\|^1 got hello$')" 1
    same "... and has a terminal" "$(grep -c '^1 has a terminal of ' out)" 1
    # The question is no whole line: what another rank says meanwhile comes behind it.
    same "... and runs the program with its arguments" "$(tr -d '\r' <out | grep -o '[0-9] runs' | sort | tr '\n' ' ')" \
        "0 runs 1 runs 2 runs "
done
timeout 30 "$ipcrun" -n 2 --gdb 0 true </dev/null >out 2>err
same "the end of the input is Ctrl-D" "$? $(grep -c 'rank 0 .* exit.* 9' err)" "9 1"
# Of several, the one whose rank ends hands the terminal on.
(echo first; sleep 1.5; echo second) | timeout 30 "$ipcrun" -n 2 --gdb all true >out 2>err
same "two debuggers" "$?" 0
same "... one after the other" "$(tr -d '\r' <out | grep -o '[01] got .*' | tr '\n' ' ')" "0 got first 1 got second "
same "... which is said" "$(cat err)" "$(printf '%s\n' "ipcrun: the terminal is rank 0's (Ctrl-] for the next)" \
    "ipcrun: the terminal is rank 1's now (Ctrl-] for the next)")"
if command -v script >/dev/null; then
    # At a real terminal: Ctrl-] hands on, and what was set is set again at the end.
    (sleep 1; printf '\035'; sleep 0.3; printf 'to one\r'; sleep 0.5; printf '\035to zero\r'; sleep 1.5) |
        timeout 30 script -qec "stty rows 40 cols 100; stty -a >before; '$ipcrun' -n 2 --gdb 0-1 true; stty -a >after" \
            /dev/null >out 2>&1
    same "Ctrl-] hands the keyboard on" "$(tr -d '\r' <out | grep -o '[01] got .*' | sort | tr '\n' ' ')" \
        "0 got to zero 1 got to one "
    same "... terminals have the size of the user's" "$(grep -c 'terminal of 40 100' out)" 2
    cmp -s before after && pass "... and his is as it was" || fail "... and his is as it was" "$(diff before after)"
else
    skip "at a terminal" "no script(1)"
fi
for list in x 3 0-5 1- '' -1; do
    run -n 2 --gdb "$list" true
    same "--gdb '$list'" "$status $(wc -l <err)" "2 1"
done
IPCRUN_GDB=no-such-debugger run -n 2 --gdb 1 true
same "a debugger that is not there" "$status $(grep -c "program 'no-such-debugger' is not in PATH" err)" "127 1"
run -n 1 --gdb 0 --valgrind true
same "both at once" "$status $(grep -c 'exclude each other' err)" "2 1"

IPCRUN_VALGRIND='sh -c "echo checked by; exec \"\$@\"" -' run --valgrind=0 -n 2 sh -c 'echo $IPCRUN_RANK'
same "--valgrind" "$status $(sort out | tr '\n' ' ')" "0 0 1 checked by "
unset IPCRUN_GDB
if [ "$slow" -eq 1 ] && command -v gdb >/dev/null; then
    printf 'break MPI_Finalize\nrun\nbt 1\ncontinue\nquit\n' |
        timeout 60 "$ipcrun" -n 2 --gdb 1 "$exchange" 1000 >out 2>err
    same "gdb itself" "$? $(grep -c 'exited normally' out) $(grep -c '2 ranks, 0 wrong bytes' out)" "0 1 1"
else
    skip "gdb itself" "not here"
fi
nothing_left "nothing is left of all these"
finish
