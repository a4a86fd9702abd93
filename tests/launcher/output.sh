#!/bin/bash
# Output of the ranks: complete, whole lines, in order, tagged, with any kind of reader.
# Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

# A rank that writes $lines lines of $length letters (A for rank 0, ...), each behind its number, in
# pieces of at most $piece bytes.
cat >writer <<'END'
#!/usr/bin/awk -f
BEGIN {
    letter = substr("ABCDEFGHIJKL", ENVIRON["IPCRUN_RANK"] + 1, 1)
    text = letter
    while (length(text) < length_) text = text text
    text = substr(text, 1, length_)
    for (i = 1; i <= lines; i++) {
        line = i " " text "\n"
        if (piece == 0) { printf "%s", line; continue }
        for (at = 1; at <= length(line); at += piece) {
            printf "%s", substr(line, at, piece)
            fflush()
        }
    }
}
END
chmod +x writer

# whole NAME RANKS LINES LENGTH: every line is one rank's, whole, and each rank's are in order.
whole() {
    awk -v ranks="$2" -v lines="$3" -v len="$4" '
        NF != 2 || length($2) != len || $2 !~ /^(A+|B+|C+|D+|E+|F+|G+|H+|I+|J+|K+|L+)$/ { torn++; next }
        { k = substr($2, 1, 1); if ($1 != ++seen[k]) disorder++ }
        END {
            n = 0
            for (k in seen) n += seen[k]
            if (torn + disorder || n != ranks * lines)
                print n " of " ranks * lines " lines, " torn + 0 " torn, " disorder + 0 " out of order"
        }' out >verdict
    empty "$1" "$(cat verdict)"
}

expect "short lines, block-buffered" 0 -n 8 ./writer -v lines=20000 -v length_=60
whole "... are whole" 8 20000 60
expect "lines written in pieces" 0 -n 8 ./writer -v lines=300 -v length_=1000 -v piece=100
whole "... are whole" 8 300 1000
expect "lines larger than a pipe" 0 -n 8 ./writer -v lines=20 -v length_=200000
whole "... are whole" 8 20 200000
expect "lines of 4 MB" 0 -n 4 ./writer -v lines=2 -v length_=4000000
whole "... are whole" 4 2 4000000
expect "the same through ssh" 0 --ssh ./fakessh -H a:4,b:4 ./writer -v lines=3000 -v length_=500
whole "... is whole" 8 3000 500

expect "tags" 0 -l -n 4 sh -c 'for i in 1 2 3; do echo "$IPCRUN_RANK says $i"; done; echo oops >&2'
same "... stand in front of every line" "$(grep -Ecv '^\[([0-3])\] \1 says [123]$' out)" 0
same "... of stderr, too" "$(sort err)" "$(printf '[0] oops\n[1] oops\n[2] oops\n[3] oops')"
for length in 60 5000 20000 200000; do # what other launchers tear, or give a wrong tag
    count=$((length < 5000 ? 2000 : 2000000 / length))
    expect "tags on lines of $length letters" 0 -l -n 8 ./writer -v lines=$count -v length_=$length
    awk '{ letter = substr("ABCDEFGH", substr($1, 2) + 1, 1)
           if ($1 !~ /^\[[0-7]\]$/ || substr($3, 1, 1) != letter) print "tag " $1 " on a line of " substr($3, 1, 9) }' \
        out >verdict
    empty "... are right" "$(head -n 3 verdict)"
    sed -i 's/^\[[0-7]\] //' out
    whole "... and the lines whole" 8 $count $length
