// Pack, Unpack and Pack_size: mixed contents piece by piece, positions, packed messages received
// with types and typed ones received packed, and room that is too small.
#include "check.h"

enum { TAG = 1, ROOM = 4096 };

struct record {
    int count;
    double values[10];
    char name[20];
    short flags[3];
};

static int left, right;

static struct record make_record(int who)
{
    struct record r = {10, {0}, "", {1, 2, 3}};

    for (int i = 0; i < 10; i++)
        r.values[i] = who + i * 0.25;
    snprintf(r.name, sizeof r.name, "rank %d", who);
    r.flags[0] = (short)who;
    return r;
}

static void check_record(const struct record *got, int who)
{
    struct record want = make_record(who);

    EQ(got->count, want.count);
    CHECK(memcmp(got->values, want.values, sizeof want.values) == 0);
    CHECK(strcmp(got->name, want.name) == 0);
    CHECK(memcmp(got->flags, want.flags, sizeof want.flags) == 0);
}

static int pack_record(const struct record *r, char *room, int bytes)
{
    int at = 0, before = 0;

    OK(MPI_Pack(&r->count, 1, MPI_INT, room, bytes, &at, MPI_COMM_WORLD));
    CHECK(at > before);
    before = at;
    OK(MPI_Pack(r->values, r->count, MPI_DOUBLE, room, bytes, &at, MPI_COMM_WORLD));
    CHECK(at > before);
    OK(MPI_Pack(r->name, sizeof r->name, MPI_CHAR, room, bytes, &at, MPI_COMM_WORLD));
    OK(MPI_Pack(r->flags, 3, MPI_SHORT, room, bytes, &at, MPI_COMM_WORLD));
    return at;
}

static void unpack_record(struct record *r, const char *room, int bytes)
{
    int at = 0;

    OK(MPI_Unpack(room, bytes, &at, &r->count, 1, MPI_INT, MPI_COMM_WORLD));
    EQ(r->count, 10);
    // In two goes: an unpack need not mirror the calls that packed.
    OK(MPI_Unpack(room, bytes, &at, r->values, 4, MPI_DOUBLE, MPI_COMM_WORLD));
    OK(MPI_Unpack(room, bytes, &at, r->values + 4, 6, MPI_DOUBLE, MPI_COMM_WORLD));
    OK(MPI_Unpack(room, bytes, &at, r->name, sizeof r->name, MPI_CHAR, MPI_COMM_WORLD));
    OK(MPI_Unpack(room, bytes, &at, r->flags, 3, MPI_SHORT, MPI_COMM_WORLD));
    EQ(at, bytes);
}

static MPI_Datatype record_type(void)
{
    int lengths[4] = {1, 10, 20, 3};
    MPI_Aint at[4] = {offsetof(struct record, count), offsetof(struct record, values),
                      offsetof(struct record, name), offsetof(struct record, flags)};
    MPI_Datatype types[4] = {MPI_INT, MPI_DOUBLE, MPI_CHAR, MPI_SHORT}, type;

    OK(MPI_Type_create_struct(4, lengths, at, types, &type));
    OK(MPI_Type_commit(&type));
    return type;
}

// Out packed, in packed; out packed, in typed; out typed, in packed.
static void messages(void)
{
    struct record out = make_record(me), in = {0};
    MPI_Datatype type = record_type();
    char packed[ROOM], arrived[ROOM];
    int bytes = pack_record(&out, packed, ROOM), got;
    MPI_Status status;

    OK(MPI_Sendrecv(packed, bytes, MPI_PACKED, right, TAG, arrived, ROOM, MPI_PACKED, left, TAG,
                    MPI_COMM_WORLD, &status));
    STATUS(&status, left, TAG, MPI_PACKED, bytes);
    unpack_record(&in, arrived, bytes);
    check_record(&in, left);

    memset(&in, 0, sizeof in);
    OK(MPI_Sendrecv(packed, bytes, MPI_PACKED, right, TAG, &in, 1, type, left, TAG, MPI_COMM_WORLD,
                    &status));
    STATUS(&status, left, TAG, type, 1);
    check_record(&in, left);

    memset(&in, 0, sizeof in);
    OK(MPI_Sendrecv(&out, 1, type, right, TAG, arrived, ROOM, MPI_PACKED, left, TAG, MPI_COMM_WORLD,
                    &status));
    OK(MPI_Get_count(&status, MPI_PACKED, &got));
    unpack_record(&in, arrived, got);
    check_record(&in, left);
    OK(MPI_Type_free(&type));
}

