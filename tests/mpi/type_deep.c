// Datatypes made of datatypes made of datatypes: long chains of copies, structs in structs, and
// their end, which must not depend on the depth.
#include "check.h"

enum { COPIES = 100000, LEVELS = 3000, DOUBLINGS = 12 };

// Each link of the chain is kept by the next one only.
static void chain(void)
{
    int value = 77, got = -1;
    MPI_Datatype type, next;

    OK(MPI_Type_dup(MPI_INT, &type));
    for (int i = 0; i < COPIES; i++) {
        OK(i % 2 ? MPI_Type_dup(type, &next) : MPI_Type_contiguous(1, type, &next));
        OK(MPI_Type_free(&type));
        type = next;
    }
    OK(MPI_Type_commit(&type));
    OK(MPI_Sendrecv(&value, 1, type, 0, 0, &got, 1, MPI_INT, 0, 0, MPI_COMM_SELF,
                    MPI_STATUS_IGNORE));
    EQ(got, 77);
    OK(MPI_Type_free(&type));
}

// A char behind a struct with a char behind a struct ...: the chars are those of a string, in
// order.
static void structs(void)
{
    static char from[LEVELS + 1], to[LEVELS + 1];
    MPI_Datatype type, next;
    MPI_Aint at = 0;
    int size = -1;

    OK(MPI_Type_dup(MPI_CHAR, &type));
    for (int i = 1; i <= LEVELS; i++) {
        OK(MPI_Type_create_struct(2, (int[]){1, 1}, (MPI_Aint[]){0, i},
                                  (MPI_Datatype[]){type, MPI_CHAR}, &next));
        OK(MPI_Type_free(&type));
        type = next;
    }
    OK(MPI_Type_commit(&type));
    OK(MPI_Type_size(type, &size));
    EQ(size, LEVELS + 1);
    fill(from, sizeof from, 5);
    OK(MPI_Sendrecv(from, 1, type, 0, 0, to, 1, type, 0, 0, MPI_COMM_SELF, MPI_STATUS_IGNORE));
    FILLED(to, sizeof to, 5);
    memset(to, 0, sizeof to);
    OK(MPI_Pack_external("external32", from, 1, type, to, sizeof to, &at));
    EQ(at, sizeof to);
    FILLED(to, sizeof to, 5);
    OK(MPI_Type_free(&type));
}

// Every level has twice the data and gaps of its own: a Cantor set.
static void doublings(void)
{
    enum { SPAN = 531441 }; // 3 to the power DOUBLINGS
    static unsigned char from[SPAN], to[1 << DOUBLINGS];
    MPI_Datatype type, next;
    MPI_Aint third = 1;
    int size = -1;

    OK(MPI_Type_dup(MPI_BYTE, &type));
    for (int i = 0; i < DOUBLINGS; i++, third *= 3) {
        OK(MPI_Type_create_hvector(2, 1, 2 * third, type, &next));
        OK(MPI_Type_free(&type));
        type = next;
    }
    OK(MPI_Type_commit(&type));
    OK(MPI_Type_size(type, &size));
    EQ(size, sizeof to);
    for (int i = 0; i < SPAN; i++)
        from[i] = (unsigned char)mix((uint64_t)i);
    OK(MPI_Sendrecv(from, 1, type, 0, 0, to, sizeof to, MPI_BYTE, 0, 0, MPI_COMM_SELF,
                    MPI_STATUS_IGNORE));
    for (int i = 0; i < (int)sizeof to; i++) {
        int at = 0, power = 1;
        for (int bits = i; bits; bits >>= 1, power *= 3)
            at += bits & 1 ? 2 * power : 0;
        if (to[i] != (unsigned char)mix((uint64_t)at)) {
            FAIL("byte %d is not that at %d", i, at);
            break;
        }
    }
    OK(MPI_Type_free(&type));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    chain();
    structs();
    doublings();
    return check_end();
}
