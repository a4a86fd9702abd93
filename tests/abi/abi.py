#!/usr/bin/env python3
"""Compares mpi.h, and the library behind it, with the standard ABI; prints TAP.

usage: abi.py HEADER MPICC MPICXX

Two sets of tables say what the standard wants: the project's own beside this file (its layout is
explained in README.md) and, where that folder is found, the one that the project was started from
($IPCRUN_SHARED/abi, else ../shared/abi next to the source tree). For each set a C file is written
that holds a static assertion or a typed comparison for every constant and every function type, and
an assignment to a correctly typed pointer for every function that mpi.h declares, under both its
names. It is compiled as C11 and as C++11, warnings being errors, linked, and run. What the library
exports beyond that is the business of tests/arch/symbols.sh.
"""

import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


class Tables:
    """constants: [(name, C type, value)], aliases: {name: other}, functions and callbacks:
    {name: C function type}, without parameter names and with arrays written as pointers."""

    def __init__(self, title):
        self.title = title
        self.constants, self.aliases = [], {}
        self.functions, self.callbacks = {}, {}

    def facts(self):
        """Everything as one dictionary, to compare two tables."""
        all_ = {name: f"{type_} {value}" for name, type_, value in self.constants}
        all_.update({name: f"alias {other}" for name, other in self.aliases.items()})
        all_.update(self.functions)
        all_.update(self.callbacks)
        return all_


def lines(path):
    with open(path, encoding="utf-8") as text:
        return [l.rstrip("\n") for l in text if l.strip() and not l.startswith("#")]


def own_tables():
    t = Tables("own table")
    kind = None
    for line in lines(os.path.join(HERE, "constants.tsv")):
        if line.startswith("["):
            kind = line.strip("[]")
            continue
        name, value = line.split("\t")
        if kind == "alias":
            t.aliases[name] = value
        else:
            t.constants.append((name, kind, int(value, 0)))
    for file, table in ("functions", t.functions), ("callbacks", t.callbacks):
        table.update(line.split("\t") for line in lines(os.path.join(HERE, file + ".tsv")))
    return t


def bare_type(parameter):
    """'const int ranks[]' -> 'const int *': a parameter's type without its name."""
    if parameter in ("void", "..."):
        return parameter
    m = re.fullmatch(r"(.*[\s*])(\w+)((?:\[\d*\])*)", parameter)
    base, array = (m.group(1).strip(), m.group(3)) if m else (parameter, "")
    return stars(base + {"": "", "[]": " *", "[][3]": " (*)[3]"}[array])


def stars(type_):
    """One way to write pointers: 'char* * *' -> 'char ***'."""
    return re.sub(r"\s*(\*[\s*]*)", lambda m: " " + re.sub(r"\s", "", m.group(1)),
                  type_).replace("( *", " (*").replace("  ", " ")


def shared_tables(folder):
    t = Tables("shared table")
    rows = lambda file: [l.split("\t") for l in lines(os.path.join(folder, file))[1:]]
    for name, kind, value, *_ in rows("constants.tsv"):
        if kind == "alias":
            t.aliases[name] = value
        else:
            t.constants.append((name, stars(kind), int(value, 0)))
    for file, table in ("functions.tsv", t.functions), ("callbacks.tsv", t.callbacks):
        for name, result, parameters, *_ in rows(file):
            types = ", ".join(bare_type(p.strip()) for p in parameters.split(","))
            table[name] = f"{result} ({types})"
    return t


def declared_functions(header):
    """Names of the functions that the header declares (not those it defines inline)."""
    with open(header, encoding="utf-8") as text:
        source = re.sub(r"/\*.*?\*/", " ", text.read(), flags=re.S)
    source = re.sub(r"^\s*#.*$", "", source, flags=re.M)
    found = re.findall(r"(?:^|(?<=;))\s*(?!typedef|static)[A-Za-z_]\w*\s+(P?MPI_\w+)"
                       r"\s*\([^;{]*\);", source, flags=re.M)
    return found


