#!/usr/bin/env python3
"""How much of the MPI standard there is, chapter by chapter; prints TAP.

usage: coverage.py HEADER LIBRARY MPICC SOURCE_TREE

functions.tsv has the functions of the standard (abi.py holds it against the table that the project
was started from), chapters.tsv their chapters. Of each chapter it is counted how many functions
mpi.h declares, how many the library exports under both names, and how many some test or example
calls (the programs of tests/mpi and examples; that badargs.py calls everything wrongly does not
count). A chapter that is marked `whole` must have all of them; of one that is marked `later` whatever
is declared must be exported and exercised.
"""

import fnmatch
import glob
import os
import re
import sys

from abi import HERE, Tap, declared_functions, lines, own_tables, run


class Chapter:
    def __init__(self, number, title, state, patterns):
        self.name = f"chapter {number}, {title}"
        self.whole = state == "whole"
        self.patterns = patterns.split()
        self.functions = []

    def takes(self, function):
        bare = function.removeprefix("MPI_").removesuffix("_c")
        return any(fnmatch.fnmatchcase(bare, p) for p in self.patterns)


def chapters(functions):
    """([Chapter], functions that are in none)"""
    all_ = [Chapter(*line.split("\t")) for line in lines(os.path.join(HERE, "chapters.tsv"))]
    homeless = []
    for function in functions:
        home = next((c for c in all_ if c.takes(function)), None)
        (home.functions if home else homeless).append(function)
    return all_, homeless


def exported(library):
    """Functions that the library shows as MPI_x, weak, and as PMPI_x."""
    _, said = run("nm", "-D", "--defined-only", library)
    kinds = {l.split()[2].split("@")[0]: l.split()[1] for l in said.splitlines() if len(l.split()) == 3}
    return {n for n, kind in kinds.items()
            if n.startswith("MPI_") and kind in "WV" and kinds.get("P" + n) == "T"}


def own_lines(preprocessed):
    """What the preprocessor left of a program and its headers beside mpi.h."""
    ours = True
    for line in preprocessed.splitlines():
        marker = re.match(r'# \d+ "(.*?)"', line)
        if marker:
            ours = os.path.basename(marker.group(1)) != "mpi.h"
        elif ours:
            yield line


def called(mpicc, tree):
    """Functions that a test program or an example names outside of comments and strings, after
    preprocessing, since some tests make the names of a family of calls from pieces."""
    names = set()
    for path in glob.glob(os.path.join(tree, "tests", "mpi", "*.c")) + \
            glob.glob(os.path.join(tree, "examples", "*.c")):
        _, source = run(mpicc, "-E", "-w", "-D_GNU_SOURCE", path)
        text = re.sub(r'"(?:\\.|[^"\\\n])*"', " ", "\n".join(own_lines(source)))
        names.update(re.findall(r"\bMPI_[A-Z]\w*[a-z]\w*", text))
    return names


def report(tap, chapter, declared, exports, calls):
    owed = chapter.functions if chapter.whole else [f for f in chapter.functions if f in declared]
    missing = {"not declared": [f for f in owed if f not in declared],
               "not exported with its twin": [f for f in owed if f not in exports],
               "not exercised": [f for f in owed if f not in calls]}
    count = lambda names: sum(f in names for f in chapter.functions)
    tap.result(f"{chapter.name}: of {len(chapter.functions)} functions {count(declared)} are "
               f"declared, {count(exports)} exported, {count(calls)} exercised",
               not any(missing.values()),
               "\n".join(f"{what}: {', '.join(names)}" for what, names in missing.items() if names))


def main():
    header, library, mpicc, tree = sys.argv[1:]
    tap = Tap()
    functions = sorted(own_tables().functions)
    declared, exports, calls = set(declared_functions(header)), exported(library), called(mpicc, tree)
    all_, homeless = chapters(functions)
    tap.result("every function has a chapter", not homeless, "\n".join(homeless))
    empty = [f"{c.name}: {p}" for c in all_ for p in c.patterns
             if not any(fnmatch.fnmatchcase(f.removeprefix("MPI_").removesuffix("_c"), p)
                        for f in c.functions)]
    tap.result("every pattern of chapters.tsv has its functions", not empty, "\n".join(empty))
    for chapter in all_:
        report(tap, chapter, declared, exports, calls)
    print(f"1..{tap.count}")
    return tap.failed != 0


if __name__ == "__main__":
    sys.exit(main())
