/* Predefined datatypes by their properties: MPI 5.0 sections 6.9.4 (pairs) and 19.1.9 (Fortran's
 * kinds and sizes). */
#include "err.h"
#include "lock.h"
#include "typeunnamed.h"

static int hand_out(int class, const struct ipcr_type *t, MPI_Datatype *newtype)
{
    if (class == MPI_SUCCESS)
        *newtype = t ? t->handle : MPI_DATATYPE_NULL;
    return IPCR_FINISH(NULL, class);
}

static int no_place(const char *argument)
{
    return IPCR_RAISE(NULL, MPI_ERR_ARG, "%s is a null pointer", argument);
}

int PMPI_Type_create_f90_integer(int r, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_f90_integer");
    struct ipcr_type *t;
    if (!newtype)
        return no_place("newtype");
    int class = ipcr_type_f90_integer(r, &t);
    return hand_out(class, t, newtype);
}
IPCR_ALIAS(Type_create_f90_integer);

int PMPI_Type_create_f90_real(int p, int r, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_f90_real");
    struct ipcr_type *t;
    if (!newtype)
        return no_place("newtype");
    int class = ipcr_type_f90_floating(MPI_COMBINER_F90_REAL, p, r, &t);
    return hand_out(class, t, newtype);
}
IPCR_ALIAS(Type_create_f90_real);

int PMPI_Type_create_f90_complex(int p, int r, MPI_Datatype *newtype)
{
    IPCR_ENTER("MPI_Type_create_f90_complex");
    struct ipcr_type *t;
    if (!newtype)
        return no_place("newtype");
    int class = ipcr_type_f90_floating(MPI_COMBINER_F90_COMPLEX, p, r, &t);
    return hand_out(class, t, newtype);
}
IPCR_ALIAS(Type_create_f90_complex);

/* Fortran's names with a size in them. A type that this machine lacks has no row in the table of
 * predefined types. */
static const struct {
    int typeclass, size;
    MPI_Datatype type;
} sized[] = {
    {MPI_TYPECLASS_INTEGER, 1, MPI_INTEGER1},   {MPI_TYPECLASS_INTEGER, 2, MPI_INTEGER2},
    {MPI_TYPECLASS_INTEGER, 4, MPI_INTEGER4},   {MPI_TYPECLASS_INTEGER, 8, MPI_INTEGER8},
    {MPI_TYPECLASS_INTEGER, 16, MPI_INTEGER16}, {MPI_TYPECLASS_REAL, 2, MPI_REAL2},
    {MPI_TYPECLASS_REAL, 4, MPI_REAL4},         {MPI_TYPECLASS_REAL, 8, MPI_REAL8},
    {MPI_TYPECLASS_REAL, 16, MPI_REAL16},       {MPI_TYPECLASS_COMPLEX, 4, MPI_COMPLEX4},
    {MPI_TYPECLASS_COMPLEX, 8, MPI_COMPLEX8},   {MPI_TYPECLASS_COMPLEX, 16, MPI_COMPLEX16},
    {MPI_TYPECLASS_COMPLEX, 32, MPI_COMPLEX32}, {MPIX_TYPECLASS_LOGICAL, 1, MPI_LOGICAL1},
    {MPIX_TYPECLASS_LOGICAL, 2, MPI_LOGICAL2},  {MPIX_TYPECLASS_LOGICAL, 4, MPI_LOGICAL4},
    {MPIX_TYPECLASS_LOGICAL, 8, MPI_LOGICAL8},  {MPIX_TYPECLASS_LOGICAL, 16, MPI_LOGICAL16},
};

static const char *class_name(int typeclass)
{
    switch (typeclass) {
    case MPI_TYPECLASS_INTEGER:
        return "integer";
    case MPI_TYPECLASS_REAL:
        return "real";
    case MPI_TYPECLASS_COMPLEX:
        return "complex";
    case MPIX_TYPECLASS_LOGICAL:
        return "logical";
    default:
        return NULL;
    }
}

int PMPI_Type_match_size(int typeclass, int size, MPI_Datatype *datatype)
{
    IPCR_ENTER("MPI_Type_match_size");
    const char *name = class_name(typeclass);
    if (!datatype)
        return no_place("datatype");
    if (!name)
        return IPCR_RAISE(NULL, MPI_ERR_ARG,
                          "the type class is %d; it must be one of "
                          "MPI_TYPECLASS_...",
                          typeclass);
    for (size_t i = 0; i < sizeof sized / sizeof sized[0]; i++) {
        if (sized[i].typeclass == typeclass && sized[i].size == size &&
            ipcr_type_of(sized[i].type)) {
            *datatype = sized[i].type;
            return IPCR_LEAVE();
        }
    }
    return IPCR_RAISE(NULL, MPI_ERR_ARG, "no %s type has %d bytes", name, size);
}
IPCR_ALIAS(Type_match_size);

int PMPI_Type_get_value_index(MPI_Datatype value_type, MPI_Datatype index_type,
                              MPI_Datatype *pair_type)
{
    IPCR_ENTER("MPI_Type_get_value_index");
    struct ipcr_type *value = ipcr_type_of(value_type), *index = ipcr_type_of(index_type), *pair;
    if (!value || !index)
        return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s is no datatype, or has been freed",
                          value ? "index_type" : "value_type");
    if (!pair_type)
        return no_place("pair_type");
    int class = ipcr_type_pair(value, index, &pair);
    return hand_out(class, pair, pair_type);
}
IPCR_ALIAS(Type_get_value_index);
