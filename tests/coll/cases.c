/* What all cases of collectives have in common. */
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lines.h"

enum { GUARD = 64 };

void area_make(struct area *a, size_t bytes)
{
    a->size = bytes + 2 * GUARD;
    a->memory = malloc(a->size);
    a->buf = a->memory + GUARD;
    for (size_t i = 0; i < a->size; i++)
        a->memory[i] = (char)(0xa5 ^ (i * 7));
}

struct area area_copy(const struct area *a)
{
    struct area b = {.memory = malloc(a->size), .size = a->size};
    memcpy(b.memory, a->memory, a->size);
    b.buf = b.memory + (a->buf - a->memory);
    return b;
}

void area_free(struct area *a)
{
    free(a->memory);
    *a = (struct area){0};
}

int area_compare(const struct tcase *t, int rank, const char *what, const struct area *got,
                 const struct area *want)
{
    if (memcmp(got->memory, want->memory, got->size) == 0)
        return 0;
    size_t i = 0;
    while (got->memory[i] == want->memory[i])
        i++;
    fprintf(stderr, "# %s: rank %d: byte %td of the %s is 0x%02x; should be 0x%02x\n", case_name(t),
            rank, got->memory + i - got->buf, what, got->memory[i] & 0xff, want->memory[i] & 0xff);
    return 1;
}

bool case_reduces(enum ipcr_coll_kind kind)
{
    return kind == IPCR_REDUCE || kind == IPCR_ALLREDUCE || kind == IPCR_SCAN ||
           kind == IPCR_EXSCAN || kind == IPCR_REDUCE_SCATTER || kind == IPCR_REDUCE_SCATTER_BLOCK;
}

static bool has_root(enum ipcr_coll_kind kind)
{
    return kind == IPCR_BCAST || kind == IPCR_REDUCE || kind == IPCR_GATHER ||
           kind == IPCR_GATHERV || kind == IPCR_SCATTER || kind == IPCR_SCATTERV;
}

const char *case_name(const struct tcase *t)
{
    static const char *const shapes[] = {"dense", "with gaps", "mixed layouts"};
    static const char *const reductions[] = {"sum", "maxloc", "affine maps", "xor"};
    static char name[256];
    snprintf(name, sizeof name, "%s %s, %d ranks, root %d, %zu elements, %s%s",
             ipcr_coll_names[t->kind], t->row ? t->row->name : "(chosen)", t->ranks, t->root,
             t->count, case_reduces(t->kind) ? reductions[t->variant] : shapes[t->variant],
             t->in_place ? ", in place" : "");
    return name;
}

void case_setup(void)
{
    moves_setup();
    reductions_setup();
}

int case_run(const struct tcase *t, struct ipcr_comm *comm, case_execute *execute)
{
    struct ipcr_coll c = {.kind = t->kind, .comm = comm, .root = t->root};
    if (case_reduces(t->kind))
        return reductions_run(t, &c, execute);
    return moves_run(t, &c, execute);
}

/* Does the row's need for an operation, a number of ranks or MPI_IN_PLACE hold? */
static bool possible(const struct tcase *t)
{
    static const int nothing[64]; /* counts and places of every rank: sizes show later, too */
    struct ipcr_comm comm = {.size = t->ranks, .one_node = true, .crowded = true};
    char sheet;
    struct ipcr_lines lines = {.sheet = &sheet}; /* whether there are any shows later */
    struct ipcr_coll_run run = {.lines = &lines};
    struct ipcr_coll c = {.kind = t->kind, .comm = &comm, .run = &run};
    c.stype = c.rtype = ipcr_type_of(MPI_BYTE);
    c.sbuf = t->in_place ? MPI_IN_PLACE : NULL;
    c.scounts.v = c.sdispls.v = c.rcounts.v = c.rdispls.v = nothing;
    if (case_reduces(t->kind))
        c.op = reductions_op(t->variant);
    return ipcr_coll_possible(t->row, &c);
}

static void each_root(struct tcase *t, void (*visit)(const struct tcase *t, void *arg), void *arg)
{
    for (t->root = 0; t->root < t->ranks; t->root++) {
        bool interesting = t->root == 0 || t->root == t->ranks - 1 || t->root == t->ranks / 2;
        if (interesting)
            visit(t, arg);
        if (!has_root(t->kind))
            return;
    }
}

void case_each(const struct ipcr_coll_row *row, int ranks, const size_t *counts,
               void (*visit)(const struct tcase *t, void *arg), void *arg)
{
    struct tcase t = {.kind = row->kind, .row = row, .ranks = ranks};
    int variants = case_reduces(t.kind) ? REDUCTIONS : SHAPES;
    bool may_be_in_place = t.kind != IPCR_BARRIER && t.kind != IPCR_BCAST;
    if (t.kind == IPCR_BARRIER)
        variants = 1;
    for (; *counts != SIZE_MAX; counts++)
        for (t.variant = 0; t.variant < variants; t.variant++)
            for (int in_place = 0; in_place <= may_be_in_place; in_place++) {
                t.count = *counts;
                t.in_place = in_place;
                if (possible(&t))
                    each_root(&t, visit, arg);
            }
}
