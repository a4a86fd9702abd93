/* Where in a program an address lies: /proc says in which file, libdw (elfutils) reads that. Loaded
 * when something has to be explained and not before, as hwloc is. */
#include "where.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#ifdef HAVE_LIBDW

#include <dlfcn.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <gelf.h>

#include "util.h"

#define DWARF_LIBRARY "libdw.so.1" /* brings libelf, whose functions are found through it */

static struct {
    bool tried, loaded;
    __typeof__(&dwfl_begin) begin;
    __typeof__(&dwfl_end) end;
    __typeof__(&dwfl_report_begin) report_begin;
    __typeof__(&dwfl_report_offline) report;
    __typeof__(&dwfl_report_end) report_end;
    __typeof__(&dwfl_module_getelf) elf;
    __typeof__(&dwfl_module_getsrc) line;
    __typeof__(&dwfl_lineinfo) line_info;
    __typeof__(&dwfl_module_nextcu) next_unit;
    __typeof__(&dwarf_haspc) unit_has;
    __typeof__(&dwarf_getsrc_die) unit_line;
    __typeof__(&dwarf_linesrc) unit_source;
    __typeof__(&dwarf_lineno) unit_number;
    __typeof__(&dwfl_module_addrinfo) symbol;
    __typeof__(&elf_getphdrnum) segments;
    __typeof__(&gelf_getphdr) segment;
} dw;

/* A file that ranks have mapped; those of one job have mapped the same ones. */
struct file {
    struct file *next;
    char *path;
    Dwfl *dwfl; /* NULL: cannot be read */
    Dwfl_Module *module;
};
static struct file *files;

struct place {
    char path[PATH_MAX];
    uint64_t offset; /* in the file */
};

static bool load_library(void)
{
    const struct {
        void **to;
        const char *name;
    } symbols[] = {
        {(void **)&dw.begin, "dwfl_begin"},
        {(void **)&dw.end, "dwfl_end"},
        {(void **)&dw.report_begin, "dwfl_report_begin"},
        {(void **)&dw.report, "dwfl_report_offline"},
        {(void **)&dw.report_end, "dwfl_report_end"},
        {(void **)&dw.elf, "dwfl_module_getelf"},
        {(void **)&dw.line, "dwfl_module_getsrc"},
        {(void **)&dw.line_info, "dwfl_lineinfo"},
        {(void **)&dw.next_unit, "dwfl_module_nextcu"},
        {(void **)&dw.unit_has, "dwarf_haspc"},
        {(void **)&dw.unit_line, "dwarf_getsrc_die"},
        {(void **)&dw.unit_source, "dwarf_linesrc"},
        {(void **)&dw.unit_number, "dwarf_lineno"},
        {(void **)&dw.symbol, "dwfl_module_addrinfo"},
        {(void **)&dw.segments, "elf_getphdrnum"},
        {(void **)&dw.segment, "gelf_getphdr"},
    };
    if (dw.tried)
        return dw.loaded;
    dw.tried = true;
    void *lib = dlopen(DWARF_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    for (size_t i = 0; lib && i < sizeof symbols / sizeof *symbols; i++)
        if ((*symbols[i].to = dlsym(lib, symbols[i].name)) == NULL)
            return false;
    return dw.loaded = lib != NULL;
}

/* Only what is in the file itself: the library's own search may ask servers, and an agent has to
 * answer the head meanwhile. */
static int no_other_file(Dwfl_Module *m, void **data, const char *name, Dwarf_Addr base,
                         const char *file, const char *link, GElf_Word crc, char **found)
{
    (void)m, (void)data, (void)name, (void)base, (void)file, (void)link, (void)crc, (void)found;
    return -1;
}

static const Dwfl_Callbacks callbacks = {.find_debuginfo = no_other_file};

static struct file *open_file(const char *path)
{
    struct file *f = files;
    while (f && strcmp(f->path, path) != 0)
        f = f->next;
    if (f)
        return f;
    f = ipcr_alloc(sizeof *f);
    f->path = ipcr_copy(path);
    f->next = files;
    files = f;
    f->dwfl = dw.begin(&callbacks);
    if (!f->dwfl)
        return f;
    dw.report_begin(f->dwfl);
    f->module = dw.report(f->dwfl, path, path, -1);
    dw.report_end(f->dwfl, NULL, NULL);
    return f;
}

/* The file and the place in it that the process has mapped at the address. The name of a file that
 * was removed or replaced since is followed by a word, so it is not found, which is as well. */
static bool find_place(struct place *to, pid_t pid, uint64_t address)
{
    char name[32], line[PATH_MAX + 128];
    bool found = false;
    snprintf(name, sizeof name, "/proc/%d/maps", pid);
    FILE *maps = fopen(name, "re");
    while (maps && !found && fgets(line, sizeof line, maps)) {
        uint64_t from, end, offset;
        int path = 0;
        line[strcspn(line, "\n")] = 0;
        if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %" SCNx64 " %*s %*s %n", &from, &end, &offset,
                   &path) != 3 ||
            address < from || address >= end || line[path] != '/')
            continue;
        snprintf(to->path, sizeof to->path, "%s", line + path);
        to->offset = address - from + offset;
        found = true;
    }
    if (maps)
        fclose(maps);
    return found;
}

