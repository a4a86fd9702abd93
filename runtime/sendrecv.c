/* A send and a receive behind one request. */
#include "sendrecv.h"

#include <stdlib.h>

#include "err.h"
#include "request.h"
#include "status.h"

struct pair {
    struct ipcr_req *whole;       /* what the program holds */
    struct ipcr_req *send, *recv; /* kept until the whole is released */
    int running;                  /* how many of the two */
    void *copy;                   /* what is sent, where it was copied aside; or NULL */
};

static void half_done(struct ipcr_req *half)
{
    struct pair *p = half->state;
    if (--p->running == 0)
        ipcr_req_complete(p->whole);
}

static int result(struct ipcr_req *req, MPI_Status *status)
{
    const struct pair *p = req->state;
    ipcr_status_copy(status, &p->recv->status);
    int rc = ipcr_req_result(p->recv);
    return rc != MPI_SUCCESS ? rc : ipcr_req_result(p->send);
}

static void release(struct ipcr_req *req)
{
    struct pair *p = req->state;
    ipcr_req_free(p->send);
    ipcr_req_free(p->recv);
    free(p->copy);
    free(p);
}

static const struct ipcr_req_class exchange = {
    .name = "combined send and receive", .result = result, .release = release};

static struct ipcr_req *half(struct pair *p, const struct ipcr_msg *m, enum ipcr_req_kind kind)
{
    struct ipcr_req *req = ipcr_req_new(m, kind);
    req->active = true;
    req->state = p;
    req->on_complete = half_done;
    return req;
}

int ipcr_sendrecv_start(const struct ipcr_msg *out, const struct ipcr_msg *in, void *copy,
                        struct ipcr_req **req)
{
    struct pair *p = malloc(sizeof *p);
    if (!p) {
        free(copy);
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a combined send and receive");
    }
    *p = (struct pair){.running = 2, .copy = copy};
    p->whole = ipcr_req_new_other(&exchange, p, in->comm);
    p->whole->active = true;
    p->send = half(p, out, IPCR_REQ_SEND);
    p->recv = half(p, in, IPCR_REQ_RECV);
    *req = p->whole;
    ipcr_p2p_start_recv(p->recv);
    ipcr_p2p_start_send(p->send);
    return MPI_SUCCESS;
}

int ipcr_sendrecv_copy(const struct ipcr_msg *in, void *room, size_t size, struct ipcr_msg *out)
{
    size_t bytes = in->count * in->type->size;
    void *copy = bytes > size ? malloc(bytes) : room;
    if (bytes && !copy)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a copy of the %zu bytes to send",
                             bytes);
    ipcr_type_pack(in->type, in->count, in->buf, 0, copy, bytes);
    *out = *in;
    out->buf = copy;
    out->count = bytes;
    out->type = ipcr_type_of(MPI_PACKED);
    return MPI_SUCCESS;
}
