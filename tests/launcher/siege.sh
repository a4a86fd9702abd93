#!/bin/bash
# Strangers at the ports of a job, thousands of them at once: silent ones, slow ones, ones that send
# rubbish or repeat what they heard. The job goes on and nobody is let in. Time limit: 180 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
command -v python3 >/dev/null || { echo "1..0 # SKIP there is no python3" && exit 77; }
program=$build/tests/launcher/besieged
export IPCRUN_TRANSPORT=tcp

# siege NAME COUNT DESCRIPTORS: that many strangers at a job whose ranks may have so many descriptors.
siege() {
    local go=$work/go.$3
    (ulimit -n "$3" && exec timeout 60 "$ipcrun" -n 4 "$program" "$go") >out 2>err </dev/null &
    local job=$!
    timeout 60 python3 "$src/tests/launcher/siege.py" "$2" "$go" "$program" >strangers 2>&1
    wait $job
    local status=$?
    if [ $status -eq 0 ] && grep -q '^0 wrong, ' out && [ ! -s err ]; then
        pass "$1: the job goes on"
    else
        fail "$1: the job goes on" "exit status $status" "$(tail -n 5 err out)"
    fi
    if grep -q ' open, nothing beyond a greeting$' strangers; then
        pass "$1: nobody is let in"
    else
        fail "$1: nobody is let in" "$(tail -n 5 strangers)"
    fi
    echo "# $(cat strangers); $(cat out)"
}

siege "2500 strangers" 2500 1024
siege "500 strangers, 64 descriptors" 500 64
finish
