#!/usr/bin/env python3
"""Every function that mpi.h declares, called with one wrong argument after the other; prints TAP.

usage: badargs.py HEADER MPICC

The arguments are told by their types and names in mpi.h. For each a few wrong values are known (null
handles, handles that are none, freed handles, types that are not committed, negative counts, ranks,
roots and tags that are not there, items of arrays of these) and the error classes that will do; the
other arguments of the call are good. The cases are written as one C program (badargs.h is the rest
of it), which runs without a launcher. Where it dies or hangs, the case has failed, and the next ones
are run by another process. One line of results is a function.
"""

import os
import re
import subprocess
import sys
import tempfile

from abi import HERE, Tap, run

# Nothing can be wrong here, or the call ends the program.
WITHOUT = re.compile(r"(Init|Init_thread|Finalize|Abort|Pcontrol|Wtime|Wtick|Aint_\w+|\w+_toint|"
                     r"\w+_fromint|Buffer_\w+|Status_(get|set)_(source|tag|error|cancelled)|"
                     r"Test_cancelled|Grequest_start|(Comm|Type)_create_keyval)$")

# Kind of handle: null, freed (None: nothing stays behind), error classes.
HANDLES = {
    "MPI_Comm": ("MPI_COMM_NULL", "gone_comm", "MPI_ERR_COMM"),
    "MPI_Group": ("MPI_GROUP_NULL", "gone_group", "MPI_ERR_GROUP"),
    "MPI_Datatype": ("MPI_DATATYPE_NULL", "gone_type", "MPI_ERR_TYPE"),
    "MPI_Op": ("MPI_OP_NULL", "gone_op", "MPI_ERR_OP"),
    "MPI_Info": ("MPI_INFO_NULL", "gone_info", "MPI_ERR_INFO"),
    "MPI_Errhandler": ("MPI_ERRHANDLER_NULL", "gone_errhandler", "MPI_ERR_ERRHANDLER"),
    "MPI_Session": ("MPI_SESSION_NULL", "gone_session", "MPI_ERR_SESSION"),
    "MPI_Request": ("MPI_REQUEST_NULL", None, "MPI_ERR_REQUEST"),
    "MPI_Message": ("MPI_MESSAGE_NULL", None, "MPI_ERR_REQUEST MPI_ERR_ARG"),
}

# Where the null handle is as good as any: (functions, kind).
NULL_SERVES = [
    (r"(?!Info_).*", "MPI_Info"),
    (r"Wait.*|Test.*|Request_get_status.*", "MPI_Request"),
]

# Good arguments by type, where the name does not say more.
GOOD = {
    "MPI_Comm": "world", "MPI_Group": "group", "MPI_Datatype": "MPI_INT", "MPI_Op": "MPI_SUM",
    "MPI_Info": "MPI_INFO_NULL", "MPI_Errhandler": "MPI_ERRORS_RETURN", "MPI_Session": "session",
    "MPI_Request": "any_request", "MPI_Message": "any_message", "int": "1", "MPI_Count": "1",
    "MPI_Aint": "1", "MPI_Offset": "1", "MPI_Fint": "1", "char *": "text", "const char *": '"name"',
    "void *": "buffer", "const void *": "buffer", "int *": "ints", "const int *": "ints",
    "MPI_Count *": "counts", "const MPI_Count *": "counts", "MPI_Aint *": "aints",
    "const MPI_Aint *": "aints", "MPI_Datatype *": "&any_type", "const MPI_Datatype *": "types",
    "MPI_Comm *": "&any_comm", "MPI_Group *": "&any_group", "MPI_Op *": "&any_op",
    "MPI_Info *": "&any_info", "MPI_Errhandler *": "&any_errhandler", "MPI_Session *": "&any_session",
    "MPI_Request *": "&any_request", "MPI_Message *": "&any_message", "MPI_Status *": "statuses",
    "const MPI_Status *": "statuses", "int (*)[3]": "bad_ranges",
}

