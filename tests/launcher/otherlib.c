/* A rank that passes for one with a library of another version, where IPCRUN_NODE is not 0: the
 * number at the front of what it publishes is another one. */
#include <mpi.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { PUT = 64, AT = 12 }; /* launcher/proto.h: frame and length stand before it */

/* The library's call of the C library ends up here. */
ssize_t send(int fd, const void *bytes, size_t n, int flags)
{
    static uint8_t changed[1 << 16];
    const uint8_t *from = bytes;
    const char *node = getenv("IPCRUN_NODE");
    if (node && strcmp(node, "0") && n > AT && n <= sizeof changed && from[4] == PUT) {
        memcpy(changed, bytes, n);
        changed[AT] += 7;
        bytes = changed;
    }
    return sendto(fd, bytes, n, flags, NULL, 0);
}

int main(int argc, char **argv)
{
    MPI_Init(&argc, &argv);
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
    return 0;
}
