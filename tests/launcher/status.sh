#!/bin/bash
# Exit statuses, and the one line that says why. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}handle_segv=0" # a rank that dies of it is meant to

# ---- programs that are not MPI programs ----
expect "a program that succeeds" 0 -n 3 true
empty "... without a word" "$(cat err)"
expect "exit 3" 3 -n 3 sh -c '[ $IPCRUN_RANK != 1 ] || exit 3; exec sleep 30'
says "... names rank, host, pid and code" \
    "^ipcrun: rank 1 on $(hostname) \\(pid [0-9]+\\) exited with code 3\$"
expect "a rank killed by SIGSEGV" 139 -n 3 sh -c '[ $IPCRUN_RANK != 2 ] || kill -SEGV $$; exec sleep 30'
says "... names the signal" 'rank 2 .* killed by signal 11 \(SIGSEGV'
expect "a rank killed by SIGKILL" 137 -n 2 sh -c 'kill -KILL $$'
expect "a rank that sends SIGTERM to itself" 143 -n 2 sh -c '[ $IPCRUN_RANK = 0 ] || kill -TERM $$; exec sleep 30'
says "... is not taken for ours" 'rank 1 .* killed by signal 15 \(SIGTERM'
expect "the first failure counts" 5 -n 2 sh -c '[ $IPCRUN_RANK = 0 ] && exit 5; sleep 0.4; exit 6'
expect "exit 255" 255 -n 1 sh -c 'exit 255'

# ---- programs that do not run ----
expect "no such path" 127 -n 2 ./no/such/program
says "... named with the host" "host $(hostname): program './no/such/program' does not exist"
expect "not in PATH" 127 -n 2 no-such-program-anywhere
says "... named" "program 'no-such-program-anywhere' is not in PATH"
touch plain && mkdir -p folder
expect "not executable" 126 -n 2 ./plain
says "... named" "'./plain' cannot be run: it is not executable"
expect "a directory" 126 -n 2 ./folder
says "... named" "'./folder' cannot be run: it is a directory"
printf '#!/no/such/interpreter\n' >script && chmod +x script
expect "no interpreter" 127 -n 2 ./script
says "... explained" "'./script': .*interpreter"
printf '\177ELF garbage' >binary && chmod +x binary
expect "a binary for something else" 126 -n 1 ./binary
printf 'echo from a script without a first line\n' >bare && chmod +x bare
expect "a script without #!" 0 -n 1 ./bare
same "... is run by the shell" "$(cat out)" "from a script without a first line"
expect "one of two programs missing" 127 -n 1 sh -c 'echo started' : -n 1 ./missing
empty "... nothing is started" "$(cat out)"

# ---- MPI programs ----
expect "MPI_Finalize and 0" 0 -n 4 "$rank" ok
empty "... without a word" "$(cat err)"
expect "exit(3) without MPI_Finalize" 3 -n 3 "$rank" exit 3
says "... is reported" 'rank 1 .* exited with code 3 before MPI_Finalize$'
expect "exit(3) of rank 0" 3 -n 3 "$rank" first_exit 3
says "... is reported" 'rank 0 .* exited with code 3 before MPI_Finalize$'
expect "nobody calls MPI_Finalize" 1 -n 4 "$rank" no_finalize
says "... is reported once" 'rank [0-3] .* exited with code 0 without calling MPI_Finalize$'
expect "exit(0) without MPI_Finalize" 1 -n 3 "$rank" exit 0
says "... is reported" 'rank 1 .* exited with code 0 without calling MPI_Finalize$'
expect "_exit(0) without MPI_Finalize" 1 -n 3 "$rank" quick_exit 0
expect "a session and 0" 0 -n 2 "$rank" session 0
empty "... without a word" "$(cat err)"
for case in 1 2; do
    expect "exit(0) without MPI_Session_finalize, case $case" 1 -n 2 "$rank" session $case
    says "... is reported" 'rank [01] .* exited with code 0 without calling MPI_Session_finalize$'
