#!/bin/bash
# Mistakes on the command line: one sentence, exit status 2, nothing started. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

# wrong NAME PATTERN ARGUMENT...
wrong() {
    wrong_name=$1 wrong_pattern=$2
    shift 2
    run "$@"
    if [ $status -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && grep -Eq -- "^ipcrun: .*$wrong_pattern" err &&
        [ ! -s out ]; then
        pass "$wrong_name"
    else
        fail "$wrong_name" "exit status $status" "$(cat out err)"
    fi
}

wrong "no arguments" 'no program given'
wrong "no program" 'no program given' -n 2
wrong "no program behind --" 'no program given' -n 2 --
wrong "unknown option" "unknown option '--frobnicate'" --frobnicate -n 2 echo x
wrong "unknown short option" "unknown option '-Z'" -Z echo x
for n in 0 -1 abc 2x '' 1.5 99999999999 65537 ' 2' 0x4; do
    wrong "-n '$n'" "-n $n: expected a whole number from 1" -n "$n" echo x
done
wrong "-n without a number" '-n needs a value' -n
wrong "-np=0" '-np 0: expected' -np=0 echo x
wrong "-ppn 0" '-ppn 0: expected' -ppn 0 echo x
wrong "-l with a value" '-l takes no value' -l=3 echo x
for t in 0 -3 abc 1.2345 '' 1e3; do
    wrong "--timeout '$t'" "--timeout $t: expected a number of seconds" --timeout "$t" echo x
done
wrong "--bind-to moon" 'known are none, core' --bind-to moon echo x
wrong "--env without a name" 'a variable needs a name' --env =3 echo x
wrong "--ssh with an open quote" "expected a command" --ssh "ssh -o 'x" -H b echo x
wrong "empty --wdir" 'a directory needs a name' --wdir '' echo x
wrong "no such --wdir" "working directory '/no/such/dir': No such file" --wdir /no/such/dir echo x
wrong "':' at the end" "no program given beside ':'" -n 1 echo x :
wrong "':' at the beginning" "no program given beside ':'" : -n 1 echo x
wrong "programs without -n" "each needs its -n" -n 1 echo x : echo y
wrong "an empty program" "name is empty" -n 1 ''
wrong "too many ranks in sum" 'ranks are too many' -n 40000 echo x : -n 40000 echo y

wrong "an empty host" 'empty name' -H a,,b echo x
wrong "a host that looks like an option" "'-oProxyCommand=x' is no host name" -H -oProxyCommand=x echo x
wrong "a host with a space" "is no host name" -H 'a b' echo x
wrong "a host with a quote" "is no host name" -H "a';reboot;'" echo x
for slots in 0 x '' -2 99999999; do
    wrong "slots '$slots'" "host 'a': '$slots' is no number of slots" -H "a:$slots" echo x
done
wrong "no such host file" 'host file /no/such/file: No such file' -f /no/such/file echo x
wrong "a folder as host file" 'host file \.: Is a directory' -f . echo x
: >empty
wrong "an empty host file" 'host file empty names no host' -f empty echo x
printf '# only\n\n   # comments\n' >comments
wrong "a host file of comments" 'host file comments names no host' -f comments echo x
printf 'a slots=2\nb slots=many\n' >bad
wrong "a bad line in a host file" "host file bad, line 2: 'many' is no number of slots" -f bad echo x
printf 'a\n\nb core=3\n' >bad
wrong "an unknown word in a host file" "host file bad, line 3: 'core=3' is not understood" -f bad echo x

# ---- what is not a mistake ----
mkdir tools
printf '#!/bin/sh\necho found\n' >tools/in-no-path
chmod +x tools/in-no-path
expect "--help" 0 --help
same "... names every option of the man page" "$(for o in -n -H -f -ppn --env --wdir --timeout -l \
    --bind-to --map --stats --ssh -v --help --version; do
    grep -q -- "$o\b" out || echo "$o"
done)" ""
expect "a group of the help" 0 --help=environment
same "... is that group" "$(grep -c '^  --genv ' out; grep -c -- --timeout out; awk 'END { print NR <= 24 }' out)" "$(printf '1\n0\n1')"
wrong "no group of the help" 'no such group' --help=nonsense
for group in start hosts placement environment output end measuring looking debugging other; do
    run --help=$group
    same "the help on $group fits a screen" "$status $(awk 'END { print (NR > 3 && NR <= 50) }' out)" "0 1"
