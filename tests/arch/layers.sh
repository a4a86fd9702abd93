#!/bin/sh
# Knowledge points one way: mpi_*.c -> collectives -> p2p -> peer -> transport, and the launcher
# meets the runtime only at the control protocol, the segment's size, the status board and what
# ranks write down about themselves. This follows every #include "..." and fails where an arrow
# points back.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
cd "$src" || exit 99

# "from to" for every quoted include, both as names without folder.
for file in runtime/*.[ch] runtime/transport/*.[ch] collectives/*.[ch] launcher/*.[ch]; do
    [ -e "$file" ] || continue
    sed -n 's/^[ \t]*#[ \t]*include[ \t]*"\([^"]*\)".*/\1/p' "$file" |
        while read -r to; do echo "$file ${to##*/}"; done
done >"$work/arrows"

# reaches 'PATTERN of files' HEADER...: the arrows by which such a file gets to such a header,
# through others, too.
reaches() {
    pattern=$1
    shift
    awk -v pattern="$pattern" -v wanted="$*" '
        function base(path) { sub(/.*\//, "", path); return path }
        function walk(name, trail,    n, i, next_ones) {
            if (seen[name]++)
                return
            n = split(out[name], next_ones, " ")
            for (i = 1; i <= n; i++) {
                if (next_ones[i] in forbidden)
                    print trail " -> " next_ones[i]
                walk(next_ones[i], trail " -> " next_ones[i])
            }
        }
        BEGIN { n = split(wanted, list, " "); for (i = 1; i <= n; i++) forbidden[list[i]] = 1 }
        { out[base($1)] = out[base($1)] " " $2; if ($1 ~ pattern) starts[$1] = 1 }
        END { for (s in starts) { split("", seen); walk(base(s), s) } }' "$work/arrows" | sort -u
}

# The same for what a file names itself.
names() {
    pattern=$1
    shift
    for header; do
        awk -v pattern="$pattern" -v header="$header" \
            '$1 ~ pattern && $2 == header { print $1 " -> " header }' "$work/arrows"
    done
}

[ -s "$work/arrows" ] && pass "includes were found" || fail "includes were found"

empty "a transport knows nothing above transport.h and peer.h" \
    "$(reaches '^runtime/transport/' p2p.h match.h request.h comm.h coll.h)"
empty "the contract of transports knows no layer" \
    "$(reaches '^runtime/(transport|route|wire|seg|job|boot|board|env|err|lock|datatype)[.]h$' \
        peer.h p2p.h match.h request.h comm.h coll.h)"
empty "peers know nothing of matching and messages" \
    "$(reaches '^runtime/peer[.][ch]$' p2p.h match.h request.h comm.h coll.h)"
empty "matching is a data structure without transports" \
    "$(names '^runtime/match[.][ch]$' p2p.h peer.h transport.h coll.h)"
# The doors (mpi_*.c) and nobody else in runtime/ call into collectives.
empty "only the API calls into collectives" \
    "$(awk '$1 ~ /^runtime\// && $1 !~ /^runtime\/mpi_/ && $2 == "coll.h"' "$work/arrows")"
empty "an algorithm never sees a transport" \
    "$(names '^collectives/' transport.h peer.h wire.h match.h)"

# transport.h for the table of names alone: --compare-ipc measures each row.
launcher_may=" job.h boot.h board.h clock.h profile.h seg.h env.h env.def route.h transport.h "
empty "the launcher takes from the runtime only job, boot, board, profiles, seg, env, routes and transports' names" \
    "$(awk '$1 ~ /^launcher\//' "$work/arrows" | while read -r from to; do
        case $launcher_may in *" $to "*) continue ;; esac
        [ -e "launcher/$to" ] || echo "$from -> $to"
    done)"
empty "the runtime takes from the launcher only the protocol" \
    "$(awk '$1 !~ /^launcher\//' "$work/arrows" | while read -r from to; do
        [ "$to" = proto.h ] || [ ! -e "launcher/$to" ] || [ -e "runtime/$to" ] ||
            echo "$from -> $to"
    done)"
finish
