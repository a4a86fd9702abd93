/* The trace as trace-event JSON ("Trace Event Format" of the Chromium project). Ranks are its
 * processes; calls are complete events (X), which need no partner and so are right however the rank
 * ended; a message is a flow from s to f, written when both ends are known. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "trace.h"
#include "util.h"

struct writer {
    struct ipcr_trace *t;
    FILE *to;
    struct ipcr_flows *flows;
    uint64_t messages; /* the name of the next flow */
    bool some;         /* a comma is due */
};

static void next(struct writer *w)
{
    fputs(w->some ? ",\n" : "\n", w->to);
    w->some = true;
}

/* Names come from ranks: nothing that JSON minds is let through. */
static void put_string(FILE *to, const char *text)
{
    fputc('"', to);
    for (; *text; text++)
        fputc(*text == '"' || *text == '\\' || (unsigned char)*text < ' ' ? '?' : *text, to);
    fputc('"', to);
}

/* Microseconds, with the digits of nanoseconds. */
static void put_micros(FILE *to, const char *key, uint64_t ns)
{
    fprintf(to, ",\"%s\":%" PRIu64 ".%03u", key, ns / 1000, (unsigned)(ns % 1000));
}

static void put_place(struct writer *w, const char *phase, uint32_t rank, unsigned thread,
                      uint64_t at_ns)
{
    fprintf(w->to, ",\"ph\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%u", phase, rank, thread);
    put_micros(w->to, "ts", at_ns > w->t->start_ns ? at_ns - w->t->start_ns : 0);
}

/* ---- slices ---- */

static const char *name_of(const struct ipcr_trace_rank *k, const struct ipcr_trace_event *e)
{
    static const char *const waits[IPCR_WAIT_KINDS] = {"waits for a message",
                                                       "waits for a receiver", "waits for data",
                                                       "waits in a collective", "waits"};
    if (e->kind == IPCR_TRACE_FULL)
        return "waits for room in the trace";
    if (e->kind == IPCR_TRACE_WAIT)
        return waits[e->what < IPCR_WAIT_KINDS ? e->what : IPCR_WAIT_OTHER];
    return e->what < k->nnames ? k->names[e->what] : "MPI call";
}

static void put_slice(struct writer *w, uint32_t rank, const struct ipcr_trace_event *e)
{
    const struct ipcr_trace_rank *k = &w->t->ranks[rank];
    const struct ipcr_clock *clock = &w->t->clocks[k->node];
    uint64_t from = ipcr_clock_ours(clock, e->at_ns);
    uint64_t until = ipcr_clock_ours(clock, e->at_ns + e->amount);
    bool call = e->kind == IPCR_TRACE_CALL || e->kind == IPCR_TRACE_CUT;
    next(w);
    fputs("{\"name\":", w->to);
    put_string(w->to, name_of(k, e));
    fprintf(w->to, ",\"cat\":\"%s\"", call ? "mpi" : "wait");
    put_place(w, "X", rank, e->thread, from);
    put_micros(w->to, "dur", until > from ? until - from : 0);
    if (e->kind == IPCR_TRACE_CUT)
        fputs(",\"args\":{\"unfinished\":true}", w->to);
    fputc('}', w->to);
    if (e->kind == IPCR_TRACE_FULL)
        w->t->full_ns += e->amount;
}

/* ---- messages ---- */

static void put_end(struct writer *w, const struct ipcr_flow_end *e, uint64_t at_ns)
{
    next(w);
    fprintf(w->to, "{\"name\":\"%s\",\"cat\":\"%s\",\"id\":%" PRIu64,
            e->program ? "message" : "message of a collective",
            e->program ? "message" : "collective", w->messages);
    put_place(w, e->send ? "s" : "f", e->send ? e->from : e->to, e->thread, at_ns);
    if (!e->send)
        fputs(",\"bp\":\"e\"", w->to);
    fprintf(w->to, ",\"args\":{\"bytes\":%" PRIu64 ",\"tag\":%" PRId32 "}}", e->bytes, e->tag);
}

/* A message does not arrive before it was sent. But a rank looks at its clock when the message is
 * gone, and may have lost its core by then; and clocks of hosts are never quite alike. */
static void put_flow(struct writer *w, const struct ipcr_flow_end *send,
                     const struct ipcr_flow_end *receive)
{
    put_end(w, send, send->at_ns < receive->at_ns ? send->at_ns : receive->at_ns);
    put_end(w, receive, receive->at_ns);
    w->messages++;
}

