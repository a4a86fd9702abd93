#!/bin/bash
# Command lines that were written for other launchers, word for word: each starts as many ranks as it
# would there, under the names mpirun and mpiexec. Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
export IPCRUN_SSH=./fakessh
printf 'a slots=2\nb slots=2\n' >hosts
printf 'rank 0=a slot=0\nrank 1=b slot=0\n' >ranks
: >conf
ln -s "$ipcrun" mpirun
ln -s "$ipcrun" mpiexec
names=(mpirun mpiexec)
lines=0 bad=()
while read -r wanted options; do
    case $wanted in '#' | '') continue ;; esac
    read -ra words <<<"$options"
    lines=$((lines + 1))
    : >started
    mkdir -p logs
    timeout $((30 * slow)) "./${names[lines % 2]}" "${words[@]}" sh -c 'echo rank >>"$1"' - "$work/started" >seen 2>&1 </dev/null
    status=$?
    [ $status -eq 0 ] && [ "$(wc -l <started)" -eq "$wanted" ] ||
        bad+=("$options: status $status, $(wc -l <started) of $wanted ranks; $(tail -n 1 seen)")
done <"$src/tests/launcher/corpus.txt"
[ $lines -ge 100 ] && pass "there are command lines" || fail "there are command lines" "$lines"
empty "all of them start what they should" "$(printf '%s\n' "${bad[@]}")"

# What is refused says what there is instead.
while read -r option; do
    case $option in --*) run "$option" 0 true ;; *) run "$option" true ;; esac
    [ $status -eq 2 ] && [ "$(wc -l <err)" -eq 1 ] && ! grep -q 'unknown option' err || echo "$option: $(cat err)"
done >refused <<'END'
--xterm
--debugger
-tv
-s
--preload-binary
--preload-files
--xml
--ompi-server
-nameserver
--dvm
--hnp
--report-uri
--max-restarts
-ckpointlib
--set-cwd-to-session-dir
--index-argv-by-rank
END
empty "what there is not is refused in a sentence of its own" "$(cat refused)"
# Every name in the table of other launchers' options is in the document for those who come from there.
empty "doc/options.md has every option of other launchers" "$("$ipcrun" --help=others | grep -oE '(^|[ ,])--?[a-z][a-z-]+' |
    tr -d ' ,' | sort -u | while read -r name; do
        grep -qE -- "(^|[^a-z-])-?${name#-}([^a-z-]|\$)" "$src/doc/options.md" || echo "$name"
    done)"
nothing_left "nothing is left of all these"
finish
