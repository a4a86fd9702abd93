// Statuses that a program fills and reads: fields, elements of basic and derived types up to
// numbers that an int does not hold, the cancelled mark, and the way to Fortran and back.
#include "check.h"

#include <limits.h>

static void fields(void)
{
    MPI_Status status;
    int value = -1;

    memset(&status, 0x5a, sizeof status);
    OK(MPI_Status_set_source(&status, 7));
    OK(MPI_Status_set_tag(&status, 99));
    OK(MPI_Status_set_error(&status, MPI_ERR_OTHER));
    EQ(status.MPI_SOURCE, 7);
    EQ(status.MPI_TAG, 99);
    EQ(status.MPI_ERROR, MPI_ERR_OTHER);
    OK(MPI_Status_get_source(&status, &value));
    EQ(value, 7);
    OK(MPI_Status_get_tag(&status, &value));
    EQ(value, 99);
    OK(MPI_Status_get_error(&status, &value));
    EQ(value, MPI_ERR_OTHER);
}

static void cancelled(void)
{
    MPI_Status status = {0};
    int flag = -1;

    for (int want = 0; want < 2; want++) {
        OK(MPI_Status_set_cancelled(&status, want));
        OK(MPI_Test_cancelled(&status, &flag));
        EQ(flag, want);
    }
}

// What was set comes back from every getter; where an int is too small it says MPI_UNDEFINED.
static void elements_of(MPI_Datatype type, int per_item, MPI_Count elements)
{
    MPI_Status status = {0};
    MPI_Count large = -1;
    int small = -1, whole = elements % per_item == 0;

    OK(MPI_Status_set_elements_c(&status, type, elements));
    OK(MPI_Get_elements_c(&status, type, &large));
    EQ(large, elements);
    OK(MPI_Get_elements_x(&status, type, &large));
    EQ(large, elements);
    OK(MPI_Get_elements(&status, type, &small));
    EQ(small, elements > INT_MAX ? MPI_UNDEFINED : elements);
    OK(MPI_Get_count_c(&status, type, &large));
    EQ(large, whole ? elements / per_item : MPI_UNDEFINED);
    OK(MPI_Get_count(&status, type, &small));
    EQ(small, whole && elements / per_item <= INT_MAX ? elements / per_item : MPI_UNDEFINED);
}

static void elements(void)
{
    static const MPI_Count counts[] = {
        0, 1, 5, 6, INT_MAX, (MPI_Count)INT_MAX + 1, (MPI_Count)3 * INT_MAX, (MPI_Count)6 << 40};
    MPI_Datatype triple;

    OK(MPI_Type_contiguous(3, MPI_DOUBLE, &triple));
    OK(MPI_Type_commit(&triple));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        elements_of(MPI_BYTE, 1, counts[i]);
        elements_of(MPI_DOUBLE, 1, counts[i]);
        elements_of(triple, 3, counts[i]);
    }
    OK(MPI_Type_free(&triple));
}

static void older_forms(void)
{
    MPI_Status status = {0};
    MPI_Count large = -1;

    OK(MPI_Status_set_elements(&status, MPI_INT, 12));
    OK(MPI_Get_count_c(&status, MPI_INT, &large));
    EQ(large, 12);
    OK(MPI_Status_set_elements_x(&status, MPI_INT, (MPI_Count)1 << 35));
    OK(MPI_Get_elements_c(&status, MPI_INT, &large));
    EQ(large, (MPI_Count)1 << 35);
}

static void wrong(void)
{
    MPI_Status status = {0};
    MPI_Count large;
    int small;

    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    FAILS(MPI_Get_count(&status, MPI_DATATYPE_NULL, &small), MPI_ERR_TYPE);
    FAILS(MPI_Get_count_c(&status, MPI_DATATYPE_NULL, &large), MPI_ERR_TYPE);
    FAILS(MPI_Get_elements_c(&status, MPI_DATATYPE_NULL, &large), MPI_ERR_TYPE);
    FAILS(MPI_Status_set_elements_c(&status, MPI_DATATYPE_NULL, 1), MPI_ERR_TYPE);
    FAILS(MPI_Status_set_elements_c(&status, MPI_INT, -1), MPI_ERR_COUNT);
    FAILS(MPI_Status_set_elements_c(&status, MPI_DOUBLE, INT64_MAX), MPI_ERR_COUNT);
    FAILS(MPI_Status_get_source(MPI_STATUS_IGNORE, &small), MPI_ERR_ARG);
    FAILS(MPI_Get_count(MPI_STATUS_IGNORE, MPI_INT, &small), MPI_ERR_ARG);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL));
}

static void fortran(void)
{
    MPI_Status status = {0}, back = {0};
    MPI_Fint array[MPI_F_STATUS_SIZE];
    MPI_Count large = -1;
    int flag = 0;

    OK(MPI_Status_set_source(&status, 3));
    OK(MPI_Status_set_tag(&status, 4));
    OK(MPI_Status_set_error(&status, MPI_ERR_TAG));
    OK(MPI_Status_set_elements_c(&status, MPI_INT, (MPI_Count)1 << 33));
    OK(MPI_Status_set_cancelled(&status, 1));
    OK(MPI_Status_c2f(&status, array));
    EQ(array[MPI_F_SOURCE], 3);
    EQ(array[MPI_F_TAG], 4);
    EQ(array[MPI_F_ERROR], MPI_ERR_TAG);
    OK(MPI_Status_f2c(array, &back));
    EQ(back.MPI_SOURCE, 3);
    EQ(back.MPI_TAG, 4);
    EQ(back.MPI_ERROR, MPI_ERR_TAG);
    OK(MPI_Get_elements_c(&back, MPI_INT, &large));
    EQ(large, (MPI_Count)1 << 33);
    OK(MPI_Test_cancelled(&back, &flag));
    EQ(flag, 1);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    fields();
    cancelled();
    elements();
    older_forms();
    wrong();
    fortran();
    return check_end();
}