def pointer_to(function_type, name):
    result, parameters = function_type.split(" (", 1)
    return f"{result} (*{name})({parameters}"


def unsigned(value):
    return f"(uintptr_t){value}LL" if value < 0 else f"(uintptr_t){value:#x}u"


def check_source(tables, declared):
    """The C (and C++) program that fails to compile or to run where mpi.h and the tables differ."""
    out = ["""\
#include <mpi.h>
#include <stddef.h>
#include <stdio.h>
#ifdef __cplusplus
#define EXACTLY(type, x) true /* C++ converts neither integers nor pointers by itself */
#else
#define static_assert _Static_assert
#define EXACTLY(type, x) _Generic((x), type: 1, default: 0)
#endif
static int bad;
static void same(const char *name, uintptr_t is, uintptr_t should)
{
    if (is != should && ++bad)
        printf("%s is %#llx, the standard has %#llx\\n", name, (unsigned long long)is,
               (unsigned long long)should);
}
static_assert(sizeof(MPI_Status) == 32, "MPI_Status has 32 bytes");
static_assert(offsetof(MPI_Status, MPI_SOURCE) == 0, "MPI_SOURCE comes first");
static_assert(offsetof(MPI_Status, MPI_TAG) == 4, "MPI_TAG is the second int");
static_assert(offsetof(MPI_Status, MPI_ERROR) == 8, "MPI_ERROR is the third int");
static_assert(offsetof(MPI_Status, MPI_internal) == 12, "MPI_internal is the rest");
static_assert(EXACTLY(intptr_t, (MPI_Aint)0), "MPI_Aint is intptr_t");
static_assert(EXACTLY(int64_t, (MPI_Offset)0), "MPI_Offset is int64_t");
static_assert(EXACTLY(int64_t, (MPI_Count)0), "MPI_Count is int64_t");
static intptr_t *aint = (MPI_Aint *)0;
static int64_t *offset = (MPI_Offset *)0, *count = (MPI_Count *)0;
"""]
    body = []
    for name, type_, value in tables.constants:
        if type_ == "int":
            out.append(f'static_assert({name} == {value}, "{name} is {value}");')
            out.append(f'static_assert(EXACTLY(int, {name}), "{name} is an int");')
        else:
            out.append(f'static_assert(EXACTLY({type_}, {name}), "{name} is a {type_}");')
            body.append(f'{{ {type_} x = {name}; same("{name}", (uintptr_t)x, {unsigned(value)}); }}')
    for name, other in tables.aliases.items():
        body.append(f'same("{name}", (uintptr_t){name}, (uintptr_t){other});')
    for name, type_ in sorted(tables.callbacks.items()):
        out.append(f"static {pointer_to(type_, 't_' + name)} = ({name} *)0;")
        body.append(f"(void)t_{name};")
    for name in declared:
        type_ = tables.functions.get(name[1:] if name.startswith("P") else name)
        if type_:
            out.append(f"static {pointer_to(type_, 'f_' + name)} = {name};")
            body.append(f'same("address of {name}", f_{name} == 0, 0);')
    return "\n".join(out + ["int main(void)", "{", "(void)aint, (void)offset, (void)count;"] + body +
                     ["return bad != 0;", "}", ""])


def run(*command):
    """(succeeded, what it said)"""
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=200, check=False)
    except OSError as why:
        return False, str(why)
    return done.returncode == 0, done.stdout


class Tap:
    count = failed = 0

    def result(self, name, ok, details=""):
        self.count += 1
        self.failed += not ok
        print(f"{'ok' if ok else 'not ok'} {self.count} - {name}")
        for line in str(details).splitlines()[:40] if not ok else []:
            print("#", line)

    def skip(self, name, why):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {why}")


