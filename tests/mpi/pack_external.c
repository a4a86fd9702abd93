// Packing in external32: the length of every predefined type, bytes that the standard fixes,
// derived types packed here and unpacked on another rank into another layout, and room that is too
// small.
#include "check.h"

#define E32 "external32"

static const struct {
    MPI_Datatype type;
    const char *name;
    int bytes;
} lengths[] = {
#define LENGTH(type, bytes) \
    {                       \
        type, #type, bytes  \
    }
    LENGTH(MPI_PACKED, 1),
    LENGTH(MPI_BYTE, 1),
    LENGTH(MPI_CHAR, 1),
    LENGTH(MPI_UNSIGNED_CHAR, 1),
    LENGTH(MPI_SIGNED_CHAR, 1),
    LENGTH(MPI_WCHAR, 2),
    LENGTH(MPI_SHORT, 2),
    LENGTH(MPI_UNSIGNED_SHORT, 2),
    LENGTH(MPI_INT, 4),
    LENGTH(MPI_UNSIGNED, 4),
    LENGTH(MPI_LONG, 4),
    LENGTH(MPI_UNSIGNED_LONG, 4),
    LENGTH(MPI_LONG_LONG, 8),
    LENGTH(MPI_UNSIGNED_LONG_LONG, 8),
    LENGTH(MPI_FLOAT, 4),
    LENGTH(MPI_DOUBLE, 8),
    LENGTH(MPI_LONG_DOUBLE, 16),
    LENGTH(MPI_C_BOOL, 1),
    LENGTH(MPI_INT8_T, 1),
    LENGTH(MPI_INT16_T, 2),
    LENGTH(MPI_INT32_T, 4),
    LENGTH(MPI_INT64_T, 8),
    LENGTH(MPI_UINT8_T, 1),
    LENGTH(MPI_UINT16_T, 2),
    LENGTH(MPI_UINT32_T, 4),
    LENGTH(MPI_UINT64_T, 8),
    LENGTH(MPI_AINT, 8),
    LENGTH(MPI_COUNT, 8),
    LENGTH(MPI_OFFSET, 8),
    LENGTH(MPI_C_FLOAT_COMPLEX, 8),
    LENGTH(MPI_C_DOUBLE_COMPLEX, 16),
    LENGTH(MPI_C_LONG_DOUBLE_COMPLEX, 32),
    LENGTH(MPI_CHARACTER, 1),
    LENGTH(MPI_LOGICAL, 4),
    LENGTH(MPI_INTEGER, 4),
    LENGTH(MPI_REAL, 4),
    LENGTH(MPI_DOUBLE_PRECISION, 8),
    LENGTH(MPI_COMPLEX, 8),
    LENGTH(MPI_DOUBLE_COMPLEX, 16),
    LENGTH(MPI_CXX_BOOL, 1),
    LENGTH(MPI_CXX_FLOAT_COMPLEX, 8),
    LENGTH(MPI_CXX_DOUBLE_COMPLEX, 16),
    LENGTH(MPI_CXX_LONG_DOUBLE_COMPLEX, 32),
    LENGTH(MPI_INTEGER1, 1),
    LENGTH(MPI_INTEGER2, 2),
    LENGTH(MPI_INTEGER4, 4),
    LENGTH(MPI_INTEGER8, 8),
    LENGTH(MPI_REAL4, 4),
    LENGTH(MPI_REAL8, 8),
    LENGTH(MPI_COMPLEX8, 8),
    LENGTH(MPI_COMPLEX16, 16),
    LENGTH(MPI_FLOAT_INT, 8),
    LENGTH(MPI_DOUBLE_INT, 12),
    LENGTH(MPI_LONG_INT, 8),
    LENGTH(MPI_2INT, 8),
    LENGTH(MPI_SHORT_INT, 6),
    LENGTH(MPI_LONG_DOUBLE_INT, 20),
    LENGTH(MPI_2REAL, 8),
#ifdef MPI_ABI_VERSION
    LENGTH(MPI_INTEGER16, 16),
    LENGTH(MPI_REAL2, 2),
    LENGTH(MPI_REAL16, 16),
    LENGTH(MPI_COMPLEX4, 4),
    LENGTH(MPI_COMPLEX32, 32),
#endif
};

static void sizes(void)
{
    MPI_Aint size;
    MPI_Count wide;

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        size = wide = -1;
        OK(MPI_Pack_external_size(E32, 3, lengths[i].type, &size));
        CHECK_SAYING(size == 3 * lengths[i].bytes, "3 x %s are %lld bytes; should be %d",
                     lengths[i].name, (long long)size, 3 * lengths[i].bytes);
        OK(MPI_Pack_external_size_c(E32, (MPI_Count)1 << 33, lengths[i].type, &wide));
        EQ(wide, ((MPI_Count)1 << 33) * lengths[i].bytes);
    }
    OK(MPI_Pack_external_size(E32, 0, MPI_DOUBLE, &size));
    EQ(size, 0);
    OK(MPI_Pack_external_size_c(E32, INT64_MAX / 4, MPI_DOUBLE, &wide));
    EQ(wide, MPI_UNDEFINED);
}

