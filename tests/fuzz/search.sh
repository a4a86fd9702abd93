#!/bin/bash
# Lets libFuzzer search with each program of this folder, for so many seconds, beginning with what is
# in corpus/; in a build tree that is configured as README.md says. Fails when something is found,
# which then lies in found-*.
#
# usage: search.sh SECONDS
src=$(cd "$(dirname "$0")/../.." && pwd) || exit 99
seconds=${1:?usage: search.sh SECONDS}

# search NAME: output in search_NAME.log
search() {
    local name=$1
    clang -g -O1 -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -Iinclude -iquote "$src/runtime" \
        -iquote "$src/launcher" -iquote "$src/tests/fuzz" "$src/tests/fuzz/fuzz_$name.c" \
        .libs/libipcrun.a .libs/libipcr.a $libs -pthread -o "search_$name" || return
    mkdir -p "corpus_$name" && cp "$src/tests/fuzz/corpus/$name-"* "corpus_$name" || return
    "./search_$name" -max_total_time="$seconds" -rss_limit_mb=1024 -timeout=10 -max_len=4096 \
        -artifact_prefix="found-$name-" "corpus_$name" >"search_$name.log" 2>&1
}

libs=$(sed -n "s/^dependency_libs='\(.*\)'/\1/p" libipcrun.la libipcr.la)
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
declare -A pids
failed=0
for file in "$src"/tests/fuzz/fuzz_*.c; do
    name=${file##*/fuzz_}
    search "${name%.c}" &
    pids[${name%.c}]=$!
done
for name in "${!pids[@]}"; do
    if wait "${pids[$name]}"; then
        echo "$name: $(grep '^Done' "search_$name.log" | tail -n 1)"
    else
        echo "$name: something was found"
        tail -n 40 "search_$name.log"
        failed=1
    fi
done
exit $failed
