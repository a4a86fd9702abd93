#!/bin/bash
# Hosts: placement, and what goes wrong with them. ssh is a stand-in. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
export IPCRUN_SSH=./fakessh
where='echo $IPCRUN_RANK $IPCRUN_NODE'

# placed NAME WANTED ARGUMENT...: WANTED is the node of each rank, in order of ranks.
placed() {
    placed_name=$1 placed_wanted=$2
    shift 2
    expect "$placed_name" 0 "$@" sh -c "$where"
    same "... puts ranks where they belong" "$(sort -n out | awk '{ printf "%s", $2 }')" "$placed_wanted"
}
placed "slots" 00122 -H a:2,b,c:2
placed "fewer ranks than slots" 001 -n 3 -H a:2,b:2,c:2
placed "more ranks than slots" 0000111 -n 7 -H a:2,b:2
placed "-ppn" 0001 -n 4 -ppn 3 -H a,b
placed "one host twice" 00011 -H a:2,b:2,a
printf 'a slots=2 # two\r\nb:1\n\nc\n' >hosts
placed "a host file" 0012 -f hosts
placed "local names are one host" 0001 -H localhost:2,a,"$(hostname)"
placed "addresses of this machine" 000 -H 127.0.0.1,127.9.9.9,localhost
expect "without remote hosts" 0 --ssh /no/such/ssh -H localhost:2 true
empty "... ssh is not needed" "$(cat err)"

for n in $(seq 40); do echo "h$n"; done >forty
placed "40 hosts" "$(seq -s '' 0 39)" -f forty
(ulimit -Sn 50; run -f forty true; exit $status)
same "... with fewer descriptors than they need, which may be raised" "$? $(cat err)" "0 "
expect "an MPI job on 5 hosts" 0 --stats -n 5 -H a,b,c,d,e "$rank" sleep 0
same "... goes by tcp" "$(grep -c 'sent by tcp' err)" 5
expect "an MPI job on 2 hosts" 0 --stats -H a:2,b:2 "$rank" sleep 0
# At least one rank of each host talks to the other host.
same "... by both" "$(grep -c 'sent by tcp' err | tr 2-4 y) $(grep -c 'sent by shm' err | tr 1-4 y)" "y y"

# ---- names ----
expect "-v" 0 -v -H a,b true
same "... shows the command and the agent of each host" \
    "$(grep -Ec "^ipcrun: host [ab]: (./fakessh [ab] \"exec '.*/ipcrun' --agent\"|agent [0-9]+ on .*, 1 ranks)\$" err)" 4
expect "a program that is missing on one host" 127 -H a,b ./nothing
says "... is said once, with the host" "^ipcrun: host [ab]: program './nothing' does not exist \\(working directory $PWD\\)\$"
expect "a failing rank" 3 -H a,b sh -c '[ $IPCRUN_NODE = 0 ] || exit 3; sleep 30'
says "... is named with its host" 'rank 1 on b \(pid [0-9]+\) exited with code 3'

# ---- hosts that do not answer ----
expect "a host that refuses" 2 --wait-hosts 0 -H a,unreachable sh -c 'echo started; sleep 30'
says "... is named with ssh's reason" 'host unreachable: cannot start the agent .*/ipcrun: ssh: connect to host unreachable port 22: Connection refused$'
cat >later <<'END'
#!/bin/sh
n=$(cat tries 2>/dev/null || echo 0)
echo $((n + 1)) >tries
[ "$n" -ge 3 ] || { echo "ssh: Could not resolve hostname $1: Name or service not known" >&2; exit 255; }
exec ./fakessh "$@"
END
chmod +x later
expect "a host whose name comes later" 0 --ssh ./later -H a true
same "... is tried until it does" "$(cat tries) $(grep -c 'trying again' err)" "4 0"
begin=$(date +%s)
expect "a host that says nothing" 2 -H silent,a true
says "... is named" 'host silent: no answer from the agent .*/ipcrun within 10 s \(started by: ./fakessh silent'
[ $(($(date +%s) - begin)) -le $((11 * slow)) ] && pass "... after 10 s" || fail "... after 10 s"
nothing_left "... and nothing is left"
expect "something that is no agent" 2 -H talker true
says "... is named" 'host talker: cannot start the agent'
expect "a login shell that greets" 0 -H chatty,b true
says "... on stderr is shown with its name" '^ipcrun: host chatty: A warning of the login shell'
expect "no such ssh" 2 --ssh /no/such/ssh -H a true
says "... is named" 'host a: cannot run .*/no/such/ssh: No such file'
printf '#!/bin/sh\nexec sh -c "exec /no/such/ipcrun --agent"\n' >nossh
chmod +x nossh
expect "ipcrun is not installed there" 2 --ssh ./nossh -H a true
says "... and the path is named" 'host a: cannot run .*/ipcrun there: .*not found.*: install ipcrun at the same path'
expect "words of --ssh" 0 --ssh "./fakessh -o 'a b' -p 22" -H a true
mkdir -p 'a dir'
cp "$ipcrun" "a dir/ip'crun"
timeout 20 "a dir/ip'crun" -H a:2 sh -c 'echo $IPCRUN_RANK' >out 2>err
same "a path with a space and a quote" "$? $(sort -n out | tr '\n' ' ')" "0 0 1 "

# ---- what ssh is told ----
mkdir -p bin
printf '#!/bin/sh\nprintf "%%s\\n" "$@" >>"%s/words"\nwhile [ "$1" != a ]; do shift; done\nexec "%s/fakessh" "$@"\n' \
    "$PWD" "$PWD" >bin/ssh
chmod +x bin/ssh
(unset IPCRUN_SSH; PATH=$PWD/bin:$PATH run -H a true; exit $status)
same "plain ssh" "$? $(grep -cE '^(BatchMode=yes|ConnectTimeout=[0-9]+)$' words)" "0 2"

# ---- agents that are lost ----
"$ipcrun" -H a,b sleep 30 >out 2>err &
job=$!
both_run() { [ "$(left '[(]sleep[)]' | wc -l)" -eq 2 ]; }
wait_for 10 both_run || fail "both ranks run" "$(leftovers)"
agent=$(left '[(]ipcr-agent[)]' | tail -n 1)
kill -KILL "$agent"
wait $job
same "an agent that is killed" "$?" 1
says "... is reported with its host" '^ipcrun: host [ab]: lost the agent'
nothing_left "... and nothing is left"

# ---- a host that falls silent, as behind a cut cable ----
limit=60
"$ipcrun" -H cut,b sleep 100 >out 2>err &
job=$!
wait_for 10 both_run || fail "both ranks run again" "$(leftovers)"
line=$(left '[(]cat[)]')
kill -STOP $line
begin=$(date +%s)
wait $job
same "a silent host ends the job" "$?" 1
says "... is named" '^ipcrun: host cut: lost'
rank_is_gone() { [ -z "$(left 'sleep 100')" ]; }
wait_for 15 rank_is_gone && pass "... and its ranks end there" ||
    fail "... and its ranks end there" "$(leftovers)"
kill -KILL $line 2>/dev/null
[ $(($(date +%s) - begin)) -le $((45 * slow)) ] && pass "... in time" || fail "... in time"
nothing_left "... and nothing is left"
finish
