#!/bin/sh
# Every C file is as clang-format would write it. Versions differ in taste: only the one that the
# project uses (14, Debian 12's) may judge.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
cd "$src" || exit 99

version=$(clang-format --version 2>/dev/null | sed 's/.*version \([0-9]*\).*/\1/')
if [ "$version" != 14 ]; then
    echo "clang-format 14 judges; here is '${version:-none}'"
    exit 77
fi
for folder in runtime runtime/transport collectives launcher examples bench tests/*; do
    set -- "$folder"/*.[ch]
    [ -e "$1" ] || continue
    empty "$folder" "$(clang-format --dry-run "$@" 2>&1 | grep -oE '^[^:]+:[0-9]+' | sort -u -t: -k1,1)"
done
finish