done
when='20[0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9]\.[0-9]{3}'
expect "times" 0 --timestamp-output -n 2 sh -c 'echo one; echo two >&2'
same "... stand in front of every line" "$(cat out err | grep -Ec "^$when (one|two)$")" 4
expect "times and tags" 0 --timestamp-output -prepend-rank -n 2 echo three
same "... in this order" "$(grep -Ec "^$when \[[01]\] three$" out)" 2
expect "--prepend-pattern" 0 -prepend-pattern '<%r of %h, %p %g %%>' -n 2 sh -c 'echo one; printf two'
same "... stands in front of every line" "$(grep -Ec "^<[01] of $(hostname), 0 0 %>(one|two)" out)" 4
expect "--output-from" 0 --output-from 1-2 -l -n 4 echo text
same "... shows some ranks alone" "$(sort out)" "$(printf '[1] text\n[2] text')"
run --output-from 4 -n 4 echo text
same "--output-from of no rank" "$status $(wc -l <err)" "2 1"
expect "--merge-stderr-to-stdout" 0 --merge-stderr-to-stdout -n 2 sh -c 'echo one; echo two >&2'
same "... merges" "$(sort out; cat err)" "$(printf 'one\none\ntwo\ntwo')"
expect "tags of unfinished lines" 0 -l -n 2 sh -c \
    '[ $IPCRUN_RANK = 1 ] || { printf begin; sleep 1; echo " end"; exit; }; sleep 0.6; echo other'
same "... do not mix ranks" "$(cat out)" "$(printf '[0] begin\n[1] other\n[0]  end')"
expect "a line in two pieces" 0 -n 2 sh -c 'printf "$IPCRUN_RANK one "; sleep 0.05; echo two'
same "... stays whole" "$(sort out)" "$(printf '0 one two\n1 one two')"
expect "no newline at the end" 0 -n 1 printf 'no newline'
same "... and none is added" "$(od -c out)" "$(printf 'no newline' | od -c)"
head -c 3000000 /dev/urandom >bytes
expect "bytes that are no text" 0 -n 1 cat bytes
cmp -s out bytes && pass "... pass unchanged" || fail "... pass unchanged"

# ---- files ----
expect "--output-filename" 0 --output-filename folder -n 11 sh -c 'echo $IPCRUN_RANK; echo oops >&2'
same "... writes a file for each stream of each rank" "$(cat folder/1/rank.0[0-9]/stdout folder/1/rank.10/stdout)" "$(seq 0 10)"
same "... and the terminal" "$(sort -n out; sort -u err)" "$(seq 0 10; echo oops)"
same "... no more than these" "$(ls folder/1 | wc -l) $(cat folder/1/*/stderr | sort | uniq -c | awk '{ print $1, $2 }')" "11 11 oops"
expect "--output-filename alone" 0 --output-filename alone:nocopy -n 1 echo text
same "... leaves the terminal out" "$(cat alone/1/rank.0/stdout; cat out)" text
expect "patterns" 0 --ssh ./fakessh -H a:1,b:1 -outfile-pattern 'o.%r.%h.%p.%g%%' -errfile-pattern 'e.%x' \
    sh -c 'echo "out $IPCRUN_RANK"; echo err >&2'
same "... name the files" "$(cat o.0.a.0.0% o.1.b.1.0%)" "$(printf 'out 0\nout 1')"
same "... which may be shared" "$(cat e.%x)" "$(printf 'err\nerr')"
empty "... and the terminal gets nothing" "$(cat out err)"
expect "a pattern for stdout alone" 0 -outfile-pattern file -n 1 sh -c 'echo one; echo two >&2'
same "... leaves stderr" "$(cat file err)" "$(printf 'one\ntwo')"
expect "merged streams" 0 --merge-stderr-to-stdout -outfile-pattern file -n 1 sh -c 'echo one; echo two >&2'
same "... go to the file of stdout" "$(sort file; cat out err)" "$(printf 'one\ntwo')"
(ulimit -Sn 16 && exec "$ipcrun" -n 12 -outfile-pattern 'few.%r' -errfile-pattern 'fewer.%r' ./writer \
    -v lines=2000 -v length_=60) 2>err
cat few.* >out
whole "more files than descriptors" 12 2000 60
for name in no/such/folder/x . pipe.; do
    [ "$name" != pipe. ] || mkfifo pipe.
    run -outfile-pattern "$name" -n 1 touch started
    same "a file that cannot be: $name" "$status $(grep -c "cannot write the output of rank 0 to $name" err)" "2 1"
done
[ ! -e started ] && pass "... starts nothing" || fail "... starts nothing"
expect "a full disk behind a file" 1 -outfile-pattern /dev/full -n 2 yes
says "... is said" 'cannot write the output of rank [01] to /dev/full: No space left'

