/* external32 against a naive converter: the value of each basic type, random datatypes in random
 * pieces, and the sizes of the standard's table. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include <cmocka.h>

#include "basic.h"
#include "external.h"
#include "lock.h"
#include "typemap.h"

/* ---- the naive converter ----------------------------------------------------------------------
 */

static size_t width_of(MPI_Datatype type, size_t native)
{
    if (type == MPI_LONG || type == MPI_UNSIGNED_LONG)
        return 4;
    if (type == MPI_WCHAR)
        return 2;
    return type == MPI_LONG_DOUBLE ? 16 : native;
}

/* The 16 bytes of IEEE's widest format, by arithmetic: sign, 15 bits of exponent, 112 of fraction.
 */
static void naive_quad(long double x, unsigned char to[16])
{
    int exponent = 0;
    long double rest = frexpl(fabsl(x), &exponent); /* 0.5 <= rest < 1 */
    memset(to, 0, 16);
    if (isnan(x) || isinf(x)) {
        exponent = 0x7fff;
    } else if (rest > 0) {
        exponent += 16382;
        rest = 2 * rest - 1;
    } else {
        exponent = 0;
    }
    to[0] = (unsigned char)(exponent >> 8 | (signbit(x) ? 0x80 : 0));
    to[1] = (unsigned char)exponent;
    if (isnan(x))
        to[2] = 0x80;
    for (int i = 2; i < 16 && isfinite(x); i++) {
        rest *= 256;
        to[i] = (unsigned char)rest;
        rest -= to[i];
    }
}

/* One basic element. */
static void naive_item(const struct item *item, const unsigned char *from, unsigned char *to)
{
    size_t width = width_of(item->type, item->size);
    if (item->type == MPI_LONG_DOUBLE) {
        long double x;
        memcpy(&x, from, sizeof x);
        naive_quad(x, to);
        return;
    }
    size_t parts = item->type == MPI_C_DOUBLE_COMPLEX ? 2 : 1, part = item->size / parts;
    for (size_t p = 0; p < parts; p++)
        for (size_t i = 0; i < width / parts; i++) /* the last bytes of big-endian are the lowest */
            to[p * part + width / parts - 1 - i] = from[p * part + i];
}

static size_t naive_size(const struct map *m)
{
    size_t size = 0;
    for (size_t i = 0; i < m->count; i++)
        size += width_of(m->items[i].type, m->items[i].size);
    return size;
}

static unsigned char *naive_pack(const struct map *m, size_t count, const unsigned char *buf)
{
    unsigned char *image = malloc(count * naive_size(m) + 1), *next = image;
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < m->count; i++) {
            const struct item *item = &m->items[i];
            naive_item(item, buf + (ptrdiff_t)c * map_extent(m) + item->at, next);
            next += width_of(item->type, item->size);
        }
    return image;
}

/* ---- random datatypes -------------------------------------------------------------------------
 */

/* Valid values of each type, small enough to come back from a narrower one. */
static void put_value(const struct item *item, unsigned char *at)
{
    long number = (long)random_below(1 << 15);
    if (item->type == MPI_LONG_DOUBLE) {
        long double x =
            ldexpl((long double)random_below(UINT64_MAX), (int)random_between(-200, 200));
        memset(at, 0, sizeof x);
        memcpy(at, &(long double){random_below(2) ? -x : x}, sizeof x);
    } else if (item->type == MPI_LONG) {
        memcpy(at, &(long){random_below(2) ? -number : number}, sizeof number);
    } else if (item->type == MPI_UNSIGNED_LONG) {
        memcpy(at, &number, sizeof number);
    } else if (item->type == MPI_WCHAR) {
        memcpy(at, &(wchar_t){(wchar_t)number}, sizeof(wchar_t));
    } else {
        for (size_t i = 0; i < item->size; i++)
            at[i] = (unsigned char)random_below(256);
    }
}

static void put_values(const struct map *m, size_t count, unsigned char *buf)
{
    for (size_t c = 0; c < count; c++)
        for (size_t i = 0; i < m->count; i++)
            put_value(&m->items[i], buf + (ptrdiff_t)c * map_extent(m) + m->items[i].at);
}

/* In pieces of random room, from wherever the last one ended. */
static void check_pack(const struct sample *s, size_t count, const unsigned char *buf,
                       const unsigned char *image)
{
    const struct ipcr_type *t = ipcr_type_of(s->type);
    size_t size = count * naive_size(&s->map), most = 32 + random_below(size + 1);
    for (size_t done = 0; done < size;) {
        size_t room = 32 + random_below(most), n;
        unsigned char *out = malloc(room);
        n = ipcr_external_pack(t, count, buf, done, out, room);
        assert_true(n <= room);
        assert_true(n + 32 > room || done + n == size); /* no more was left out than one element */
        assert_memory_equal(out, image + done, n);
        done += n;
        free(out);
    }
}

/* And back, into memory that held something else. */
static void check_unpack(const struct sample *s, size_t count, const unsigned char *image)
{
    const struct ipcr_type *t = ipcr_type_of(s->type);
    size_t size = count * naive_size(&s->map);
    ptrdiff_t low, high;
    map_reach(&s->map, count, &low, &high);
    unsigned char *block = calloc(1, (size_t)(high - low) + 1);
    unsigned char *buf = (unsigned char *)((uintptr_t)block - (uintptr_t)low);
    for (size_t done = 0; done < size;) {
        size_t left = size - done, room = 32 + random_below(200);
        done += ipcr_external_unpack(t, count, buf, done, image + done, room < left ? room : left);
    }
    unsigned char *again = naive_pack(&s->map, count, buf);
    assert_memory_equal(again, image, size);
    free(again);
    free(block);
}

