#!/bin/bash
# ipcrun --compare-ipc: every transport measured or with a reason, contents verified, outputs that
# parse, bounded in time. Figures are not judged: the machine is busy with other tests.
# Time limit: 700 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
limit=300

transports=$(sed -n 's/^ *\.name = "\([a-z]*\)",$/\1/p' "$src"/runtime/transport/*.c | sort)
[ -n "$transports" ] && pass "there are transports" || fail "there are transports"

expect "all transports, quickly" 0 --compare-ipc --quick --json all.json --html all.html
empty "each transport has a row or a reason" "$(for t in $transports; do
    grep -Eq "^$t( |: )" out || echo "$t"; done)"
same "three layouts" "$(grep -c '^==== ' out)" 3
empty "no message was wrong" "$(grep -E 'WRONG|[1-9][0-9]* messages wrong' out)"
empty "no line is wider than a terminal of 130 columns" "$(grep -E '^.{131}' out)"
empty "nothing on stderr" "$(cat err)"

# What the JSON says, in lines.
cat >facts.py <<'END'
import json, sys
c = json.load(open(sys.argv[1]))
names = set(sys.argv[2:])
for layout in c["layouts"]:
    seen = [run["transport"] for run in layout["runs"]]
    if set(seen) != names or len(seen) != len(names):
        print(layout["layout"], "has", seen)
    for run in layout["runs"]:
        what = layout["layout"] + " " + run["transport"]
        if run["status"] == "not measured" and run["reason"]:
            continue
        if run["status"] != "verified" or run["checked_bytes"] <= 0 or run["wrong_messages"]:
            print(what, run["status"], run["reason"])
            continue
        for metric in c["metrics"]:
            if len(run[metric]) != len(c["bytes"]):
                print(what, metric, "has not a place for each size")
        if not run["latency_us"][0] or run["latency_us"][0] <= 0 or run["one_way_MBps"][0] <= 0:
            print(what, "has no figures for 1 byte")
        if None in run["latency_us"] and not run["skipped"]:
            print(what, "lacks sizes without a reason")
if not any(l["limits"] for l in c["layouts"]):
    print("no limits of the machine")
if not any(run["status"] == "verified" for run in c["layouts"][1]["runs"]):
    print("nothing was measured on one core")
END
facts() {
    if command -v python3 >/dev/null; then
        empty "$1" "$(python3 facts.py "$2" $3 2>&1)"
    else
        skip "$1" "no python3 here"
    fi
}
facts "the JSON is valid and complete" all.json "$transports"

# Latency, both bandwidths and CPU time in three layouts.
same "the page has its pictures" "$(grep -c '^<svg' all.html)" 12
same "each transport has curves" "$(for t in $transports; do
    grep -q "<title>$t, 1 B: " all.html || grep -q "^$t: not measured" out || echo "$t"; done)" ""
empty "every figure of the page is one" "$(grep -nE '[^a-z](nan|inf)[^a-z]' all.html)"
empty "the page needs no other" "$(grep -oE '(src|href)=|url\(|https?:' all.html)"

expect "some transports, JSON to stdout" 0 --compare-ipc=self,shm --quick --json -
cp out some.json
facts "JSON on stdout is all there is" some.json "self shm"

# Two ranks reach each other by whatever is asked for and by nothing else.
expect "a rank has the one transport that is measured" 0 --compare-ipc=self --quick
same "self is not measured between two ranks" \
    "$(grep -c '^self: not measured: from a rank to itself only' out)" 2

expect "an unknown transport" 2 --compare-ipc=shm,pigeon --quick
says "is named, and so are those there are" "no transport 'pigeon'; there are self, shm"
expect "an empty list" 2 --compare-ipc= --quick
expect "a program beside it" 2 --compare-ipc echo x
says "is refused" "runs no program \('echo'\)"
expect "ranks beside it" 2 --compare-ipc -n 3
says "are refused, too" "places ranks by itself"
expect "a transport beside it" 2 --transport tcp --compare-ipc
says "is refused with the right way" "--compare-ipc=tcp is what"
expect "--json without it" 2 --json x.json echo x
expect "--html without it" 2 --html x.html echo x
expect "a file that cannot be written" 1 --compare-ipc=self --quick --json /no/such/folder/x
says "is said" "cannot write /no/such/folder/x"

# A machine without what a transport needs: here, without a network.
if unshare -n true 2>/dev/null; then
    timeout 60 unshare -n "$ipcrun" --compare-ipc=shm,tcp --quick >out 2>err
    same "a transport that cannot be used here is no failure" $? 0
    same "it is a row with the reason" "$(grep -c '^tcp: not measured: .*does not open' out)" 3
    same "others are measured" "$(grep -c '^shm  *[0-9]' out)" 12
else
    skip "a transport that cannot be used here is a row with the reason" "no namespaces here"
fi

# Ended in the middle, it takes its job along.
"$ipcrun" --compare-ipc >out 2>err &
pid=$!
wait_for 10 test -n "$(leftovers)"
sleep 1
kill -TERM $pid
wait $pid
nothing_left "nothing of it lives on when it is ended"

finish
