/* Packing, unpacking, copying, extents and element counts of random datatypes, against type maps;
 * and the shapes that the packing loops treat in their own way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "comm.h"
#include "datatype.h"
#include "layout.h"
#include "lock.h"
#include "typemap.h"

/* Memory that count elements of a sample live in: exactly their bytes, so that a sanitizer sees
 * every step outside. `buf` is what the program would pass. */
struct memory {
    unsigned char *block, *buf;
    size_t size;
};

static struct memory memory_for(const struct map *m, size_t count)
{
    ptrdiff_t low, high;
    map_reach(m, count, &low, &high);
    struct memory mem = {.size = (size_t)(high - low)};
    mem.block = malloc(mem.size ? mem.size : 1);
    for (size_t i = 0; i < mem.size; i++)
        mem.block[i] = (unsigned char)random_below(256);
    mem.buf = (unsigned char *)((uintptr_t)mem.block - (uintptr_t)low);
    return mem;
}

static unsigned char *noise(size_t size)
{
    unsigned char *bytes = malloc(size ? size : 1);
    for (size_t i = 0; i < size; i++)
        bytes[i] = (unsigned char)random_below(256);
    return bytes;
}

/* ---- one sample -------------------------------------------------------------------------------
 */

static void check_bounds(const struct sample *s)
{
    const struct ipcr_type *t = ipcr_type_of(s->type);
    ptrdiff_t low, high, lb;
    map_reach(&s->map, 1, &low, &high);
    assert_int_equal(t->size, map_size(&s->map));
    assert_int_equal(t->lb, s->map.any ? s->map.lb : 0);
    assert_int_equal(t->extent, s->map.any ? map_extent(&s->map) : 0);
    assert_int_equal(t->true_lb, low);
    assert_int_equal(t->true_extent, high - low);
    for (size_t count = 0; count < 4; count++) {
        map_reach(&s->map, count, &low, &high);
        assert_int_equal(ipcr_type_span(t, count, &lb), high - low);
        assert_int_equal(lb, low);
    }
}

static void check_cut(const struct sample *s, size_t count, const struct memory *mem,
                      const unsigned char *image)
{
    const struct ipcr_type *t = ipcr_type_of(s->type);
    size_t size = count * t->size, from = random_below(size + 1);
    size_t len = random_below(2) ? random_below(size - from + 1) : random_below(20);
    if (from + len > size)
        len = size - from;
    unsigned char *out = malloc(len ? len : 1);
    ipcr_type_pack(t, count, mem->buf, from, out, len);
    assert_memory_equal(out, image + from, len);
    free(out);
}

static void check_pack(const struct sample *s, size_t count)
{
    const struct ipcr_type *t = ipcr_type_of(s->type);
    struct memory mem = memory_for(&s->map, count);
    unsigned char *image = map_pack(&s->map, count, mem.buf), *out = malloc(count * t->size + 1);
    ipcr_type_pack(t, count, mem.buf, 0, out, count * t->size);
    assert_memory_equal(out, image, count * t->size);
    for (int i = 0; i < 12; i++)
        check_cut(s, count, &mem, image);
    free(out);
    free(image);
    free(mem.block);
}

/* Unpacks in random pieces; gaps keep what they had. */
static void check_unpack(const struct sample *s, size_t count)
{
    const struct ipcr_type *t = ipcr_type_of(s->type);
    if (!map_disjoint(&s->map, count))
        return;
    size_t size = count * t->size, most = 1 + random_below(random_below(2) ? 16 : size + 1);
    struct memory mem = memory_for(&s->map, count);
    unsigned char *expected = malloc(mem.size + 1), *image = noise(size);
    memcpy(expected, mem.block, mem.size);
    map_unpack(&s->map, count, expected + (mem.buf - mem.block), image);
    for (size_t done = 0; done < size;) {
        size_t len = 1 + random_below(most);
        if (len > size - done)
            len = size - done;
        unsigned char *piece = malloc(len);
        memcpy(piece, image + done, len);
        ipcr_type_unpack(t, count, mem.buf, done, piece, len);
        free(piece);
        done += len;
    }
    assert_memory_equal(mem.block, expected, mem.size);
    free(image);
    free(expected);
    free(mem.block);
}