# And by name.
BY_NAME = {
    "datarep": '"external32"', "recvbuf": "other_buffer", "inoutbuf": "other_buffer", "order": "MPI_ORDER_C",
    "array_of_sizes": "ones", "array_of_subsizes": "ones", "array_of_gsizes": "ones",
    "array_of_psizes": "ones", "array_of_distribs": "distribs", "array_of_dargs": "dargs",
}

RANKS = r"dest|source|rank|rank_source|rank_dest|local_leader|remote_leader"
COUNTS = (r"(in|out|send|recv)?count|n|ndims|maxdims|maxneighbors|maxindegree|maxoutdegree|nnodes|"
          r"maxindex|maxedges|indegree|outdegree|partitions|size|valuelen|blocklength|"
          r"insize|outsize|nneighbors|array_size|max_\w+")

# Wrong numbers: pattern of the name, values, error classes that will do.
NUMBERS = [
    (RANKS, ("9999", "-77"), "MPI_ERR_RANK MPI_ERR_ARG"),
    (r"root", ("9999", "-77"), "MPI_ERR_ROOT"),
    (r"(send|recv)?tag", ("-77",), "MPI_ERR_TAG"),
    (COUNTS, ("-77",), "MPI_ERR_COUNT MPI_ERR_ARG MPI_ERR_DIMS MPI_ERR_TOPOLOGY MPI_ERR_SIZE "
                       "MPI_ERR_BUFFER"),
    (r"\w*keyval", ("-77", "MPI_KEYVAL_INVALID"), "MPI_ERR_KEYVAL"),
    (r"error(code|class)", ("-77",), "MPI_ERR_ARG MPI_ERR_OTHER"),
    (r"direction", ("-1", "99"), "MPI_ERR_ARG MPI_ERR_DIMS"),
    (r"order", ("-77",), "MPI_ERR_ARG"),
    (r"split_type", ("-77",), "MPI_ERR_ARG"),
    (r"logical_size", ("3", "-4"), "MPI_ERR_ARG"),
    (r"p|r", ("9999",), "MPI_ERR_ARG"),
    (r"typeclass", ("-77",), "MPI_ERR_ARG"),
]

# Wrong items of arrays that go in, by pattern of the array's name.
ITEMS = [
    (r"(send|recv)counts|recvcounts|array_of_blocklengths", "bad", "MPI_ERR_COUNT MPI_ERR_ARG"),
    (r"ranks1?|coords", "bad", "MPI_ERR_RANK MPI_ERR_ARG MPI_ERR_DIMS"),
    (r"dims|array_of_(sub)?sizes|array_of_gsizes", "bad", "MPI_ERR_DIMS MPI_ERR_ARG"),
    (r"(send|recv)types|array_of_types", "bad", "MPI_ERR_TYPE"),
]

# What is no mistake after all, or would need more than one process to be one: function, argument.
NOT_WRONG = {
    ("Cart_rank", "coords"): "the one dimension of the grid is periodic",
    ("Session_get_nth_pset", "pset_name"): "only its length is asked for",
    ("Info_get_string", "value"): "only its length is asked for",
    ("Info_get_nthkey", "key"): "there is no such key to put there",
    ("Dist_graph_neighbors", "sourceweights"): "the graph has no weights",
    ("Dist_graph_neighbors", "destweights"): "the graph has no weights",
    ("Type_create_darray", "rank"): "checked, but against size, which may be wrong as well",
}


class Parameter:
    def __init__(self, text):
        m = re.fullmatch(r"(.*?[\s*])(\w+)\s*((?:\[\d*\])*)", text)
        base, self.name, array = m.group(1).strip(), m.group(2), m.group(3)
        base = re.sub(r"\s*\*\s*", " *", base)
        self.array = bool(array)
        self.type = base + {"": "", "[]": " *", "[][3]": " (*)[3]"}.get(array, " *")


