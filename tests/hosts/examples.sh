#!/usr/bin/env bash
# Jobs over three hosts with 2 + 3 + 3 ranks: which pair talks how, and every example.
# Time limit: 400 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"
hosts_up 3
hosts_own_tmp
cd "$work" || exit 99

job=(-H h1:2,h2:3,h3:3 -n 8)
node=(1 1 2 2 2 3 3 3) # of each rank

# What --map has to say of each pair.
expected_map() {
    local a b
    for a in {0..7}; do
        for b in {0..7}; do
            if [ "$a" = "$b" ]; then
                echo self
            elif [ "${node[a]}" = "${node[b]}" ]; then
                echo shm
            else
                echo tcp
            fi
        done
    done
}

run_job --map "${job[@]}" "$build/tests/hosts/everyone"
awk 'NF == 9 && $1 ~ /^[0-7]$/ { for (i = 2; i <= NF; i++) print $i }' "$work/out" >"$work/map"
if [ "$status" -eq 0 ] && expected_map | cmp -s - "$work/map"; then
    pass "--map: shm on a host, tcp between hosts"
else
    fail "--map: shm on a host, tcp between hosts" "$(job_report)"
fi
grep -q '^ranks of different hosts: tcp (by default)$' "$work/out" &&
    pass "... and why" || fail "... and why" "$(job_report)"
for rank in {0..7}; do
    grep -qE "^ +$rank +h${node[rank]} " "$work/out" || fail "--map: rank $rank is on h${node[rank]}"
done
empty "--map starts nothing" "$(hosts_leftovers)"

# Each rank sends 1,000,000 bytes to each other one; all else together is far less than one such
# message.
run_job --stats "${job[@]}" "$build/tests/hosts/everyone"
job_passes "every rank talks to every other"
neighbours() { # how many other ranks are on the host of rank $1
    local r n=-1
    for r in "${node[@]}"; do [ "$r" = "${node[$1]}" ] && n=$((n + 1)); done
    echo $n
}
for rank in {0..7}; do
    near=$(neighbours "$rank")
    for pair in "shm $near" "tcp $((7 - near))"; do
        read -r transport peers <<<"$pair"
        bytes=$(sed -n "s/.*rank $rank sent by $transport: .* \([0-9]*\) bytes.*/\1/p" "$work/err" "$work/out")
        name="--stats: rank $rank talks to $peers ranks by $transport"
        if [ "${bytes:-0}" -ge $((peers * 1000000)) ] && [ "${bytes:-0}" -lt $((peers * 1000000 + 500000)) ]; then
            pass "$name"
        else
            fail "$name" "$bytes bytes" "$(grep "rank $rank sent" "$work/err" "$work/out")"
        fi
    done
done

# Three "hosts" of one machine would each bind their first rank to core 0.
for file in "$src"/examples/*.c; do
    grep -q '^int main' "$file" || continue
    example=$(basename "$file" .c)
    run_job --bind-to none "${job[@]}" "$build/examples/$example"
    if [ "$status" -eq 0 ] && grep -q "^$example: verified" "$work/out"; then
        pass "$example over three hosts"
    else
        fail "$example over three hosts" "$(job_report)"
    fi
done

# One host after the other, and ranks dealt out unevenly.
run_job -H h1,h2,h3 -n 7 --bind-to none "$build/tests/hosts/everyone"
job_passes "more ranks than slots"
run_job -H h3:1,h1:1 -n 2 "$build/tests/hosts/everyone"
job_passes "a job without a rank on the first host, ranks in the order of the list"
seq 200000 >"$work/input"
on h1 timeout 60 "$build/ipcrun" --ssh "$ssh_command" -H h2,h3 -n 2 cat <"$work/input" >"$work/out" 2>"$work/err"
cmp -s "$work/input" "$work/out" && pass "stdin goes to rank 0 on another host and comes back" ||
    fail "stdin goes to rank 0 on another host and comes back" "$(wc "$work/input" "$work/out")" "$(cat "$work/err")"
nothing_left "nothing is left of all that" 3
finish
