// The parts of the standard ABI that no other test meets: handles as integers, the version of the
// ABI, string-valued info, error codes that are taken back. Skipped where the header is not the
// ABI's.
#include "check.h"

#ifndef MPI_ABI_VERSION

int main(void)
{
    puts("the header is not that of the standard ABI");
    return 77;
}

#else

static void versions(void)
{
    int major = -1, minor = -1;

    OK(MPI_Abi_get_version(&major, &minor));
    EQ(major, MPI_ABI_VERSION);
    EQ(minor, MPI_ABI_SUBVERSION);
}

// Predefined handles keep their values, others come back from their numbers.
static void integers(void)
{
    MPI_Comm comm;
    MPI_Datatype type;
    MPI_Group group;
    MPI_Info info;
    MPI_Message message;
    MPI_Request request;
    int value = 1, got = 0;

    EQ(MPI_Comm_toint(MPI_COMM_WORLD), 0x101);
    CHECK(MPI_Comm_fromint(0x102) == MPI_COMM_SELF);
    EQ(MPI_Type_toint(MPI_INT), 0x209);
    CHECK(MPI_Type_fromint(MPI_Type_toint(MPI_DOUBLE)) == MPI_DOUBLE);
    EQ(MPI_Op_toint(MPI_SUM), 0x21);
    CHECK(MPI_Op_fromint(MPI_Op_toint(MPI_MAXLOC)) == MPI_MAXLOC);
    CHECK(MPI_Group_fromint(MPI_Group_toint(MPI_GROUP_EMPTY)) == MPI_GROUP_EMPTY);
    CHECK(MPI_Request_fromint(MPI_Request_toint(MPI_REQUEST_NULL)) == MPI_REQUEST_NULL);
    CHECK(MPI_Errhandler_fromint(MPI_Errhandler_toint(MPI_ERRORS_RETURN)) == MPI_ERRORS_RETURN);
    OK(MPI_Comm_dup(MPI_COMM_WORLD, &comm));
    CHECK(MPI_Comm_fromint(MPI_Comm_toint(comm)) == comm);
    OK(MPI_Comm_group(comm, &group));
    CHECK(MPI_Group_fromint(MPI_Group_toint(group)) == group);
    OK(MPI_Group_free(&group));
    OK(MPI_Comm_free(&comm));
    OK(MPI_Type_contiguous(2, MPI_INT, &type));
    CHECK(MPI_Type_fromint(MPI_Type_toint(type)) == type);
    OK(MPI_Type_free(&type));
    CHECK(MPI_Info_fromint(MPI_Info_toint(MPI_INFO_ENV)) == MPI_INFO_ENV);
    OK(MPI_Info_create(&info));
    CHECK(MPI_Info_fromint(MPI_Info_toint(info)) == info);
    OK(MPI_Info_free(&info));
    CHECK(MPI_Message_fromint(MPI_Message_toint(MPI_MESSAGE_NO_PROC)) == MPI_MESSAGE_NO_PROC);
    OK(MPI_Isend(&value, 1, MPI_INT, 0, 0, MPI_COMM_SELF, &request));
    OK(MPI_Mprobe(0, MPI_ANY_TAG, MPI_COMM_SELF, &message, MPI_STATUS_IGNORE));
    message = MPI_Message_fromint(MPI_Message_toint(message));
    OK(MPI_Mrecv(&got, 1, MPI_INT, &message, MPI_STATUS_IGNORE));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    EQ(got, 1);
    got = 0;
    OK(MPI_Irecv(&got, 1, MPI_INT, me, 0, MPI_COMM_WORLD, &request));
    request = MPI_Request_fromint(MPI_Request_toint(request));
    OK(MPI_Send(&value, 1, MPI_INT, me, 0, MPI_COMM_WORLD));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    EQ(got, 1);
}

// The length that a value needs is told, and a short buffer gets what fits, ended by a null.
static void info_strings(void)
{
    char value[16];
    MPI_Info info;
    int length = 0, flag = -1;

    OK(MPI_Info_create(&info));
    OK(MPI_Info_set(info, "colour", "aquamarine"));
    OK(MPI_Info_get_string(info, "colour", &length, value, &flag));
    EQ(!!flag, 1);
    EQ(length, 11);
    length = 5;
    OK(MPI_Info_get_string(info, "colour", &length, value, &flag));
    EQ(length, 11);
    CHECK(strcmp(value, "aqua") == 0);
    length = sizeof value;
    OK(MPI_Info_get_string(info, "colour", &length, value, &flag));
    CHECK(strcmp(value, "aquamarine") == 0);
    OK(MPI_Info_get_string(info, "shape", &length, value, &flag));
    EQ(flag, 0);
    OK(MPI_Info_free(&info));
}

static void removed_codes(void)
{
    int class, code;

    OK(MPI_Add_error_class(&class));
    OK(MPI_Add_error_code(class, &code));
    OK(MPI_Add_error_string(code, "gone soon"));
    OK(MPI_Remove_error_string(code));
    OK(MPI_Remove_error_code(code));
    OK(MPI_Remove_error_class(class));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    versions();
    integers();
    info_strings();
    removed_codes();
    return check_end();
}

#endif
