#!/bin/bash
# Environments of schedulers as they were recorded, and stand-ins for the programs that start agents
# there. Slurm itself is tested in tests/slurm. Time limit: 120 s.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"
where='echo $IPCRUN_RANK $IPCRUN_NODE'
for name in $(env | grep -oE '^(SLURM|PBS|LSB|OMPI|HYDRA)_[A-Za-z_]*'); do unset "$name"; done
unset PE_HOSTFILE

# Each stand-in notes its words in `words` and becomes the command for that host.
mkdir bin
printf '#!/bin/sh\necho "blaunch $*" >>words\nshift\nexec "$@"\n' >bin/blaunch
printf '#!/bin/sh\necho "qrsh $*" >>words\nshift 2\nexec "$@"\n' >bin/qrsh
printf '#!/bin/sh\necho "ssh $*" >>words\nwhile [ "$1" != -T ]; do shift; done\nshift\nexec ./fakessh "$@"\n' >bin/ssh
printf '#!/bin/sh\necho "kubexec $*" >>words\nPOD_NAME=$1\nshift\n/bin/sh -c "$*"\n' >kubexec.sh
# srun at a node of the scheduler's own: the words before the program begin with dashes.
printf '#!/bin/sh\necho "srun $*" >>words\nenv | grep -c "^SLURM_LABELIO" >>labels\nwhile :; do case $1 in -*) shift ;; *) break ;; esac; done\nexec "$@"\n' >bin/srun
chmod +x bin/* kubexec.sh
PATH=$PWD/bin:$PATH

# placed NAME WANTED BY ARGUMENT...: WANTED is the node of each rank, BY what started the agents.
placed() {
    placed_name=$1 placed_wanted=$2 placed_by=$3
    shift 3
    rm -f words
    expect "$placed_name" 0 "$@" sh -c "$where"
    same "... puts ranks where they belong" "$(sort -n out | awk '{ printf "%s", $2 }')" "$placed_wanted"
    same "... and starts agents by $placed_by" "$(cut -d' ' -f1 words | sort -u)" "$placed_by"
}

# ---- Slurm ----
slurm=(SLURM_JOB_ID=7 SLURM_JOB_NODELIST='n[1-2],gpu07' SLURM_TASKS_PER_NODE='2,1(x2)')
at() { # at VARIABLE=VALUE... -- COMMAND...: with these in its environment
    at_env=()
    while [ "$1" != -- ]; do
        at_env+=("$1")
        shift
    done
    shift
    local entry
    for entry in "${at_env[@]}"; do export "${entry?}"; done
    "$@"
    for entry in "${at_env[@]}"; do unset "${entry%%=*}"; done
}
at "${slurm[@]}" SLURM_LABELIO=1 -- placed "Slurm" 0012 srun
same "... each node with a step of its own" "$(grep -cE ' --nodelist=(n1|n2|gpu07) .*/ipcrun --agent$' words)" 3
same "... that the job's options do not speak of" "$(sort -u labels)" 0
at "${slurm[@]}" -- placed "... by ssh" 0012 ssh --launcher ssh
at "${slurm[@]}" IPCRUN_LAUNCHER=ssh -- placed "... by ssh for all jobs" 0012 ssh
at "${slurm[@]}" SLURM_JOB_CPUS_PER_NODE='4(x2),1' SLURM_CPUS_PER_TASK=2 SLURM_TASKS_PER_NODE= -- \
    expect "an empty list of tasks" 2 true
says "... is told" "SLURM_JOB_NODELIST: '' is no list of counts"
at SLURM_JOB_NODELIST='n[1-2],m' SLURM_JOB_CPUS_PER_NODE='4(x2),1' SLURM_CPUS_PER_TASK=2 -- \
    placed "Slurm that knows CPUs alone" 00112 srun
at SLURM_JOB_NODELIST=n1 SLURM_TASKS_PER_NODE=2 SLURMD_NODENAME=n1 -- expect "its own node" 0 sh -c "$where"
same "... needs nothing to start the agent" "$(sort -n out | tr '\n' ' ')" "0 0 1 0 "
at SLURM_JOB_NODELIST='n[1-' -- expect "a list that is none" 2 true
says "... is told" "the node list 'n\\[1-' has brackets that are not closed"
at "${slurm[@]}" SLURM_STEP_NUM_TASKS=3 SLURM_PROCID=0 -- expect "one of three copies" 2 true
says "... says so" '^ipcrun: srun has started ipcrun 3 times, and each would run the whole job'
at "${slurm[@]}" SLURM_STEP_NUM_TASKS=3 SLURM_PROCID=2 -- expect "the last of three copies" 2 true
empty "... leaves that to the first" "$(cat err)"

