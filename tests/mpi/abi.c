// Chapter 20: versions, sizes, what a Fortran binding tells, and handles as integers. Nothing here
// needs MPI_Init, so half of it happens before.
#include "check.h"

static int number_of(MPI_Info info, const char *key)
{
    char value[MPI_MAX_INFO_VAL] = "-1";
    int room = sizeof value, flag = 0;

    OK(MPI_Info_get_string(info, key, &room, value, &flag));
    return flag ? atoi(value) : -1;
}

static void versions(void)
{
    int major = -1, minor = -1;
    MPI_Info info = MPI_INFO_NULL;

    OK(MPI_Abi_get_version(&major, &minor));
    EQ(major, MPI_ABI_VERSION);
    EQ(minor, MPI_ABI_SUBVERSION);
    OK(MPI_Abi_get_info(&info));
    EQ(number_of(info, "mpi_aint_size"), sizeof(MPI_Aint));
    EQ(number_of(info, "mpi_count_size"), sizeof(MPI_Count));
    EQ(number_of(info, "mpi_offset_size"), sizeof(MPI_Offset));
    OK(MPI_Info_free(&info));
}

static void fortran_info(void)
{
    MPI_Info told, got = MPI_INFO_NULL;

    OK(MPI_Abi_get_fortran_info(&got));
    CHECK(got == MPI_INFO_NULL);
    OK(MPI_Info_create(&told));
    OK(MPI_Info_set(told, "mpi_integer_size", "4"));
    OK(MPI_Info_set(told, "mpi_real16_supported", "true"));
    OK(MPI_Abi_set_fortran_info(told));
    OK(MPI_Info_free(&told));
    OK(MPI_Abi_get_fortran_info(&got));
    EQ(number_of(got, "mpi_integer_size"), 4);
    OK(MPI_Info_free(&got));
}

static void booleans(void)
{
    int32_t yes = -1, no = 0, got_yes = 5, got_no = 5;
    int64_t wide = 7;
    int set = -1;

    OK(MPI_Abi_get_fortran_booleans(4, &got_yes, &got_no, &set));
    EQ(set, 0);
    OK(MPI_Abi_set_fortran_booleans(4, &yes, &no));
    OK(MPI_Abi_get_fortran_booleans(4, &got_yes, &got_no, &set));
    EQ(set, 1);
    EQ(got_yes, -1);
    EQ(got_no, 0);
    OK(MPI_Abi_get_fortran_booleans(8, &wide, &wide, &set));
    EQ(set, 0);
}

// What has been settled stays so.
static void again(void)
{
    int64_t word = 1;
    MPI_Info told;

    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN));
    OK(MPI_Info_create(&told));
    FAILS(MPI_Abi_set_fortran_info(told), MPI_ERR_ABI);
    OK(MPI_Info_free(&told));
    FAILS(MPI_Abi_set_fortran_info(MPI_INFO_NULL), MPI_ERR_INFO);
    FAILS(MPI_Abi_set_fortran_booleans(4, &word, &word), MPI_ERR_ABI);
    FAILS(MPI_Abi_set_fortran_booleans(3, &word, &word), MPI_ERR_ARG);
    FAILS(MPI_Abi_get_fortran_booleans(32, &word, &word, &(int){0}), MPI_ERR_ARG);
    OK(MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_ARE_FATAL));
}

int main(int argc, char **argv)
{
    versions();
    fortran_info();
    booleans();
    check_begin(&argc, &argv);
    versions();
    again();
    return check_end();
}