def functions(header):
    """{name: [Parameter]} of the public declarations."""
    with open(header, encoding="utf-8") as text:
        source = re.sub(r"/\*.*?\*/", " ", text.read(), flags=re.S)
    source = re.sub(r"^\s*#.*$", "", source, flags=re.M)
    found = {}
    for name, inside in re.findall(r"^int\s+MPI_(\w+)\s*\(([^;{]*?)\)\s*;", source, flags=re.M):
        parts = [re.sub(r"\s+", " ", p).strip() for p in inside.split(",")]
        if parts != ["void"] and "..." not in parts:
            found[name] = [Parameter(p) for p in parts]
    return found


def goes_in(function, p):
    """A handle that is passed by its place and is there before the call."""
    return p.type.endswith("*") and p.type[:-2] in HANDLES and not p.array and (
        re.search(r"_free$|^Type_commit$|^Session_finalize$", function)
        or re.match(r"(Wait|Test|Start|Cancel)$", function)
        or re.match(r"I?[Mm]recv", function) and p.type.startswith("MPI_Message"))


def goes_out(p):
    """The place of a result. A status may be ignored, an array may be empty."""
    return p.type.endswith("*") and not p.array and p.type.count("*") == 1 and \
        not p.type.startswith("const") and \
        p.type not in ("void *", "MPI_Status *") and not p.type.endswith(("_function *", "_fn *"))


def good(function, p):
    topology = re.match(r"(Cart|Graph|Dist_graph)(?!_create|_map)|(Cart|Graph)dim", function)
    if p.type == "MPI_Comm" and topology:
        return {"C": "cart", "G": "graph", "D": "dist"}[function[0]]
    if p.type == "MPI_Comm" and re.match(r"I?neighbor", function, flags=re.I):
        return "cart"
    if "keyval" in p.name and p.type == "int":
        return "type_keyval" if function.startswith("Type") else "comm_keyval"
    if p.type == "int" and (re.fullmatch(RANKS + r"|root|\w*tag|\w*color|key|direction", p.name)):
        return "0"
    if p.name in BY_NAME:
        return ("c_" if p.type == "const MPI_Count *" else "") + BY_NAME[p.name]
    if p.type == "MPI_Info" and re.match(r"Info_", function):
        return "info"
    if p.type == "MPI_Datatype" and function == "Type_get_contents":
        return "derived"
    if p.array and p.type == "MPI_Request *":
        return "requests"
    if p.array and p.type == "MPI_Datatype *":
        return "types"
    if p.type in GOOD:
        return GOOD[p.type]
    if re.search(r"_(function|fn)(_c)? \*$", p.type):
        return f"({p.type})dummy"
    return f"({p.type})anywhere" if p.type.endswith("*") else "0"


def handle_mistakes(function, p, kind):
    null, gone, classes = HANDLES[kind]
    values = [] if any(re.fullmatch(f, function) and kind == k for f, k in NULL_SERVES) else [null]
    values += [f"({kind})7"] + ([gone] if gone else [])
    return [(v, classes) for v in values]


def mistakes(function, parameters, p):
    """[(what stands before the call, wrong value of p, error classes)]"""
    bare = function.removesuffix("_c")
    if (bare, p.name) in NOT_WRONG:
        return []
    if p.type in HANDLES:
        found = [("", v, c) for v, c in handle_mistakes(bare, p, p.type)]
        if p.type == "MPI_Datatype" and any(re.search(r"void \*$", q.type) for q in parameters) \
                and not re.match(r"Type_|Get_|Status_", bare):
            found.append(("", "derived", "MPI_ERR_TYPE MPI_ERR_OP"))
        return found
    if goes_in(bare, p):
        kind = p.type[:-2]
        return [(f"{kind} x = {v}; ", "&x", c) for v, c in handle_mistakes(bare, p, kind)]
    if p.array and p.type == "MPI_Request *":
        return [("", "bad_requests", "MPI_ERR_REQUEST MPI_ERR_IN_STATUS")]
    if bare == "Free_mem":
        return [("", v, "MPI_ERR_BASE MPI_ERR_ARG") for v in ("buffer", "(void *)7")]
    if p.type == "int *" and re.search(r"_free_keyval$|^Keyval_free$", bare):
        return [("int x = -77; ", "&x", "MPI_ERR_KEYVAL")]
    if p.type == "int (*)[3]":
        return [("", "bad_ranges", "MPI_ERR_RANK MPI_ERR_ARG")]
    if goes_out(p):
        return [("", "NULL", "MPI_ERR_ARG MPI_ERR_BUFFER " + HANDLES.get(p.type[:-2], ("", "", ""))[2])]
    table = NUMBERS if p.type in ("int", "MPI_Count", "MPI_Aint") else ITEMS if p.array else []
    for pattern, values, classes in table:
        if not re.fullmatch(pattern, p.name):
            continue
        if table is NUMBERS:
            return [("", v, classes) for v in values]
        if not p.type.startswith("const"):
            return []
        array = {"int": "bad_ints", "MPI_Count": "bad_counts", "MPI_Datatype": "bad_types"}
        item = p.type.removeprefix("const ").removesuffix(" *")
        return [("", array[item], classes)] if item in array else []
    return []


