#!/bin/bash
# --trace: the file is what viewers of trace events expect, and holds every message. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
traffic=$build/tests/launcher/traffic

expect "a file that cannot be written" 2 --trace /no/such/folder/trace.json -n 2 touch started
says "... is a sentence" '^ipcrun: --trace: cannot write /no/such/folder/trace.json: No such file'
[ ! -e started ] && pass "... and nothing has started" || fail "... and nothing has started"
command -v python3 >/dev/null || {
    skip "the traces" "no python3 here"
    finish
}

# Says what is wrong with a trace, and writes its figures into `figures`.
cat >look.py <<'END_OF_PYTHON'
import json, sys
from collections import defaultdict
trace = json.load(open(sys.argv[1]))
events = trace["traceEvents"]
slices, flows = defaultdict(list), defaultdict(dict)
for e in events:
    if e["ph"] == "X":
        slices[e["pid"], e["tid"]].append(e)
        if e["ts"] < 0 or e["dur"] < 0:
            print("slice of", e["pid"], "at", e["ts"], "lasts", e["dur"])
    elif e["ph"] in "sf":
        if e["ph"] in flows[e["id"]]:
            print("flow", e["id"], "has two ends of one kind")
        flows[e["id"]][e["ph"]] = e

# One within the other, or one after the other; times are in microseconds, with nanoseconds.
for thread, of_thread in slices.items():
    of_thread.sort(key=lambda e: (e["ts"], -e["dur"]))
    ends = []
    for e in of_thread:
        while ends and ends[-1] <= e["ts"] + 0.001:
            ends.pop()
        if ends and e["ts"] + e["dur"] > ends[-1] + 0.001:
            print("slices of", thread, "overlap at", e["ts"])
        ends.append(e["ts"] + e["dur"])

for number, ends in flows.items():
    if len(ends) != 2:
        print("flow", number, "has one end")
    elif ends["f"]["ts"] < ends["s"]["ts"]:
        print("flow", number, "arrives before it has left")
    elif ends["f"]["args"] != ends["s"]["args"]:
        print("flow", number, "joins two messages")

# What would be sent too late is moved, on two hosts by as much as their clocks are unsure.
sure = 0.001 + max([max(c["round_trip_us"], c["round_trip_at_end_us"])
                 for c in trace["otherData"].values()], default=0)
def inside(e):
    return any(s["ts"] - sure <= e["ts"] <= s["ts"] + s["dur"] + sure
               for s in slices[e["pid"], e["tid"]])
lost = sum(not inside(e) for ends in flows.values() for e in ends.values())
if lost:
    print(lost, "ends of flows are in no call")

mine = [ends for ends in flows.values() if ends["s"]["cat"] == "message"]
with open("figures", "w") as to:
    print("messages", len(mine), "bytes", sum(ends["s"]["args"]["bytes"] for ends in mine), file=to)
    for name in ("MPI_Sendrecv", "MPI_Allreduce"):
        print(name, sum(e["name"] == name for e in events), file=to)
    print("ranks", *sorted({e["args"]["name"] for e in events if e["name"] == "process_name"}), file=to)
    waits = [e for e in events if e.get("cat") == "wait" and e["dur"] > 900000]
    print("waits", *sorted("%d:%s" % (e["pid"], e["name"]) for e in waits), file=to)
    print("unfinished", *sorted(e["name"] for e in events
                                if e["ph"] == "X" and e.get("args", {}).get("unfinished")), file=to)
    for host, clock in trace["otherData"].items():
        sure = clock["round_trip_us"] / 2 + 1
        print("clock", host, "right" if abs(clock["ahead_us"]) <= sure else clock, file=to)
END_OF_PYTHON

figure() { # figure WORD: what figures has behind it
    sed -n "s/^$1 *//p" figures
}

# sound N: the trace of a run of traffic with N ranks.
sound() {
    empty "... opens, nests, and every message has both ends" "$(python3 look.py trace.json 2>&1)"
    same "... all messages are there" "$(figure messages)" \
        "$((100 * $1 + 2)) bytes $((100000 * $1 + 8388618))"
    same "... and all calls" "$(figure MPI_Sendrecv) $(figure MPI_Allreduce)" "$((100 * $1)) $1"
}

expect "a job with a trace" 0 --trace trace.json -n 4 "$traffic"
sound 4
same "... of all ranks" "$(figure ranks)" "rank 0 rank 1 rank 2 rank 3"
for wait in "1:waits for a message" "0:waits for a receiver" "0:waits in a collective"; do
    case $(figure waits) in
    *"$wait"*) pass "... $wait" ;;
    *) fail "... $wait" "$(cat figures)" ;;
    esac
done
empty "nothing else is written" "$(ls | grep -F trace.json | grep -vx trace.json)"

IPCRUN_SSH=./fakessh expect "on two hosts" 0 --trace trace.json -H a:2,b:2 "$traffic"
sound 4
same "... whose clock is known as well as can be" "$(figure clock | tr '\n' ' ')" "a right b right "

expect "a rank that is killed" 137 --trace trace.json -n 3 "$traffic" 9
empty "... leaves a sound trace" "$(python3 look.py trace.json 2>&1)"
same "... with all messages until then" "$(figure messages)" "302 bytes 8688618"
same "... and what the others were in" "$(figure unfinished)" "MPI_Allreduce MPI_Allreduce"

expect "together with --stats" 0 --stats --trace trace.json -n 2 "$traffic"
sound 2
same "... which are there, too" "$(grep -c '^ipcrun: time of each rank' err)" 1

# A ring of 65536 events is filled several times.
expect "more events than a ring holds" 0 --trace trace.json -n 2 "$build/tests/launcher/traffic" 0 60000
same "... come out whole" "$(grep -c '"name":"MPI_Sendrecv"' trace.json)" 120000
expect "a program without MPI" 0 --trace trace.json -n 2 true
empty "... has an empty trace" "$(python3 look.py trace.json 2>&1)"
nothing_left "nothing is left of all these"
finish