static void bytes(void)
{
    const unsigned char want[] = {0x12, 0x34, 0x56, 0x78, 0xff, 0xfe, 0xc0, 0,    0, 0, 0, 0,
                                  0,    0,    0xff, 0xff, 0xff, 0xf9, 0x3f, 0xff, 0, 0, 0, 0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0, 0};
    unsigned char packed[64];
    MPI_Aint at = 0;
    int i = 0x12345678;
    short s = -2;
    double d = -2;
    long l = -7;
    long double e = 1;

    OK(MPI_Pack_external(E32, &i, 1, MPI_INT, packed, sizeof packed, &at));
    EQ(at, 4);
    OK(MPI_Pack_external(E32, &s, 1, MPI_SHORT, packed, sizeof packed, &at));
    OK(MPI_Pack_external(E32, &d, 1, MPI_DOUBLE, packed, sizeof packed, &at));
    OK(MPI_Pack_external(E32, &l, 1, MPI_LONG, packed, sizeof packed, &at));
    OK(MPI_Pack_external(E32, &e, 1, MPI_LONG_DOUBLE, packed, sizeof packed, &at));
    EQ(at, sizeof want);
    CHECK(memcmp(packed, want, sizeof want) == 0);
    i = 0, s = 0, d = 0, l = 0, e = 0, at = 0;
    OK(MPI_Unpack_external(E32, packed, sizeof want, &at, &i, 1, MPI_INT));
    OK(MPI_Unpack_external(E32, packed, sizeof want, &at, &s, 1, MPI_SHORT));
    OK(MPI_Unpack_external(E32, packed, sizeof want, &at, &d, 1, MPI_DOUBLE));
    OK(MPI_Unpack_external(E32, packed, sizeof want, &at, &l, 1, MPI_LONG));
    OK(MPI_Unpack_external(E32, packed, sizeof want, &at, &e, 1, MPI_LONG_DOUBLE));
    EQ(at, sizeof want);
    CHECK(i == 0x12345678 && s == -2 && d == -2 && l == -7 && e == 1);
}

struct record {
    char tag;
    double value;
    long number;
    int rest[3];
};

// Every second record of an array travels as bytes and is unpacked densely.
static void records(void)
{
    enum { N = 300, BYTES = 1 + 8 + 4 + 2 * 4 };
    static struct record out[2 * N], in[N];
    static unsigned char packed[N * BYTES], arrived[N * BYTES];
    const int blocks[4] = {1, 1, 1, 2};
    const MPI_Aint places[4] = {offsetof(struct record, tag), offsetof(struct record, value),
                                offsetof(struct record, number), offsetof(struct record, rest)};
    const MPI_Datatype types[4] = {MPI_CHAR, MPI_DOUBLE, MPI_LONG, MPI_INT};
    int left = (me + np - 1) % np, right = (me + 1) % np;
    MPI_Datatype plain, record, second;
    MPI_Count at = 0, size = -1;

    OK(MPI_Type_create_struct(4, blocks, places, types, &plain));
    OK(MPI_Type_create_resized(plain, 0, sizeof(struct record), &record));
    OK(MPI_Type_vector(N, 1, 2, record, &second));
    OK(MPI_Type_commit(&record));
    OK(MPI_Type_commit(&second));
    for (int i = 0; i < 2 * N; i++)
        out[i] = (struct record){(char)i, me + i / 8.0, -i - me, {i, me, 77}};
    memset(in, 0x2e, sizeof in);
    OK(MPI_Pack_external_size_c(E32, 1, second, &size));
    EQ(size, N * BYTES);
    OK(MPI_Pack_external_c(E32, out, 1, second, packed, sizeof packed, &at));
    EQ(at, N * BYTES);
    OK(MPI_Sendrecv(packed, N * BYTES, MPI_BYTE, right, 1, arrived, N * BYTES, MPI_BYTE, left, 1,
                    MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    at = 0;
    OK(MPI_Unpack_external_c(E32, arrived, sizeof arrived, &at, in, N, record));
    EQ(at, N * BYTES);
    for (int i = 0; i < N; i++) {
        CHECK(in[i].tag == (char)(2 * i) && in[i].value == left + i / 4.0);
        CHECK(in[i].number == -2 * i - left && in[i].rest[0] == 2 * i && in[i].rest[1] == left);
        CHECK(in[i].rest[2] == 0x2e2e2e2e);
    }
    OK(MPI_Type_free(&plain));
    OK(MPI_Type_free(&record));
    OK(MPI_Type_free(&second));
}

static void wrong(void)
{
    int values[4] = {0};
    unsigned char packed[16];
    MPI_Aint at = 0;
    MPI_Datatype fresh;

    FAILS(MPI_Pack_external("native", values, 1, MPI_INT, packed, 16, &at), MPI_ERR_ARG);
    FAILS(MPI_Pack_external(E32, values, -1, MPI_INT, packed, 16, &at), MPI_ERR_COUNT);
    FAILS(MPI_Pack_external(E32, values, 1, MPI_DATATYPE_NULL, packed, 16, &at), MPI_ERR_TYPE);
    FAILS(MPI_Pack_external(E32, values, 4, MPI_INT, packed, 15, &at), MPI_ERR_TRUNCATE);
    FAILS(MPI_Unpack_external(E32, packed, 15, &at, values, 4, MPI_INT), MPI_ERR_TRUNCATE);
    EQ(at, 0);
    at = 17;
    FAILS(MPI_Pack_external(E32, values, 1, MPI_INT, packed, 16, &at), MPI_ERR_ARG);
    FAILS(MPI_Pack_external(E32, values, 1, MPI_INT, packed, 16, NULL), MPI_ERR_ARG);
    OK(MPI_Type_contiguous(2, MPI_INT, &fresh));
    FAILS(MPI_Pack_external_size(E32, 1, fresh, &at), MPI_ERR_TYPE);
    OK(MPI_Type_free(&fresh));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    sizes();
    bytes();
    records();
    wrong();
    return check_end();
}
