// MPI_Isendrecv and MPI_Isendrecv_replace, and the large-count names of all forms: contents,
// status, several outstanding at once, derived types, MPI_PROC_NULL, truncation.
#include "check.h"

enum { TAG = 3, MOST = 5 };

static int left, right;

// Long messages wait for their receives, so this would hang if one half waited for the other.
static void around(int bytes)
{
    MPI_Request requests[MOST];
    MPI_Status statuses[MOST];
    char *out = need((size_t)bytes * MOST), *in = need((size_t)bytes * MOST);

    for (int i = 0; i < MOST; i++)
        fill(out + (size_t)i * (size_t)bytes, (size_t)bytes, (uint64_t)(me * MOST + i));
    for (int i = 0; i < MOST; i++)
        OK(MPI_Isendrecv(out + (size_t)i * (size_t)bytes, bytes, MPI_BYTE, right, TAG + i,
                         in + (size_t)i * (size_t)bytes, bytes, MPI_BYTE, left, TAG + i,
                         MPI_COMM_WORLD, &requests[i]));
    OK(MPI_Waitall(MOST, requests, statuses));
    for (int i = 0; i < MOST; i++) {
        CHECK(requests[i] == MPI_REQUEST_NULL);
        STATUS(&statuses[i], left, TAG + i, MPI_BYTE, bytes);
        FILLED(in + (size_t)i * (size_t)bytes, (size_t)bytes, (uint64_t)(left * MOST + i));
    }
    free(in);
    free(out);
}

static void in_place(MPI_Count bytes)
{
    char *data = need((size_t)bytes), *more = need((size_t)bytes);
    MPI_Request requests[2];
    MPI_Status statuses[2];

    fill(data, (size_t)bytes, (uint64_t)me);
    fill(more, (size_t)bytes, (uint64_t)me + 100);
    OK(MPI_Isendrecv_replace(data, (int)bytes, MPI_BYTE, right, TAG, left, TAG, MPI_COMM_WORLD,
                             &requests[0]));
    OK(MPI_Isendrecv_replace_c(more, bytes, MPI_BYTE, left, TAG, right, MPI_ANY_TAG, MPI_COMM_WORLD,
                               &requests[1]));
    OK(MPI_Waitall(2, requests, statuses));
    STATUS(&statuses[0], left, TAG, MPI_BYTE, (int)bytes);
    STATUS(&statuses[1], right, TAG, MPI_BYTE, (int)bytes);
    if (left != right) {
        FILLED(data, (size_t)bytes, (uint64_t)left);
        FILLED(more, (size_t)bytes, (uint64_t)right + 100);
    } else { // with one or two ranks both come from the same one, in the order of sending
        FILLED(data, (size_t)bytes, (uint64_t)left);
        FILLED(more, (size_t)bytes, (uint64_t)left + 100);
    }
    OK(MPI_Sendrecv_replace_c(data, bytes, MPI_BYTE, left, TAG, right, TAG, MPI_COMM_WORLD,
                              &statuses[0]));
    FILLED(data, (size_t)bytes, (uint64_t)me);
    free(more);
    free(data);
}

// Every second int travels; what lies between must not change.
static void strided(void)
{
    enum { COUNT = 20000 };
    int *data = need(2 * COUNT * sizeof *data);
    MPI_Datatype odd;
    MPI_Request request;

    OK(MPI_Type_vector(COUNT, 1, 2, MPI_INT, &odd));
    OK(MPI_Type_commit(&odd));
    for (int i = 0; i < 2 * COUNT; i++)
        data[i] = i % 2 ? me * COUNT + i : -i;
    OK(MPI_Isendrecv_replace(data + 1, 1, odd, right, TAG, left, TAG, MPI_COMM_WORLD, &request));
    // The request keeps the type alive.
    OK(MPI_Type_free(&odd));
    OK(MPI_Wait(&request, MPI_STATUS_IGNORE));
    for (int i = 0; i < 2 * COUNT; i++)
        if (data[i] != (i % 2 ? left * COUNT + i : -i)) {
            FAIL("int %d is %d", i, data[i]);
            break;
        }
    free(data);
}

static void nobody(void)
{
    int out = me, in = -1;
    MPI_Request request;
    MPI_Status status;

    OK(MPI_Isendrecv_c(&out, 1, MPI_INT, MPI_PROC_NULL, TAG, &in, 1, MPI_INT, MPI_PROC_NULL, TAG,
                       MPI_COMM_WORLD, &request));
    OK(MPI_Wait(&request, &status));
    NOBODY(&status);
    EQ(in, -1);
    // One half is nobody: a shift with ends.
    OK(MPI_Isendrecv_c(&out, 1, MPI_INT, me + 1 < np ? me + 1 : MPI_PROC_NULL, TAG, &in, 1, MPI_INT,
                       me > 0 ? me - 1 : MPI_PROC_NULL, TAG, MPI_COMM_WORLD, &request));
    OK(MPI_Wait(&request, &status));
    EQ(in, me > 0 ? me - 1 : -1);
    if (me > 0)
        STATUS(&status, me - 1, TAG, MPI_INT, 1);
    else
        NOBODY(&status);
}

// The half that fails speaks for the whole.
static void too_long(void)
{
    int out[4] = {1, 2, 3, 4}, in[3] = {0, 0, -7};
    MPI_Request request;

    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN));
    OK(MPI_Isendrecv(out, 4, MPI_INT, right, TAG, in, 2, MPI_INT, left, TAG, MPI_COMM_WORLD,
                     &request));
    FAILS(MPI_Wait(&request, MPI_STATUS_IGNORE), MPI_ERR_TRUNCATE);
    EQ(in[1], 2);
    EQ(in[2], -7);
    FAILS(MPI_Isendrecv_c(out, (MPI_Count)1 << 62, MPI_INT, right, TAG, in, 2, MPI_INT, left, TAG,
                          MPI_COMM_WORLD, &request),
          MPI_ERR_COUNT);
    FAILS(MPI_Isendrecv_c(out, 4, MPI_INT, right, TAG, in, -1, MPI_INT, left, TAG, MPI_COMM_WORLD,
                          &request),
          MPI_ERR_COUNT);
    OK(MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_ARE_FATAL));
}

// Freed before it is complete, it completes all the same.
static void freed(void)
{
    int out[2] = {me, 5 * me}, in[2] = {-1, -1};
    MPI_Request request;

    OK(MPI_Isendrecv(&out[0], 1, MPI_INT, right, TAG, &in[0], 1, MPI_INT, left, TAG, MPI_COMM_WORLD,
                     &request));
    OK(MPI_Request_free(&request));
    CHECK(request == MPI_REQUEST_NULL);
    OK(MPI_Sendrecv_c(&out[1], 1, MPI_INT, right, TAG, &in[1], 1, MPI_INT, left, TAG,
                      MPI_COMM_WORLD, MPI_STATUS_IGNORE));
    EQ(in[0], left);
    EQ(in[1], 5 * left);
}

int main(int argc, char **argv)
{
    check_begin(&argc, &argv);
    left = (me + np - 1) % np;
    right = (me + 1) % np;
    around(0);
    around(100);
    around(300000);
    in_place(0);
    in_place(8);
    in_place(200000);
    strided();
    nobody();
    too_long();
    freed();
    return check_end();
}
