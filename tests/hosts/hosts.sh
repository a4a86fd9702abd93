# Several hosts on one machine: network namespaces with a bridge between them, an own host name, own
# IPC objects, an own /dev/shm and an sshd each. Source it in a bash script, after tap.sh:
#
#     hosts_up 3                      # h1 h2 h3: 10.77.0.1 .. 3 and fd77::1 .. 3
#     on h1 "$build/ipcrun" -H h1,h2 --ssh "$ssh_command" hostname
#
# Nothing of it is visible outside: the bridge and all links live in namespaces named after this
# shell's pid. Everything goes when the script ends, however it ends. A machine that cannot do this
# (not root, no tools, no namespaces) skips the whole test.

hosts_net="ipcrt-$$-net" # the namespace with the bridge
hosts_names=()           # h1 h2 ...
hosts_anchor=()          # a sleeping process in each, which keeps its namespaces
hosts_sshd=()            # pid files

hosts_skip() {
    echo "1..0 # SKIP $1"
    exit 77
}

hosts_need() {
    [ "$(id -u)" -eq 0 ] || hosts_skip "network namespaces need root"
    PATH=$PATH:/usr/sbin:/sbin
    local tool
    for tool in ip unshare nsenter ssh sshd ssh-keygen; do
        command -v $tool >/dev/null || hosts_skip "there is no $tool (Debian: iproute2 openssh-server)"
    done
    unshare --net --uts --ipc --mount true 2>/dev/null || hosts_skip "namespaces are not allowed here"
    # sshd insists on this folder; only a bare machine lacks it.
    [ -d /run/sshd ] || mkdir -p /run/sshd
}

# The namespace of a host as ip(8) knows it.
hosts_ns() {
    echo "ipcrt-$$-$1"
}

