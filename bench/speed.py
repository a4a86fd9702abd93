"""How far apart are the two cores, now?

A virtual machine's cores may sit on one piece of the host's silicon now and on two in a minute: a
cache line then takes several times as long from one to the other, and so does every message between
them, with every MPI. Figures can only be compared within one such speed. The measuring programs say
with each result what the distance of their two ranks was before and after (distance.c). What is near
and what is far is read from all of these, since no fixed number would hold for the next machine.
"""

import math
import statistics

# Distances that differ by less are one speed: the noise of one speed was 1.2 where it was looked at.
APART = 1.6
# A speed that fewer measurements saw than this is an accident: another process had the core.
SHARE = 0.05


def cut_in_two(logs):
    """How many of the sorted values are to stand on the left so that the two sides differ most
    (Otsu's choice); None if they are of one speed."""
    total, below, best, cut = sum(logs), 0.0, 0.0, 0
    for at in range(1, len(logs)):
        below += logs[at - 1]
        means = below / at, (total - below) / (len(logs) - at)
        between = at * (len(logs) - at) * (means[1] - means[0]) ** 2
        if between > best:
            best, cut = between, at
    if not cut or statistics.median(logs[cut:]) - statistics.median(logs[:cut]) < math.log(APART):
        return None
    return cut


def groups(logs, fewest):
    """The speeds among sorted logarithms of distances; without those that hardly anybody saw."""
    cut = cut_in_two(logs) if logs else None
    if cut is None:
        return [logs] if len(logs) >= fewest else []
    return groups(logs[:cut], fewest) + groups(logs[cut:], fewest)


class Speeds:
    """Tells the speed of a result from the distances before and after it. A speed is named after its
    typical distance."""

    def __init__(self, pairs):
        logs = sorted(math.log(d) for pair in pairs if pair for d in pair)
        self.ranges = {}
        for group in groups(logs, max(2, SHARE * len(logs))):
            middle = math.exp(statistics.median(group))
            self.ranges[f"{middle:.0f} ns"] = (math.exp(group[0]), math.exp(group[-1]))

    def of(self, pair):
        """One of self.ranges; mixed where it changed or cannot be told; any where nothing was measured
        or the machine has one speed only."""
        if len(self.ranges) < 2 or not pair:
            return "any"
        for name, (least, most) in self.ranges.items():
            if least <= min(pair) and max(pair) <= most:
                return name
        return "mixed"