LANGUAGES = (("C", "c", ("c11",), ("c99", "c11")),
             ("C++", "cc", ("c++11",), ("c++11", "c++17")))
STRICT = ("-Wall", "-Wextra", "-pedantic", "-Werror")


def test_programs(tap, tables, declared, compilers, folder):
    for (language, suffix, (standard,), _), compiler in zip(LANGUAGES, compilers):
        name = f"mpi.h and library against the {tables.title}, {language}"
        if not compiler:
            tap.skip(name, f"no {language} compiler")
            continue
        source = os.path.join(folder, f"check.{suffix}")
        with open(source, "w", encoding="utf-8") as text:
            text.write(check_source(tables, declared))
        # Addresses of functions are never 0, as the compiler remarks; that is what is tested.
        ok, said = run(compiler, f"-std={standard}", *STRICT, "-Wno-address", source, "-o",
                       source + ".exe")
        if ok:
            ok, said = run(source + ".exe")
        tap.result(name, ok, said)


def test_header_alone(tap, compilers, folder):
    """The header by itself, in every language it is promised for."""
    for (language, suffix, _, standards), compiler in zip(LANGUAGES, compilers):
        source = os.path.join(folder, f"alone.{suffix}")
        with open(source, "w", encoding="utf-8") as text:
            text.write("#include <mpi.h>\n#include <mpi.h>\nint main(void) { return 0; }\n")
        for standard in standards:
            if compiler:
                ok, said = run(compiler, f"-std={standard}", *STRICT, "-fsyntax-only", source)
                tap.result(f"mpi.h compiles as {standard}", ok, said)
            else:
                tap.skip(f"mpi.h compiles as {standard}", f"no {language} compiler")


def test_declarations(tap, tables, declared):
    known = set(tables.functions)
    strange = [n for n in declared if n.removeprefix("P") not in known]
    tap.result("mpi.h declares only functions of the standard", not strange, "\n".join(strange))
    plain = {n for n in declared if n.startswith("MPI_")}
    twins = {n[1:] for n in declared if n.startswith("PMPI_")}
    lonely = sorted(plain ^ twins)
    tap.result("each declared function has its PMPI_ twin", plain and not lonely, "\n".join(lonely))
    doubled = sorted({n for n in declared if declared.count(n) > 1})
    tap.result("mpi.h declares each function once", not doubled, "\n".join(doubled))
    size = len(tables.functions)
    tap.result("the own table has the standard's 664 functions", size == 664, f"it has {size}")


def test_tables_agree(tap, own, shared):
    name = "own and shared tables agree"
    if not shared:
        tap.skip(name, "no shared tables here")
        return
    a, b = own.facts(), shared.facts()
    differ = [f"{n}: own {a.get(n)}; shared {b.get(n)}" for n in sorted(a | b) if a.get(n) != b.get(n)]
    tap.result(name, not differ, "\n".join(differ))


def find_shared():
    folder = os.environ.get("IPCRUN_SHARED") or os.path.join(HERE, "..", "..", "..", "shared")
    folder = os.path.join(folder, "abi")
    return shared_tables(folder) if os.path.isfile(os.path.join(folder, "functions.tsv")) else None


def main():
    header, *compilers = sys.argv[1:]
    compilers = [c if run(c, "-fsyntax-only", "-x", x, "/dev/null")[0] else None
                 for c, x in zip(compilers, ("c", "c++"))]
    tap = Tap()
    own, shared = own_tables(), find_shared()
    declared = declared_functions(header)
    with tempfile.TemporaryDirectory() as folder:
        test_header_alone(tap, compilers, folder)
        test_declarations(tap, own, declared)
        test_tables_agree(tap, own, shared)
        for tables in (own, shared):
            if tables:
                test_programs(tap, tables, declared, compilers, folder)
    print(f"1..{tap.count}")
    return tap.failed != 0


if __name__ == "__main__":
    sys.exit(main())
