/* Cases of collectives that reduce. */
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "typemake.h"

/* What an element is, in memory, and how two become one: right = left o right. */
struct reduction {
    struct ipcr_type *type;
    struct ipcr_op *op;
    void (*make)(char *element, int rank, size_t k);
    void (*combine)(const char *left, char *right);
};

static struct reduction reductions[REDUCTIONS];

struct ipcr_type *reductions_type(int variant)
{
    return reductions[variant].type;
}

struct ipcr_op *reductions_op(int variant)
{
    return reductions[variant].op;
}

/* ---- sum of 64-bit integers -------------------------------------------------------------------
 */

static void sum_make(char *element, int rank, size_t k)
{
    int64_t v = (int64_t)(rank + 1) * 1000000007 + (int64_t)k * (rank + 3);
    memcpy(element, &v, sizeof v);
}

static void sum_combine(const char *left, char *right)
{
    int64_t a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    b += a;
    memcpy(right, &b, sizeof b);
}

/* ---- the largest double and where it is --------------------------------------------------------
 */

struct double_int {
    double value;
    int where;
};

static void maxloc_make(char *element, int rank, size_t k)
{
    struct double_int e = {.value = (double)((size_t)(rank * 7) % 5 + k % 3), .where = rank};
    memcpy(element, &e.value, sizeof e.value);
    memcpy(element + offsetof(struct double_int, where), &e.where, sizeof e.where);
}

static void maxloc_combine(const char *left, char *right)
{
    struct double_int a, b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    if (a.value > b.value || (a.value == b.value && a.where < b.where)) {
        memcpy(right, &a.value, sizeof a.value);
        memcpy(right + offsetof(struct double_int, where), &a.where, sizeof a.where);
    }
}

/* ---- pairs of 32-bit numbers with a gap, and the user's functions ------------------------------
 */

enum { FIRST = -8, SECOND = 8, PAIR_EXTENT = 24 };

struct pair {
    uint32_t a, b;
};

static struct pair pair_get(const char *element)
{
    struct pair p;
    memcpy(&p.a, element + FIRST, 4);
    memcpy(&p.b, element + SECOND, 4);
    return p;
}

static void pair_put(char *element, struct pair p)
{
    memcpy(element + FIRST, &p.a, 4);
    memcpy(element + SECOND, &p.b, 4);
}

static void pair_make(char *element, int rank, size_t k)
{
    pair_put(element, (struct pair){2u * (unsigned)rank + 3u, (unsigned)(rank * 31) + (unsigned)k});
}

/* First left, then right. */
static void affine_combine(const char *left, char *right)
{
    struct pair l = pair_get(left), r = pair_get(right);
    pair_put(right, (struct pair){l.a * r.a, r.a * l.b + r.b});
}

static void xor_combine(const char *left, char *right)
{
    struct pair l = pair_get(left), r = pair_get(right);
    pair_put(right, (struct pair){l.a ^ r.a, l.b ^ r.b});
}

static void affine_user(void *in, void *inout, int *count, MPI_Datatype *type)
{
    (void)type;
    for (int i = 0; i < *count; i++)
        affine_combine((char *)in + i * PAIR_EXTENT, (char *)inout + i * PAIR_EXTENT);
}

static void xor_user(void *in, void *inout, int *count, MPI_Datatype *type)
{
    (void)type;
    for (int i = 0; i < *count; i++)
        xor_combine((char *)in + i * PAIR_EXTENT, (char *)inout + i * PAIR_EXTENT);
}

static struct ipcr_op affine_op = {.magic = IPCR_OP_MAGIC, .refs = 1, .user = affine_user};
static struct ipcr_op xor_op = {
    .magic = IPCR_OP_MAGIC, .refs = 1, .commutative = true, .user = xor_user};

void reductions_setup(void)
{
    static const int64_t places[2] = {FIRST, SECOND};
    struct ipcr_indexed two = {.combiner = MPI_COMBINER_HINDEXED_BLOCK,
                               .count = 2,
                               .length = 1,
                               .places = IPCR_INTS(places)};
    struct ipcr_type *apart, *pair;
    ipcr_type_indexed(&two, ipcr_type_of(MPI_UINT32_T), &apart);
    ipcr_type_resized(apart, FIRST, PAIR_EXTENT, &pair);
    pair->committed = true;
    affine_op.handle = (MPI_Op)&affine_op;
    xor_op.handle = (MPI_Op)&xor_op;
    reductions[REDUCE_SUM] =
        (struct reduction){ipcr_type_of(MPI_INT64_T), ipcr_op_of(MPI_SUM), sum_make, sum_combine};
    reductions[REDUCE_MAXLOC] = (struct reduction){
        ipcr_type_of(MPI_DOUBLE_INT), ipcr_op_of(MPI_MAXLOC), maxloc_make, maxloc_combine};
    reductions[REDUCE_AFFINE] = (struct reduction){pair, &affine_op, pair_make, affine_combine};
    reductions[REDUCE_XOR] = (struct reduction){pair, &xor_op, pair_make, xor_combine};
}

