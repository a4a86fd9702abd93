// Thousands of operations at a time (argument: how many): posted receives met in any order,
// unexpected messages taken in any order, sends all started before one is waited for.
#include "check.h"

static int count, left, right;
static MPI_Request *requests;
static int *in, *out;

static int *permutation(uint64_t seed)
{
    int *order = need(sizeof *order * (size_t)count);

    for (int i = 0; i < count; i++)
        order[i] = i;
    for (int i = count - 1; i > 0; i--) {
        int k = (int)rnd(&seed, (uint64_t)i + 1), other = order[k];
        order[k] = order[i];
        order[i] = other;
    }
    return order;
}

static void check_in(void)
{
    for (int i = 0; i < count; i++)
        if (in[i] != left * count + i) {
            FAIL("receive %d of %d got %d, not %d", i, count, in[i], left * count + i);
            break;
        }
    memset(in, 0xff, sizeof *in * (size_t)count);
}

static void post_all(const int *order)
{
    for (int i = 0; i < count; i++)
        OK(MPI_Irecv(&in[order[i]], 1, MPI_INT, left, order[i], MPI_COMM_WORLD, &requests[i]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// `count` receives with tags of their own, met in another order.
static void posted_then_sent(const int *posted, const int *sent)
{
    post_all(posted);
    for (int i = 0; i < count; i++)
        OK(MPI_Send(&out[sent[i]], 1, MPI_INT, right, sent[i], MPI_COMM_WORLD));
    OK(MPI_Waitall(count, requests, MPI_STATUSES_IGNORE));
    check_in();
}

// All with the same tag: they are met in the order of posting.
static void posted_alike(int source, int tag)
{
    for (int i = 0; i < count; i++)
        OK(MPI_Irecv(&in[i], 1, MPI_INT, source, tag, MPI_COMM_WORLD, &requests[i]));
    OK(MPI_Barrier(MPI_COMM_WORLD));
    for (int i = 0; i < count; i++)
        OK(MPI_Send(&out[i], 1, MPI_INT, right, 3, MPI_COMM_WORLD));
    OK(MPI_Waitall(count, requests, MPI_STATUSES_IGNORE));
    check_in();
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// All sent and unexpected, then received in another order.
static void sent_then_received(const int *sent, const int *received)
{
    for (int i = 0; i < count; i++)
        OK(MPI_Isend(&out[sent[i]], 1, MPI_INT, right, sent[i], MPI_COMM_WORLD, &requests[i]));
    for (int i = 0; i < count; i++)
        OK(MPI_Recv(&in[received[i]], 1, MPI_INT, left, received[i], MPI_COMM_WORLD,
                    MPI_STATUS_IGNORE));
    OK(MPI_Waitall(count, requests, MPI_STATUSES_IGNORE));
    check_in();
    OK(MPI_Barrier(MPI_COMM_WORLD));
}

// Completed by Waitsome, as they come.
static void by_waitsome(const int *posted)
{
    int *indices = need(sizeof *indices * (size_t)count), done = 0, got;

    post_all(posted);
    for (int i = 0; i < count; i++)
        OK(MPI_Send(&out[i], 1, MPI_INT, right, i, MPI_COMM_WORLD));
    while (done < count) {
        OK(MPI_Waitsome(count, requests, &got, indices, MPI_STATUSES_IGNORE));
        CHECK(got > 0);
        done += got;
    }
    OK(MPI_Waitsome(count, requests, &got, indices, MPI_STATUSES_IGNORE));
    EQ(got, MPI_UNDEFINED);
    free(indices);
    check_in();
}

// Messages that need the receiver before they can go, all under way at once.
static void large_ones(int many, int bytes)
{
    char *from = need((size_t)bytes), *to = need((size_t)many * (size_t)bytes);
    MPI_Request *sends = need(sizeof *sends * (size_t)many);

    fill(from, (size_t)bytes, 6);
    for (int i = 0; i < many; i++)
        OK(MPI_Isend(from, bytes, MPI_BYTE, right, i, MPI_COMM_WORLD, &sends[i]));
    for (int i = many - 1; i >= 0; i--)
        OK(MPI_Irecv(to + (size_t)i * (size_t)bytes, bytes, MPI_BYTE, left, i, MPI_COMM_WORLD,
                     &requests[i]));
    OK(MPI_Waitall(many, requests, MPI_STATUSES_IGNORE));
    OK(MPI_Waitall(many, sends, MPI_STATUSES_IGNORE));
    for (int i = 0; i < many; i++)
        FILLED(to + (size_t)i * (size_t)bytes, (size_t)bytes, 6);
    free(sends);
    free(to);
    free(from);
}

int main(int argc, char **argv)
{
    int *straight, *reversed, *shuffled;

    check_begin(&argc, &argv);
    count = (int)argument(argc, argv, 1, 10000);
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    requests = need(sizeof *requests * (size_t)count);
    in = need(sizeof *in * (size_t)count);
    out = need(sizeof *out * (size_t)count);
    straight = need(sizeof *straight * (size_t)count);
    reversed = need(sizeof *reversed * (size_t)count);
    shuffled = permutation(42);
    for (int i = 0; i < count; i++) {
        out[i] = me * count + i;
        straight[i] = i;
        reversed[i] = count - 1 - i;
    }
    posted_then_sent(straight, straight);
    posted_then_sent(straight, reversed);
    posted_then_sent(shuffled, straight);
    posted_alike(left, 3);
    posted_alike(MPI_ANY_SOURCE, 3);
    posted_alike(left, MPI_ANY_TAG);
    posted_alike(MPI_ANY_SOURCE, MPI_ANY_TAG);
    sent_then_received(straight, straight);
    sent_then_received(straight, reversed);
    sent_then_received(shuffled, straight);
    by_waitsome(shuffled);
    large_ones(200, 100000);
    free(shuffled);
    free(reversed);
    free(straight);
    free(out);
    free(in);
    free(requests);
    return check_end();
}
