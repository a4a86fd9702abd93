/* What the head collects from several agents and passes on to all. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "head.h"

static void send_table(void)
{
    struct ipcr_head *h = &ipcr_head;
    struct ipcr_buf frame = {0};
    size_t at = ipcr_frame_begin(&frame, IPCR_MSG_TABLE);
    ipcr_put_u32(&frame, (uint32_t)h->plan.size);
    for (int i = 0; i < h->plan.size; i++) {
        ipcr_put_blob(&frame, h->blobs[i].data, h->blobs[i].len);
        h->blobs[i].len = 0;
    }
    ipcr_frame_end(&frame, at);
    for (int i = 0; i < h->plan.nodes; i++)
        if (h->nodes[i].chan.open)
            ipcr_chan_send_raw(&h->nodes[i].chan, frame.data, frame.len);
    free(frame.data);
    h->nblobs = 0;
}

void ipcr_gather_blobs(struct ipcr_reader *r)
{
    struct ipcr_head *h = &ipcr_head;
    uint32_t n = ipcr_get_count(r, 8);
    for (uint32_t i = 0; i < n; i++) {
        size_t len;
        uint32_t rank = ipcr_get_u32(r);
        const void *blob = ipcr_get_blob(r, &len);
        if (r->bad || rank >= (uint32_t)h->plan.size)
            return;
        h->blobs[rank].len = 0;
        ipcr_put_raw(&h->blobs[rank], blob, len);
        h->nblobs++;
    }
    if (h->nblobs == h->plan.size)
        send_table();
}

void ipcr_gather_leaving(const struct ipcr_node *from, struct ipcr_reader *r)
{
    struct ipcr_head *h = &ipcr_head;
    struct ipcr_buf frame = {0};
    size_t at = ipcr_frame_begin(&frame, IPCR_MSG_LEAVING);
    ipcr_put_raw(&frame, r->at, r->left);
    ipcr_frame_end(&frame, at);
    for (int i = 0; i < h->plan.nodes; i++)
        if (&h->nodes[i] != from && h->nodes[i].chan.open)
            ipcr_chan_send_raw(&h->nodes[i].chan, frame.data, frame.len);
    free(frame.data);
}

void ipcr_gather_finding(struct ipcr_reader *r)
{
    uint32_t rank = ipcr_get_u32(r);
    const char *call = ipcr_get_text(r), *place = ipcr_get_text(r), *text = ipcr_get_text(r);
    if (r->bad)
        return;
    ipcr_head.findings++;
    ipcr_say("check: %s on rank %u%s%s: %s", call, rank, *place ? ", called from " : "", place,
             text);
}

void ipcr_gather_counts(struct ipcr_reader *r)
{
    struct ipcr_head *h = &ipcr_head;
    uint32_t rank = ipcr_get_u32(r), n = ipcr_get_count(r, 21);
    if (rank >= (uint32_t)h->plan.size)
        return;
    for (uint32_t i = 0; i < n; i++) {
        const char *transport = ipcr_get_text(r);
        unsigned long long messages = ipcr_get_u64(r), bytes = ipcr_get_u64(r);
        if (!r->bad && messages)
            ipcr_words_add(&h->counts[rank],
                           ipcr_format("rank %u sent by %s: %llu messages, %llu bytes", rank,
                                       transport, messages, bytes));
    }
}

static void print_counts(void)
{
    struct ipcr_head *h = &ipcr_head;
    for (int rank = 0; rank < h->plan.size; rank++) {
        if (h->counts[rank].n == 0)
            ipcr_say("rank %d sent nothing", rank);
        for (int i = 0; i < h->counts[rank].n; i++)
            ipcr_say("%s", h->counts[rank].at[i]);
    }
}

/* Above the lines of print_counts, in one write: ranks of another job may share the terminal. */
static void print_stats(struct ipcr_stats *stats)
{
    char *text = NULL;
    size_t n = 0;
    FILE *to = open_memstream(&text, &n);
    if (!to)
        return;
    ipcr_stats_text(stats, to);
    if (fclose(to) == 0 && write(2, text, n) < 0)
        ipcr_say("the statistics cannot be written: %s", strerror(errno));
    free(text);
}

static void write_page(const struct ipcr_stats *stats, FILE *page)
{
    ipcr_stats_html(stats, page);
    if (ferror(page) | fclose(page))
        ipcr_say("the page of --stats cannot be written: %s", strerror(errno));
}

void ipcr_gather_show(void)
{
    struct ipcr_head *h = &ipcr_head;
    ipcr_stats_sort(&h->stats);
    if (h->stats.ncalls)
        print_stats(&h->stats);
    print_counts();
    if (h->stats_page)
        write_page(&h->stats, h->stats_page);
    ipcr_stats_free(&h->stats);
}
