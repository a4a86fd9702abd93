/* MPI 5.0 sections 5.1.2 - 5.1.9: making, committing and freeing datatypes; mpi_type_array.c has
 * the arrays. typemake.c does the work and checks the numbers, which are 64 bits wide there: a call
 * and its _c form differ in what the program is told of them afterwards, and in nothing else. */
#include "err.h"
#include "lock.h"
#include "typemake.h"

/* The way out of every constructor. */
static int hand_out(int class, struct ipcr_type *made, MPI_Datatype *newtype)
{
    return IPCR_FINISH(NULL, ipcr_type_hand_over(class, made, newtype));
}

/* The same for the _c forms. */
static int hand_out_c(int class, struct ipcr_type *made, MPI_Datatype *newtype)
{
    if (class == MPI_SUCCESS)
        ipcr_type_contents_widen(made->contents);
    return hand_out(class, made, newtype);
}

int PMPI_Type_contiguous(int count, MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_contiguous");
    struct ipcr_type *made;
    int class = ipcr_type_contiguous(count, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_contiguous);

int PMPI_Type_contiguous_c(MPI_Count count, MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_contiguous_c");
    struct ipcr_type *made;
    int class = ipcr_type_contiguous(count, ipcr_type_of(oldtype), &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_contiguous_c);

int PMPI_Type_vector(int count, int blocklength, int stride, MPI_Datatype oldtype,
                     MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_vector");
    struct ipcr_type *made;
    int class = ipcr_type_vector(count, blocklength, stride, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_vector);

int PMPI_Type_vector_c(MPI_Count count, MPI_Count blocklength, MPI_Count stride,
                       MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_vector_c");
    struct ipcr_type *made;
    int class = ipcr_type_vector(count, blocklength, stride, ipcr_type_of(oldtype), &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_vector_c);

int PMPI_Type_create_hvector(int count, int blocklength, MPI_Aint stride, MPI_Datatype oldtype,
                             MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_hvector");
    struct ipcr_type *made;
    int class = ipcr_type_hvector(count, blocklength, stride, ipcr_type_of(oldtype), &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_hvector);

int PMPI_Type_create_hvector_c(MPI_Count count, MPI_Count blocklength, MPI_Count stride,
                               MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_hvector_c");
    struct ipcr_type *made;
    int class = ipcr_type_hvector(count, blocklength, stride, ipcr_type_of(oldtype), &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_create_hvector_c);

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

int PMPI_Type_indexed_c(MPI_Count count, const MPI_Count array_of_blocklengths[],
                        const MPI_Count array_of_displacements[], MPI_Datatype oldtype,
                        MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_indexed_c");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_INDEXED,
                              .count = count,
                              .lengths = IPCR_INTS(array_of_blocklengths),
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_indexed_c);

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

int PMPI_Type_create_hindexed_c(MPI_Count count, const MPI_Count array_of_blocklengths[],
                                const MPI_Count array_of_displacements[], MPI_Datatype oldtype,
                                MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_hindexed_c");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_HINDEXED,
                              .count = count,
                              .lengths = IPCR_INTS(array_of_blocklengths),
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_create_hindexed_c);

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

int PMPI_Type_create_indexed_block_c(MPI_Count count, MPI_Count blocklength,
                                     const MPI_Count array_of_displacements[], MPI_Datatype oldtype,
                                     MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_indexed_block_c");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_INDEXED_BLOCK,
                              .count = count,
                              .length = blocklength,
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_create_indexed_block_c);

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

int PMPI_Type_create_hindexed_block_c(MPI_Count count, MPI_Count blocklength,
                                      const MPI_Count array_of_displacements[],
                                      MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_hindexed_block_c");
    struct ipcr_indexed is = {.combiner = MPI_COMBINER_HINDEXED_BLOCK,
                              .count = count,
                              .length = blocklength,
                              .places = IPCR_INTS(array_of_displacements)};
    struct ipcr_type *made;
    int class = ipcr_type_indexed(&is, ipcr_type_of(oldtype), &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_create_hindexed_block_c);

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

int PMPI_Type_create_struct_c(MPI_Count count, const MPI_Count array_of_blocklengths[],
                              const MPI_Count array_of_displacements[],
                              const MPI_Datatype array_of_types[], MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_struct_c");
    struct ipcr_struct is = {.count = count,
                             .lengths = IPCR_INTS(array_of_blocklengths),
                             .places = IPCR_INTS(array_of_displacements),
                             .types = array_of_types};
    struct ipcr_type *made;
    int class = ipcr_type_struct(&is, &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_create_struct_c);

int PMPI_Type_create_resized(MPI_Datatype oldtype, MPI_Aint lb, MPI_Aint extent,
                             MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_resized");
    struct ipcr_type *made;
    int class = ipcr_type_resized(ipcr_type_of(oldtype), lb, extent, &made);
    return hand_out(class, made, newtype);
}
IPCR_ALIAS(Type_create_resized);

int PMPI_Type_create_resized_c(MPI_Datatype oldtype, MPI_Count lb, MPI_Count extent,
                               MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_resized_c");
    struct ipcr_type *made;
    int class = ipcr_type_resized(ipcr_type_of(oldtype), lb, extent, &made);
    return hand_out_c(class, made, newtype);
}
IPCR_ALIAS(Type_create_resized_c);

/* Copy functions may refuse, and what they let through before is undone. */
static int copy_attributes(struct ipcr_type *old, struct ipcr_type *copy)
{
    if (!old->attrs)
        return MPI_SUCCESS;
    int class = ipcr_attr_copy_all(ipcr_type_attrs(old), ipcr_type_attrs(copy));
    if (class) {
        ipcr_attr_delete_all(ipcr_type_attrs(copy));
        ipcr_type_release(copy);
    }
    return class;
}

int PMPI_Type_dup(MPI_Datatype oldtype, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_dup");
    struct ipcr_type *made, *old = ipcr_type_of(oldtype);
    int class = ipcr_type_dup(old, &made);
    if (!class)
        class = copy_attributes(old, made);
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
    /* MPI_Type_get_contents hands out more handles of one type; its attributes go with the last. */
    int class = t->handles == 1 ? ipcr_attr_delete_all(ipcr_type_attrs(t)) : MPI_SUCCESS;
    if (class)
        return IPCR_FINISH(NULL, class);
    ipcr_type_hand_back(t);
    *datatype = MPI_DATATYPE_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_free);