done
expect "exit(3) after MPI_Session_finalize" 3 -n 2 "$rank" session 3
says "... is reported" 'rank [01] .* exited with code 3 after MPI_Session_finalize$'
for sig in 11 9 15; do
    expect "signal $sig before MPI_Finalize" $((128 + sig)) -n 3 "$rank" signal $sig
    says "... is reported with the rank" "rank 1 on $(hostname) \\(pid [1-9][0-9]*\\) was killed by signal $sig "
done
expect "SIGABRT" 134 -n 3 "$rank" signal 6
says "... is reported" 'rank 1 .* signal 6 \(SIGABRT, Aborted\) before MPI_Finalize'
for pair in 42:42 0:1 256:1 300:44 -1:255; do
    expect "MPI_Abort(${pair%:*})" "${pair#*:}" -n 3 "$rank" abort "${pair%:*}"
    says "... is reported" "rank 1 .* ended the job with code ${pair%:*}\$"
done
expect "a fatal MPI error" "$("$ipcrun" -n 3 "$rank" error 2>/dev/null; echo $?)" -n 3 "$rank" error
[ $status -ne 0 ] && pass "... is a failure" || fail "... is a failure"
same "... printed once" "$(grep -c 'MPI_Send' err)" 1
expect "codes after MPI_Finalize" 2 -n 2 "$rank" codes 2
says "... are reported" 'rank 1 .* exited with code 2 after MPI_Finalize$'
expect "failing after MPI_Finalize" 9 -n 2 "$rank" last 9
same "... lets others finish" "$(cat out)" "work done after MPI_Finalize"
expect "output before MPI_Abort" 5 -n 3 "$rank" print_abort 5
same "... is complete" "$(grep -c 'before the end' out)" 1000

# ---- jobs that go on ----
expect "--keep-going" 3 --keep-going -n 4 sh -c '[ $IPCRUN_RANK != 1 ] || exit 3; [ $IPCRUN_RANK != 2 ] || { sleep 0.2; kill -SEGV $$; }
    sleep 0.5; echo done'
same "... lets the others end" "$(grep -c done out)" 2
same "... and says each failure once" "$(grep -c '^ipcrun: rank [12] ' err) $(wc -l <err)" "2 2"
expect "MPI_Abort ends it all the same" 5 --keep-going -n 3 "$rank" abort 5
expect "a rank that others wait for" 139 --keep-going -n 3 "$rank" signal 11
says "... is said to be lost" 'rank 1 .* killed by signal 11'
says "... and who waits for it" 'rank [02] .* waits in MPI_Recv.* for rank 1, which has ended'
expect "--print-all-exitcodes" 3 -disable-auto-cleanup -print-all-exitcodes -n 5 sh -c \
    '[ $IPCRUN_RANK -ne 3 ] || exit 3; [ $IPCRUN_RANK -ne 4 ] || { sleep 0.3; kill -KILL $$; }'
says "... tells them" '^ipcrun: exit codes: ranks 0-2: 0; rank 3: 3; rank 4: SIGKILL$'

# ---- ranks that others wait for ----
limit=10
expect "a rank that never calls MPI_Init" 1 -n 3 "$rank" not_all_init
says "... is reported" 'ipcrun: rank .*(rank 1|never called MPI_Init)'
expect "a rank in MPI_Finalize while others receive from it" 1 -n 3 "$rank" finalize 0
says "... is reported" 'rank [02] .* waits in MPI_Recv, tag 7 on MPI_COMM_WORLD for rank 1, which is in MPI_Finalize'
expect "a rank that was woken and cannot run is not taken for one that waits in vain" 0 -n 2 "$rank" woken_late
for before in 0 9; do
    expect "MPI_Finalize while others are in barrier $before" 1 -n 3 "$rank" one_in_barrier $before
    says "... is reported" 'rank [12] .* waits in MPI_(Barrier|Finalize) .*for rank [0-9]'
done
expect "everybody else leaves a rank that receives from anybody" 1 -n 3 "$rank" any
says "... is reported" 'rank 0 .* waits in MPI_Recv.* for every other rank'
expect "not on the same host" 1 --ssh ./fakessh -H a:2,b:1 "$rank" not_all_init
says "... is reported" 'rank 1 on a .* never called MPI_Init'
nothing_left "nothing is left of all these"
finish