/* The address by which debug information knows a place in the file. */
static bool find_address(const struct file *f, uint64_t offset, uint64_t *address)
{
    GElf_Addr bias;
    Elf *elf = f->module ? dw.elf(f->module, &bias) : NULL;
    size_t n = 0;
    if (!elf || dw.segments(elf, &n) != 0)
        return false;
    for (size_t i = 0; i < n; i++) {
        GElf_Phdr s;
        if (!dw.segment(elf, (int)i, &s) || s.p_type != PT_LOAD || offset < s.p_offset ||
            offset - s.p_offset >= s.p_filesz)
            continue;
        *address = offset - s.p_offset + s.p_vaddr + bias;
        return true;
    }
    return false;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The compilation unit that has the address, found by asking each: clang writes no table of their
 * addresses (.debug_aranges), without which libdw finds none by itself. */
static const char *line_of_unit(const struct file *f, uint64_t address, int *number)
{
    Dwarf_Addr bias;
    Dwarf_Die *unit = NULL;
    while ((unit = dw.next_unit(f->module, unit, &bias)))
        if (dw.unit_has(unit, address - bias) > 0)
            break;
    Dwarf_Line *l = unit ? dw.unit_line(unit, address - bias) : NULL;
    return l && dw.unit_number(l, number) == 0 ? dw.unit_source(l, NULL, NULL) : NULL;
}

/* The call is the instruction before the one to which it returns. */
static bool say_line(const struct file *f, uint64_t address, char *text, size_t room)
{
    int line = 0;
    Dwfl_Line *l = dw.line(f->module, address - 1);
    const char *source = l ? dw.line_info(l, NULL, &line, NULL, NULL, NULL) : NULL;
    if (!source)
        source = line_of_unit(f, address - 1, &line);
    if (!source || line <= 0)
        return false;
    snprintf(text, room, "%s:%d", base_name(source), line);
    return true;
}

static bool say_symbol(const struct file *f, uint64_t address, char *text, size_t room)
{
    GElf_Off offset;
    GElf_Sym symbol;
    const char *name = dw.symbol(f->module, address - 1, &offset, &symbol, NULL, NULL, NULL);
    if (!name)
        return false;
    snprintf(text, room, "%.48s+0x%" PRIx64 " in %s", name, (uint64_t)offset + 1,
             base_name(f->path));
    return true;
}

void ipcr_where(pid_t pid, uint64_t address, char *text, size_t room)
{
    struct place place;
    uint64_t at;
    text[0] = 0;
    if (!address || !load_library() || !find_place(&place, pid, address))
        return;
    const struct file *f = open_file(place.path);
    if (find_address(f, place.offset, &at) && !say_line(f, at, text, room) &&
        !say_symbol(f, at, text, room))
        snprintf(text, room, "%s+0x%" PRIx64, base_name(f->path), place.offset);
}

#else

void ipcr_where(pid_t pid, uint64_t address, char *text, size_t room)
{
    (void)pid;
    (void)address;
    (void)room;
    text[0] = 0;
}

#endif
