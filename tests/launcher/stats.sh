#!/bin/bash
# --stats: the figures add up, and are those of the program. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
traffic=$build/tests/launcher/traffic

# time_of RANK COLUMN: a figure of the first table; 1 rank, 2 all, 3 in MPI, 4 moving, 5 waiting, then
# for a message, a receiver, a transfer, in a collective, other.
time_of() {
    awk -v rank="$1" -v column="$2" '/^ipcrun: / { table = /time of each rank/ }
        table && $1 == rank { print $column }' err
}

# flow_of RANK COLUMN: of the second one; 2 sent, 3 bytes, 4 received, 5 bytes.
flow_of() {
    awk -v rank="$1" -v column="$2" '/^ipcrun: / { table = /messages and bytes/ }
        table && $1 == rank { print $column }' err
}

# about NAME SECONDS SEEN: that much, or more where the machine is busy.
about() {
    if awk -v seen="$3" -v wanted="$2" -v slow="$slow" \
        'BEGIN { exit !(seen >= 0.9 * wanted && seen <= wanted + 0.5 * slow) }'; then
        pass "$1"
    else
        fail "$1" "$3 s, not about $2 s" "$(cat err)"
    fi
}

# adds_up N: what --stats says of a run of traffic with N ranks.
adds_up() {
    n=$1
    same "... each rank has sent what the program sends" \
        "$(flow_of 0 2) $(flow_of 0 3) $(flow_of 2 2) $(flow_of 2 3)" "102 8488618 100 100000"
    same "... and received it" \
        "$(flow_of 1 4) $(flow_of 1 5) $(flow_of 2 4) $(flow_of 2 5)" "102 8488618 100 100000"
    same "... in all, what was sent was received" "$(flow_of sum 2) $(flow_of sum 3)" \
        "$((100 * n + 2)) $((100000 * n + 8388618))"
    same "... every message" "$(flow_of sum 4) $(flow_of sum 5)" \
        "$((100 * n + 2)) $((100000 * n + 8388618))"
    same "... calls are counted" \
        "$(awk '$1 ~ /^MPI_(Sendrecv|Send|Recv|Allreduce|Finalize)$/ { print $1, $2 }' err | sort | tr '\n' ' ')" \
        "MPI_Allreduce $n MPI_Finalize $n MPI_Recv 2 MPI_Send 2 MPI_Sendrecv $((100 * n)) "
}

expect "a job with statistics" 0 --stats -n 3 "$traffic"
same "... prints what it prints" "$(cat out)" "$(printf '3 ranks\n3 ranks\n3 ranks')"
adds_up 3
about "a receiver waits a second for its sender" 1 "$(time_of 1 6)"
about "a sender waits a second for its receiver" 1 "$(time_of 0 7)"
about "all wait a second for the last one, in a collective" 1 "$(time_of 0 9)"
about "... which waits for nobody there, but in the barrier before" 2 "$(time_of 2 9)"
about "time in MPI is that of a rank's calls" 2 "$(time_of 1 3)"
for rank in 0 1 2; do
    time_of $rank 2
    time_of $rank 3
    time_of $rank 5
done | paste - - - >times
empty "no rank is longer in MPI than there is time, nor waits longer than that" \
    "$(awk '$2 > $1 + 0.002 || $3 > $2 + 0.002' times)"

empty "... and nobody is called the last one, since who is changes" "$(grep 'they waited for it' err)"

IPCRUN_SSH=./fakessh expect "on two hosts" 0 --stats -H a:2,b:2 "$traffic"
adds_up 4

# ---- a rank that is killed ----
expect "a rank that is killed" 137 --stats -n 3 "$traffic" 9
same "... has its row" "$(time_of 2 1)" 2
same "... which says so" "$(grep -c 'did not leave MPI' err)" 3
same "... with what it had sent" "$(flow_of 2 2) $(flow_of 2 3)" "100 100000"

# ---- the page ----
expect "a page" 0 --stats=page.html -n 3 "$traffic"
adds_up 3
empty "... needs nothing from elsewhere" \
    "$(grep -oE '(src|href|url|import|http)[=(:][^ >]*' page.html)"
same "... follows light and dark" "$(grep -c 'prefers-color-scheme:dark' page.html)" 1
same "... has three pictures, which are closed" \
    "$(grep -c '<figure>' page.html) $(grep -c '</figure>' page.html)" "3 3"
same "... with a cell for each pair that talks" \
    "$(grep -oE '>rank 0 to 1: [^ ]* [^ ]*' page.html)" ">rank 0 to 1: 8.5 MB"
same "... and the calls" "$(grep -c '<tr><th>MPI_Sendrecv<td>300<td>' page.html)" 1
if command -v python3 >/dev/null; then
    python3 - page.html >page.errors 2>&1 <<'PY'
import sys
from html.parser import HTMLParser
optional = {"meta", "p", "tr", "th", "td", "path", "rect"}
class Checker(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
    def handle_starttag(self, tag, attrs):
        if tag not in optional:
            self.open.append(tag)
    def handle_endtag(self, tag):
        if tag in optional:
            return
        if not self.open or self.open.pop() != tag:
            print("line", self.getpos()[0], "closes", tag)
page = Checker()
page.feed(open(sys.argv[1], encoding="utf-8").read())
for tag in page.open:
    print(tag, "is not closed")
PY
    empty "... which is well-formed" "$(cat page.errors)"
else
    skip "... which is well-formed" "no python3 here"
fi
expect "a page that cannot be written" 2 --stats=/no/such/folder/page.html -n 2 touch started
says "... is a sentence" '^ipcrun: --stats: cannot write /no/such/folder/page.html: No such file'
expect "a page without a name" 2 --stats= -n 2 touch started
[ ! -e started ] && pass "none of these has started anything" || fail "none of these has started anything"

# ---- without MPI ----
expect "a program without MPI" 0 --stats -n 2 true
same "... has no tables" "$(grep -c 'time of each rank' err)" 0
nothing_left "nothing is left of all these"
finish