static void put_message(struct writer *w, uint32_t rank, const struct ipcr_trace_event *e)
{
    bool send = e->kind == IPCR_TRACE_SEND;
    uint32_t peer = (uint32_t)e->peer;
    if (peer >= (uint32_t)w->t->size)
        return;
    struct ipcr_flow_end end = {
        .from = send ? rank : peer,
        .to = send ? peer : rank,
        .ctx = e->ctx,
        .tag = e->tag,
        .send = send,
        .program = e->what == 0,
        .thread = e->thread,
        .at_ns = ipcr_clock_ours(&w->t->clocks[w->t->ranks[rank].node], e->at_ns),
        .bytes = e->amount};
    struct ipcr_flow_end *other = ipcr_flows_meet(w->flows, &end);
    if (!other)
        return;
    put_flow(w, send ? &end : other, send ? other : &end);
    free(other);
}

/* A send that no receive has met: the other rank has ended before, or never asked for it. */
static void put_alone(const struct ipcr_flow_end *e, void *arg)
{
    struct writer *w = arg;
    if (!e->send || !e->program)
        return;
    next(w);
    fputs("{\"name\":\"not received\",\"cat\":\"message\",\"s\":\"t\"", w->to);
    put_place(w, "i", e->from, e->thread, e->at_ns);
    fprintf(w->to, ",\"args\":{\"to\":%" PRIu32 ",\"bytes\":%" PRIu64 ",\"tag\":%" PRId32 "}}",
            e->to, e->bytes, e->tag);
}

/* ---- the whole ---- */

static void put_process(struct writer *w, int rank)
{
    const char *host = w->t->hosts[w->t->ranks[rank].node];
    next(w);
    fprintf(w->to,
            "{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%d,\"args\":{\"name\":\"rank %d\"}}",
            rank, rank);
    next(w);
    fprintf(
        w->to,
        "{\"name\":\"process_sort_index\",\"ph\":\"M\",\"pid\":%d,\"args\":{\"sort_index\":%d}}",
        rank, rank);
    next(w);
    fprintf(w->to,
            "{\"name\":\"process_labels\",\"ph\":\"M\",\"pid\":%d,\"args\":{\"labels\":", rank);
    put_string(w->to, host);
    fputs("}}", w->to);
}

static void put_events(struct writer *w)
{
    struct ipcr_trace_portion portion;
    struct ipcr_trace_event e;
    rewind(w->t->spool);
    while (fread(&portion, sizeof portion, 1, w->t->spool) == 1)
        for (uint32_t i = 0; i < portion.n; i++) {
            if (fread(&e, sizeof e, 1, w->t->spool) != 1)
                return;
            if (e.kind == IPCR_TRACE_SEND || e.kind == IPCR_TRACE_RECV)
                put_message(w, portion.rank, &e);
            else
                put_slice(w, portion.rank, &e);
        }
}

/* How far the hosts' clocks were off, and how sure that is: half a round trip. */
static void put_clocks(struct writer *w)
{
    const char *comma = "";
    fputs("\n],\"otherData\":{", w->to);
    for (int i = 0; i < w->t->nodes; i++) {
        const struct ipcr_clock *c = &w->t->clocks[i];
        if (!c->first.answers)
            continue;
        fprintf(w->to, "%s\n", comma);
        put_string(w->to, w->t->hosts[i]);
        fprintf(w->to,
                ":{\"ahead_us\":%.3f,\"ahead_at_end_us\":%.3f,\"round_trip_us\":%.3f,\"round_trip_"
                "at_end_us\":%.3f}",
                (double)c->first.ahead_ns / 1e3, (double)c->last.ahead_ns / 1e3,
                (double)c->first.trip_ns / 1e3, (double)c->last.trip_ns / 1e3);
        comma = ",";
    }
    fputs("}}\n", w->to);
}

bool ipcr_trace_write(struct ipcr_trace *t)
{
    struct writer w = {.t = t, .to = t->to, .flows = ipcr_flows_new()};
    fputs("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[", t->to);
    for (int i = 0; i < t->size; i++)
        put_process(&w, i);
    put_events(&w);
    ipcr_flows_free(w.flows, put_alone, &w);
    put_clocks(&w);
    bool good = !ferror(t->to) && !t->broken;
    good &= fclose(t->to) == 0;
    fclose(t->spool);
    for (int i = 0; i < t->size; i++)
        free(t->ranks[i].names);
    free(t->ranks);
    free(t->clocks);
    return good;
}
