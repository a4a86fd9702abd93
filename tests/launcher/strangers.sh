#!/bin/bash
# Programs that another launcher starts as one of several ranks: refused, never worlds of one. Time
# limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

unset OMPI_COMM_WORLD_SIZE PMI_SIZE PMIX_NAMESPACE PMIX_RANK SLURM_STEP_NUM_TASKS IPCRUN_RANK

# started NAME STATUS COMMAND...: runs it without ipcrun; leaves files out and err.
started() {
    started_name=$1 started_status=$2
    shift 2
    timeout -k 5 $((20 * slow)) "$@" >out 2>err
    same "$started_name" "$?" "$started_status"
}

started "alone: a world of one" 0 "$rank" ok
started "one task of srun: a world of one" 0 env SLURM_STEP_NUM_TASKS=1 "$rank" ok
started "a batch script of four tasks: a world of one" 0 env SLURM_NTASKS=4 "$rank" ok
for variable in OMPI_COMM_WORLD_SIZE PMI_SIZE SLURM_STEP_NUM_TASKS; do
    started "one of four by $variable: refused" 17 env $variable=4 "$rank" ok
    says "... in one sentence" "one of 4 ranks \\($variable\\).*ipcrun -n 4"
    expect "ipcrun inside it starts ranks" 0 -n 2 env $variable=4 "$rank" ok
    expect "... whose children are worlds of one" 0 -n 2 env $variable=4 sh -c \
        "unset IPCRUN_BOOT; exec $rank ok"
done

nothing_left "nothing is left of all these"
finish
