#!/bin/bash
# What proves that a rank belongs to a job shows nowhere while the job runs: in no command line, no
# environment, no log and no file. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
command -v python3 >/dev/null || { echo "1..0 # SKIP there is no python3" && exit 77; }
program=$build/tests/launcher/secret
export IPCRUN_SSH=./fakessh
mkdir tmp seen
export TMPDIR=$work/tmp

# secret NAME ARGUMENT...: looks while the job with these arguments runs.
secret() {
    local name=$1
    shift
    rm -f seen/* go
    timeout 60 "$ipcrun" -v "$@" "$program" "$work/seen/hex" "$work/go" >out 2>err </dev/null &
    local job=$! try
    for try in {1..400}; do
        [ -s seen/hex ] && break
        sleep 0.05
    done
    python3 "$src/tests/launcher/secret.py" seen/hex "$IPCRUN_TEST_TAG" tmp out err >places 2>&1
    : >go
    wait $job || fail "$name: the job" "exit status $?" "$(tail -n 5 err)"
    if [ "$(grep -c . places)" = 1 ] && grep -qE '^[0-9]{2,} places$' places; then
        pass "$name: it shows nowhere"
    else
        fail "$name: it shows nowhere" "$(cat places)"
    fi
}

secret "one host" -n 3
secret "hosts" -n 4 -H a:2,b:2
for transport in tcp udp mmap fifo unix; do
    IPCRUN_TRANSPORT=$transport secret "$transport" -n 3
done

# That it would be found: the file with its digits is one.
cp seen/hex tmp/digits
python3 "$src/tests/launcher/secret.py" seen/hex "$IPCRUN_TEST_TAG" tmp >places 2>&1
if grep -q '^in tmp/digits$' places; then
    pass "one that shows is found"
else
    fail "one that shows is found" "$(cat places)"
fi
finish
