/* MPI 5.0 sections 5.1.2 - 5.1.9: making, committing and freeing datatypes. typemake.c and
 * typearray.c do the work and check the numbers. */
#include "err.h"
#include "lock.h"
#include "typemake.h"

/* The way out of every constructor. */
static int hand_out(int class, const struct ipcr_type *made, MPI_Datatype *newtype)
{
    if (class == MPI_SUCCESS)
        *newtype = made->handle;
    return IPCR_FINISH(NULL, class);
}

int PMPI_Type_contiguous(int count, MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_contiguous");
    struct ipcr_type *made;
    int class = ipcr_type_contiguous(count, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_contiguous);

int PMPI_Type_vector(int count, int blocklength, int stride, MPI_Datatype oldtype,
                     MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_vector");
    struct ipcr_type *made;
    int class = ipcr_type_vector(count, blocklength, stride, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_vector);

int PMPI_Type_create_hvector(int count, int blocklength, MPI_Aint stride, MPI_Datatype oldtype,
                             MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_hvector");
    struct ipcr_type *made;
    int class = ipcr_type_hvector(count, blocklength, stride, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_hvector);

int PMPI_Type_indexed(int count, const int array_of_blocklengths[],
                      const int array_of_displacements[], MPI_Datatype oldtype,
                      MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_indexed");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_INDEXED,
                              .count = count,
                              .lengths = IPCR_INTS(array_of_blocklengths),
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_indexed);

int PMPI_Type_create_hindexed(int count, const int array_of_blocklengths[],
                              const MPI_Aint array_of_displacements[], MPI_Datatype oldtype,
                              MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_hindexed");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_HINDEXED,
                              .count = count,
                              .lengths = IPCR_INTS(array_of_blocklengths),
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_hindexed);

int PMPI_Type_create_indexed_block(int count, int blocklength, const int array_of_displacements[],
                                   MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_indexed_block");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_INDEXED_BLOCK,
                              .count = count,
                              .length = blocklength,
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_indexed_block);

int PMPI_Type_create_hindexed_block(int count, int blocklength,
                                    const MPI_Aint array_of_displacements[], MPI_Datatype oldtype,
                                    MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_hindexed_block");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_HINDEXED_BLOCK,
                              .count = count,
                              .length = blocklength,
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_hindexed_block);

int PMPI_Type_create_struct(int count, const int array_of_blocklengths[],
                            const MPI_Aint array_of_displacements[],
                            const MPI_Datatype array_of_types[], MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_struct");
    struct ipcr_struct is = {.count = count,
                             .lengths = IPCR_INTS(array_of_blocklengths),
                             .places = IPCR_INTS(array_of_displacements),
                             .types = array_of_types};
    struct ipcr_type *made;
    int class = ipcr_type_struct(&is, &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_struct);

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
    struct ipcr_type *made;
    int class = ipcr_type_subarray(&is, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_subarray);

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
    struct ipcr_type *made;
    int class = ipcr_type_darray(&is, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_darray);

int PMPI_Type_create_resized(MPI_Datatype oldtype, MPI_Aint lb, MPI_Aint extent,
                             MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_resized");
    struct ipcr_type *made;
    int class = ipcr_type_resized(ipcr_type_of(oldtype), lb, extent, &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_resized);

int PMPI_Type_dup(MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_dup");
    struct ipcr_type *made;
    int class = ipcr_type_dup(ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_dup);

static int bad_type(void)
{
    return IPCR_RAISE(NULL, MPI_ERR_TYPE,
                      "the datatype is MPI_DATATYPE_NULL, has been freed, or is no datatype");
}

/* Layouts are made by the constructors: committing is only a promise kept. */
int PMPI_Type_commit(MPI_Datatype *datatype)
{
    IPCR_ENTER("MPI_Type_commit");
    struct ipcr_type *t = datatype ? ipcr_type_of(*datatype) : NULL;
    if (!t)
        return bad_type();
    t->committed = true;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_commit);

int PMPI_Type_free(MPI_Datatype *datatype)
{
    IPCR_ENTER("MPI_Type_free");
    struct ipcr_type *t = datatype ? ipcr_type_of(*datatype) : NULL;
    if (!t)
        return bad_type();
    if (t->predefined)
        return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s is predefined; it cannot be freed",
                          ipcr_type_label(t));
    ipcr_type_hand_back(t);
    *datatype = MPI_DATATYPE_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_free);
