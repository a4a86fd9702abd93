#!/bin/bash
# An ipcrun or a library of another version on one side is named, and nothing runs on. ssh is a
# stand-in. Time limit: 200 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
other=$build/tests/launcher/otherlib
export IPCRUN_SSH=./oldssh
limit=5

# The agent of host b says that it speaks another version: its first bytes are eight that never
# change, then the number.
cat >oldssh <<'END'
#!/bin/sh
[ "$1" = b ] || exec ./fakessh "$@"
./fakessh "$@" | { head -c 8; head -c 4 >/dev/null; printf "$IPCRUN_TEST_VERSION"; cat; }
END
chmod +x oldssh
mine=$(sed -n 's/^#define IPCR_PROTO_VERSION \([0-9]*\)u/\1/p' "$src/launcher/proto.h")

for version in $((mine - 1)) $((mine + 1)) 8191; do
    IPCRUN_TEST_VERSION=$(printf '\\%03o\\%03o\\0\\0' $((version % 256)) $((version / 256)))
    export IPCRUN_TEST_VERSION
    expect "an agent of version $version" 2 -H a,b sleep 20
    says "... is named" "host b: the ipcrun there speaks version $version of the control protocol, this one version $mine: install"
    nothing_left "... and nothing is left"
done

# As if ipcrun were older or newer than the library that the ranks of one host find.
export IPCRUN_SSH=./fakessh
for version in $((mine - 1)) $((mine + 1)); do
    # shellcheck disable=SC2016
    run -H a,b sh -c '[ $IPCRUN_NODE = 0 ] || IPCRUN_BOOT='$version':${IPCRUN_BOOT#*:}; exec "$@"' sh "$rank" sleep 0
    [ $status -ne 0 ] && [ $status -ne 124 ] && pass "a library for ipcrun of version $version" ||
        fail "a library for ipcrun of version $version" "exit status $status" "$(cat err)"
    says "... is named" "ipcrun speaks version $version of the control protocol, libmpi_abi version $mine: use"
    says "... with its host" "^ipcrun: rank 1 on b .*exited with code 17"
    nothing_left "... and nothing is left"
done

# Libraries that understand ipcrun but not each other.
wire=$(sed -n 's/^#define IPCR_WIRE_VERSION \([0-9]*\)u/\1/p' "$src/runtime/wire.h")
either="($wire|$((wire + 7)))" # otherlib.c
expect "one library everywhere" 0 -H a:2 "$other"
run -H a,b "$other"
[ $status -ne 0 ] && [ $status -ne 124 ] && pass "two libraries" || fail "two libraries" "exit status $status" "$(cat err)"
says "... are named, with their hosts" "libmpi_abi of rank [01] on [ab] speaks version $either of the protocol between ranks, that of rank [01] on [ab] version $either: install"
nothing_left "... and nothing is left"
finish
