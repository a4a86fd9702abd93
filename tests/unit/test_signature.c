/* Type signatures: what compares equal however it is nested, and what does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "signature.h"
#include "typemake.h"

static struct ipcr_type *of(MPI_Datatype handle)
{
    return ipcr_type_of(handle);
}

static struct ipcr_type *contiguous(int64_t count, struct ipcr_type *old)
{
    struct ipcr_type *made;
    assert_int_equal(ipcr_type_contiguous(count, old, &made), MPI_SUCCESS);
    return made;
}

/* a x first, then b x second. */
static struct ipcr_type *structure(int64_t a, MPI_Datatype first, int64_t b, MPI_Datatype second)
{
    int64_t lengths[2] = {a, b}, places[2] = {0, 64};
    MPI_Datatype types[2] = {first, second};
    struct ipcr_struct is = {2, IPCR_INTS(lengths), IPCR_INTS(places), types};
    struct ipcr_type *made;
    assert_int_equal(ipcr_type_struct(&is, &made), MPI_SUCCESS);
    return made;
}

static bool match(struct ipcr_type *a, struct ipcr_type *b, uint64_t bytes)
{
    return ipcr_signatures_match(ipcr_signature(a, bytes), ipcr_signature(b, bytes));
}

static void uniform(void **state)
{
    (void)state;
    struct ipcr_type *three = contiguous(3, of(MPI_INT)), *vector;
    assert_int_equal(ipcr_type_vector(2, 1, 5, three, &vector), MPI_SUCCESS);
    assert_true(match(of(MPI_INT), three, 12));
    assert_true(match(vector, of(MPI_INT), 24));
    assert_true(match(of(MPI_INT), of(MPI_INT32_T), 400));
    assert_false(match(of(MPI_INT), of(MPI_FLOAT), 4));
    assert_false(match(of(MPI_INT), of(MPI_UNSIGNED), 4));
    assert_false(match(of(MPI_CHAR), of(MPI_BYTE), 1));
    /* one double is not three halves of integers */
    assert_false(match(of(MPI_DOUBLE), of(MPI_INT), 12));
    ipcr_type_release(vector);
    ipcr_type_release(three);
}

static void mixed(void **state)
{
    (void)state;
    struct ipcr_type *ab = structure(2, MPI_INT, 1, MPI_DOUBLE);
    struct ipcr_type *ba = structure(1, MPI_DOUBLE, 2, MPI_INT);
    struct ipcr_type *pairs = contiguous(2, ab);
    struct ipcr_type *nested = structure(1, ab->handle, 1, ab->handle);
    assert_true(match(ab, pairs, 32));
    assert_true(match(nested, pairs, 64));
    assert_true(match(nested, ab, 48));
    assert_false(match(ab, ba, 16));
    assert_false(match(ab, of(MPI_INT), 16));
    /* as far as the message goes: two integers */
    assert_true(match(ab, of(MPI_INT), 8));
    ipcr_type_release(nested);
    ipcr_type_release(pairs);
    ipcr_type_release(ba);
    ipcr_type_release(ab);
}

static void pairs(void **state)
{
    (void)state;
    struct ipcr_type *made = structure(1, MPI_DOUBLE, 1, MPI_INT);
    assert_true(match(made, of(MPI_DOUBLE_INT), 24));
    assert_true(match(of(MPI_2INT), of(MPI_INT), 16));
    assert_false(match(of(MPI_2INT), of(MPI_DOUBLE), 16));
    ipcr_type_release(made);
}

static void anything(void **state)
{
    (void)state;
    assert_int_equal(ipcr_signature(of(MPI_INT), 0), IPCR_SIGNATURE_NONE);
    assert_true(match(of(MPI_PACKED), of(MPI_INT), 4));
    assert_true(match(of(MPI_DOUBLE), of(MPI_PACKED), 4));
}

static void in_words(void **state)
{
    (void)state;
    char text[100];
    ipcr_signature_words(ipcr_signature(of(MPI_FLOAT), 40), 40, text, sizeof text);
    assert_string_equal(text, "10 x MPI_FLOAT");
    struct ipcr_type *ab = structure(2, MPI_INT, 1, MPI_DOUBLE);
    ipcr_signature_words(ipcr_signature(ab, 32), 32, text, sizeof text);
    assert_string_equal(text, "32 bytes of several types");
    ipcr_type_release(ab);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uniform),  cmocka_unit_test(mixed),    cmocka_unit_test(pairs),
        cmocka_unit_test(anything), cmocka_unit_test(in_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
