// Error classes, codes and strings: the predefined ones and those that a program adds.
#include "check.h"

static void predefined(void)
{
    const int classes[] = {MPI_SUCCESS,    MPI_ERR_BUFFER, MPI_ERR_COUNT,    MPI_ERR_TYPE,
                           MPI_ERR_TAG,    MPI_ERR_COMM,   MPI_ERR_RANK,     MPI_ERR_REQUEST,
                           MPI_ERR_ROOT,   MPI_ERR_GROUP,  MPI_ERR_OP,       MPI_ERR_TOPOLOGY,
                           MPI_ERR_DIMS,   MPI_ERR_ARG,    MPI_ERR_UNKNOWN,  MPI_ERR_TRUNCATE,
                           MPI_ERR_OTHER,  MPI_ERR_INTERN, MPI_ERR_PENDING,  MPI_ERR_IN_STATUS,
                           MPI_ERR_KEYVAL, MPI_ERR_NO_MEM, MPI_ERR_FILE,     MPI_ERR_WIN,
                           MPI_ERR_INFO,   MPI_ERR_IO,     MPI_ERR_NOT_SAME, MPI_ERR_ACCESS,
                           MPI_ERR_SPAWN,  MPI_ERR_PORT,   MPI_ERR_SERVICE,  MPI_ERR_NAME};
    enum { CLASSES = sizeof classes / sizeof *classes };
    char texts[CLASSES][MPI_MAX_ERROR_STRING];
    int length;

    EQ(MPI_SUCCESS, 0);
    for (int i = 0; i < CLASSES; i++) {
        // A class is a code, too, and its own class.
        EQ(check_class(classes[i]), classes[i]);
        CHECK(classes[i] <= MPI_ERR_LASTCODE);
        length = -1;
        OK(MPI_Error_string(classes[i], texts[i], &length));
        EQ(length, (int)strlen(texts[i]));
        CHECK(length > 0 && length < MPI_MAX_ERROR_STRING);
        for (int k = 0; k < i; k++)
            CHECK_SAYING(strcmp(texts[i], texts[k]) != 0, "classes %d and %d are both '%s'",
                         classes[i], classes[k], texts[i]);
    }
}

static int last_used(void)
{
    int *value = NULL, flag = 0;
    OK(MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_LASTUSEDCODE, &value, &flag));
    EQ(flag, 1);
    return flag ? *value : -1;
}

static void check_string(int code, const char *want)
{
    char text[MPI_MAX_ERROR_STRING] = "?";
    int length = -1;

    OK(MPI_Error_string(code, text, &length));
    CHECK_SAYING(strcmp(text, want) == 0, "code %d is '%s'; should be '%s'", code, text, want);
    EQ(length, (int)strlen(want));
}

static void added(void)
{
    int before = last_used(), first, second, code, more;

    CHECK(before >= MPI_ERR_LASTCODE);
    OK(MPI_Add_error_class(&first));
    CHECK(first > MPI_ERR_LASTCODE);
    CHECK(last_used() > before);
    OK(MPI_Add_error_class(&second));
    CHECK(second != first);
    OK(MPI_Add_error_code(first, &code));
    OK(MPI_Add_error_code(MPI_ERR_ARG, &more));
    CHECK(code != more && code != first && more != MPI_ERR_ARG);
    EQ(check_class(first), first);
    EQ(check_class(second), second);
    EQ(check_class(code), first);
    EQ(check_class(more), MPI_ERR_ARG);
    CHECK(last_used() >= first && last_used() >= second);
    // Until it is set the string is empty.
    check_string(second, "");
    OK(MPI_Add_error_string(first, "disk full"));
    OK(MPI_Add_error_string(code, "disk full on node 7"));
    check_string(first, "disk full");
    check_string(code, "disk full on node 7");
    OK(MPI_Add_error_string(code, "nearly full"));
    check_string(code, "nearly full");
    check_string(first, "disk full");
}

static void many(void)
{
    enum { COUNT = 100 };
    int codes[COUNT], class;
    char text[32];

    OK(MPI_Add_error_class(&class));
    for (int i = 0; i < COUNT; i++) {
        OK(MPI_Add_error_code(class, &codes[i]));
        snprintf(text, sizeof text, "failure %d", i);
        OK(MPI_Add_error_string(codes[i], text));
    }
    for (int i = 0; i < COUNT; i++) {
        snprintf(text, sizeof text, "failure %d", i);
        EQ(check_class(codes[i]), class);
        check_string(codes[i], text);
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    predefined();
    added();
    many();
    return check_end();
}
