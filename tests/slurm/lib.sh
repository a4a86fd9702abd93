# A Slurm of four nodes on this machine, for the scripts of this folder: started here, stopped when
# the script ends. Its nodes share one host name and one address, so only what Slurm says tells them
# apart.
. "${IPCRUN_TEST_SRC:-.}/tests/launcher/lib.sh"

for tool in slurmctld slurmd srun munged munge flock; do
    command -v $tool >/dev/null || {
        echo "1..0 # SKIP no $tool here"
        exit 77
    }
done
[ "$(id -u)" -eq 0 ] || {
    echo "1..0 # SKIP a Slurm of one's own needs root"
    exit 77
}

# One at a time on a machine: the ports are fixed. Locked is a file that is there anyway.
exec 8<"$(command -v slurmctld)"
flock -w $((300 * slow)) 8 || exit 99

stop_slurm() {
    for file in "$work"/d.*.pid "$work"/ctld.pid "$work"/munged.pid; do
        [ -s "$file" ] && kill "$(cat "$file")" 2>/dev/null
    done
    sleep 1
    rm -rf "$work"
}
trap stop_slurm EXIT

chmod 755 "$work"
mkdir "$work/state"
for node in n1 n2 n3 n4; do
    mkdir "$work/spool.$node" "$work/tmp.$node"
done
dd if=/dev/urandom of="$work/key" bs=128 count=1 2>/dev/null
chmod 400 "$work/key"
env -u IPCRUN_TEST_TAG munged --force --key-file="$work/key" --socket="$work/munge" --pid-file="$work/munged.pid" \
    --seed-file="$work/seed" --log-file="$work/munged.log" 8>&- || exit 99

cat >"$work/slurm.conf" <<END
ClusterName=t
SlurmctldHost=$(hostname)(127.0.0.1)
SlurmctldPort=16999
AuthType=auth/munge
AuthInfo=socket=$work/munge
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool.%n
TmpFS=$work/tmp.%n
SlurmctldPidFile=$work/ctld.pid
SlurmdPidFile=$work/d.%n.pid
SlurmctldLogFile=$work/ctld.log
SlurmdLogFile=$work/d.%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=n[1-4] NodeHostname=$(hostname) NodeAddr=127.0.0.1 Port=[17001-17004] CPUs=4 State=UNKNOWN
PartitionName=p Nodes=ALL Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
END
export SLURM_CONF=$work/slurm.conf
# The daemons are no leftovers of a job.
env -u IPCRUN_TEST_TAG slurmctld 8>&- || exit 99
for node in n1 n2 n3 n4; do
    env -u IPCRUN_TEST_TAG slurmd -N $node 8>&- || exit 99
done

# The nodes say that they are there within a few seconds.
slurm_end=$(($(date +%s) + 40 * slow))
until [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 4 ]; do
    [ "$(date +%s)" -lt $slurm_end ] || {
        tail -n 5 "$work/ctld.log" "$work/d.n1.log" >&2
        exit 99
    }
    sleep 0.3
done
cd "$work" || exit 99
