// Get_count and Get_elements: whole, partial and indivisible numbers of items, other types than the
// one received with, zero-size types.
#include "check.h"

enum { TAG = 1 };

// A status of a message of `count` items of `type`, received with a large enough buffer.
static MPI_Status receive(int count, MPI_Datatype sent, int room, MPI_Datatype type)
{
    static char out[4096], in[4096];
    MPI_Status status;

    OK(MPI_Sendrecv(out, count, sent, me, TAG, in, room, type, me, TAG, MPI_COMM_WORLD, &status));
    return status;
}

static int count_of(const MPI_Status *status, MPI_Datatype type)
{
    int count = -77;
    OK(MPI_Get_count(status, type, &count));
    return count;
}

static int elements_of(const MPI_Status *status, MPI_Datatype type)
{
    int elements = -77;
    OK(MPI_Get_elements(status, type, &elements));
    return elements;
}

static void basic(void)
{
    MPI_Status status = receive(7, MPI_INT, 20, MPI_INT);

    EQ(count_of(&status, MPI_INT), 7);
    EQ(elements_of(&status, MPI_INT), 7);
    status = receive(0, MPI_INT, 20, MPI_INT);
    EQ(count_of(&status, MPI_INT), 0);
    EQ(elements_of(&status, MPI_INT), 0);
    status = receive(9, MPI_BYTE, 20, MPI_BYTE);
    EQ(count_of(&status, MPI_BYTE), 9);
}

// Messages that end in the middle of the receiver's type.
static void partial_contiguous(void)
{
    MPI_Datatype pair;

    OK(MPI_Type_contiguous(2, MPI_INT, &pair));
    OK(MPI_Type_commit(&pair));
    for (int ints = 0; ints < 9; ints++) {
        MPI_Status status = receive(ints, MPI_INT, 10, pair);
        EQ(count_of(&status, pair), ints % 2 ? MPI_UNDEFINED : ints / 2);
        EQ(elements_of(&status, pair), ints);
        EQ(elements_of(&status, MPI_INT), ints);
    }
    OK(MPI_Type_free(&pair));
}

struct item {
    double d;
    int i[3];
    char c;
};

static MPI_Datatype make_struct(void)
{
    MPI_Datatype type, types[3] = {MPI_DOUBLE, MPI_INT, MPI_CHAR};
    MPI_Aint at[3] = {offsetof(struct item, d), offsetof(struct item, i), offsetof(struct item, c)};
    int lengths[3] = {1, 3, 1};

    OK(MPI_Type_create_struct(3, lengths, at, types, &type));
    OK(MPI_Type_commit(&type));
    return type;
}

// The first `elements` basic elements of a sequence of items, as a type of its own.
static MPI_Datatype make_prefix(int elements)
{
    static const int offsets[5] = {offsetof(struct item, d), offsetof(struct item, i),
                                   offsetof(struct item, i) + 4, offsetof(struct item, i) + 8,
                                   offsetof(struct item, c)};
    MPI_Datatype type, types[20];
    MPI_Aint at[20];
    int lengths[20];

    for (int i = 0; i < elements; i++) {
        lengths[i] = 1;
        at[i] = (MPI_Aint)(i / 5) * (MPI_Aint)sizeof(struct item) + offsets[i % 5];
        types[i] = i % 5 == 0 ? MPI_DOUBLE : i % 5 == 4 ? MPI_CHAR : MPI_INT;
    }
    OK(MPI_Type_create_struct(elements, lengths, at, types, &type));
    OK(MPI_Type_commit(&type));
    return type;
}

static void partial_struct(void)
{
    MPI_Datatype item = make_struct();

    for (int elements = 1; elements <= 15; elements++) {
        MPI_Datatype prefix = make_prefix(elements);
        MPI_Status status = receive(1, prefix, 4, item);
        EQ(count_of(&status, item), elements % 5 ? MPI_UNDEFINED : elements / 5);
        EQ(elements_of(&status, item), elements);
        OK(MPI_Type_free(&prefix));
    }
    OK(MPI_Type_free(&item));
}

// Nested: elements are counted down to the basic types, of pair types both halves.
static void nested(void)
{
    MPI_Datatype item = make_struct(), row, grid;
    MPI_Status status;

    OK(MPI_Type_contiguous(3, item, &row));
    OK(MPI_Type_vector(2, 1, 2, row, &grid));
    OK(MPI_Type_commit(&row));
    OK(MPI_Type_commit(&grid));
    status = receive(4, item, 2, grid);
    EQ(count_of(&status, grid), MPI_UNDEFINED);
    EQ(elements_of(&status, grid), 20);
    status = receive(2, row, 1, grid);
    EQ(count_of(&status, grid), 1);
    EQ(elements_of(&status, grid), 30);
    EQ(count_of(&status, row), 2);
    EQ(count_of(&status, item), 6);
    OK(MPI_Type_free(&grid));
    OK(MPI_Type_free(&row));
    OK(MPI_Type_free(&item));
}

static void zero_size(void)
{
    MPI_Datatype nothing;
    MPI_Status status;

    OK(MPI_Type_contiguous(0, MPI_INT, &nothing));
    OK(MPI_Type_commit(&nothing));
    status = receive(3, nothing, 5, nothing);
    EQ(count_of(&status, nothing), 0);
    EQ(elements_of(&status, nothing), 0);
    EQ(count_of(&status, MPI_INT), 0);
    OK(MPI_Type_free(&nothing));
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    basic();
    partial_contiguous();
    partial_struct();
    nested();
    zero_size();
    return check_end();
}
