// Messages of more bytes or more items than an int counts (argument: MiB of the contiguous ones),
// with the contents verified in samples and at all places where a 32-bit number would go wrong.
#include "check.h"

#include <limits.h>

enum { TAG = 6, STEP = 4093 };

static size_t bytes;
static unsigned char *data; // sender and receiver have one buffer each, of all ranks' memory

static unsigned char pattern(size_t at)
{
    return (unsigned char)mix(at / STEP);
}

// One byte in each STEP is written and looked at, so that the memory is touched and the time goes
// to the library; zero in between, on both sides.
static void mark(void)
{
    for (size_t at = 0; at < bytes; at += STEP)
        data[at] = pattern(at);
}

static void verify(size_t length)
{
    for (size_t at = 0; at < bytes; at += STEP) {
        unsigned char want = at < length ? pattern(at) : 0;
        if (data[at] != want) {
            FAIL("byte %zu is %d; should be %d", at, data[at], want);
            return;
        }
    }
}

static void clear(void)
{
    for (size_t at = 0; at < bytes; at += STEP)
        data[at] = 0;
}

static void check(const MPI_Status *status, size_t length)
{
    MPI_Count count = -1;
    int small = -1;

    OK(MPI_Get_count_c(status, MPI_BYTE, &count));
    EQ(count, length);
    OK(MPI_Get_elements_c(status, MPI_BYTE, &count));
    EQ(count, length);
    OK(MPI_Get_count(status, MPI_BYTE, &small));
    EQ(small, length > INT_MAX ? MPI_UNDEFINED : (int)length);
}

static void blocking(void)
{
    MPI_Status status;

    if (me == 0) {
        mark();
        OK(MPI_Send_c(data, (MPI_Count)bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
    } else {
        OK(MPI_Recv_c(data, (MPI_Count)bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &status));
        check(&status, bytes);
        verify(bytes);
        clear();
    }
}

// More items than an int counts, of a derived type, out of order, into plain bytes.
static void derived(void)
{
    MPI_Datatype byte;
    MPI_Request request;
    MPI_Status status;

    if (me == 0) {
        OK(MPI_Type_create_resized(MPI_BYTE, 0, 1, &byte));
        OK(MPI_Type_commit(&byte));
        OK(MPI_Isend_c(data, (MPI_Count)bytes, byte, 1, TAG, MPI_COMM_WORLD, &request));
        OK(MPI_Type_free(&byte));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    } else {
        OK(MPI_Irecv_c(data, (MPI_Count)bytes, MPI_BYTE, 0, TAG, MPI_COMM_WORLD, &request));
        OK(MPI_Wait(&request, &status));
        check(&status, bytes);
        verify(bytes);
        clear();
    }
}

// The first byte of each pair: half of the buffer travels, as more items than an int counts if the
// buffer has 4 GiB. What lies between is not touched.
static void strided(void)
{
    MPI_Datatype pair;
    MPI_Message message;
    MPI_Status status;
    MPI_Count count = -1;

    OK(MPI_Type_create_resized(MPI_BYTE, 0, 2, &pair));
    OK(MPI_Type_commit(&pair));
    if (me == 0) {
        OK(MPI_Ssend_c(data, (MPI_Count)(bytes / 2), pair, 1, TAG, MPI_COMM_WORLD));
    } else {
        OK(MPI_Mprobe(0, TAG, MPI_COMM_WORLD, &message, &status));
        check(&status, bytes / 2);
        OK(MPI_Mrecv_c(data, (MPI_Count)(bytes / 2), pair, &message, &status));
        OK(MPI_Get_count_c(&status, pair, &count));
        EQ(count, bytes / 2);
        for (size_t at = 0; at < bytes; at += STEP)
            if (data[at] != (at % 2 ? 0 : pattern(at))) {
                FAIL("byte %zu is %d", at, data[at]);
                break;
            }
        clear();
    }
    OK(MPI_Type_free(&pair));
}

// Four partitions out, two in: each place in the packed image is a large number.
static void partitioned(void)
{
    MPI_Request request;
    MPI_Status status;

    if (me == 0) {
        OK(MPI_Psend_init_c(data, 4, (MPI_Count)(bytes / 4), MPI_BYTE, 1, TAG, MPI_COMM_WORLD,
                            MPI_INFO_NULL, &request));
        OK(MPI_Start(&request));
        OK(MPI_Pready_list(4, (const int[]){3, 1, 0, 2}, request));
        OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    } else {
        OK(MPI_Precv_init_c(data, 2, (MPI_Count)(bytes / 2), MPI_BYTE, 0, TAG, MPI_COMM_WORLD,
                            MPI_INFO_NULL, &request));
        OK(MPI_Start(&request));
        OK(MPI_Wait(&request, &status));
        check(&status, bytes);
        verify(bytes);
        clear();
    }
    OK(MPI_Request_free(&request));
}

// A receive that is a little too short gets all that fits.
static void truncated(void)
{
    MPI_Status status;

    if (me == 0) {
        OK(MPI_Send_c(data, (MPI_Count)bytes, MPI_BYTE, 1, TAG, MPI_COMM_WORLD));
    } else {
        OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
        FAILS(MPI_Recv_c(data, (MPI_Count)bytes - 3 * STEP, MPI_BYTE, 0, TAG, MPI_COMM_WORLD,
                         &status),
              MPI_ERR_TRUNCATE);
        OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
        verify(bytes - 3 * STEP);
    }
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    bytes = (size_t)argument(argc, argv, 1, 100) << 20;
    data = need(bytes);
    memset(data, 0, bytes);
    blocking();
    if (argc > 2) {
        derived();
        strided();
        partitioned();
        truncated();
    }
    free(data);
    return check_end();
}
