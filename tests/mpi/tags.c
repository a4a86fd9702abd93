// Every tag from 0 to MPI_TAG_UB is a tag of its own.
#include "check.h"

enum { COUNT = 40 };

static int tag_ub(void)
{
    int *value = NULL, flag = 0;
    OK(MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, &value, &flag));
    EQ(flag, 1);
    CHECK_SAYING(*value >= 32767, "MPI_TAG_UB is %d", *value);
    return *value;
}

// Tags near both ends and at powers of two: those that a narrow field or a hash would confuse.
static int choose(int *tags, int ub)
{
    int count = 0;

    for (int i = 0; i < 4; i++)
        tags[count++] = i;
    for (int bit = 8; bit < 31 && (1 << bit) < ub - 4; bit++)
        tags[count++] = 1 << bit;
    for (int i = 3; i >= 0; i--)
        tags[count++] = ub - i;
    return count;
}

// All are sent before the first is received, last tag first.
static void exchange(const int *tags, int count)
{
    int out[COUNT], in, left = (me + np - 1) % np;
    MPI_Request requests[COUNT];
    MPI_Status status;

    for (int i = 0; i < count; i++) {
        out[i] = tags[i] ^ me;
        OK(MPI_Isend(&out[i], 1, MPI_INT, (me + 1) % np, tags[i], MPI_COMM_WORLD, &requests[i]));
    }
    for (int i = count - 1; i >= 0; i--) {
        OK(MPI_Recv(&in, 1, MPI_INT, i % 2 ? left : MPI_ANY_SOURCE, tags[i], MPI_COMM_WORLD,
                    &status));
        STATUS(&status, left, tags[i], MPI_INT, 1);
        EQ(in, tags[i] ^ left);
    }
    OK(MPI_Waitall(count, requests, MPI_STATUSES_IGNORE));
}

// The same with the receives posted first, and a message long enough for the rendezvous.
static void posted(const int *tags, int count)
{
    enum { BYTES = 70000 };
    int left = (me + np - 1) % np;
    char *in = need((size_t)count * BYTES), *out = need((size_t)count * BYTES);
    MPI_Request requests[2 * COUNT];

    for (int i = 0; i < count; i++)
        OK(MPI_Irecv(in + (size_t)i * BYTES, BYTES, MPI_BYTE, left, tags[i], MPI_COMM_WORLD,
                     &requests[i]));
    for (int i = count - 1; i >= 0; i--) {
        fill(out + (size_t)i * BYTES, BYTES, (uint64_t)tags[i]);
        OK(MPI_Isend(out + (size_t)i * BYTES, BYTES, MPI_BYTE, (me + 1) % np, tags[i],
                     MPI_COMM_WORLD, &requests[count + i]));
    }
    OK(MPI_Waitall(2 * count, requests, MPI_STATUSES_IGNORE));
    for (int i = 0; i < count; i++)
        FILLED(in + (size_t)i * BYTES, BYTES, (uint64_t)tags[i]);
    free(out);
    free(in);
}

int main(int argc, char **argv)
{
    int tags[COUNT], count;

    check_begin(&argc, &argv);
    count = choose(tags, tag_ub());
    exchange(tags, count);
    posted(tags, count);
    return check_end();
}
