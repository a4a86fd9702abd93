/* MPI 5.0 sections 5.1.3 and 5.1.4: datatypes for parts of arrays. typearray.c does the work. */
#include "err.h"
#include "lock.h"
#include "typemake.h"

static int subarray(const struct ipcr_subarray *is, MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    struct ipcr_type *made;
    int class = ipcr_type_subarray(is, ipcr_type_of(oldtype), &made);
    return IPCR_FINISH(NULL, ipcr_type_hand_over(class, made, newtype));
}

static int darray(const struct ipcr_darray *is, MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    struct ipcr_type *made;
    int class = ipcr_type_darray(is, ipcr_type_of(oldtype), &made);
    return IPCR_FINISH(NULL, ipcr_type_hand_over(class, made, newtype));
}

int PMPI_Type_create_subarray(int ndims, const int array_of_sizes[], const int array_of_subsizes[],
                              const int array_of_starts[], int order, MPI_Datatype oldtype,
                              MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_subarray");
    struct ipcr_subarray is = {.dims = ndims,
                               .sizes = IPCR_INTS(array_of_sizes),
                               .subsizes = IPCR_INTS(array_of_subsizes),
                               .starts = IPCR_INTS(array_of_starts),
                               .order = order};
    return subarray(&is, oldtype, newtype);
}
IPCR_ALIAS(Type_create_subarray);

int PMPI_Type_create_subarray_c(int ndims, const MPI_Count array_of_sizes[],
                                const MPI_Count array_of_subsizes[],
                                const MPI_Count array_of_starts[], int order, MPI_Datatype oldtype,
                                MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_subarray_c");
    struct ipcr_subarray is = {.dims = ndims,
                               .sizes = IPCR_INTS(array_of_sizes),
                               .subsizes = IPCR_INTS(array_of_subsizes),
                               .starts = IPCR_INTS(array_of_starts),
                               .order = order};
    return subarray(&is, oldtype, newtype);
}
IPCR_ALIAS(Type_create_subarray_c);

int PMPI_Type_create_darray(int size, int rank, int ndims, const int array_of_gsizes[],
                            const int array_of_distribs[], const int array_of_dargs[],
                            const int array_of_psizes[], int order, MPI_Datatype oldtype,
                            MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_darray");
    struct ipcr_darray is = {.size = size,
                             .rank = rank,
                             .dims = ndims,
                             .gsizes = IPCR_INTS(array_of_gsizes),
                             .distribs = IPCR_INTS(array_of_distribs),
                             .dargs = IPCR_INTS(array_of_dargs),
                             .psizes = IPCR_INTS(array_of_psizes),
                             .order = order};
    return darray(&is, oldtype, newtype);
}
IPCR_ALIAS(Type_create_darray);

int PMPI_Type_create_darray_c(int size, int rank, int ndims, const MPI_Count array_of_gsizes[],
                              const int array_of_distribs[], const int array_of_dargs[],
                              const int array_of_psizes[], int order, MPI_Datatype oldtype,
                              MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_darray_c");
    struct ipcr_darray is = {.size = size,
                             .rank = rank,
                             .dims = ndims,
                             .gsizes = IPCR_INTS(array_of_gsizes),
                             .distribs = IPCR_INTS(array_of_distribs),
                             .dargs = IPCR_INTS(array_of_dargs),
                             .psizes = IPCR_INTS(array_of_psizes),
                             .order = order};
    return darray(&is, oldtype, newtype);
}
IPCR_ALIAS(Type_create_darray_c);
