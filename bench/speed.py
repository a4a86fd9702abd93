"""How far apart are the two cores, now?

A virtual machine's cores may sit on one piece of the host's silicon now and on two in a minute: a
cache line then takes several times as long from one to the other, and so does every message between
them, with every MPI. Figures can only be compared within one such speed. What is near and what is
far is read from the distances that were measured, since no fixed number would hold for the next
machine.
"""

import math
import os
import statistics
import subprocess

# Distances that differ by less are one speed: the noise of one speed was 1.2 where it was looked at.
APART = 1.6
# A speed that fewer probes saw than this is an accident.
SHARE = 0.05
# No cores are that many times farther apart than others; another process had the core then.
DISTURBED = 10


class Probe:
    """Asks bench/limits for the distance; None where it cannot tell (one core, or no compiler)."""

    def __init__(self, top):
        here = os.path.dirname(os.path.abspath(__file__))
        sources = [os.path.join(here, s) for s in ("limits.c", "limits_net.c", "stats.c", "../launcher/probe.c")]
        self.program = os.path.join(top, "limits")
        command = ["cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", *sources, "-o", self.program, "-lm"]
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
        self.works = done.returncode == 0

    def __call__(self):
        """(median, least, most) in ns, or None."""
        if not self.works:
            return None
        done = subprocess.run([self.program, "distance"], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        for line in done.stdout.splitlines():
            words = line.split()
            if words[0] == "line_distance":
                return tuple(float(word) for word in words[3:6])
        return None


def split(distances):
    """Where to cut, in ns, so that the two sides differ most (Otsu's choice, on logarithms); None if
    the distances are of one speed."""
    logs = sorted(math.log(d) for d in distances)
    total, below, best, cut = sum(logs), 0.0, 0.0, 0
    for at in range(1, len(logs)):
        below += logs[at - 1]
        means = below / at, (total - below) / (len(logs) - at)
        between = at * (len(logs) - at) * (means[1] - means[0]) ** 2
        if between > best:
            best, cut = between, at
    if not cut or min(cut, len(logs) - cut) < max(2, SHARE * len(logs)):
        return None
    if statistics.median(logs[cut:]) - statistics.median(logs[:cut]) < math.log(APART):
        return None
    return math.exp((logs[cut - 1] + logs[cut]) / 2)


class Speeds:
    """Tells the speed of a run from the distances before and after it."""

    def __init__(self, around):
        """around: for each run the two answers of a Probe."""
        medians = [probe[0] for pair in around for probe in pair if probe]
        self.limit = DISTURBED * min(medians, default=0)
        medians = [m for m in medians if m < self.limit]
        self.cut = split(medians)
        self.typical = {}
        if self.cut:
            sides = {"near": [m for m in medians if m < self.cut],
                     "far": [m for m in medians if m >= self.cut]}
            self.typical = {name: statistics.median(m) for name, m in sides.items()}

    def of(self, pair):
        """near, far, or mixed where it changed or cannot be told; any where the machine has one
        speed only."""
        if not self.cut or not all(pair):
            return "any"
        least, most = sorted(probe[0] for probe in pair)
        if most < self.cut:
            return "near"
        return "far" if self.cut <= least and most < self.limit else "mixed"