static void check_elements(const struct sample *s)
{
    const struct ipcr_type *t = ipcr_type_of(s->type);
    const struct map *m = &s->map;
    size_t start = 0, n = 0;
    for (size_t copy = 0; copy < 2; copy++)
        for (size_t i = 0; i < m->count; start += m->items[i].size, i++, n++) {
            assert_int_equal(ipcr_type_elements(t, start), n);
            assert_int_equal(ipcr_type_element_bytes(t, (int64_t)n), start);
            if (m->items[i].size > 1)
                assert_int_equal(ipcr_type_elements(t, start + m->items[i].size / 2),
                                 MPI_UNDEFINED);
        }
    assert_int_equal(ipcr_type_elements(t, start), n);
    assert_int_equal(t->elements, m->count);
}

static void check_sample(const struct sample *s)
{
    check_bounds(s);
    check_elements(s);
    for (size_t count = 0; count < 4; count++) {
        check_pack(s, count);
        check_unpack(s, count);
    }
    size_t many = 1 + random_below(60);
    if (s->map.count * many < 20000 && map_extent(&s->map) < 4000) {
        check_pack(s, many);
        check_unpack(s, many);
    }
}

/* ---- tests ------------------------------------------------------------------------------------
 */

enum { SAMPLES = 6000 };

static void random_types(void **unused)
{
    (void)unused;
    int kinds[IPCR_LIST + 1] = {0};
    for (uint64_t seed = 1; seed <= SAMPLES; seed++) {
        random_seed(seed * 7919);
        struct sample s = sample_make((int)random_below(5), 400);
        kinds[ipcr_type_of(s.type)->layout->kind]++;
        check_sample(&s);
        sample_free(&s);
    }
    for (int i = 0; i <= IPCR_LIST; i++)
        assert_true(kinds[i] > SAMPLES / 100); /* the generator reaches every form */
}

/* From one layout into another one of a different shape. */
static void check_copy(const struct sample *from, const struct sample *to, size_t scount,
                       size_t rcount)
{
    const struct ipcr_type *st = ipcr_type_of(from->type), *rt = ipcr_type_of(to->type);
    size_t sent = scount * st->size, room = rcount * rt->size, len = sent < room ? sent : room;
    struct memory src = memory_for(&from->map, scount), dst = memory_for(&to->map, rcount);
    unsigned char *image = map_pack(&from->map, scount, src.buf);
    unsigned char *before = map_pack(&to->map, rcount, dst.buf);
    unsigned char *expected = malloc(dst.size + 1);
    image = realloc(image, room + sent + 1);
    memcpy(image + len, before + len, room - len);
    memcpy(expected, dst.block, dst.size);
    map_unpack(&to->map, rcount, expected + (dst.buf - dst.block), image);
    ipcr_type_copy(src.buf, scount, st, dst.buf, rcount, rt);
    assert_memory_equal(dst.block, expected, dst.size);
    free(src.block);
    free(dst.block);
    free(image);
    free(before);
    free(expected);
}

static void copies(void **unused)
{
    (void)unused;
    int done = 0;
    for (uint64_t seed = 1; done < 1500; seed++) {
        random_seed(seed * 104729);
        struct sample a = sample_make((int)random_below(4), 300);
        struct sample b = sample_make((int)random_below(4), 300);
        size_t scount = random_below(80), rcount = random_below(80);
        if (map_disjoint(&b.map, rcount)) {
            check_copy(&a, &b, scount, rcount);
            done++;
        }
        sample_free(&a);
        sample_free(&b);
    }
}

