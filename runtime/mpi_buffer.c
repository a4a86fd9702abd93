/* MPI 5.0 section 3.6.1: buffers for buffered sends, of communicators, sessions and the process. */
#include <limits.h>

#include "bsend.h"
#include "err.h"
#include "lock.h"
#include "request.h"
#include "session.h"

static int detach(struct ipcr_bsend **slot, void *buffer_addr, MPI_Count *size)
{
    int64_t bytes;
    ipcr_bsend_detach(slot, buffer_addr, &bytes);
    *size = bytes;
    return IPCR_LEAVE();
}

/* What an int cannot hold, the standard reports as MPI_UNDEFINED. */
static int detach_int(struct ipcr_bsend **slot, void *buffer_addr, int *size)
{
    MPI_Count bytes;
    int rc = detach(slot, buffer_addr, &bytes);
    *size = bytes > INT_MAX ? MPI_UNDEFINED : (int)bytes;
    return rc;
}

static int iflush(struct ipcr_bsend *b, struct ipcr_comm *comm, MPI_Request *request)
{
    struct ipcr_req *req;
    int rc = ipcr_bsend_iflush(b, comm, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return IPCR_FINISH(comm, rc);
}

/* ---- of the process ---------------------------------------------------------------------------
 */

int PMPI_Buffer_attach(void *buffer, int size)
{
    IPCR_ENTER("MPI_Buffer_attach");
    return IPCR_FINISH(NULL, ipcr_bsend_attach(&ipcr_bsend_process, buffer, size));
}
IPCR_ALIAS(Buffer_attach);

int PMPI_Buffer_attach_c(void *buffer, MPI_Count size)
{
    IPCR_ENTER("MPI_Buffer_attach_c");
    return IPCR_FINISH(NULL, ipcr_bsend_attach(&ipcr_bsend_process, buffer, size));
}
IPCR_ALIAS(Buffer_attach_c);

int PMPI_Buffer_detach(void *buffer_addr, int *size)
{
    IPCR_ENTER("MPI_Buffer_detach");
    return detach_int(&ipcr_bsend_process, buffer_addr, size);
}
IPCR_ALIAS(Buffer_detach);

int PMPI_Buffer_detach_c(void *buffer_addr, MPI_Count *size)
{
    IPCR_ENTER("MPI_Buffer_detach_c");
    return detach(&ipcr_bsend_process, buffer_addr, size);
}
IPCR_ALIAS(Buffer_detach_c);

int PMPI_Buffer_flush(void)
{
    IPCR_ENTER("MPI_Buffer_flush");
    return IPCR_FINISH(NULL, ipcr_bsend_flush(ipcr_bsend_process));
}
IPCR_ALIAS(Buffer_flush);

int PMPI_Buffer_iflush(MPI_Request *request)
{
    IPCR_ENTER("MPI_Buffer_iflush");
    return iflush(ipcr_bsend_process, NULL, request);
}
IPCR_ALIAS(Buffer_iflush);

/* ---- of a communicator ------------------------------------------------------------------------
 */

int PMPI_Comm_attach_buffer(MPI_Comm comm, void *buffer, int size)
{
    IPCR_ENTER("MPI_Comm_attach_buffer");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    return c ? IPCR_FINISH(c, ipcr_bsend_attach(&c->bsend, buffer, size))
             : ipcr_comm_raise_bad(comm);
}
IPCR_ALIAS(Comm_attach_buffer);

int PMPI_Comm_attach_buffer_c(MPI_Comm comm, void *buffer, MPI_Count size)
{
    IPCR_ENTER("MPI_Comm_attach_buffer_c");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    return c ? IPCR_FINISH(c, ipcr_bsend_attach(&c->bsend, buffer, size))
             : ipcr_comm_raise_bad(comm);
}
IPCR_ALIAS(Comm_attach_buffer_c);

int PMPI_Comm_detach_buffer(MPI_Comm comm, void *buffer_addr, int *size)
{
    IPCR_ENTER("MPI_Comm_detach_buffer");
    if (!size)
        return IPCR_NO_PLACE_ON(comm, "size");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    return c ? detach_int(&c->bsend, buffer_addr, size) : ipcr_comm_raise_bad(comm);
}
IPCR_ALIAS(Comm_detach_buffer);

int PMPI_Comm_detach_buffer_c(MPI_Comm comm, void *buffer_addr, MPI_Count *size)
{
    IPCR_ENTER("MPI_Comm_detach_buffer_c");
    if (!size)
        return IPCR_NO_PLACE_ON(comm, "size");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    return c ? detach(&c->bsend, buffer_addr, size) : ipcr_comm_raise_bad(comm);
}
IPCR_ALIAS(Comm_detach_buffer_c);

int PMPI_Comm_flush_buffer(MPI_Comm comm)
{
    IPCR_ENTER("MPI_Comm_flush_buffer");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    return c ? IPCR_FINISH(c, ipcr_bsend_flush(c->bsend)) : ipcr_comm_raise_bad(comm);
}
IPCR_ALIAS(Comm_flush_buffer);

int PMPI_Comm_iflush_buffer(MPI_Comm comm, MPI_Request *request)
{
    IPCR_ENTER("MPI_Comm_iflush_buffer");
    if (!request)
        return IPCR_NO_PLACE_ON(comm, "request");
    struct ipcr_comm *c = ipcr_comm_of(comm);
    return c ? iflush(c->bsend, c, request) : ipcr_comm_raise_bad(comm);
}
IPCR_ALIAS(Comm_iflush_buffer);

/* ---- of a session -----------------------------------------------------------------------------
 */

/* The way out of a call on a session; IPCR_FINISH is for communicators. */
static int finish(struct ipcr_session *s, int class)
{
    return class == MPI_SUCCESS ? IPCR_LEAVE() : ipcr_err_raise_session(s, class, NULL);
}

int PMPI_Session_attach_buffer(MPI_Session session, void *buffer, int size)
{
    IPCR_ENTER("MPI_Session_attach_buffer");
    struct ipcr_session *s = ipcr_session_of(session);
    return s ? finish(s, ipcr_bsend_attach(&s->bsend, buffer, size))
             : ipcr_session_raise_bad(session);
}
IPCR_ALIAS(Session_attach_buffer);

int PMPI_Session_attach_buffer_c(MPI_Session session, void *buffer, MPI_Count size)
{
    IPCR_ENTER("MPI_Session_attach_buffer_c");
    struct ipcr_session *s = ipcr_session_of(session);
    return s ? finish(s, ipcr_bsend_attach(&s->bsend, buffer, size))
             : ipcr_session_raise_bad(session);
}
IPCR_ALIAS(Session_attach_buffer_c);

int PMPI_Session_detach_buffer(MPI_Session session, void *buffer_addr, int *size)
{
    IPCR_ENTER("MPI_Session_detach_buffer");
    if (!size)
        return IPCR_NO_PLACE("size");
    struct ipcr_session *s = ipcr_session_of(session);
    return s ? detach_int(&s->bsend, buffer_addr, size) : ipcr_session_raise_bad(session);
}
IPCR_ALIAS(Session_detach_buffer);

int PMPI_Session_detach_buffer_c(MPI_Session session, void *buffer_addr, MPI_Count *size)
{
    IPCR_ENTER("MPI_Session_detach_buffer_c");
    if (!size)
        return IPCR_NO_PLACE("size");
    struct ipcr_session *s = ipcr_session_of(session);
    return s ? detach(&s->bsend, buffer_addr, size) : ipcr_session_raise_bad(session);
}
IPCR_ALIAS(Session_detach_buffer_c);

int PMPI_Session_flush_buffer(MPI_Session session)
{
    IPCR_ENTER("MPI_Session_flush_buffer");
    struct ipcr_session *s = ipcr_session_of(session);
    return s ? finish(s, ipcr_bsend_flush(s->bsend)) : ipcr_session_raise_bad(session);
}
IPCR_ALIAS(Session_flush_buffer);

int PMPI_Session_iflush_buffer(MPI_Session session, MPI_Request *request)
{
    IPCR_ENTER("MPI_Session_iflush_buffer");
    if (!request)
        return IPCR_NO_PLACE("request");
    struct ipcr_session *s = ipcr_session_of(session);
    if (!s)
        return ipcr_session_raise_bad(session);
    struct ipcr_req *req;
    int rc = ipcr_bsend_iflush(s->bsend, NULL, &req);
    if (rc == MPI_SUCCESS)
        *request = (MPI_Request)req;
    return finish(s, rc);
}
IPCR_ALIAS(Session_iflush_buffer);
