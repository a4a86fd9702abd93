/* MPI 5.0 section 3.6.1: the buffer that a program provides for buffered sends. */
#include <limits.h>

#include "bsend.h"
#include "err.h"
#include "lock.h"

int PMPI_Buffer_attach(void *buffer, int size)
{
    IPCR_ENTER("MPI_Buffer_attach");
    if (size < 0 || (!buffer && size))
        return IPCR_RAISE(NULL, MPI_ERR_BUFFER, "the buffer is %p with %d bytes", buffer, size);
    return IPCR_FINISH(NULL, ipcr_bsend_attach(buffer, (size_t)size));
}
IPCR_ALIAS(Buffer_attach);

int PMPI_Buffer_detach(void *buffer_addr, int *size)
{
    IPCR_ENTER("MPI_Buffer_detach");
    size_t bytes;
    int rc = ipcr_bsend_detach((void **)buffer_addr, &bytes);
    *size = (int)bytes;
    return IPCR_FINISH(NULL, rc);
}
IPCR_ALIAS(Buffer_detach);