# on HOST COMMAND...: runs it there, in the current folder.
on() {
    local anchor=${hosts_anchor[${1#h} - 1]}
    shift
    nsenter --target "$anchor" --net --uts --ipc --mount -- env -C "$PWD" "$@"
}

# One host: namespaces, a link to the bridge, an address of each kind.
hosts_add() {
    local number=$1 name=h$1 ns anchor
    ns=$(hosts_ns "$name")
    ip netns add "$ns"
    [ -z "${hosts_prepare:-}" ] || "$hosts_prepare" "$ns" "$number"
    ip -n "$hosts_net" link add "port$number" type veth peer name eth0 netns "$ns"
    ip -n "$hosts_net" link set "port$number" master bridge up
    ip -n "$ns" link set lo up
    ip -n "$ns" link set eth0 up
    [ "$hosts_family" = 6 ] || ip -n "$ns" addr add "10.77.0.$number/24" dev eth0
    [ "$hosts_family" = 4 ] || ip -n "$ns" addr add "fd77::$number/64" dev eth0 nodad 2>/dev/null ||
        hosts_without_v6=1
    # No start-up files of the login shell: some take locks, and kill -9 in a test would leave them.
    ip netns exec "$ns" unshare --uts --ipc --mount sh -c '
        hostname "$1" && mount --make-rprivate / && mount -t tmpfs -o size=64m none /dev/shm &&
        for rc in ~/.bashrc ~/.profile ~/.bash_profile; do
            [ ! -f "$rc" ] || mount --bind /dev/null "$rc"
        done &&
        echo ready >"$2" && exec sleep 100000' sh "$name" "$work/$name.ready" &
    anchor=$!
    disown "$anchor"
    hosts_names+=("$name")
    hosts_anchor+=("$anchor")
    hosts_wait "$name" test -s "$work/$name.ready"
}

# hosts_wait WHAT COMMAND...: until the command succeeds, a few seconds at most.
hosts_wait() {
    local what=$1 try
    shift
    for try in {1..250}; do
        "$@" >/dev/null 2>&1 && return
        sleep 0.02
    done
    hosts_skip "$what did not come up"
}

hosts_start_sshd() {
    local name=$1
    on "$name" "$(command -v sshd)" -f /dev/null -h "$work/ssh/hostkey" -o AuthorizedKeysFile="$work/ssh/key.pub" \
        -o StrictModes=no -o PermitRootLogin=yes -o UsePAM=no -o PidFile="$work/ssh/$name.pid" \
        -o MaxStartups="${hosts_max_startups:-200}" -o MaxSessions=200 -o LogLevel=ERROR ||
        hosts_skip "sshd does not start"
    hosts_sshd+=("$work/ssh/$name.pid")
    hosts_wait "sshd of $name" test -s "$work/ssh/$name.pid"
}

# The ssh configuration that knows all hosts by name. ConnectTimeout bounds tests of dead hosts.
hosts_configure_ssh() {
    local name prefix=10.77.0.
    [ "$hosts_family" != 6 ] || prefix=fd77::
    {
        for name in "${hosts_names[@]}"; do
            printf 'Host %s\n  HostName %s\n' "$name" "$prefix${name#h}"
        done
        printf 'Host *\n  User root\n  IdentityFile %s\n  IdentitiesOnly yes\n' "$work/ssh/key"
        printf '  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n'
    } >"$work/ssh/config"
    ssh_command="ssh -F $work/ssh/config"
}

# hosts_up COUNT [4|6]: only addresses of that family, else both. A function named by hosts_prepare
# is called as `$hosts_prepare NAMESPACE NUMBER` before a host gets its eth0.
hosts_up() {
    local number
    hosts_family=${2:-both} hosts_without_v6=
    hosts_need
    trap 'trap "" INT TERM; hosts_down; rm -rf "$work"' EXIT
    mkdir -p "$work/ssh"
    ssh-keygen -q -t ed25519 -N '' -f "$work/ssh/hostkey" && ssh-keygen -q -t ed25519 -N '' -f "$work/ssh/key" ||
        hosts_skip "ssh-keygen does not work"
    ip netns add "$hosts_net" || hosts_skip "network namespaces cannot be made"
    ip -n "$hosts_net" link add bridge type bridge && ip -n "$hosts_net" link set bridge up ||
        hosts_skip "the kernel has no bridges"
    for ((number = 1; number <= $1; number++)); do
        hosts_add "$number"
        hosts_start_sshd "h$number"
    done
    [ -z "$hosts_without_v6" ] || [ "$hosts_family" != 6 ] || hosts_skip "the kernel has no IPv6"
    hosts_configure_ssh
    hosts_wait "the network" on h1 $ssh_command "h$1" true
}

# Everything that is left in a namespace goes with it: by pid, sshd by its pid file.
hosts_down() {
    local name pid file
    for file in "${hosts_sshd[@]}"; do
        [ -s "$file" ] && kill "$(<"$file")" 2>/dev/null
    done
    for name in "${hosts_names[@]}"; do
        for pid in $(ip netns pids "$(hosts_ns "$name")" 2>/dev/null); do
            kill -9 "$pid" 2>/dev/null
        done
        ip netns del "$(hosts_ns "$name")" 2>/dev/null
    done
    ip netns del "$hosts_net" 2>/dev/null
    hosts_names=() hosts_anchor=() hosts_sshd=()
    rm -rf "$work/ssh" "$work"/h*.ready
}

# Cuts a host off from the others, and connects it again: the cable, not the card.
hosts_cut() {
    ip -n "$hosts_net" link set "port${1#h}" nomaster
}

hosts_mend() {
    ip -n "$hosts_net" link set "port${1#h}" master bridge
}

# hosts_wall HOW HOST PEER: what HOST sends to PEER is refused, or vanishes without a word (HOW is
# "refused" or "lost"), all but what belongs to ssh. Fails where the kernel has no policy routing.
hosts_wall() {
    local how=$1 host=$2 number=${3#h} what=prohibit
    [ "$how" = refused ] || {
        hosts_sink "$host" || return
        what="lookup 99"
    }
    hosts_wall_rules -4 "$host" "10.77.0.$number/32" "$what" &&
        hosts_wall_rules -6 "$host" "fd77::$number/128" "$what"
}

hosts_wall_rules() { # FAMILY HOST TO WHAT
    local side
    for side in dport sport; do
        on "$2" ip "$1" rule add pref 10 ipproto tcp to "$3" $side 22 lookup main || return
    done
    # shellcheck disable=SC2086
    on "$2" ip "$1" rule add pref 12 to "$3" $4
}

# Table 99: an interface behind which nobody listens, and that does not ask who is there.
hosts_sink() {
    on "$1" ip link show sink >/dev/null 2>&1 && return
    on "$1" ip link add sink type veth peer name sink.end && on "$1" ip link set sink.end up &&
        on "$1" ip link set sink up arp off && on "$1" ip -4 route add default dev sink table 99 &&
        on "$1" ip -6 route add default dev sink table 99
}

# ---- what a test asks ----

# Processes of a job on a host: all that is neither the anchor nor its sshd.
hosts_processes() {
    local name=$1 pid anchor sshd
    anchor=${hosts_anchor[${name#h} - 1]}
    sshd=$(cat "$work/ssh/$name.pid")
    for pid in $(ip netns pids "$(hosts_ns "$name")"); do
        [ "$pid" = "$anchor" ] || [ "$pid" = "$sshd" ] || echo "$pid"
    done
}

# What a job left anywhere, for people. Processes named $hosts_ignore do not count.
hosts_leftovers() {
    local name pid command
    for name in "${hosts_names[@]}"; do
        for pid in $(hosts_processes "$name"); do
            command=$(cat "/proc/$pid/comm" 2>/dev/null)
            case $command in
            '' | "${hosts_ignore:-}") ;; # it has gone meanwhile
            *) echo "$name: process $pid $command" ;;
            esac
        done
        on "$name" find /dev/shm /dev/mqueue -mindepth 1 2>/dev/null | sed "s/^/$name: /"
        on "$name" ipcs -q -m -s 2>/dev/null | grep '^0x' | sed "s/^/$name: SysV /"
    done
    find "$hosts_tmp" -mindepth 1 2>/dev/null
    # A path that a program has hard-wired.
    find /tmp -maxdepth 1 -name '*ipcr*' ! -type d -newer "$work/ssh/config" 2>/dev/null
}

# A folder of temporary files that the job sees as TMPDIR on every host.
hosts_own_tmp() {
    hosts_tmp=$work/tmp
    mkdir -p "$hosts_tmp"
    export TMPDIR=$hosts_tmp
}

# milliseconds of a clock
hosts_ms() {
    local t=${EPOCHREALTIME/[.,]/}
    echo $((t / 1000))
}

# nothing_left NAME SECONDS: passes when at most so much later nothing of the job is anywhere.
nothing_left() {
    local end=$(($(hosts_ms) + $2 * 1000)) left
    left=$(hosts_leftovers)
    while [ -n "$left" ] && [ "$(hosts_ms)" -lt $end ]; do
        sleep 0.1
        left=$(hosts_leftovers)
    done
    empty "$1" "$left"
}

# run_job OPTION...: ipcrun on h1, at most $job_limit seconds (60); output in $work/out and $work/err,
# exit status in $status, duration in $took (milliseconds).
run_job() {
    local begin
    begin=$(hosts_ms)
    # Waited for, not run: a trap of this shell then need not wait for the job.
    on h1 timeout -k 5 "${job_limit:-60}" "$build/ipcrun" --ssh "$ssh_command" "$@" \
        >"$work/out" 2>"$work/err" </dev/null &
    wait $!
    status=$?
    took=$(($(hosts_ms) - begin))
}

# start_job OPTION...: the same in the background, and waits until it prints "running" (busy.c).
start_job() {
    : >"$work/out"
    on h1 timeout -k 5 "${job_limit:-60}" "$build/ipcrun" --ssh "$ssh_command" "$@" \
        >"$work/out" 2>"$work/err" </dev/null &
    job=$!
    hosts_until_running
}

hosts_until_running() {
    local try
    for try in {1..500}; do
        grep -qs running "$work/out" && return
        kill -0 "$job" 2>/dev/null || return
        sleep 0.02
    done
}

# Waits for start_job's ipcrun; $status and $took (milliseconds from $began) as after run_job.
end_job() {
    wait "$job"
    status=$?
    took=$(($(hosts_ms) - began))
}

job_report() {
    echo "exit status $status after $took ms"
    tail -n 15 "$work/err"
    tail -n 15 "$work/out"
}

# job_passes NAME: the last job ended well.
job_passes() {
    if [ "$status" -eq 0 ]; then
        pass "$1"
    else
        fail "$1" "$(job_report)"
    fi
}

# job_fails NAME STATUS PATTERN...: it ended with this exit status (or a list "2|127"), in at most
# $job_within seconds (30), and its errors match each of the patterns.
job_fails() {
    local name=$1 wanted=$2 pattern missing=
    shift 2
    for pattern; do
        grep -qE -e "$pattern" "$work/err" || missing+=" '$pattern'"
    done
    case "|$wanted|" in
    *"|$status|"*) ;;
    *) missing+=" exit status $wanted" ;;
    esac
    [ "$took" -le $((${job_within:-30} * 1000)) ] || missing+=" an end within ${job_within:-30} s"
    if [ -z "$missing" ]; then
        pass "$name"
    else
        fail "$name" "missing:$missing" "$(job_report)"
    fi
}