/* Blocks of every size up to 40 bytes, with gaps: each of the fixed sizes and those between. */
static void block_sizes(void **unused)
{
    (void)unused;
    random_seed(3);
    for (int block = 1; block <= 40; block++)
        for (int n = 1; n <= 20; n += 3) {
            struct sample s = {0};
            struct map byte = {.any = true, .ub = 1, .align = 1};
            byte.items = &(struct item){0, 1, MPI_BYTE};
            byte.count = 1;
            for (int i = 0; i < n; i++)
                for (int j = 0; j < block; j++)
                    map_add(&s.map, &byte, i * (block + 3) + j);
            MPI_Type_create_hvector(n, block, block + 3, MPI_BYTE, &s.type);
            check_sample(&s);
            sample_free(&s);
        }
}

/* A long list of blocks, moved as a whole by a struct around it, twice. */
static void moved_lists(void **unused)
{
    (void)unused;
    random_seed(5);
    enum { N = 20 };
    int places[N], lengths[N];
    struct map one = {.any = true, .ub = 2, .align = 2};
    one.items = &(struct item){0, 2, MPI_SHORT};
    one.count = 1;
    struct sample list = {0}, inner = {0}, outer = {0};
    for (int i = 0; i < N; i++) {
        places[i] = i * i + i;
        lengths[i] = 1 + i % 2;
        for (int j = 0; j < lengths[i]; j++)
            map_add(&list.map, &one, 2 * (places[i] + j));
    }
    MPI_Type_indexed(N, lengths, places, MPI_SHORT, &list.type);
    assert_int_equal(ipcr_type_of(list.type)->layout->kind, IPCR_BLOCKS);
    map_add(&inner.map, &list.map, 100);
    MPI_Type_create_struct(1, (int[]){1}, (MPI_Aint[]){100}, &list.type, &inner.type);
    map_add(&outer.map, &inner.map, -3000);
    map_add(&outer.map, &list.map, 1);
    map_close(&outer.map);
    MPI_Type_create_struct(2, (int[]){1, 1}, (MPI_Aint[]){-3000, 1},
                           (MPI_Datatype[]){inner.type, list.type}, &outer.type);
    struct sample row = {0}; /* blocks of several lengths: each needs a loop of its own */
    int at[] = {0, 3, 9, 14}, copies_at[] = {1, 2, 2, 3};
    for (int i = 0; i < 4; i++)
        for (int j = 0; j < copies_at[i]; j++)
            map_add(&row.map, &list.map, (at[i] + j) * map_extent(&list.map));
    MPI_Type_indexed(4, copies_at, at, list.type, &row.type);
    check_sample(&row);
    sample_free(&row);
    check_sample(&list);
    sample_free(&list);
    check_sample(&inner);
    sample_free(&inner);
    check_sample(&outer);
    sample_free(&outer);
}

/* MPI_BOTTOM: absolute addresses, so the buffer is a null pointer. */
static void bottom(void **unused)
{
    (void)unused;
    int a = 11, b[2] = {22, 33}, packed[3];
    MPI_Aint places[2];
    MPI_Get_address(&a, &places[0]);
    MPI_Get_address(b, &places[1]);
    MPI_Datatype type;
    MPI_Type_create_hindexed(2, (int[]){1, 2}, places, MPI_INT, &type);
    const struct ipcr_type *t = ipcr_type_of(type);
    ipcr_type_pack(t, 1, MPI_BOTTOM, 0, packed, sizeof packed);
    assert_memory_equal(packed, ((int[]){11, 22, 33}), sizeof packed);
    ipcr_type_unpack(t, 1, MPI_BOTTOM, 4, (int[]){44, 55}, 8);
    assert_int_equal(a, 11);
    assert_memory_equal(b, ((int[]){44, 55}), sizeof b);
    MPI_Type_free(&type);
}

