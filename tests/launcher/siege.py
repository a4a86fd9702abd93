"""Besieges the ranks of a job: siege.py COUNT FILE PROGRAM

Finds the processes that run PROGRAM and the TCP ports at which they listen, opens COUNT connections to
these and holds them, each with other manners; creates FILE then, and goes on until the processes are
gone: half of the connections send a byte now and then, and where one was closed there comes a new one.
Prints how many were open at once, and whatever a rank said beyond what it says to any caller.
"""

import glob
import os
import random
import resource
import socket
import sys
import time

FIRST_WORDS = 256  # a rank's side of a handshake is shorter
PATIENCE = 20
MANNERS = [b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\0" * 64, b"\xff" * 300, bytes(range(256)),
           b"SSH-2.0-x\r\n", b"\x16\x03\x01" + b"\1" * 97]


def ranks_of(program):
    return [int(path.split("/")[2]) for path in glob.glob("/proc/[0-9]*/exe") if is_link_to(path, program)]


def is_link_to(path, program):
    try:
        return os.readlink(path) == program
    except OSError:
        return False


def listening(pid):
    """Ports at which the process listens."""
    inodes, ports = set(), []
    for fd in glob.glob(f"/proc/{pid}/fd/*"):
        try:
            inodes.add(os.readlink(fd))
        except OSError:
            pass
    for table in ("tcp", "tcp6"):
        with open(f"/proc/{pid}/net/{table}", encoding="ascii") as lines:
            for words in (line.split() for line in list(lines)[1:]):
                if words[3] == "0A" and f"socket:[{words[9]}]" in inodes:
                    ports.append(int(words[1].split(":")[1], 16))
    return ports


def find_ports(program):
    end = time.time() + PATIENCE
    while time.time() < end:
        found = [port for pid in ranks_of(program) for port in listening(pid)]
        if len(found) > 1:
            return found
        time.sleep(0.05)
    sys.exit("no rank listens")


class Stranger:
    def __init__(self, port, number, recorded):
        self.heard, self.port, self.number = b"", port, number
        self.socket = socket.socket()
        self.socket.settimeout(0.5)
        words = MANNERS[number % len(MANNERS)] if number % 3 else recorded
        self.open = True
        try:
            self.socket.connect(("127.0.0.1", port))
            self.socket.setblocking(False)
            self.socket.send(words)
        except OSError:
            self.close()

    def close(self):
        self.open = False
        self.socket.close()

    def go_on(self):
        try:
            more = self.socket.recv(4096)
            if not more:
                return self.close()
            self.heard += more
        except BlockingIOError:
            pass
        except OSError:
            return self.close()
        if self.number % 2:
            try:
                self.socket.send(b"x")
            except BlockingIOError:
                pass
            except OSError:
                self.close()
        return None


def main():
    count, file, program = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    ports = find_ports(program)
    random.seed(1)
    strangers, recorded, most, heard = [], b"", 0, 0
    for number in range(count):
        strangers.append(Stranger(ports[number % len(ports)], number, recorded))
        if strangers[0].heard and not recorded:
            recorded = strangers[0].heard  # what one rank says to a caller is said to the others
        strangers[number // 2].go_on()
    with open(file, "w", encoding="ascii"):
        pass
    while ranks_of(program):
        for s in random.sample(strangers, 200):
            s.go_on()
        most = max(most, sum(s.open for s in strangers))
        heard = max(heard, max(len(s.heard) for s in strangers))
        for at in random.sample(range(count), 50):
            if not strangers[at].open:
                strangers[at] = Stranger(ports[at % len(ports)], at, recorded)
        time.sleep(0.01)
    print(f"{most} open, {'nothing' if heard <= FIRST_WORDS else f'{heard} bytes'} beyond a greeting")


main()