def cases_of(function, parameters):
    """[(name, C statement, error classes)]"""
    found = []
    for wrong in parameters:
        for before, value, classes in mistakes(function, parameters, wrong):
            arguments = [value if p is wrong else good(function.removesuffix("_c"), p)
                         for p in parameters]
            shown = value if value != "&x" else before.split("=")[1].split(";")[0].strip()
            found.append((f"{wrong.name} is {shown}",
                          f"{before}return MPI_{function}({', '.join(arguments)});", classes))
    return found


def source(cases):
    out = ['#include "badargs.h"']
    out += [f"static int case_{i}(void) {{ {c[2]} }}" for i, c in enumerate(cases)]
    out.append("static const struct badcase cases[] = {")
    out += [f'{{"{c[0]}", case_{i}, {{{", ".join(c[3].split())}}}}},' for i, c in enumerate(cases)]
    out.append("};\nint main(int argc, char **argv)\n{\n"
               f"return run_cases(argc, argv, cases, {len(cases)});\n}}\n")
    return "\n".join(out)


def run_all(program, cases):
    """{case number: what went wrong}"""
    wrong, start = {}, 0
    while start < len(cases):
        done = subprocess.run([program, str(start)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, errors="replace", check=False, timeout=500)
        at = start
        for line in done.stdout.splitlines():
            words = line.split()
            if words[0] == "run":
                at = int(words[1])
            elif words[0] == "bad":
                wrong[int(words[1])] = f"gave error class {words[3]}"
        if done.stdout.endswith("end\n"):
            break
        wrong[at] = (f"ended with status {done.returncode}: " +
                     " ".join(done.stderr.split("\n")[:4]).strip()[:300])
        start = at + 1
    return wrong


def main():
    header, mpicc = sys.argv[1:]
    tap, cases, without = Tap(), [], []
    for function, parameters in sorted(functions(header).items()):
        of_it = [] if WITHOUT.match(function) else cases_of(function, parameters)
        cases += [(function,) + c for c in of_it]
        if not of_it and not WITHOUT.match(function):
            without.append(function)
    tap.result("every function that can be called wrongly is", not without, "\n".join(without))
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "cases.c")
        with open(path, "w", encoding="utf-8") as text:
            text.write(source(cases))
        built, said = run(mpicc, "-std=gnu11", "-g", "-w", "-I" + HERE, path, "-o", path + ".exe")
        tap.result(f"the program with {len(cases)} wrong calls is built", built, said)
        wrong = run_all(path + ".exe", cases) if built else {}
    for function in sorted({c[0] for c in cases}):
        said = [f"{cases[i][1]}: {wrong[i]}" for i in sorted(wrong) if cases[i][0] == function]
        tap.result(f"MPI_{function}", built and not said, "\n".join(said))
    print(f"1..{tap.count}")
    return tap.failed != 0


if __name__ == "__main__":
    sys.exit(main())
