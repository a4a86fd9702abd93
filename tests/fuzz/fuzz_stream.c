/* The transports' frames: a stream of bytes that may come from no rank of this job, cut anywhere.
 * The first byte says how. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"
#include "transport/stream.h"

static const struct ipcr_transport limits = {.eager_max = IPCR_STREAM_EAGER, .frag_max = 100000};

static unsigned char *lent; /* to the stream, for a large fragment */
static volatile unsigned sum;

/* ---- the upper half: believes lengths, as it may ---- */

void *ipcr_p2p_sink(struct ipcr_peer *peer, const struct ipcr_wire *hdr, size_t len)
{
    (void)peer, (void)hdr;
    if (len > limits.frag_max)
        abort();
    lent = malloc(len);
    return lent;
}

void ipcr_p2p_arrive(struct ipcr_peer *peer, const struct ipcr_wire *hdr, const void *bytes,
                     size_t len)
{
    (void)peer, (void)hdr;
    if (len > limits.frag_max)
        abort();
    for (size_t i = 0; i < len; i++)
        sum += ((const unsigned char *)bytes)[i];
    free(lent);
    lent = NULL;
}

void ipcr_type_pack(const struct ipcr_type *t, size_t count, const void *buf, size_t offset,
                    void *out, size_t len)
{
    (void)t, (void)count, (void)buf, (void)offset, (void)out, (void)len;
    abort(); /* nothing is sent here */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ipcr_stream s;
    if (size < 2 || ipcr_stream_open(&s, -1, NULL, &limits) < 0)
        return 0;
    size_t step = 1 + *data;
    for (size_t at = 1; at < size; at += step) {
        size_t n = size - at < step ? size - at : step;
        uint8_t *piece = malloc(n);
        if (!piece)
            abort();
        memcpy(piece, data + at, n);
        int rc = ipcr_stream_feed(&s, piece, n);
        free(piece);
        if (rc < 0 && rc != -EPROTO)
            abort();
        if (rc < 0)
            break;
    }
    ipcr_stream_close(&s);
    free(lent);
    lent = NULL;
    return 0;
}

static size_t put_frame(uint8_t *to, uint8_t kind, uint32_t len)
{
    struct ipcr_frame f = {.len = len, .mark = IPCR_FRAME_MARK, .hdr = {.kind = kind, .tag = 7}};
    memcpy(to, &f, sizeof f);
    memset(to + sizeof f, 'x', len);
    return sizeof f + len;
}

size_t fuzz_seed(int i, uint8_t *to, size_t room)
{
    static const uint8_t steps[] = {0, 12, 254};
    if (i >= (int)sizeof steps || room < 4096)
        return 0;
    size_t n = 1;
    to[0] = steps[i];
    n += put_frame(to + n, IPCR_EAGER, 0);
    n += put_frame(to + n, IPCR_EAGER, 40);
    n += put_frame(to + n, IPCR_DATA, 1500);
    n += put_frame(to + n, IPCR_RTS, 0);
    return n + put_frame(to + n, IPCR_EAGER, 500);
}
