/* MPI calls about the environment: versions, names, clocks, memory, addresses. MPI 5.0 chapter 9
 * and section 4.1.5. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "err.h"
#include "info.h"
#include "job.h"
#include "lock.h"
#include "mem.h"

int PMPI_Get_version(int *version, int *subversion)
{
    IPCR_ENTER_ANY("MPI_Get_version");
    if (!version || !subversion)
        return IPCR_NO_PLACE("number");
    *version = MPI_VERSION;
    *subversion = MPI_SUBVERSION;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_version);

int PMPI_Get_library_version(char *version, int *resultlen)
{
    static const char text[] = "ipcrun " PACKAGE_VERSION;
    IPCR_ENTER_ANY("MPI_Get_library_version");
    if (!version || !resultlen)
        return IPCR_NO_PLACE(version ? "length" : "text");
    memcpy(version, text, sizeof text);
    *resultlen = (int)sizeof text - 1;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_library_version);

int PMPI_Get_processor_name(char *name, int *resultlen)
{
    IPCR_ENTER("MPI_Get_processor_name");
    if (!name || !resultlen)
        return IPCR_NO_PLACE(name ? "length" : "name");
    size_t len = strnlen(ipcr_job.host, MPI_MAX_PROCESSOR_NAME - 1);
    memcpy(name, ipcr_job.host, len);
    name[len] = 0;
    *resultlen = (int)len;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_processor_name);

/* CLOCK_MONOTONIC as it is: the same for all ranks of a machine, which MPI_WTIME_IS_GLOBAL says. */
static double seconds(const struct timespec *t)
{
    return (double)t->tv_sec + (double)t->tv_nsec * 1e-9;
}

double PMPI_Wtime(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return seconds(&now);
}
IPCR_ALIAS(Wtime);

double PMPI_Wtick(void)
{
    struct timespec step;
    clock_getres(CLOCK_MONOTONIC, &step);
    return seconds(&step);
}
IPCR_ALIAS(Wtick);

/* For profilers, which put their own in its place; without one it means nothing. */
int PMPI_Pcontrol(const int level, ...)
{
    (void)level;
    return MPI_SUCCESS;
}
IPCR_ALIAS(Pcontrol);

/* What the program asks for, and at least a cache line; 0: not a power of two. */
static size_t alignment(const struct ipcr_info *hints)
{
    const char *value = hints ? ipcr_info_get(hints, "mpi_minimum_memory_alignment") : NULL;
    size_t asked = value ? strtoul(value, NULL, 10) : 64;
    if (asked & (asked - 1))
        return 0;
    return asked < 64 ? 64 : asked;
}

int PMPI_Alloc_mem(MPI_Aint size, MPI_Info info, void *baseptr)
{
    IPCR_ENTER("MPI_Alloc_mem");
    const struct ipcr_info *hints = ipcr_info_of(info);
    if (size < 0)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "size is %lld", (long long)size);
    if (!hints && info != MPI_INFO_NULL)
        return IPCR_RAISE(NULL, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    if (!baseptr)
        return IPCR_RAISE(NULL, MPI_ERR_ARG, "the place for the address is a null pointer");
    size_t align = alignment(hints);
    if (!align)
        return IPCR_RAISE(NULL, MPI_ERR_INFO_VALUE,
                          "mpi_minimum_memory_alignment is not a power of two");
    void *memory = ipcr_mem_alloc((size_t)size, align);
    if (!memory)
        return IPCR_RAISE(NULL, MPI_ERR_NO_MEM, "%lld bytes are not to be had", (long long)size);
    *(void **)baseptr = memory;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Alloc_mem);

int PMPI_Free_mem(void *base)
{
    IPCR_ENTER("MPI_Free_mem");
    if (!ipcr_mem_free(base))
        return IPCR_RAISE(NULL, MPI_ERR_BASE, "%p does not come from MPI_Alloc_mem, or was freed",
                          base);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Free_mem);

int PMPI_Get_address(const void *location, MPI_Aint *address)
{
    IPCR_ENTER_ANY("MPI_Get_address");
    if (!address)
        return IPCR_NO_PLACE("address");
    *address = (MPI_Aint)location;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Get_address);

/* As unsigned numbers, so that an address beyond half of the address space does not overflow. */
MPI_Aint PMPI_Aint_add(MPI_Aint base, MPI_Aint disp)
{
    return (MPI_Aint)((uintptr_t)base + (uintptr_t)disp);
}
IPCR_ALIAS(Aint_add);

MPI_Aint PMPI_Aint_diff(MPI_Aint addr1, MPI_Aint addr2)
{
    return (MPI_Aint)((uintptr_t)addr1 - (uintptr_t)addr2);
}
IPCR_ALIAS(Aint_diff);
