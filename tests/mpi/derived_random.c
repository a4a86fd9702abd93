// Random nested datatypes (arguments: seed, how many) against the model of layout.h: size, extents,
// and the bytes that are sent, received, packed and unpacked with them.
#include "layout.h"

enum { TAG = 1, DEPTH = 4, PARTS = 5, UNIT = 8 };

struct made {
    MPI_Datatype type;
    struct layout layout;
};

// How many copies of a layout may still be laid side by side.
static int affordable(const struct layout *l, int wish)
{
    int most = MOST_ENTRIES / (l->count ? l->count : 1);
    return wish < most ? wish : most < 1 ? 1 : most;
}

static struct made make(uint64_t *state, int depth);

static struct made make_contiguous(uint64_t *state, struct made *old)
{
    int count = affordable(&old->layout, 1 + (int)rnd(state, 5));
    struct made new = {.type = MPI_DATATYPE_NULL};

    OK(MPI_Type_contiguous(count, old->type, &new.type));
    layout_block(&new.layout, &old->layout, count, 0);
    return new;
}

// Strides may be negative, zero, or less than a block is long.
static struct made make_vector(uint64_t *state, struct made *old)
{
    int length = affordable(&old->layout, 1 + (int)rnd(state, 3));
    int count = affordable(&old->layout, length + (int)rnd(state, 6)) / length;
    int stride = (int)rnd(state, 12) - 3, in_bytes = (int)rnd(state, 2);
    MPI_Aint step = in_bytes ? stride * UNIT * 3 : stride * layout_extent(&old->layout);
    struct made new = {.type = MPI_DATATYPE_NULL};

    if (in_bytes)
        OK(MPI_Type_create_hvector(count, length, step, old->type, &new.type));
    else
        OK(MPI_Type_vector(count, length, stride, old->type, &new.type));
    for (int i = 0; i < count; i++)
        layout_block(&new.layout, &old->layout, length, i * step);
    return new;
}

// Indexed in its four forms; blocks may be empty (the first is not) and come in any order.
static struct made make_indexed(uint64_t *state, struct made *old)
{
    int lengths[PARTS], displs[PARTS], form = (int)rnd(state, 4), count = 1 + (int)rnd(state, 4);
    int block = 1 + (int)rnd(state, 2);
    MPI_Aint unit = form < 2 ? layout_extent(&old->layout) : UNIT, at[PARTS];
    struct made new = {.type = MPI_DATATYPE_NULL};

    count = affordable(&old->layout, count);
    for (int i = 0; i < count; i++) {
        lengths[i] = form % 2 ? block : (int)rnd(state, 3) + (i == 0);
        displs[i] = (int)rnd(state, 30) - 5;
        at[i] = displs[i] * unit;
        layout_block(&new.layout, &old->layout, lengths[i], at[i]);
    }
    if (form == 0)
        OK(MPI_Type_indexed(count, lengths, displs, old->type, &new.type));
    else if (form == 1)
        OK(MPI_Type_create_indexed_block(count, block, displs, old->type, &new.type));
    else if (form == 2)
        OK(MPI_Type_create_hindexed(count, lengths, at, old->type, &new.type));
    else
        OK(MPI_Type_create_hindexed_block(count, block, at, old->type, &new.type));
    return new;
}

// Parts of different types. Only all marked or all unmarked, since nobody agrees on mixtures.
static struct made make_struct(uint64_t *state, struct made *first, int depth)
{
    struct made parts[PARTS], new = {.type = MPI_DATATYPE_NULL};
    MPI_Datatype types[PARTS];
    MPI_Aint at[PARTS];
    int lengths[PARTS], count = 1 + (int)rnd(state, PARTS), used = 0;

    for (int i = 0; i < count; i++) {
        struct made part = i == 0 ? *first : make(state, depth - 1);
        if (part.layout.marked != first->layout.marked || new.layout.count > MOST_ENTRIES) {
            layout_free(&part.layout);
            OK(MPI_Type_free(&part.type));
            continue;
        }
        parts[used] = part;
        types[used] = part.type;
        lengths[used] = affordable(&part.layout, 1 + (int)rnd(state, 3));
        at[used] = ((MPI_Aint)rnd(state, 60) - 10) * UNIT;
        layout_block(&new.layout, &part.layout, lengths[used], at[used]);
        used++;
    }
    OK(MPI_Type_create_struct(used, lengths, at, types, &new.type));
    layout_pad(&new.layout);
    for (int i = 1; i < used; i++) {
        layout_free(&parts[i].layout);
        OK(MPI_Type_free(&parts[i].type));
    }
    return new;
}

static struct made make_resized(uint64_t *state, struct made *old)
{
    MPI_Aint begin, end;
    struct made new = {MPI_DATATYPE_NULL, layout_copy(&old->layout)};