/* ---- a case ------------------------------------------------------------------------------------
 */

struct shares {
    int counts[CASE_RANKS];
    size_t first[CASE_RANKS + 1]; /* in the whole vector */
};

static void share_out(const struct tcase *t, struct shares *s)
{
    s->first[0] = 0;
    for (int i = 0; i < t->ranks; i++) {
        bool uneven = t->kind == IPCR_REDUCE_SCATTER;
        s->counts[i] = (int)t->count;
        if (uneven && t->count)
            s->counts[i] = i % 4 == 2 ? 0 : s->counts[i] + i % 3;
        s->first[i + 1] = s->first[i] + (size_t)s->counts[i];
    }
}

/* Elements first .. first + count - 1 of the vectors of ranks a .. b combined, at `out`. */
struct wanted {
    int a, b;
    size_t first, count;
};

static void work_out(const struct reduction *r, const struct wanted *w, char *out)
{
    ptrdiff_t extent = r->type->extent;
    char memory[64] = {0}, *element = memory + 16;
    for (size_t k = 0; k < w->count && w->b >= w->a; k++) {
        char *sum = out + (ptrdiff_t)k * extent;
        r->make(sum, w->b, w->first + k);
        for (int rank = w->b - 1; rank >= w->a; rank--) {
            r->make(element, rank, w->first + k);
            r->combine(element, sum);
        }
    }
}

static struct wanted result_of(const struct tcase *t, const struct shares *s, int me)
{
    struct wanted w = {0, t->ranks - 1, 0, t->count};
    if (t->kind == IPCR_REDUCE_SCATTER || t->kind == IPCR_REDUCE_SCATTER_BLOCK)
        w = (struct wanted){0, t->ranks - 1, s->first[me], (size_t)s->counts[me]};
    else if (t->kind == IPCR_SCAN)
        w.b = me;
    else if (t->kind == IPCR_EXSCAN)
        w.b = me - 1;
    else if (t->kind == IPCR_REDUCE && me != t->root)
        w.b = -1; /* nothing */
    return w;
}

int reductions_run(const struct tcase *t, struct ipcr_coll *c, case_execute *execute)
{
    const struct reduction *r = &reductions[t->variant];
    int me = c->comm->rank;
    struct shares s;
    share_out(t, &s);
    bool scatters = t->kind == IPCR_REDUCE_SCATTER || t->kind == IPCR_REDUCE_SCATTER_BLOCK;
    size_t contributed = scatters ? s.first[t->ranks] : t->count;
    bool in_place = t->in_place && (t->kind != IPCR_REDUCE || me == t->root);
    struct wanted mine = {me, me, 0, contributed};

    struct area out, in;
    area_make(&out, contributed * (size_t)r->type->extent + 64);
    area_make(&in, contributed * (size_t)r->type->extent + 64);
    work_out(r, &mine, in_place ? in.buf : out.buf);
    c->sbuf = in_place ? MPI_IN_PLACE : out.buf;
    c->rbuf = t->kind == IPCR_REDUCE && me != t->root ? NULL : in.buf;
    c->rcount = (size_t)(scatters ? (size_t)s.counts[me] : t->count);
    c->rtype = r->type;
    c->op = r->op;
    if (t->kind == IPCR_REDUCE_SCATTER)
        c->rcounts.v = s.counts;

    struct area sent = area_copy(&out), want = area_copy(&in);
    struct wanted w = result_of(t, &s, me);
    work_out(r, &w, want.buf);
    int err = execute(c, t->row), faults = err != MPI_SUCCESS;
    if (err)
        fprintf(stderr, "# %s: rank %d: error class %d\n", case_name(t), me, err);
    faults += area_compare(t, me, "receive buffer", &in, &want);
    faults += area_compare(t, me, "send buffer", &out, &sent);
    area_free(&out);
    area_free(&in);
    area_free(&sent);
    area_free(&want);
    return faults;
}