/* What differs only in how it was written down has the same form. */
static void normal_forms(void **unused)
{
    (void)unused;
    MPI_Datatype dense, column, again, cell, matrix;
    MPI_Type_vector(6, 4, 4, MPI_INT, &dense);
    assert_true(ipcr_type_of(dense)->dense);
    assert_int_equal(ipcr_type_of(dense)->layout->kind, IPCR_DENSE);

    MPI_Type_vector(12, 1, 10, MPI_DOUBLE, &column);
    MPI_Type_create_resized(MPI_DOUBLE, 0, 80, &cell);
    MPI_Type_contiguous(12, cell, &again);
    const struct ipcr_layout *l = ipcr_type_of(column)->layout, *m = ipcr_type_of(again)->layout;
    assert_int_equal(l->kind, IPCR_STRIDED);
    assert_int_equal(m->kind, IPCR_STRIDED);
    assert_int_equal(l->count, m->count);
    assert_int_equal(l->stride, m->stride);
    assert_int_equal(l->block, m->block);

    MPI_Type_contiguous(5, again, &matrix); /* goes on in the same step */
    assert_int_equal(ipcr_type_of(matrix)->layout->kind, IPCR_STRIDED);
    assert_int_equal(ipcr_type_of(matrix)->layout->count, 60);
    MPI_Type_free(&matrix);
    MPI_Type_indexed(3, (int[]){2, 2, 2}, (int[]){0, 5, 10}, MPI_INT, &matrix);
    assert_int_equal(ipcr_type_of(matrix)->layout->kind, IPCR_STRIDED);

    MPI_Type_free(&dense);
    MPI_Type_free(&column);
    MPI_Type_free(&cell);
    MPI_Type_free(&again);
    MPI_Type_free(&matrix);
}

/* MPI_Pack and MPI_Unpack: positions, and the data as MPI_Send would send it. */
static void pack_calls(void **unused)
{
    (void)unused;
    struct ipcr_comm self = {.magic = IPCR_COMM_MAGIC, .size = 1, .name = "a test"};
    struct ipcr_comm *before = ipcr_comm_self;
    ipcr_comm_self = &self;
    unsigned char buffer[64];
    int position = 0, size;
    double column[8] = {0, 1, 2, 3, 4, 5, 6, 7}, back[8] = {0};
    MPI_Datatype even;
    MPI_Type_vector(4, 1, 2, MPI_DOUBLE, &even);
    MPI_Type_commit(&even);
    assert_int_equal(MPI_Pack_size(1, even, MPI_COMM_SELF, &size), MPI_SUCCESS);
    assert_int_equal(size, 32);
    assert_int_equal(MPI_Pack_size(INT32_MAX, MPI_DOUBLE, MPI_COMM_SELF, &size), MPI_SUCCESS);
    assert_int_equal(size, MPI_UNDEFINED);
    MPI_Pack(&(int){77}, 1, MPI_INT, buffer, sizeof buffer, &position, MPI_COMM_SELF);
    assert_int_equal(position, 4);
    MPI_Pack(column, 1, even, buffer, sizeof buffer, &position, MPI_COMM_SELF);
    assert_int_equal(position, 36);

    int number = 0;
    position = 0;
    MPI_Unpack(buffer, 36, &position, &number, 1, MPI_INT, MPI_COMM_SELF);
    MPI_Unpack(buffer, 36, &position, back, 4, MPI_DOUBLE, MPI_COMM_SELF);
    assert_int_equal(number, 77);
    assert_int_equal(position, 36);
    for (int i = 0; i < 4; i++)
        assert_true(back[i] == 2 * i);
    MPI_Type_free(&even);
    ipcr_comm_self = before;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(normal_forms), cmocka_unit_test(block_sizes), cmocka_unit_test(bottom),
        cmocka_unit_test(moved_lists),  cmocka_unit_test(pack_calls),  cmocka_unit_test(copies),
        cmocka_unit_test(random_types),
    };
    ipcr_gate = 0; /* datatypes need no job */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
