"""The MPIs of this machine: where they are, how to compile and how to start with each.

A peer takes part if its mpicc and mpiexec are found by Debian's names, or if it was named as
NAME=PREFIX. All run with their own defaults; Open MPI alone has to be told that more ranks than
cores are meant. Over several hosts the peers need a word more: on hosts of one machine Open MPI
would bind the ranks of all to the same core, and UCX below MPICH take them for one host.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED_SOURCES = ["bench.c", "distance.c", "stats.c"]
OURS = "ipcrun"


def end_tidily():
    """Lets SIGTERM end this as Ctrl-C does: with its job, and without leaving a folder."""

    def leave(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)  # timeout(1) sends two; tidying up needs its time
        sys.exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, leave)


def told_by(command, env):
    done = subprocess.run(command, env=env, stdin=subprocess.DEVNULL, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


class Mpi:
    """One MPI: how to compile, how to start, and what it needs in the environment."""

    def __init__(self, name, cc, run, env=None):
        self.name, self.cc, self.run = name, cc, run
        self.env = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                        **(env or {}))
        told = told_by([run, "--version"], self.env) or ["?"]
        self.version = next((line for line in told if line.startswith("Version:")), told[0])
        openmpi = any("Open MPI" in line or "OpenRTE" in line for line in told)
        self.kind = OURS if name == OURS else "openmpi" if openmpi else "mpich"
        self.options = ["--oversubscribe"] if self.kind == "openmpi" else []
        self.hosts, self.rsh, self.folder = [], None, None

    def over(self, hosts, rsh):
        """Ranks go to these hosts by turns, reached by the command rsh (None: ssh)."""
        self.hosts, self.rsh = hosts, rsh
        if self.kind == "mpich":
            self.env = dict(self.env, UCX_TLS="tcp")

    def build(self, top, programs):
        self.folder = os.path.join(top, self.name)
        os.makedirs(self.folder)
        for program in programs:
            sources = [os.path.join(HERE, s) for s in [program + ".c"] + SHARED_SOURCES]
            command = [self.cc, "-std=gnu11", "-D_GNU_SOURCE", "-g", "-O2", "-pthread", *sources, "-o",
                       self.program(program), "-lm"]
            done = subprocess.run(command, env=self.env, stdin=subprocess.DEVNULL, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode:
                sys.exit(f"{self.name} cannot compile {program}.c:\n{done.stdout}")

    def program(self, name):
        return os.path.join(self.folder, name)

    def placement(self, ranks):
        if not self.hosts:
            return []
        if self.kind == "mpich":
            return ["-hosts", ",".join(self.hosts), *(["-launcher-exec", self.rsh] if self.rsh else [])]
        if self.kind == "openmpi":
            slots = ",".join(f"{host}:{ranks}" for host in self.hosts)
            agent = ["--mca", "plm_rsh_agent", self.rsh] if self.rsh else []
            return ["-H", slots, "--map-by", "node", "--bind-to", "none", *agent]
        return ["-H", ",".join(self.hosts), "--map-by", "node", *(["--ssh", self.rsh] if self.rsh else [])]

    def command(self, ranks, words):
        return [self.run, *self.options, *self.placement(ranks), "-n", str(ranks), *words]


def of_folder(name, where):
    """That of an installed prefix or of a build tree; None if there is none."""
    starter = "ipcrun" if name == OURS else "mpiexec"
    for folder in (os.path.join(where, "bin"), where):
        run, cc = os.path.join(folder, starter), os.path.join(folder, "mpicc")
        if os.access(run, os.X_OK) and not os.path.isdir(run) and os.access(cc, os.X_OK):
            libraries = os.path.join(where, "lib")
            old = os.environ.get("LD_LIBRARY_PATH")
            env = {"LD_LIBRARY_PATH": libraries + (":" + old if old else "")}
            return Mpi(name, os.path.abspath(cc), os.path.abspath(run), None if name == OURS else env)
    return None


def find_ours(where):
    if where is None and shutil.which("ipcrun"):
        where = os.path.dirname(os.path.realpath(shutil.which("ipcrun")))
    ours = of_folder(OURS, where or os.getcwd())
    if not ours:
        print(f"no ipcrun with mpicc in {where or 'PATH or this folder'} (--ours DIR names an installed "
              "prefix or a build tree): the peers run alone", file=sys.stderr)
    return ours


def find(where, peers=()):
    """Ours first, then Debian's two, then the named ones (NAME=PREFIX)."""
    found = [find_ours(where)]
    for name in ("mpich", "openmpi"):
        cc, run = f"mpicc.{name}", f"mpiexec.{name}"
        if shutil.which(cc) and shutil.which(run):
            found.append(Mpi(name, cc, run))
        else:
            print(f"{cc} and {run} are not both installed; {name} is left out", file=sys.stderr)
    for peer in peers:
        name, _, prefix = peer.partition("=")
        if not name.isidentifier() or name in [m.name for m in found if m]:
            sys.exit(f"--peer {peer}: it takes NAME=PREFIX, with a NAME that no other MPI has here")
        mpi = of_folder(name, prefix)
        if not mpi:
            sys.exit(f"--peer {peer}: there are no mpicc and mpiexec in {prefix or 'the empty prefix'}")
        found.append(mpi)
    found = [mpi for mpi in found if mpi]
    if not found:
        sys.exit("there is no MPI here to measure")
    return found


def end(process):
    """Ends a launcher that takes too long: politely, so that it can end its ranks, then for good."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, how)
            process.wait(timeout=5)
            return
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def run(command, env, limit):
    """Exit status, all it wrote, and the seconds it took; the status is None if it took too long."""
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        start = time.perf_counter()
        process = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=output,
                                   stderr=subprocess.STDOUT, start_new_session=True)
        try:
            status = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            end(process)
            status = None
        except BaseException:
            end(process)
            raise
        seconds = time.perf_counter() - start
        output.seek(0)
        return status, output.read(), seconds