// Pack_size is enough for one Pack of that count and type, and a sum of them for several.
static void sizes(void)
{
    MPI_Datatype column, types[3] = {MPI_DOUBLE, MPI_CHAR, MPI_DATATYPE_NULL};
    double data[100] = {0};

    OK(MPI_Type_vector(10, 2, 5, MPI_DOUBLE, &column));
    OK(MPI_Type_commit(&column));
    types[2] = column;
    for (int i = 0; i < 3; i++)
        for (int count = 0; count < 3; count++) {
            int room = -1, at = 0, size;
            OK(MPI_Type_size(types[i], &size));
            OK(MPI_Pack_size(count, types[i], MPI_COMM_WORLD, &room));
            CHECK_SAYING(room >= count * size, "Pack_size is %d for %d bytes", room, count * size);
            char *packed = need((size_t)room);
            OK(MPI_Pack(data, count > 1 && i == 2 ? 1 : count, types[i], packed, room, &at,
                        MPI_COMM_WORLD));
            CHECK(at <= room);
            free(packed);
        }
    OK(MPI_Type_free(&column));
}

// Room that is too small is an error, and nothing is written past it.
static void too_small(void)
{
    int values[16] = {0}, back[16], at = 0, start;
    char room[64];

    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    memset(room, 0x2e, sizeof room);
    CHECK(MPI_Pack(values, 16, MPI_INT, room, 40, &at, MPI_COMM_WORLD) != MPI_SUCCESS);
    CHECK(all_bytes(room + 40, 24, 0x2e));
    at = 0;
    OK(MPI_Pack(values, 8, MPI_INT, room, 64, &at, MPI_COMM_WORLD));
    start = at;
    CHECK(MPI_Pack(values, 9, MPI_INT, room, start + 8, &at, MPI_COMM_WORLD) != MPI_SUCCESS);
    at = 0;
    memset(back, 0x2e, sizeof back);
    CHECK(MPI_Unpack(room, start, &at, back, 16, MPI_INT, MPI_COMM_WORLD) != MPI_SUCCESS);
    at = 0;
    OK(MPI_Unpack(room, start, &at, back, 8, MPI_INT, MPI_COMM_WORLD));
    EQ(at, start);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
}

// A strided megabyte in uneven pieces.
static void piecewise(void)
{
    enum { N = 100000 };
    int *from = need(3 * N * sizeof *from), *to = need(3 * N * sizeof *to), room, at = 0, back = 0;
    MPI_Datatype third;
    char *packed;

    OK(MPI_Type_create_resized(MPI_INT, 0, 3 * sizeof(int), &third));
    OK(MPI_Type_commit(&third));
    for (int i = 0; i < 3 * N; i++)
        from[i] = i, to[i] = -1;
    OK(MPI_Pack_size(N, third, MPI_COMM_WORLD, &room));
    // Each piece may cost a little more than its share.
    room += 64 * 1024;
    packed = need((size_t)room);
    for (int i = 0, step = 1; i < N; i += step, step = step % 997 * 3 + 1) {
        int count = i + step < N ? step : N - i;
        OK(MPI_Pack(from + 3 * i, count, third, packed, room, &at, MPI_COMM_WORLD));
    }
    for (int i = 0, step = 5; i < N; i += step, step = step % 1201 * 2 + 1) {
        int count = i + step < N ? step : N - i;
        OK(MPI_Unpack(packed, at, &back, to + 3 * i, count, third, MPI_COMM_WORLD));
    }
    EQ(back, at);
    for (int i = 0; i < 3 * N; i++)
        if (to[i] != (i % 3 ? -1 : i)) {
            FAIL("item %d is %d", i, to[i]);
            break;
        }
    OK(MPI_Type_free(&third));
    free(packed);
    free(to);
    free(from);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    messages();
    sizes();
    too_small();
    piecewise();
    return check_end();
}
