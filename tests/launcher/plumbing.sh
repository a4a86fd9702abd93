#!/bin/bash
# Input, output and exit statuses, exact to the byte in large numbers: a gigabyte and a thousand runs
# with IPCRUN_TEST_ALL=1, which takes a quarter of an hour and is started by hand. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
megabytes=${IPCRUN_TEST_ALL:+1000}
megabytes=${IPCRUN_TEST_MEGABYTES:-${megabytes:-16}}
times=${IPCRUN_TEST_ALL:+1000}
times=${IPCRUN_TEST_TIMES:-${times:-12}}
lines=$((megabytes * 112000)) # of seq, about that size
limit=$((60 + megabytes))

seq 1 "$lines" >whole
nobody=$(sha256sum </dev/null)

# ---- stdin to a reader that is slow, and slow in odd pieces ----
slow_reader='[ $IPCRUN_RANK = $READER ] || exec cat
for i in 1 2 3 4 5 6 7 8 9 10; do head -c $((i * 10007)); sleep 0.05; done | sha256sum >part
exec sha256sum'
for where in "-n 3" "--ssh ./fakessh -H a:1,b:2" "-n 4 --stdin 3" "--ssh ./fakessh -H a:2,b:2 --stdin 3"; do
    export READER=0
    case $where in *"--stdin 3") READER=3 ;; esac
    seq 1 "$lines" | (head -c 550385 | sha256sum >first; sha256sum >rest)
    seq 1 "$lines" | timeout $((limit * slow)) "$ipcrun" --wdir "$work" $where sh -c "$slow_reader" >out 2>err
    same "$megabytes MB of stdin ($where)" "$? $(cat out err)" "0 $(cat rest)"
    same "... also while the reader dawdles" "$(cat part)" "$(cat first)"
    timeout $((limit * slow)) "$ipcrun" $where sh -c '[ $IPCRUN_RANK != $READER ] || sleep 2; exec sha256sum' \
        <whole >out 2>err
    same "... from a file, to a rank that comes 2 s late" "$? $(grep -vc "$nobody" out) $(grep -v "$nobody" out)" \
        "0 1 $(sha256sum <whole)"
done

# ---- lines in random pieces, by eight ranks on two streams ----
cat >pieces <<'END'
#!/usr/bin/awk -f
# Writes $lines lines "RANK STREAM NUMBER xxx..." in pieces of random length, to both streams in turn.
BEGIN {
    rank = ENVIRON["IPCRUN_RANK"]
    srand(rank + 1)
    x = "x"
    while (length(x) < 4000) x = x x
    for (i = 1; i <= lines; i++) {
        stream = i % 2 ? "/dev/stdout" : "/dev/stderr"
        line = rank " " stream " " i " " substr(x, 1, 1 + int(rand() * 3000)) "\n"
        for (at = 1; at <= length(line); at += n) {
            n = 1 + int(rand() * 700)
            printf "%s", substr(line, at, n) >stream
            fflush(stream)
        }
    }
}
END
chmod +x pieces
# in_order FILE STREAM RANKS LINES: every line is whole, tagged right, and each rank's are in order.
in_order() {
    awk -v stream="$2" -v ranks="$3" -v lines="$4" '
        NF != 5 || $1 != "[" $2 "]" || $3 != stream || $5 !~ /^x+$/ { torn++; next }
        { if ($4 <= last[$2]) disorder++; last[$2] = $4; n++ }
        END { if (torn + disorder || n != ranks * lines)
            print n + 0 " of " ranks * lines " lines, " torn + 0 " torn, " disorder + 0 " out of order" }' "$1"
}
count=$((megabytes * 5))
for where in "-n 8" "--ssh ./fakessh -H a:4,b:4"; do
    expect "8 ranks write random pieces ($where)" 0 -l $where ./pieces -v lines=$count
    empty "... all lines of stdout are whole and in order" "$(in_order out /dev/stdout 8 $((count / 2)))"
    empty "... and those of stderr" "$(in_order err /dev/stderr 8 $((count / 2)))"
done

# ---- much output to a slow reader, in bounded memory ----
# The reader stops until we have looked at the processes in between, which is when most piles up.
"$ipcrun" -n 4 seq 1 $((lines / 4)) | (
    head -c 100000
    wait_for 60 test -e looked
    cat
) | sort -n | uniq -c | awk '$1 == 4 { n++ } END { print n }' >numbers &
reader=$!
wait_for 30 sh -c 'ps -e -o args= | grep -q "^seq 1 '$((lines / 4))'$"'
sleep 1
most=0
for p in $(left '^[0-9]+ [(]ipcr'); do
    kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$p/status" 2>/dev/null)
    most=$((${kb:-0} > most ? ${kb:-0} : most))
done
: >looked
wait $reader
same "$megabytes MB of output arrive" "$(cat numbers)" "$((lines / 4))"
# the sanitizers' own memory is not what is meant
[ "$most" -gt 0 ] && { [ "$most" -lt 20000 ] || [ "$slow" -gt 1 ]; } &&
    pass "... and no process of ours needs more than 20 MB" || fail "... in bounded memory" "$most kB"

# ---- the last words of ranks that are ended or abort ----
expect "an abort behind many lines" 7 -n 4 "$rank" print_abort 7
same "... loses none of them" "$(grep -c '^line [0-9]* before the end$' out)" 1000

# ---- exit statuses ----
wrong=0
for ((i = 0; i < times; i++)); do
    code=$((i % 250 + 1)) who=$((i % 4))
    case $((i % 3)) in
    0) run -n 4 sh -c "[ \$IPCRUN_RANK = $who ] && exit $code; exec sleep 20" ;;
    1) run -n 4 "$rank" abort $code ;;
    2) code=$((i % 9 ? 137 : 143))
        run -n 4 sh -c "[ \$IPCRUN_RANK = $who ] && kill -$((code - 128)) \$\$; exec sleep 20" ;;
    esac
    [ $status -eq $code ] && [ "$(grep -c '^ipcrun: ' err)" -eq 1 ] || {
        wrong=$((wrong + 1))
        echo "# run $i: status $status, not $code: $(cat err)"
    }
done
same "exit statuses of $times jobs that fail are exact" "$wrong" 0
nothing_left "nothing is left of all these"
finish
