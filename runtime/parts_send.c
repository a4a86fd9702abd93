/* Partitioned communication, the sender. */
#include <stdlib.h>
#include <string.h>

#include "err.h"
#include "parts.h"

struct part_send {
    int partitions;
    int first_tag;
    int left;     /* partitions of this round that have not gone out */
    bool ready[]; /* [partitions] in this round */
};

static int take_tags(int n)
{
    static int next;
    if (next > IPCR_PART_TAGS - n)
        next = 0;
    int first = INT32_MIN + next;
    next += n;
    return first;
}

static void free_offer(struct ipcr_req *req)
{
    free(req->msg.buf);
}

/* Nobody waits for the announcement: the request and its bytes go when it has gone out. */
static int announce(const struct ipcr_msg *m, const struct part_send *p)
{
    struct ipcr_part_offer *offer = malloc(sizeof *offer);
    if (!offer)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory to announce a partitioned send");
    *offer = (struct ipcr_part_offer){
        .bytes = m->count * m->type->size, .parts = p->partitions, .first_tag = p->first_tag};
    struct ipcr_msg out = ipcr_part_bytes(m, m->tag, offer, sizeof *offer);
    struct ipcr_req *req = ipcr_req_new(&out, IPCR_REQ_SEND);
    req->active = true;
    req->orphan = true;
    req->on_complete = free_offer;
    ipcr_p2p_start_send(req);
    return MPI_SUCCESS;
}

static void part_sent(struct ipcr_req *whole)
{
    struct part_send *p = whole->state;
    if (--p->left == 0)
        ipcr_req_complete(whole);
}

static void on_part_sent(struct ipcr_req *part)
{
    part_sent(part->state);
}

static void send_part(struct ipcr_req *whole, int partition)
{
    struct part_send *p = whole->state;
    struct ipcr_req *req;
    struct ipcr_msg part = ipcr_part_msg(&whole->msg, p->first_tag + partition);
    part.buf = ipcr_part_element(&whole->msg, (uint64_t)partition * part.count);
    p->ready[partition] = true;
    ipcr_p2p_isend(&part, &req);
    if (req->complete) {
        ipcr_req_free(req);
        part_sent(whole);
        return;
    }
    req->state = whole;
    req->on_complete = on_part_sent;
    req->orphan = true;
}

static int start(struct ipcr_req *req)
{
    struct part_send *p = req->state;
    p->left = p->partitions;
    memset(p->ready, 0, (size_t)p->partitions * sizeof *p->ready);
    if (!p->left)
        ipcr_req_complete(req);
    return MPI_SUCCESS;
}

static void release(struct ipcr_req *req)
{
    free(req->state);
}

static const struct ipcr_req_class part_send = {
    .name = "partitioned send", .start = start, .release = release};

int ipcr_part_send_init(const struct ipcr_msg *m, int partitions, struct ipcr_req **req)
{
    int rc = ipcr_part_check(m, partitions);
    if (rc != MPI_SUCCESS)
        return rc;
    struct part_send *p = malloc(sizeof *p + (size_t)partitions * sizeof *p->ready);
    if (!p)
        return ipcr_err_note(MPI_ERR_NO_MEM, "no memory for a send of %d partitions", partitions);
    p->partitions = partitions;
    p->first_tag = take_tags(partitions);
    rc = m->rank == MPI_PROC_NULL ? MPI_SUCCESS : announce(m, p);
    if (rc == MPI_SUCCESS)
        *req = ipcr_part_request(&part_send, p, m);
    else
        free(p);
    return rc;
}

static int check_ready(const struct ipcr_req *req, int partition)
{
    const struct part_send *p = req->state;
    if (partition < 0 || partition >= p->partitions)
        return ipcr_err_note(MPI_ERR_ARG, "the partition is %d; the request has %d", partition,
                             p->partitions);
    if (p->ready[partition])
        return ipcr_err_note(MPI_ERR_ARG, "partition %d is ready already", partition);
    return MPI_SUCCESS;
}

int ipcr_part_ready(struct ipcr_req *req, int low, int high)
{
    if (req->kind != IPCR_REQ_OTHER || req->class != &part_send)
        return ipcr_err_note(MPI_ERR_REQUEST, "the request is not a partitioned send");
    if (!req->active)
        return ipcr_err_note(MPI_ERR_REQUEST, "the partitioned send has not been started");
    if (low > high)
        return ipcr_err_note(MPI_ERR_ARG, "the partitions are %d to %d", low, high);
    for (int i = low; i <= high; i++) {
        int rc = check_ready(req, i);
        if (rc != MPI_SUCCESS)
            return rc;
    }
    for (int i = low; i <= high; i++)
        send_part(req, i);
    return MPI_SUCCESS;
}