    layout_span(&old->layout, &begin, &end);
    new.layout.lb = ((MPI_Aint)rnd(state, 9) - 4) * UNIT;
    new.layout.ub = new.layout.lb + (end - begin) / UNIT *UNIT + (MPI_Aint)rnd(state, 5) * UNIT;
    new.layout.marked = 1;
    OK(MPI_Type_create_resized(old->type, new.layout.lb, layout_extent(&new.layout), &new.type));
    return new;
}

static struct made make_dup(uint64_t *state, struct made *old)
{
    struct made new = {MPI_DATATYPE_NULL, layout_copy(&old->layout)};

    (void)state;
    OK(MPI_Type_dup(old->type, &new.type));
    return new;
}

// Adds the part of an array below dimension `dim`, slowest dimension first.
static void add_subarray(struct layout *to, const struct layout *old, int dims[3][3], int dim,
                         MPI_Aint index)
{
    if (dim == 3) {
        layout_add(to, old, index * layout_extent(old));
        return;
    }
    for (int i = 0; i < dims[dim][1]; i++)
        add_subarray(to, old, dims, dim + 1, index * dims[dim][0] + dims[dim][2] + i);
}

static struct made make_subarray(uint64_t *state, struct made *old)
{
    int dims[3][3], sizes[3], subsizes[3], starts[3], fortran = (int)rnd(state, 2);
    struct made new = {.type = MPI_DATATYPE_NULL};

    for (int d = 0; d < 3; d++) {
        dims[d][0] = 1 + (int)rnd(state, 5);
        dims[d][1] = 1 + (int)rnd(state, (uint64_t)dims[d][0]);
        if (affordable(&old->layout, 125) < 125)
            dims[d][1] = 1;
        dims[d][2] = (int)rnd(state, (uint64_t)(dims[d][0] - dims[d][1] + 1));
        int k = fortran ? 2 - d : d;
        sizes[k] = dims[d][0], subsizes[k] = dims[d][1], starts[k] = dims[d][2];
    }
    OK(MPI_Type_create_subarray(3, sizes, subsizes, starts,
                                fortran ? MPI_ORDER_FORTRAN : MPI_ORDER_C, old->type, &new.type));
    add_subarray(&new.layout, &old->layout, dims, 0, 0);
    new.layout.lb = 0;
    new.layout.ub = (MPI_Aint)(sizes[0] * sizes[1] * sizes[2]) * layout_extent(&old->layout);
    new.layout.marked = 1;
    return new;
}

static struct made make_base(uint64_t *state)
{
    int base = (int)rnd(state, BASES);
    struct made new = {MPI_DATATYPE_NULL, layout_of_base(base)};

    OK(MPI_Type_dup(bases[base].type, &new.type));
    return new;
}

// A type of at most this depth. The types it is made of are freed at once, as programs do.
static struct made make(uint64_t *state, int depth)
{
    struct made old, new;

    if (depth == 0 || rnd(state, 8) == 0)
        return make_base(state);
    old = make(state, depth - 1);
    switch (rnd(state, 8)) {
    case 0:
        new = make_contiguous(state, &old);
        break;
    case 1:
    case 2:
        new = make_vector(state, &old);
        break;
    case 3:
        new = make_indexed(state, &old);
        break;
    case 4:
        // Resized types lie where their bounds say: an array of it needs a true lower bound of 0.
        new = old.layout.lb == 0 ? make_subarray(state, &old) : make_dup(state, &old);
        break;
    case 5:
        new = make_resized(state, &old);
        break;
    case 6:
        new = make_struct(state, &old, depth);
        break;
    default:
        new = make_dup(state, &old);
    }
    layout_free(&old.layout);
    OK(MPI_Type_free(&old.type));
    return new;
}

// The same signature with every entry in a slot of its own: what the other side of a message uses.
static struct made make_slots(const struct layout *l)
{
    struct made new = {MPI_DATATYPE_NULL, layout_copy(l)};
    MPI_Datatype *types = need(sizeof *types * (size_t)l->count);
    MPI_Aint *at = need(sizeof *at * (size_t)l->count);
    int *lengths = need(sizeof *lengths * (size_t)l->count);

    for (int i = 0; i < l->count; i++) {
        types[i] = bases[l->entries[i].base].type;
        at[i] = new.layout.entries[i].at = (MPI_Aint)i *UNIT;
        lengths[i] = 1;
    }
    new.layout.lb = 0;
    new.layout.ub = (MPI_Aint)l->count *UNIT;
    OK(MPI_Type_create_struct(l->count, lengths, at, types, &new.type));
    MPI_Datatype sized;
    OK(MPI_Type_create_resized(new.type, 0, new.layout.ub, &sized));
    OK(MPI_Type_commit(&sized));
    OK(MPI_Type_free(&new.type));
    new.type = sized;
    free(lengths);
    free(at);
    free(types);
    return new;
}

static const unsigned char untouched = 0xb7;

