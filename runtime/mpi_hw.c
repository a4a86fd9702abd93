/* MPI_Get_hw_resource_info. MPI 5.0 section 9.1.2. */
#include "err.h"
#include "hw.h"
#include "info.h"
#include "lock.h"

/* Every kind that this machine shows, and whether this process is bound to one instance of it. */
static int describe(struct ipcr_info *info)
{
    int class = MPI_SUCCESS, first;
    for (enum ipcr_hw_kind kind = 0; kind < IPCR_HW_KINDS && class == MPI_SUCCESS; kind++)
        if (ipcr_hw_mine(kind, &first))
            class =
                ipcr_info_set(info, ipcr_hw_name(kind), first == MPI_UNDEFINED ? "false" : "true");
    return class;
}

int PMPI_Get_hw_resource_info(MPI_Info *hw_info)
{
    IPCR_ENTER_ANY("MPI_Get_hw_resource_info");
    if (!hw_info)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "the place for the info object is a null pointer");
    struct ipcr_info *info = ipcr_info_new();
    int class = info ? describe(info) : MPI_ERR_NO_MEM;
    if (class != MPI_SUCCESS) {
        ipcr_info_free(info);
        return IPCR_RAISE(NULL, class, "no memory for an info object");
    }
    *hw_info = ipcr_info_hand_out(info);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_hw_resource_info);
