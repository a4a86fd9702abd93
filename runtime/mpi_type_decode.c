/* MPI 5.0 section 5.1.13: how a datatype was made.
 *
 * A type that was made by a _c constructor has large counts, which the calls without _c have no
 * room for: asking them is an error of the program. */
#include <limits.h>

#include "err.h"
#include "lock.h"
#include "typemake.h"

static const struct ipcr_type_contents named = {.combiner = MPI_COMBINER_NAMED};

/* The contents of a type; NULL: noted in *class. */
static const struct ipcr_type_contents *contents_of(MPI_Datatype datatype, int *class)
{
    const struct ipcr_type *t = ipcr_type_of(datatype);
    if (t)
        return t->contents ? t->contents : &named;
    *class = ipcr_err_note(MPI_ERR_TYPE, "%s",
                           datatype == MPI_DATATYPE_NULL
                               ? "the datatype is MPI_DATATYPE_NULL"
                               : "the handle is not a datatype, or has been freed");
    return NULL;
}

static int check_small(const struct ipcr_type_contents *c)
{
    if (c->counts == 0)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_TYPE,
                         "the datatype was made with %zu large counts; ask for them with the call "
                         "whose name ends in _c",
                         c->counts);
}

/* ---- envelope ---------------------------------------------------------------------------------
 */

/* What an int cannot hold, the standard reports as MPI_UNDEFINED. */
static int as_int(size_t n)
{
    return n > INT_MAX ? MPI_UNDEFINED : (int)n;
}

static int no_place(void)
{
    return IPCR_RAISE(NULL, MPI_ERR_ARG, "one of the places for the numbers is a null pointer");
}

int PMPI_Type_get_envelope(MPI_Datatype datatype, int *num_integers, int *num_addresses,
                           int *num_datatypes, int *combiner)
{
    IPCR_ENTER("MPI_Type_get_envelope");
    int class;
    const struct ipcr_type_contents *c = contents_of(datatype, &class);
    if (c)
        class = check_small(c);
    if (class)
        return IPCR_FINISH(NULL, class);
    if (!num_integers || !num_addresses || !num_datatypes || !combiner)
        return no_place();
    *num_integers = as_int(c->integers);
    *num_addresses = as_int(c->addresses);
    *num_datatypes = as_int(c->types);
    *combiner = c->combiner;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_envelope);

int PMPI_Type_get_envelope_c(MPI_Datatype datatype, MPI_Count *num_integers,
                             MPI_Count *num_addresses, MPI_Count *num_large_counts,
                             MPI_Count *num_datatypes, int *combiner)
{
    IPCR_ENTER("MPI_Type_get_envelope_c");
    int class;
    const struct ipcr_type_contents *c = contents_of(datatype, &class);
    if (!c)
        return IPCR_FINISH(NULL, class);
    if (!num_integers || !num_addresses || !num_large_counts || !num_datatypes || !combiner)
        return no_place();
    *num_integers = (MPI_Count)c->integers;
    *num_addresses = (MPI_Count)c->addresses;
    *num_large_counts = (MPI_Count)c->counts;
    *num_datatypes = (MPI_Count)c->types;
    *combiner = c->combiner;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Type_get_envelope_c);

/* ---- contents ---------------------------------------------------------------------------------
 */

/* The program's arrays, and how many elements each has. */
struct room {
    int64_t integers, addresses, counts, types;
    int *integer;
    MPI_Aint *address;
    MPI_Count *count;
    MPI_Datatype *type;
};

static int check_room(const char *what, int64_t room, size_t need, const void *array)
{
    if (need && !array)
        return ipcr_err_note(MPI_ERR_ARG, "the array of %s is a null pointer", what);
    if (room >= 0 && (size_t)room >= need)
        return MPI_SUCCESS;
    return ipcr_err_note(MPI_ERR_ARG, "room for %lld %s, but the datatype was made from %zu",
                         (long long)room, what, need);
}

static int check_rooms(const struct ipcr_type_contents *c, const struct room *r)
{
    int class = check_room("integers", r->integers, c->integers, r->integer);
    if (!class)
        class = check_room("addresses", r->addresses, c->addresses, r->address);
    if (!class)
        class = check_room("large counts", r->counts, c->counts, r->count);
    return class ? class : check_room("datatypes", r->types, c->types, r->type);
}

/* The program frees each derived type that it gets; predefined ones it gets as they are. */
static MPI_Datatype hand_out(struct ipcr_type *t)
{
    if (!t->predefined)
        ipcr_type_hand_out(t);
    return t->handle;
}

static void fill(const struct ipcr_type_contents *c, const struct room *r)
{
    const int64_t *value = c->value;
    for (size_t i = 0; i < c->integers; i++)
        r->integer[i] = (int)*value++;
    for (size_t i = 0; i < c->addresses; i++)
        r->address[i] = (MPI_Aint)*value++;
    for (size_t i = 0; i < c->counts; i++)
        r->count[i] = *value++;
    for (size_t i = 0; i < c->types; i++)
        r->type[i] = hand_out(c->type[i]);
}

static int get_contents(MPI_Datatype datatype, const struct room *r, bool large)
{
    int class;
    const struct ipcr_type_contents *c = contents_of(datatype, &class);
    if (!c)
        return IPCR_FINISH(NULL, class);
    if (c == &named)
        return IPCR_RAISE(NULL, MPI_ERR_TYPE, "%s is predefined: it was not made from others",
                          ipcr_type_label(ipcr_type_of(datatype)));
    class = large ? MPI_SUCCESS : check_small(c);
    if (!class)
        class = check_rooms(c, r);
    if (!class)
        fill(c, r);
    return IPCR_FINISH(NULL, class);
}

int PMPI_Type_get_contents(MPI_Datatype datatype, int max_integers, int max_addresses,
                           int max_datatypes, int array_of_integers[],
                           MPI_Aint array_of_addresses[], MPI_Datatype array_of_datatypes[])
{
    IPCR_ENTER("MPI_Type_get_contents");
    struct room r = {.integers = max_integers,
                     .addresses = max_addresses,
                     .types = max_datatypes,
                     .integer = array_of_integers,
                     .address = array_of_addresses,
                     .type = array_of_datatypes};
    return get_contents(datatype, &r, false);
}
IPCR_ALIAS(Type_get_contents);

int PMPI_Type_get_contents_c(MPI_Datatype datatype, MPI_Count max_integers, MPI_Count max_addresses,
                             MPI_Count max_large_counts, MPI_Count max_datatypes,
                             int array_of_integers[], MPI_Aint array_of_addresses[],
                             MPI_Count array_of_large_counts[], MPI_Datatype array_of_datatypes[])
{
    IPCR_ENTER("MPI_Type_get_contents_c");
    struct room r = {.integers = max_integers,
                     .addresses = max_addresses,
                     .counts = max_large_counts,
                     .types = max_datatypes,
                     .integer = array_of_integers,
                     .address = array_of_addresses,
                     .count = array_of_large_counts,
                     .type = array_of_datatypes};
    return get_contents(datatype, &r, true);
}
IPCR_ALIAS(Type_get_contents_c);