// Sends `count` of `out` around the ring and receives them as `in`; all bytes are accounted for.
static void transfer(const struct made *out, const struct made *in, int count, const char *what)
{
    struct region from = region_for(&out->layout, count), to = region_for(&in->layout, count);
    char *want = need(to.bytes), *packed = need((size_t)(layout_size(&in->layout) * count));
    int left = (me + np - 1) % np;
    MPI_Status status;

    fill(from.memory, from.bytes, 5);
    memset(to.memory, untouched, to.bytes);
    memcpy(want, to.memory, to.bytes);
    layout_gather(&out->layout, count, from.origin, packed);
    layout_scatter(&in->layout, count, packed, want + (to.origin - to.memory));
    OK(MPI_Sendrecv(from.origin, count, out->type, (me + 1) % np, TAG, to.origin, count, in->type,
                    left, TAG, MPI_COMM_WORLD, &status));
    STATUS(&status, left, TAG, in->type, count);
    for (size_t i = 0; i < to.bytes; i++)
        if (to.memory[i] != want[i]) {
            FAIL("%s: byte %ld from the origin is 0x%02x; should be 0x%02x", what,
                 (long)(to.memory + i - to.origin), (unsigned char)to.memory[i],
                 (unsigned char)want[i]);
            break;
        }
    FILLED(from.memory, from.bytes, 5);
    free(packed);
    free(want);
    free(to.memory);
    free(from.memory);
}

// Packed item by item, unpacked all at once, and the other way round.
static void pack(const struct made *t, int count)
{
    struct region from = region_for(&t->layout, count), to = region_for(&t->layout, count);
    MPI_Aint extent = layout_extent(&t->layout);
    char *want = need(to.bytes), *raw = need((size_t)(layout_size(&t->layout) * count)), *packed;
    int room, one_room, at = 0, back = 0;

    fill(from.memory, from.bytes, 6);
    OK(MPI_Pack_size(count, t->type, MPI_COMM_WORLD, &room));
    OK(MPI_Pack_size(1, t->type, MPI_COMM_WORLD, &one_room));
    room = room > one_room * count ? room : one_room * count;
    packed = need((size_t)room);
    layout_gather(&t->layout, count, from.origin, raw);
    for (int way = 0; way < 2; way++) {
        memset(to.memory, untouched, to.bytes);
        memset(want, untouched, to.bytes);
        layout_scatter(&t->layout, count, raw, want + (to.origin - to.memory));
        at = back = 0;
        for (int i = 0; way == 0 && i < count; i++)
            OK(MPI_Pack(from.origin + i * extent, 1, t->type, packed, room, &at, MPI_COMM_WORLD));
        if (way == 1)
            OK(MPI_Pack(from.origin, count, t->type, packed, room, &at, MPI_COMM_WORLD));
        for (int i = 0; way == 1 && i < count; i++)
            OK(MPI_Unpack(packed, at, &back, to.origin + i * extent, 1, t->type, MPI_COMM_WORLD));
        if (way == 0)
            OK(MPI_Unpack(packed, at, &back, to.origin, count, t->type, MPI_COMM_WORLD));
        EQ(back, at);
        CHECK(memcmp(to.memory, want, to.bytes) == 0);
    }
    free(packed);
    free(raw);
    free(want);
    free(to.memory);
    free(from.memory);
}

static int choose_count(uint64_t *state, const struct layout *l)
{
    static const long aims[] = {1, 1000, 20000, 300000};
    long size = (long)layout_size(l), span = (long)layout_extent(l), aim = aims[rnd(state, 4)];
    long count = aim / (size ? size : 1) + 1 + (long)rnd(state, 2);

    // Extents may be large although sizes are small, and negative never.
    while (count > 1 && count * span > 8000000)
        count /= 2;
    return (int)count;
}

static void one_type(uint64_t seed)
{
    uint64_t state = seed;
    struct made type = make(&state, DEPTH), slots = make_slots(&type.layout);
    int count = choose_count(&state, &type.layout), receivable, before = check_failures;
    char what[64];

    snprintf(what, sizeof what, "type %llu, %d of it", (unsigned long long)seed, count);
    OK(MPI_Type_commit(&type.type));
    layout_check(&type.layout, type.type, what);
    receivable = !layout_overlaps(&type.layout, count);
    transfer(&type, &slots, count, what);
    if (receivable) {
        transfer(&slots, &type, count, what);
        transfer(&type, &type, count, what);
        pack(&type, count);
    }
    if (check_failures != before)
        fprintf(stderr, "  rank %d: with seed %llu, %d of it\n", me, (unsigned long long)seed,
                count);
    OK(MPI_Type_free(&type.type));
    OK(MPI_Type_free(&slots.type));
    CHECK(type.type == MPI_DATATYPE_NULL);
    layout_free(&type.layout);
    layout_free(&slots.layout);
}

int main(int argc, char **argv)
{
    long seed, types;

    check_begin(&argc, &argv);
    seed = argument(argc, argv, 1, 1);
    types = argument(argc, argv, 2, 150);
    for (long i = 0; i < types; i++)
        one_type((uint64_t)(seed * 100000 + i));
    return check_end();
}
