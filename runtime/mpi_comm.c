/* MPI calls that ask a communicator something or change what hangs on it. Those that make new ones
 * are in mpi_comm_make.c. MPI 5.0 sections 7.4.1, 7.4.3, 7.4.4, 7.8. */
#include <string.h>

#include "attr.h"
#include "comm.h"
#include "err.h"
#include "group.h"
#include "info.h"
#include "lock.h"
#include "observe.h"

int PMPI_Comm_size(MPI_Comm comm, int *size)
{
    IPCR_ENTER("MPI_Comm_size");
    if (!size)
        return IPCR_NO_PLACE_ON(comm, "size");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    *size = c->size;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_size);

int PMPI_Comm_rank(MPI_Comm comm, int *rank)
{
    IPCR_ENTER("MPI_Comm_rank");
    if (!rank)
        return IPCR_NO_PLACE_ON(comm, "rank");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    *rank = c->rank;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_rank);

/* As far as groups go: the worse of both sides; -1: no memory. */
static int compare_groups(const struct ipcr_comm *a, const struct ipcr_comm *b)
{
    if (ipcr_comm_is_inter(a) != ipcr_comm_is_inter(b))
        return MPI_UNEQUAL;
    int local = ipcr_group_compare(a->group, b->group);
    if (!ipcr_comm_is_inter(a) || local < 0)
        return local;
    int remote = ipcr_group_compare(a->remote, b->remote);
    return remote < 0 || remote > local ? remote : local;
}

int PMPI_Comm_compare(MPI_Comm comm1, MPI_Comm comm2, int *result)
{
    IPCR_ENTER("MPI_Comm_compare");
    if (!result)
        return IPCR_NO_PLACE_ON(comm1, "result");
    struct ipcr_comm *a = ipcr_comm_of(comm1), *b = ipcr_comm_of(comm2);
    if (!a || !b)
        return ipcr_comm_raise_bad(a ? comm2 : comm1);
    int same = a == b ? MPI_IDENT : compare_groups(a, b);
    if (same < 0)
        return IPCR_RAISE(a, MPI_ERR_NO_MEM, "no memory to compare communicators");
    *result = a != b && same == MPI_IDENT ? MPI_CONGRUENT : same;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_compare);

int PMPI_Comm_group(MPI_Comm comm, MPI_Group *group)
{
    IPCR_ENTER("MPI_Comm_group");
    if (!group)
        return IPCR_NO_PLACE_ON(comm, "group");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    ipcr_group_retain(c->group);
    *group = ipcr_group_hand_out(c->group);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_group);

int PMPI_Comm_test_inter(MPI_Comm comm, int *flag)
{
    IPCR_ENTER("MPI_Comm_test_inter");
    if (!flag)
        return IPCR_NO_PLACE_ON(comm, "flag");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    *flag = ipcr_comm_is_inter(c);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_test_inter);

static int no_other_side(struct ipcr_comm *c)
{
    return IPCR_RAISE(c, MPI_ERR_COMM, "it is not an intercommunicator");
}

int PMPI_Comm_remote_size(MPI_Comm comm, int *size)
{
    IPCR_ENTER("MPI_Comm_remote_size");
    if (!size)
        return IPCR_NO_PLACE_ON(comm, "size");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!ipcr_comm_is_inter(c))
        return no_other_side(c);
    *size = c->remote_size;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_remote_size);

int PMPI_Comm_remote_group(MPI_Comm comm, MPI_Group *group)
{
    IPCR_ENTER("MPI_Comm_remote_group");
    if (!group)
        return IPCR_NO_PLACE_ON(comm, "group");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!ipcr_comm_is_inter(c))
        return no_other_side(c);
    ipcr_group_retain(c->remote);
    *group = ipcr_group_hand_out(c->remote);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_remote_group);

int PMPI_Comm_free(MPI_Comm *comm)
{
    IPCR_ENTER("MPI_Comm_free");
    struct ipcr_comm *c = ipcr_comm_of(*comm);
    if (!c)
        return ipcr_comm_raise_bad(*comm);
    if (c == ipcr_comm_world || c == ipcr_comm_self)
        return IPCR_RAISE(c, MPI_ERR_COMM, "%s cannot be freed", c->name);
    int class = ipcr_attr_delete_all(ipcr_comm_attrs(c));
    if (class != MPI_SUCCESS)
        return IPCR_FINISH(c, class);
    /* What is under way on it keeps it alive until it completes. */
    IPCR_OBSERVE(object, IPCR_OBJECT_COMM, c, false);
    ipcr_comm_release(c);
    *comm = MPI_COMM_NULL;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_free);

int PMPI_Comm_set_name(MPI_Comm comm, const char *comm_name)
{
    IPCR_ENTER("MPI_Comm_set_name");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    size_t len = strnlen(comm_name, sizeof c->name - 1);
    memmove(c->name, comm_name, len);
    c->name[len] = 0;
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_set_name);

int PMPI_Comm_get_name(MPI_Comm comm, char *comm_name, int *resultlen)
{
    IPCR_ENTER("MPI_Comm_get_name");
    if (!comm_name)
        return IPCR_NO_PLACE_ON(comm, "comm_name");
    if (!resultlen)
        return IPCR_NO_PLACE_ON(comm, "resultlen");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    strcpy(comm_name, c->name); /* MPI_MAX_OBJECT_NAME bytes are the caller's duty */
    *resultlen = (int)strlen(c->name);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_get_name);

int PMPI_Comm_set_info(MPI_Comm comm, MPI_Info info)
{
    IPCR_ENTER("MPI_Comm_set_info");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    const struct ipcr_info *hints = ipcr_info_of(info);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    if (!hints && info != MPI_INFO_NULL)
        return IPCR_RAISE(c, MPI_ERR_INFO, "%p is not an info object", (void *)info);
    return IPCR_FINISH(c, ipcr_comm_set_hints(c, hints));
}
IPCR_ALIAS(Comm_set_info);

int PMPI_Comm_get_info(MPI_Comm comm, MPI_Info *info_used)
{
    IPCR_ENTER("MPI_Comm_get_info");
    if (!info_used)
        return IPCR_NO_PLACE_ON(comm, "info_used");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    if (!c)
        return ipcr_comm_raise_bad(comm);
    struct ipcr_info *used = ipcr_comm_get_hints(c);
    if (!used)
        return IPCR_RAISE(c, MPI_ERR_NO_MEM, "no memory for an info object");
    *info_used = ipcr_info_hand_out(used);
    return IPCR_LEAVE();
}
IPCR_ALIAS(Comm_get_info);
