/* What an ELF file says that it needs (DT_NEEDED). By hand, since libelf is not on every machine,
 * and it is a few reads. Nothing in the file is believed. */
#include "foreign.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

enum { SEGMENTS_MAX = 128, ENTRIES_MAX = 4096 };

/* The beginnings of names. Programs of the standard ABI may name other libraries as well. */
static const struct {
    const char *library, *mpi;
} foreigners[] = {
    {"libmpich", "MPICH"},         {"libmpi.so.12", "MPICH or a relative of it"},
    {"libmpi.so", "Open MPI"},     {"libmpi_mpifh.so", "Open MPI"},
    {"libmpi_usempi", "Open MPI"}, {"libmpi_cxx.so", "Open MPI"},
};
static const char ours[] = "libmpi_abi.so";

struct file {
    int fd;
    ElfW(Phdr) segments[SEGMENTS_MAX];
    size_t count;
    ElfW(Addr) names; /* of the table of strings, as an address in memory */
};

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static bool read_at(const struct file *f, void *to, size_t n, ElfW(Off) at)
{
    return at <= INT64_MAX - n && pread(f->fd, to, n, (off_t)at) == (ssize_t)n;
}

static bool read_segments(struct file *f)
{
    ElfW(Ehdr) e;
    int own = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    if (!read_at(f, &e, sizeof e, 0) || memcmp(e.e_ident, ELFMAG, SELFMAG) != 0 ||
        e.e_ident[EI_CLASS] != own || e.e_phentsize != sizeof *f->segments ||
        e.e_phnum > SEGMENTS_MAX)
        return false;
    f->count = e.e_phnum;
    return read_at(f, f->segments, f->count * sizeof *f->segments, e.e_phoff);
}

/* Where the file holds what lies at an address in memory. */
static bool place_of(const struct file *f, ElfW(Addr) address, ElfW(Off) * at)
{
    for (size_t i = 0; i < f->count; i++) {
        const ElfW(Phdr) *p = &f->segments[i];
        if (p->p_type == PT_LOAD && address >= p->p_vaddr && address - p->p_vaddr < p->p_filesz) {
            *at = p->p_offset + (address - p->p_vaddr);
            return true;
        }
    }
    return false;
}

static bool next_entry(const struct file *f, const ElfW(Phdr) * dynamic, size_t i, ElfW(Dyn) * d)
{
    size_t at = i * sizeof *d;
    return i < ENTRIES_MAX && at + sizeof *d <= dynamic->p_filesz &&
           read_at(f, d, sizeof *d, dynamic->p_offset + at) && d->d_tag != DT_NULL;
}

static bool find_names(struct file *f, const ElfW(Phdr) * dynamic)
{
    ElfW(Dyn) d;
    for (size_t i = 0; next_entry(f, dynamic, i, &d); i++)
        if (d.d_tag == DT_STRTAB) {
            f->names = d.d_un.d_ptr;
            return true;
        }
    return false;
}

/* Longer names end where the room does: what they begin with is enough. */
static bool read_name(const struct file *f, ElfW(Addr) which, char *name, size_t room)
{
    ElfW(Off) at;
    if (!place_of(f, f->names + which, &at) || at > INT64_MAX)
        return false;
    ssize_t n = pread(f->fd, name, room - 1, (off_t)at);
    name[n > 0 ? n : 0] = 0;
    return n > 0;
}

static const char *foreigner(const char *library)
{
    for (size_t i = 0; i < sizeof foreigners / sizeof *foreigners; i++)
        if (begins(library, foreigners[i].library))
            return foreigners[i].mpi;
    return NULL;
}

static bool look_through(const struct file *f, const ElfW(Phdr) * dynamic,
                         struct ipcr_foreign *found)
{
    char name[sizeof found->library];
    ElfW(Dyn) d;
    found->mpi = NULL;
    for (size_t i = 0; next_entry(f, dynamic, i, &d); i++) {
        if (d.d_tag != DT_NEEDED || !read_name(f, d.d_un.d_val, name, sizeof name))
            continue;
        if (begins(name, ours))
            return false;
        const char *mpi = found->mpi ? NULL : foreigner(name);
        if (mpi) {
            found->mpi = mpi;
            strcpy(found->library, name);
        }
    }
    return found->mpi;
}

static bool look(struct file *f, struct ipcr_foreign *found)
{
    if (!read_segments(f))
        return false;
    for (size_t i = 0; i < f->count; i++)
        if (f->segments[i].p_type == PT_DYNAMIC)
            return find_names(f, &f->segments[i]) && look_through(f, &f->segments[i], found);
    return false;
}

bool ipcr_foreign_look(int dir_fd, const char *path, struct ipcr_foreign *found)
{
    struct file f = {.fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    bool foreign = f.fd >= 0 && look(&f, found);
    if (f.fd >= 0)
        close(f.fd);
    return foreign;
}