done
expect "--version" 0 --version
same "... says it" "$(grep -Ec '^ipcrun [0-9]+\.[0-9]+' out)" 1
expect "habits" 0 --oversubscribe --allow-run-as-root -np 2 true
empty "... need no words" "$(cat out err)"
expect "settings of Open MPI" 0 --mca btl self,vader --mca pml ob1 -n 2 true
same "... are one warning" "$(cat err)" "ipcrun: ignored, since other launchers are tuned by that: --mca"
expect "--map-by node" 0 --ssh ./fakessh --map-by node -H a:2,b:2 -n 4 sh -c 'echo $IPCRUN_RANK:$IPCRUN_NODE'
same "... deals" "$(sort out | tr '\n' ' ')" "0:0 1:1 2:0 3:1 "
expect "--map-by ppr" 0 --ssh ./fakessh --map-by ppr:1:node -H a:2,b:2 sh -c 'echo $IPCRUN_NODE'
same "... puts so many on each" "$(sort out | tr '\n' ' ')" "0 1 "
expect "--map-by ppr on cores" 0 --map-by ppr:2:core --bind-to core -l sh -c 'awk "/^Cpus_allowed_list/ { print \$2 }" /proc/self/status'
same "... puts neighbours together" "$(sort -t] -k 1.2n out | awk 'NR % 2 { one = $2; next } $2 != one { print }')" ""
expect "--rankmap" 0 --ssh ./fakessh -rankmap '(vector,(0,2,2))' -H a,b sh -c 'echo $IPCRUN_RANK:$IPCRUN_NODE'
same "... places" "$(sort out | tr '\n' ' ')" "0:0 1:0 2:1 3:1 "
wrong "--rankmap of other hosts" 'host 2 is not among the 2' -rankmap 0,2 -H a,b true
wrong "--rankmap and -ppn" 'so nothing else can' -rankmap 0,1 -ppn 1 -H a,b true
expect "--order-nodes DOWN" 0 --map -order-nodes DOWN -H a:1,b:3 true
same "... takes the largest first" "$(awk '$1 ~ /^[0-3]$/ && $2 ~ /^[ab]$/ { printf "%s ", $1 $2 }' out)" "0b 1b 2b 3a "
expect "--nolocal" 0 --ssh ./fakessh --nolocal -H localhost:2,a true
wrong "--nolocal and no other host" 'leaves no host' --nolocal -n 1 true
wrong "--nooversubscribe" '5 ranks are more than the 2 slots' --nooversubscribe -n 5 -H localhost:2 true
expect "--path" 0 --path "/no/such/folder:$PWD/tools" -n 1 in-no-path
same "... is searched" "$(cat out)" found
expect "--path without it" 127 --path /no/such/folder -n 1 true
says "... is named" "program 'true' is not in /no/such/folder"
expect "--report-pid" 0 --report-pid pid -n 1 true
same "... writes it" "$(grep -cE '^[0-9]+$' pid)" 1
CUDA_VISIBLE_DEVICES=4,5 expect "-gpus-per-proc" 0 -gpus-per-proc 1 -n 2 -l sh -c 'env | grep -E "^(CUDA_VISIBLE_DEVICES|ZE_AFFINITY_MASK)="'
same "... are each rank's own" "$(sort out | tr '\n' ' ')" \
    "[0] CUDA_VISIBLE_DEVICES=4 [0] ZE_AFFINITY_MASK=0 [1] CUDA_VISIBLE_DEVICES=5 [1] ZE_AFFINITY_MASK=1 "
expect "--display" 0 --display map,bindings -n 1 true
same "... shows and runs" "$(grep -c '^ rank' out) $(grep -c '^bindings on' err)" "1 1"
expect "--runtime-options" 0 --runtime-options donotlaunch -n 1 touch started
[ ! -e started ] && pass "... can keep from starting" || fail "... can keep from starting"
printf '# two\n-n 1 echo "a b"\n\n  -n 2 -env X y sh -c '\''echo $X'\''\n' >programs
expect "--configfile" 0 --configfile programs
same "... is a command line" "$(sort out)" "$(printf 'a b\ny\ny')"
wrong "words behind --configfile" "nothing may follow 'echo'" --configfile programs echo x
wrong "--configfile without a program" 'there is no program' --configfile /dev/null
expect "--display-map" 0 --display-map -n 2 echo ran
same "... shows and runs" "$(grep -c '^ rank' out; grep -c '^ran$' out)" "$(printf '1\n2')"
echo input >input
run --stdin none -n 1 cat <input
same "--stdin none" "$status,$(cat out)" "0,"
MPIEXEC_TIMEOUT=0.3 expect "MPIEXEC_TIMEOUT" 124 -n 1 sleep 20
expect "two dashes, equals sign" 0 --np=2 --timeout=10.5 true
expect "options of the program are its own" 0 -n 1 sh -c 'test "$1" = -n' sh -n
expect "--" 0 -n 1 -- true
expect "without -n: a rank for each core" 0 sh -c 'echo $IPCRUN_SIZE'
same "... of those that may be used" "$(sort -u out)" "$(wc -l <out)"
expect "one core" 0 --map true
taskset -c 0 "$ipcrun" sh -c 'echo $IPCRUN_SIZE' >out 2>/dev/null &&
    same "... is one rank" "$(cat out)" 1
expect "-ppn without -n" 0 -ppn 3 sh -c 'echo $IPCRUN_SIZE'
same "... is that many" "$(cat out)" "$(printf '3\n3\n3')"
nothing_left "nothing is left of all these"
finish
