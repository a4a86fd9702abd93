#!/bin/bash
# What a rank finds around it: environment, directory, programs, descriptors. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

# ---- 500 variables, 200 KB, with everything in them ----
nasty=$(printf 'a\n"b" '\''c'\'' $HOME `id` \\ \t * ; & | <x> {1..3} ~ # \001\177 \303\244\n\nend')
export NASTY="$nasty" EMPTY= EQUALS='a=b=c'
big=$(head -c 400 /dev/zero | tr '\0' x)
for i in $(seq 500); do export "V$i=$i $big $nasty"; done
f() { echo "function $1"; }
export -f f
show='env -0 | sort -z | grep -zvE "^(IPCRUN_(BOOT|RANK|SIZE|LOCAL_RANK|LOCAL_SIZE|NODE|NODES|JOB)|LD_LIBRARY_PATH|SHLVL|_)=" | sha256sum'
wanted=$(sh -c "$show")
for where in "" "--ssh ./fakessh -H a,b"; do
    expect "a large environment ($where)" 0 -n 2 $where sh -c "$show"
    same "... is the same in every rank" "$(sort -u out)" "$wanted"
done
for shell in bash dash 'busybox sh' ksh zsh csh tcsh fish; do
    if command -v ${shell% *} >/dev/null; then
        IPCRUN_TEST_SHELL=$shell expect "a login shell that is $shell" 0 -n 1 --ssh ./fakessh -H a sh -c "$show"
        same "... changes nothing of it" "$(cat out)" \
            "$(IPCRUN_TEST_SHELL=$shell sh -c "$show")"
    else
        skip "a login shell that is $shell" "it is not installed"
    fi
done
for i in $(seq 500); do unset "V$i"; done
expect "--env NAME=VALUE" 0 --env 'A=1 "2"' --env B= -x NASTY -n 1 sh -c 'echo "$A,${B-unset},$NASTY"'
same "... sets" "$(cat out)" "1 \"2\",,$nasty"
NASTY=old expect "--env overrides" 0 --env NASTY=new -n 1 sh -c 'echo $NASTY; env | grep -c ^NASTY='
same "... and there is one of it" "$(cat out)" "$(printf 'new\n1')"
expect "an unset variable stays unset" 0 --env NOSUCHVAR -n 1 sh -c 'echo ${NOSUCHVAR-unset}'
same "... is unset" "$(cat out)" unset
# What is left when ours and those of a shell are taken away.
names='env | cut -d= -f1 | grep -vE "^(IPCRUN_.*|LD_LIBRARY_PATH|PWD|SHLVL|OLDPWD|_)$" | sort | tr "\n" " "'
expect "-genvnone" 0 -genvnone -n 1 /bin/sh -c "$names"
same "... passes nothing on" "$(cat out)" ""
expect "-genvlist" 0 -genvlist EMPTY,EQUALS,NOSUCHVAR -genv A 'b c' -n 1 /bin/sh -c "$names; echo \"\$A,\$EQUALS\""
same "... passes on what it names" "$(cat out)" "A EMPTY EQUALS b c,a=b=c"
expect "-envnone and -envlist" 0 -genv A 1 -genv B 1 -n 1 -envnone -env B 2 /bin/sh -c "$names; echo \$A\$B" : \
    -n 1 -envlist EQUALS --env C=3 /bin/sh -c "$names; echo \$A\$B\$C\$EQUALS"
same "... are a program's own" "$(sort out)" "$(printf 'A B 12\nA B C EQUALS 113a=b=c')"
expect "the last of two settings" 0 --env A=1 -x A=2 -n 1 sh -c 'echo $A'
same "... holds" "$(cat out)" 2
unset NASTY EMPTY EQUALS

# ---- what is added ----
expect "numbers for scripts" 0 --ssh ./fakessh -H a:2,b:1 sh -c \
    'echo $IPCRUN_RANK/$IPCRUN_SIZE $IPCRUN_LOCAL_RANK/$IPCRUN_LOCAL_SIZE $IPCRUN_NODE/$IPCRUN_NODES'
same "... are right" "$(sort out)" "$(printf '0/3 0/2 0/2\n1/3 1/2 0/2\n2/3 0/1 1/2')"
LD_LIBRARY_PATH=/first expect "the library's folder" 0 -n 1 sh -c 'echo $LD_LIBRARY_PATH'
same "... comes last" "$(cat out)" "/first:$(cd "$build/.libs" && pwd -P)"
expect "a child of a rank is no rank" 0 -n 2 "$rank" ok
OMPI_COMM_WORLD_RANK=3 PMI_RANK=5 PMI_FD=7 expect "other launchers' variables" 0 -n 1 sh -c \
    'echo ${OMPI_COMM_WORLD_RANK-unset} ${PMI_RANK-unset} ${PMI_FD-unset}'
same "... are kept out" "$(cat out)" "unset unset unset"
expect "a job inside a rank" 0 -n 2 "$ipcrun" -n 3 "$rank" ok
empty "... is a job of its own" "$(cat err)"
expect "a job inside a rank, by hand" 0 -n 1 sh -c \
    "$ipcrun -n 2 sh -c 'echo \$IPCRUN_RANK/\$IPCRUN_SIZE'; echo \$IPCRUN_SIZE"
same "... and its own numbers" "$(sort out)" "$(printf '0/2\n1\n1/2')"
# As a test suite does it that is itself a rank, under whatever launcher there was around it.
for set in A=1 "PMI_RANK=3 PMI_SIZE=4 PMI_FD=9 MPI_LOCALRANKID=0" "OMPI_COMM_WORLD_RANK=3 OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=3" \
    "SLURM_NTASKS=4 SLURM_PROCID=3 SLURM_STEP_NUM_TASKS=4 SLURM_STEPID=0"; do
    INNER="env $set $ipcrun -n 3 $rank ok" expect "a job inside a rank, after MPI_Init ($set)" 0 -n 2 "$rank" inner
    empty "... without a word" "$(cat out err)"
done
INNER="$ipcrun -n 3 $rank abort 9" expect "a job inside a rank that fails" 9 -n 1 "$rank" inner
says "... is not the outer one" '^ipcrun: rank 1 .* ended the job with code 9'
run -n 1 sh -c "$rank ok && $rank ok"
[ $status -ne 0 ] && grep -q 'another MPI program has already run in this rank' err &&
    pass "two MPI programs in one rank are refused" || fail "two MPI programs in one rank are refused" "$(cat err)"
expect "a wrapper that uses low descriptors" 0 -n 3 bash -c "exec 3>/dev/null 4<&3 9<&3; exec $rank ok"

# ---- directory ----
mkdir -p 'some dir'
expect "--wdir" 0 --wdir "$PWD/some dir" -n 1 sh -c 'pwd; echo $PWD'
same "... is where ranks are" "$(cat out)" "$(printf '%s\n' "$PWD/some dir" "$PWD/some dir")"
expect "--wdir, relative" 0 --wdir 'some dir' -n 1 /bin/pwd
same "... to here" "$(cat out)" "$PWD/some dir"
printf '#!/bin/sh\necho here\n' >'some dir/tool' && chmod +x 'some dir/tool'
expect "a program in --wdir" 0 --wdir 'some dir' -n 1 ./tool
expect "the current directory, elsewhere" 0 --ssh ./fakessh -H a /bin/pwd
same "... is the same" "$(cat out)" "$PWD"

# ---- several programs ----
expect "two programs" 0 -n 2 --env X=one sh -c 'echo $IPCRUN_RANK $X $1' sh a : \
    -n 1 --wdir / sh -c 'echo $IPCRUN_RANK ${X-none} $PWD'
same "... with their own options" "$(sort out)" "$(printf '0 one a\n1 one a\n2 none /')"
expect "two MPI programs" 0 -n 2 "$rank" ok : -n 1 "$rank" ok

# ---- descriptors ----
for where in "" "--ssh ./fakessh -H a,b"; do
    list='ls /proc/self/fd | sort -n | tr "\n" " "'
    expect "descriptors of a rank ($where)" 0 -n 2 $where sh -c "$list; echo"
    same "... are the user's and two of ours" "$(sort -u out)" "$( (sh -c "$list"; echo 200 201) | tr ' ' '\n' | sort -n | tr '\n' ' ' | sed 's/^ //')"
done
exec 5</dev/null
expect "a descriptor of the user's" 0 -n 1 sh -c 'test -e /proc/self/fd/5'
exec 5<&-
expect "resource limits" 0 -n 1 sh -c 'ulimit -Sn'
same "... are the user's" "$(cat out)" "$(ulimit -Sn)"
expect "signals" 0 -n 1 grep -E '^Sig(Blk|Ign)' /proc/self/status
same "... are the user's" "$(cat out)" "$(grep -E '^Sig(Blk|Ign)' /proc/self/status)"
nothing_left "nothing is left of all these"
finish
