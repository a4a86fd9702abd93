/* What users write: the first byte says which parser reads the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"
#include "hosts.h"
#include "nodelist.h"
#include "options.h"
#include "rankfile.h"
#include "ranks.h"

enum { WHY = 256 };

static const char *const seeds[] = {
    "lhost1:2,user@host2,[fd00::7]:3,10.0.0.1",
    "fhost1 slots=2 # two\r\nhost2:3\n\n# none\nhost3 max_slots=4\n",
    "r0,3-5,7",
    "rall",
    "nn[1-3,07-09],gpu[1-2]x[0-1]",
    "c2(x3),1,4(x2)",
    "krank 0=a slot=0-1\nrank 2=+n1\n# none\nrank 1=b slot=4,6\n",
    "o-n 3 -H a:2,b prog one two : -np 1 --env A=b other",
    "o--map-by ppr:2:node --bind-to core:2 -x N=v -genv A 1 --timeout 1.5 -l prog",
    "o--iface eth0,ib0 --ports 50000-50999 --wait-hosts 0 --ssh 'ssh -p 22' -n 2 a",
    "o--output json,dir=out --cpu-list 0-1,2+4 --stdin none --hang-report 2 -n 2 a",
    "o--debug-daemons --mca a b -n 2 a", /* found by libFuzzer: read for ever */
    "o--chaos 7 --gdb 0,2-3 --stats --trace=t.json --grace 3 --mca a b -n 2 a",
};

static void read_hosts(char *text, bool is_file)
{
    struct ipcr_hosts h = {0};
    char why[WHY] = "";
    bool good = is_file ? ipcr_hosts_text(&h, text, "hosts", why, sizeof why)
                        : ipcr_hosts_list(&h, text, why, sizeof why);
    if (!good && !*why)
        abort(); /* refused without a sentence */
    for (int i = 0; good && i < h.n; i++)
        if (h.at[i].slots < 1 || h.at[i].slots > IPCR_SLOTS_MAX || !*h.at[i].name)
            abort();
    ipcr_hosts_free(&h);
}

static void read_ranks(const char *text)
{
    char why[WHY] = "";
    bool *member = ipcr_ranks_read(text, 8, why, sizeof why);
    if (!member && !*why)
        abort();
    free(member);
}

static void read_names(const char *text)
{
    struct ipcr_words names = {0};
    char why[WHY] = "";
    bool good = ipcr_nodelist_names(&names, text, why, sizeof why);
    if ((!good && !*why) || names.n > IPCR_NODELIST_MOST || (good && names.n < 1))
        abort();
    for (int i = 0; i < names.n; i++)
        if (!*names.at[i])
            abort();
    ipcr_words_free(&names);
}

static void read_counts(const char *text)
{
    int counts[6] = {0};
    char why[WHY] = "";
    bool good = ipcr_nodelist_counts(counts, 6, text, why, sizeof why);
    if (!good && !*why)
        abort();
    for (int i = 0; good && i < 6; i++)
        if (counts[i] < 1)
            abort();
}

/* The reader wants a file, and gets one without a name. */
static void read_rankfile(const char *text)
{
    struct ipcr_rankfile f = {0};
    char why[WHY] = "", path[32];
    int fd = memfd_create("rankfile", MFD_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (!ipcr_rankfile_read(&f, path, why, sizeof why) && !*why)
        abort();
    ipcr_rankfile_free(&f);
    close(fd);
}

/* Files named by options are not read: what is in them is not ours to choose. */
static void read_options(const char *text)
{
    static char *environment[] = {"HOME=/", NULL};
    struct ipcr_words w = {0};
    struct ipcr_options o;
    char why[WHY] = "";
    ipcr_words_add(&w, ipcr_copy("ipcrun"));
    if (!strchr(text, '/') && ipcr_words_split(&w, text)) {
        if (!ipcr_options_parse(&o, w.at, environment, why, sizeof why) && !*why)
            abort();
        ipcr_options_free(&o);
    }
    ipcr_words_free(&w);
}

static void read_as(uint8_t kind, char *text)
{
    switch (kind) {
    case 'o':
        read_options(text);
        break;
    case 'r':
        read_ranks(text);
        break;
    case 'n':
        read_names(text);
        break;
    case 'c':
        read_counts(text);
        break;
    case 'k':
        read_rankfile(text);
        break;
    default:
        read_hosts(text, kind == 'f');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    char *text = malloc(size);
    if (!text)
        abort();
    memcpy(text, data + 1, size - 1);
    text[size - 1] = 0;
    read_as(*data, text);
    free(text);
    return 0;
}

size_t fuzz_seed(int i, uint8_t *to, size_t room)
{
    return fuzz_seed_text(seeds, sizeof seeds / sizeof *seeds, i, to, room);
}