# ---- JSON ----
cat >values <<'END'
import json, sys
for text in sys.stdin.buffer.read().splitlines():
    o = json.loads(text)
    assert o["time"].endswith("Z") and len(o["time"]) == 24, o
    sys.stdout.buffer.write(b"%d %s %s%s\n" % (o["rank"], o["stream"].encode(),
        o["line"].encode("utf-8", "surrogateescape"), b" ..." if o.get("continues") else b""))
END
if command -v python3 >/dev/null; then
    head -c 100000 bytes | tr -d '\n' >odd
    expect "--output json" 0 --output json -n 2 sh -c \
        'printf "a \"b\" \\\\ \t c\n\n"; printf "gr\303\274n \377\n" >&2; sleep 0.1; printf open'
    python3 values <out | sort >seen
    same "... is JSON of rank, stream and line" "$(cat seen)" "$(for r in 0 1; do
        printf "$r stderr gr\303\274n \377\n$r stdout \n$r stdout a \"b\" \\\\ \t c\n$r stdout open ...\n"
    done | sort)"
    empty "... on stdout alone" "$(cat err)"
    expect "bytes as JSON" 0 --output=json -n 1 sh -c 'cat odd; echo'
    python3 values <out | sed 's/^0 stdout //' >seen
    (cat odd; echo) | cmp -s - seen && pass "... come back unchanged" || fail "... come back unchanged"
else
    skip "JSON" "no python3"
fi
run --output json,xml -n 1 echo x
same "--output of an unknown kind" "$status $(grep -c 'known are json, tag' err)" "2 1"
expect "--output tag" 0 --output tag,merge -n 1 sh -c 'echo text >&2'
same "... is -l" "$(cat out)" "[0] text"

# A prompt must show up while the program still waits.
mkfifo answer
"$ipcrun" -n 1 sh -c 'printf "name? "; read -r name; echo "hello $name"' <answer >prompt 2>&1 &
exec 5>answer
wait_for 5 grep -q 'name?' prompt && pass "a prompt is shown" || fail "a prompt is shown" "$(cat prompt)"
echo you >&5
exec 5>&-
wait $!
same "... and its answer" "$(cat prompt)" "name? hello you"

# ---- readers ----
( "$ipcrun" -n 4 ./writer -v lines=100000 -v length_=100; echo "status $?" >&2 ) 2>err | head -n 5 >out
same "a reader that closes early" "$(wc -l <out)" 5
same "... ends the job like SIGPIPE, quietly" "$(cat err)" "status 141"
nothing_left "... and nothing is left"
"$ipcrun" -n 4 ./writer -v lines=100000 -v length_=100 | (sleep 2; cat) >out &
sleep 1.5
rss=0
for p in $(left '^[0-9]+ [(]ipcr'); do
    kb=$(awk '/^VmRSS/ { print $2 }' "/proc/$p/status" 2>/dev/null)
    rss=$((${kb:-0} > rss ? ${kb:-0} : rss))
done
wait
whole "a slow reader gets all" 4 100000 100
# the sanitizers' own memory is not what is meant
[ "$rss" -lt 16000 ] || [ "$slow" -gt 1 ] && pass "... and costs no memory" ||
    fail "... and costs no memory" "$rss kB"
"$ipcrun" -n 2 sh -c 'echo text' >/dev/full 2>err
same "a full disk" "$? $(grep -c 'cannot write the job.s output: No space left' err)" "1 1"
"$ipcrun" -n 1 sh -c 'echo out; echo err >&2' >both 2>&1
same "stdout and stderr into one file" "$(sort both)" "$(printf 'err\nout')"
"$ipcrun" -n 1 sh -c 'echo out' >&- 2>err
same "closed stdout" "$(cat err)" ""

# ---- words of the dying ----
expect "output of a rank that fails" 3 -n 3 sh -c \
    'if [ $IPCRUN_RANK = 1 ]; then seq 1 50000; printf last; exit 3; else exec sleep 30; fi'
same "... is complete" "$(sha256sum <out)" "$( (seq 1 50000; printf last) | sha256sum)"
nothing_left "nothing is left of all these"
finish
