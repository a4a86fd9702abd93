/* MPI calls about the ABI itself, and what a Fortran binding on top of it tells. MPI 5.0
 * chapter 20. All are legal at any time.
 *
 * The library has no Fortran binding of its own. One that is laid over it says, once, what its
 * compiler does; so there is nothing to tell before. The sizes of Fortran's types are settled in
 * typetable.c, and a compiler with other ones is refused rather than believed. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "abi.h"
#include "err.h"
#include "info.h"
#include "lock.h"

enum { LOGICAL_MAX = 16 };

static struct ipcr_info *fortran; /* what the binding has told; NULL: nothing */

static struct booleans {
    bool set;
    unsigned char is_true[LOGICAL_MAX], is_false[LOGICAL_MAX];
} booleans[5]; /* of LOGICAL with 1 << i bytes */

void ipcr_abi_finish(void)
{
    ipcr_info_free(fortran);
    fortran = NULL;
}

int PMPI_Abi_get_version(int *abi_major, int *abi_minor)
{
    IPCR_ENTER_ANY("MPI_Abi_get_version");
    if (!abi_major || !abi_minor)
        return IPCR_NO_PLACE("number");
    *abi_major = MPI_ABI_VERSION;
    *abi_minor = MPI_ABI_SUBVERSION;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Abi_get_version);

static int hand_out(struct ipcr_info *i, MPI_Info *info)
{
    if (!i)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "no memory for an info object");
    *info = ipcr_info_hand_out(i);
    return IPCR_LEAVE();
}

static bool describe_size(struct ipcr_info *i, const char *key, size_t bytes)
{
    char number[24];
    snprintf(number, sizeof number, "%zu", bytes);
    return ipcr_info_set(i, key, number) == MPI_SUCCESS;
}

int PMPI_Abi_get_info(MPI_Info *info)
{
    IPCR_ENTER_ANY("MPI_Abi_get_info");
    if (!info)
        return IPCR_NO_PLACE("info object");
    struct ipcr_info *i = ipcr_info_new();
    if (i && !(describe_size(i, "mpi_aint_size", sizeof(MPI_Aint)) &&
               describe_size(i, "mpi_count_size", sizeof(MPI_Count)) &&
               describe_size(i, "mpi_offset_size", sizeof(MPI_Offset)))) {
        ipcr_info_free(i);
        i = NULL;
    }
    return hand_out(i, info);
}
IPCR_ALIAS(Abi_get_info);

int PMPI_Abi_get_fortran_info(MPI_Info *info)
{
    IPCR_ENTER_ANY("MPI_Abi_get_fortran_info");
    if (!info)
        return IPCR_NO_PLACE("info object");
    if (fortran)
        return hand_out(ipcr_info_copy(fortran), info);
    *info = MPI_INFO_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Abi_get_fortran_info);

/* MPI_SUCCESS if the library's types have the sizes that are told, else a class with a note. */
static int check_sizes(const struct ipcr_info *told)
{
    static const struct {
        const char *key;
        long bytes;
    } sizes[] = {{"mpi_logical_size", 4},
                 {"mpi_integer_size", 4},
                 {"mpi_real_size", 4},
                 {"mpi_double_precision_size", 8}};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        const char *value = ipcr_info_get(told, sizes[i].key);
        char *end;
        if (value && (strtol(value, &end, 10) != sizes[i].bytes || *end))
            return ipcr_err_note(MPI_ERR_ABI,
                                 "%s is '%.40s'; this library has %ld, which cannot be "
                                 "changed",
                                 sizes[i].key, value, sizes[i].bytes);
    }
    return MPI_SUCCESS;
}

int PMPI_Abi_set_fortran_info(MPI_Info info)
{
    IPCR_ENTER_ANY("MPI_Abi_set_fortran_info");
    const struct ipcr_info *told = ipcr_info_of(info);
    if (!told)
        return IPCR_RAISE(NULL, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    if (fortran)
        return IPCR_RAISE(NULL, MPI_ERR_ABI, "this was set before");
    int class = check_sizes(told);
    if (class == MPI_SUCCESS && !(fortran = ipcr_info_copy(told)))
        class = ipcr_err_note(MPI_ERR_NO_MEM, "no memory for an info object");
    return IPCR_FINISH(NULL, class);
}
IPCR_ALIAS(Abi_set_fortran_info);

/* The entry for this size of LOGICAL, NULL if there is no such size. */
static struct booleans *booleans_of(int size)
{
    for (int i = 0; i < 5; i++)
        if (size == 1 << i)
            return &booleans[i];
    return NULL;
}

/* An error in the arguments that both calls have, noted; or MPI_SUCCESS. */
static int check_booleans(int size, const void *yes, const void *no)
{
    if (!booleans_of(size))
        return ipcr_err_note(MPI_ERR_ARG, "no LOGICAL has %d bytes: it must be 1, 2, 4, 8 or 16",
                             size);
    if (!yes || !no)
        return ipcr_err_note(MPI_ERR_ARG, "the place of %s is a null pointer",
                             yes ? ".FALSE." : ".TRUE.");
    return MPI_SUCCESS;
}

int PMPI_Abi_set_fortran_booleans(int logical_size, void *logical_true, void *logical_false)
{
    IPCR_ENTER_ANY("MPI_Abi_set_fortran_booleans");
    int class = check_booleans(logical_size, logical_true, logical_false);
    if (class != MPI_SUCCESS)
        return IPCR_FINISH(NULL, class);
    struct booleans *b = booleans_of(logical_size);
    if (b->set)
        return IPCR_RAISE(NULL, MPI_ERR_ABI, "the values for %d bytes were set before",
                          logical_size);
    memcpy(b->is_true, logical_true, (size_t)logical_size);
    memcpy(b->is_false, logical_false, (size_t)logical_size);
    b->set = true;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Abi_set_fortran_booleans);

int PMPI_Abi_get_fortran_booleans(int logical_size, void *logical_true, void *logical_false,
                                  int *is_set)
{
    IPCR_ENTER_ANY("MPI_Abi_get_fortran_booleans");
    int class = check_booleans(logical_size, logical_true, logical_false);
    if (class == MPI_SUCCESS && !is_set)
        class = ipcr_err_note(MPI_ERR_ARG, "the place for the answer is a null pointer");
    if (class != MPI_SUCCESS)
        return IPCR_FINISH(NULL, class);
    const struct booleans *b = booleans_of(logical_size);
    *is_set = b->set;
    if (b->set) {
        memcpy(logical_true, b->is_true, (size_t)logical_size);
        memcpy(logical_false, b->is_false, (size_t)logical_size);
    }
    return IPCR_LEAVE();
}
IPCR_ALIAS(Abi_get_fortran_booleans);
