#!/usr/bin/env bash
# Networks as they are: IPv6 only, interfaces that lead nowhere, firewalls, cables that are pulled.
# Time limit: 300 s.
. "${IPCRUN_TEST_SRC:-.}/tests/tap.sh"
. "$src/tests/hosts/hosts.sh"

everyone() { # over all hosts, and within so many seconds
    run_job --bind-to none -H h1,h2,h3 -n 3 "$build/tests/hosts/everyone"
    if [ "$status" -eq 0 ] && [ "$took" -le $(($2 * 1000)) ]; then
        pass "$1 ($took ms)"
    else
        fail "$1" "$(job_report)"
    fi
}

hosts_up 3 4
hosts_own_tmp
everyone "IPv4 only" 3
hosts_down

hosts_up 3 6
everyone "IPv6 only" 3
hosts_down

# nic NAMESPACE NAME ADDRESS: an interface that is up and connected, but to nothing.
nic() {
    ip -n "$1" link add "$2" type veth peer name "$2.end"
    ip -n "$1" link set "$2" up
    ip -n "$1" link set "$2.end" up
    ip -n "$1" addr add "$3" dev "$2"
}

# Listed before the one that works: the bridge of a container engine, the same on each host; a
# tunnel that only one end has; a network that all hosts are in and whose switch is dead; and one to
# which packets are sent by the way of eth0, where nobody answers.
obstacles() {
    nic "$1" docker0 172.17.0.1/16
    nic "$1" tun0 "10.8.$2.1/24"
    nic "$1" dead0 "10.78.0.$2/24"
    nic "$1" dead1 "fd78::$2/64"
    nic "$1" lost0 "10.79.$2.1/32"
}
hosts_prepare=obstacles
hosts_up 3
hosts_prepare=
for host in h1 h2 h3; do
    on $host ip route add 10.79.0.0/16 dev eth0
    on $host ip route add default dev eth0
done
everyone "interfaces that lead nowhere: connected in 3 s" 3
run_job --iface eth0 --ports 50100-50101 --transport tcp -H h1:2,h2:2 -n 4 \
    "$build/tests/hosts/everyone"
job_passes "... one interface and two ports, for two ranks of each host"
IPCRUN_DETOUR=0 run_job --iface dead0 -H h1,h2 -n 2 "$build/tests/hosts/everyone"
job_within=14 job_fails "... an interface that leads nowhere is used when it is asked for" "1|17" \
    "finds no way to rank [01] on h[12]; tried 10[.]78[.]0[.][12]:[0-9]+ [(][A-Z][a-z ]+[)][.]"
run_job --iface nosuch0 -H h1,h2 -n 2 "$build/tests/hosts/everyone"
job_within=5 job_fails "... one that is not there is named" "1|17" \
    "host h[12] has no interface 'nosuch0' that is up and has an address"
run_job --ports 50100-50101 -H h1,h2:3 -n 4 "$build/tests/hosts/everyone"
job_within=5 job_fails "... too few ports are named" "1|17" \
    "on h2 finds none of the ports 50100-50101 free"
hosts_down

hosts_up 3
# Two seconds without a network are no reason to give up.
start_job -H h1,h2,h3 -n 3 "$build/tests/hosts/busy" 4
began=$(hosts_ms)
hosts_cut h3
sleep 2
hosts_mend h3
end_job
job_passes "a short interruption"

# For good: all hosts notice, the lost one too. The sshd there is not ours: it waits for its client
# as long as the system is configured to.
hosts_ignore=sshd
for manner in "" quiet; do
    start_job -H h1,h2,h3 -n 3 "$build/tests/hosts/busy" 100 $manner
    began=$(hosts_ms)
    hosts_cut h3
    end_job
    job_within=15 job_fails "a host is cut off, all ${manner:-busy}: the job ends" "1|17" "h3"
    nothing_left "... on every host, though one cannot be told" $((15 - took / 1000))
    hosts_mend h3
done
everyone "and the network is good again" 10
finish
