/* The two ends of messages find each other: whichever is seen first waits for the other one. */
#include <stdlib.h>
#include <string.h>

#include "trace.h"
#include "util.h"

enum { CHAINS = 1 << 14 };

/* Ends with one key, all sends or all receives: a queue, emptied from its head. */
struct queue {
    struct ipcr_flow_end *head, **tail;
    struct queue *next;
};

struct ipcr_flows {
    struct queue *chains[CHAINS];
};

struct ipcr_flows *ipcr_flows_new(void)
{
    return ipcr_alloc(sizeof(struct ipcr_flows));
}

static size_t chain_of(const struct ipcr_flow_end *e)
{
    uint64_t h = e->from * UINT64_C(0x9e3779b97f4a7c15) ^ e->to;
    h = h * UINT64_C(0x9e3779b97f4a7c15) ^ e->ctx;
    h = h * UINT64_C(0x9e3779b97f4a7c15) ^ (uint32_t)e->tag;
    return (size_t)(h * UINT64_C(0x9e3779b97f4a7c15) >> 50);
}

static bool belong(const struct ipcr_flow_end *a, const struct ipcr_flow_end *b)
{
    return a->from == b->from && a->to == b->to && a->ctx == b->ctx && a->tag == b->tag;
}

static struct queue **find(struct ipcr_flows *f, const struct ipcr_flow_end *end)
{
    struct queue **q = &f->chains[chain_of(end)];
    while (*q && !belong((*q)->head, end))
        q = &(*q)->next;
    return q;
}

static void keep(struct queue **at, const struct ipcr_flow_end *end)
{
    struct ipcr_flow_end *copy = ipcr_alloc(sizeof *copy);
    *copy = *end;
    copy->next = NULL;
    if (!*at) {
        *at = ipcr_alloc(sizeof **at);
        (*at)->tail = &(*at)->head;
    }
    *(*at)->tail = copy;
    (*at)->tail = &copy->next;
}

struct ipcr_flow_end *ipcr_flows_meet(struct ipcr_flows *f, const struct ipcr_flow_end *end)
{
    struct queue **at = find(f, end), *q = *at;
    if (!q || q->head->send == end->send) {
        keep(at, end);
        return NULL;
    }
    struct ipcr_flow_end *other = q->head;
    q->head = other->next;
    if (!q->head) {
        *at = q->next;
        free(q);
    }
    return other;
}

void ipcr_flows_free(struct ipcr_flows *f, void (*alone)(const struct ipcr_flow_end *, void *),
                     void *arg)
{
    for (size_t i = 0; i < CHAINS; i++)
        for (struct queue *q = f->chains[i], *next; q; q = next) {
            for (struct ipcr_flow_end *e = q->head, *after; e; e = after) {
                after = e->next;
                alone(e, arg);
                free(e);
            }
            next = q->next;
            free(q);
        }
    free(f);
}