static void check_sample(const struct sample *s, size_t count)
{
    ptrdiff_t low, high;
    if (!map_disjoint(&s->map, count))
        return;
    map_reach(&s->map, count, &low, &high);
    unsigned char *block = calloc(1, (size_t)(high - low) + 1);
    unsigned char *buf = (unsigned char *)((uintptr_t)block - (uintptr_t)low);
    put_values(&s->map, count, buf);
    unsigned char *image = naive_pack(&s->map, count, buf);
    check_pack(s, count, buf, image);
    check_unpack(s, count, image);
    free(image);
    free(block);
}

static void random_types(void **unused)
{
    (void)unused;
    for (uint64_t seed = 1; seed <= 3000; seed++) {
        random_seed(seed * 6011);
        struct sample s = sample_make((int)random_below(5), 400);
        assert_int_equal(ipcr_external_size(ipcr_type_of(s.type)), naive_size(&s.map));
        check_sample(&s, 1 + random_below(3));
        if (s.map.count < 50 && map_extent(&s.map) < 1000)
            check_sample(&s, 1 + random_below(200));
        sample_free(&s);
    }
}

/* ---- values -----------------------------------------------------------------------------------
 */

static void check_value(MPI_Datatype type, const void *value, const char *bytes, size_t n)
{
    unsigned char out[32], back[32] = {0};
    const struct ipcr_type *t = ipcr_type_of(type);
    assert_int_equal(ipcr_external_size(t), n);
    assert_int_equal(ipcr_external_pack(t, 1, value, 0, out, sizeof out), n);
    assert_memory_equal(out, bytes, n);
    assert_int_equal(ipcr_external_unpack(t, 1, back, 0, bytes, n), n);
    assert_int_equal(ipcr_external_pack(t, 1, back, 0, out, sizeof out), n);
    assert_memory_equal(out, bytes, n);
}

#define VALUE(type, ctype, value, bytes) \
    check_value(type, &(ctype){value}, bytes, sizeof(bytes) - 1)

static void values(void **unused)
{
    (void)unused;
    VALUE(MPI_SHORT, short, 0x1234, "\x12\x34");
    VALUE(MPI_INT, int, -2, "\xff\xff\xff\xfe");
    VALUE(MPI_LONG, long, -2, "\xff\xff\xff\xfe");
    VALUE(MPI_LONG, long, 0x12345678, "\x12\x34\x56\x78");
    VALUE(MPI_UNSIGNED_LONG, unsigned long, 0xfedcba98, "\xfe\xdc\xba\x98");
    VALUE(MPI_LONG_LONG, long long, 1, "\0\0\0\0\0\0\0\1");
    VALUE(MPI_WCHAR, wchar_t, 0x20ac, "\x20\xac");
    VALUE(MPI_FLOAT, float, 1.0f, "\x3f\x80\0\0");
    VALUE(MPI_DOUBLE, double, -2.0, "\xc0\0\0\0\0\0\0\0");
    VALUE(MPI_LONG_DOUBLE, long double, 1.0L, "\x3f\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    VALUE(MPI_LONG_DOUBLE, long double, -1.5L, "\xbf\xff\x80\0\0\0\0\0\0\0\0\0\0\0\0\0");
    VALUE(MPI_LONG_DOUBLE, long double, INFINITY, "\x7f\xff\0\0\0\0\0\0\0\0\0\0\0\0\0\0");
    VALUE(MPI_C_BOOL, bool, true, "\1");
#ifdef IPCR_HAVE_I128
    VALUE(MPI_INTEGER16, ipcr_i128, 1, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1");
#endif
    VALUE(MPI_REAL2, uint16_t, 0x3c00, "\x3c\0");
    VALUE(MPI_AINT, MPI_Aint, -1, "\xff\xff\xff\xff\xff\xff\xff\xff");
    struct {
        long value;
        int index;
    } pair = {-3, 5};
    check_value(MPI_LONG_INT, &pair, "\xff\xff\xff\xfd\0\0\0\5", 8);
    double complex_number[2] = {1, -2};
    check_value(MPI_C_DOUBLE_COMPLEX, complex_number, "\x3f\xf0\0\0\0\0\0\0\xc0\0\0\0\0\0\0\0", 16);
}

/* No room for one element: nothing is written. */
static void no_room(void **unused)
{
    (void)unused;
    unsigned char out[8] = {0x2e, 0x2e, 0x2e, 0x2e, 0x2e};
    const struct ipcr_type *t = ipcr_type_of(MPI_INT);
    assert_int_equal(ipcr_external_pack(t, 5, (int[5]){0}, 0, out, 3), 0);
    assert_int_equal(out[0], 0x2e);
    assert_int_equal(ipcr_external_pack(t, 1, (int[1]){0}, 0, out, 5), 4);
    assert_int_equal(out[4], 0x2e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values),
        cmocka_unit_test(no_room),
        cmocka_unit_test(random_types),
    };
    ipcr_gate = 0; /* datatypes need no job */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