# ---- PBS: a file with a line for each slot ----
printf 'a.cluster\na.cluster\nb.cluster\n' >nodes
at PBS_JOBID=12.head PBS_NODEFILE=nodes -- placed "PBS" 001 ssh
at PBS_NODEFILE=nodes -- placed "... some of its hosts" 00 ssh -H a
at PBS_JOBID=12.head PBS_NODEFILE=nodes -- expect "... another host" 2 -H c true
says "... is refused" 'host c is none of the 2 hosts that PBS has given to job 12.head'
at PBS_NODEFILE=/no/such/file -- expect "... a file that is gone" 2 true
says "... is named" 'cannot tell the hosts of PBS from PBS_NODEFILE: host file /no/such/file: No such file'
printf '%s\nb\n' "$(hostname)" >nodes
at PBS_NODEFILE=nodes -- expect "... this host" 0 sh -c "$where"
same "... needs no ssh, the other does" "$(grep -c "$(hostname)" words) $(sort -n out | tr '\n' ' ')" \
    "0 0 0 1 1 "

# ---- LSF ----
at LSB_JOBID=3 LSB_MCPU_HOSTS='a 2 b 1' -- placed "LSF" 001 blaunch
at LSB_JOBID=3 LSB_DJOB_HOSTFILE=nodes -- placed "... with a file" 01 blaunch
at LSB_JOBID=3 LSB_MCPU_HOSTS='a 2 b' -- expect "... half a pair" 2 true
says "... is told" "LSB_MCPU_HOSTS is 'a 2 b': '' is no number of slots"

# ---- Grid Engine ----
printf 'a 2 all.q@a UNDEFINED\nb 1 all.q@b <NULL>\n' >pe
at JOB_ID=4 PE_HOSTFILE=pe -- placed "Grid Engine" 001 qrsh
grep -qE '^qrsh -inherit [ab] .*/ipcrun --agent$' words && pass "... -inherit" ||
    fail "... -inherit" "$(cat words)"
: >pe
at PE_HOSTFILE=pe -- expect "... an empty file" 2 true
says "... is told" 'PE_HOSTFILE is pe: it names no host'

# ---- Kubernetes: a host file and a way into pods, for other launchers ----
printf 'pi-worker-0.pi.default.svc slots=2\npi-worker-1.pi.default.svc slots=1\n' >hostfile
at OMPI_MCA_orte_default_hostfile=hostfile OMPI_MCA_plm_rsh_agent=./kubexec.sh -- \
    placed "an operator's host file for Open MPI" 001 kubexec
printf 'pi-worker-0.pi.default.svc:1\npi-worker-1.pi.default.svc:2\n' >hostfile
at HYDRA_HOST_FILE=hostfile HYDRA_LAUNCHER_EXEC=./kubexec.sh -- placed "... and for MPICH" 011 kubexec
at HYDRA_HOST_FILE=hostfile -- placed "... is only a default" 01 ssh -H c,d
at HYDRA_HOST_FILE=hostfile -- placed "... with --ssh" 011 kubexec --ssh ./kubexec.sh
printf '#!/bin/sh\nexec ./kubexec.sh "$@" </dev/null\n' >deaf.sh
chmod +x deaf.sh
expect "a way that does not pass stdin on" 2 --ssh ./deaf.sh -H c true
says "... is suspected" 'does what takes the place of ssh pass its standard input on'
at OMPI_MCA_plm_rsh_agent='ssh : rsh' -- placed "a list of ways" 01 ssh -H c,d
at HYDRA_LAUNCHER_EXEC="'" -- expect "a way that is none" 2 -H c true
says "... is told" "''' is no command to reach hosts with"

# ---- none of it ----
at "${slurm[@]}" -- expect "--scheduler none" 0 --scheduler none -n 2 sh -c "$where"
same "... is this machine" "$(awk '{ print $2 }' out | sort -u)" 0
at "${slurm[@]}" IPCRUN_SCHEDULER=none -- expect "none for all jobs" 0 -n 1 true
at "${slurm[@]}" IPCRUN_SCHEDULER=moon -- expect "a name that nobody has" 2 true
says "... is told" "'moon' is no scheduler"
at IPCRUN_LAUNCHER=moon -- expect "a way that nobody knows" 2 true
says "... is told" "IPCRUN_LAUNCHER is 'moon'"
at "${slurm[@]}" PBS_NODEFILE=nodes -- placed "a chosen one" 01 ssh --scheduler pbs -H "$(hostname),b"
at "${slurm[@]}" -- expect "--info" 0 --info
grep -qE '^ +Slurm +inside job 7: 3 hosts, 4 slots$' out && pass "... knows the job" ||
    fail "... knows the job" "$(grep -A12 'other hosts' out)"
same "... and tries transports here" "$(grep -cE '^  (shm|tcp) +works$' out)" 2
nothing_left "nothing is left"
finish
