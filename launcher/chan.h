/* A framed, buffered channel over non-blocking descriptors, driven by the loop. Head and agents
 * speak proto.h through it, and agents to their ranks.
 *
 * Sending never blocks: what the kernel does not take is kept and goes out when it does. Producers
 * of bulk data bound themselves (credit in proto.h); control messages are small. */
#ifndef IPCR_CHAN_H
#define IPCR_CHAN_H

#include "loop.h"
#include "proto.h"

struct ipcr_chan {
    struct ipcr_watch in, out; /* the same descriptor: only `in` is watched, for both */
    struct ipcr_buf rx, tx;
    size_t rx_at, tx_at; /* first byte not yet consumed, not yet written */
    size_t frame_at;     /* header of the frame being written */
    bool open;
    bool await_hello; /* skip everything up to the magic first */
    bool tx_dead;     /* the other side reads no more */
    bool finishing;   /* shut down our direction when everything is written */
    bool gets_fds;    /* descriptors may travel with frames */
    int passed_fd;    /* the one that came last and was not taken, or -1 */
    /* One frame; the reader and what it points to are valid during the call. */
    void (*on_frame)(struct ipcr_chan *c, uint16_t type, struct ipcr_reader *r);
    /* The other side is gone or talks nonsense; `why` is a phrase. Called once, after closing. */
    void (*on_close)(struct ipcr_chan *c, const char *why);
    void *owner;
};

/* Takes over both descriptors (they may be the same) and makes them non-blocking. The callbacks
 * and owner are set by the caller before. 0 or a negative errno. */
int ipcr_chan_open(struct ipcr_chan *c, int in_fd, int out_fd);
/* Closes without calling on_close; what was not written is lost. */
void ipcr_chan_close(struct ipcr_chan *c);

/* A frame is written in between: begin() returns the buffer for the ipcr_put_...() calls. */
struct ipcr_buf *ipcr_chan_begin(struct ipcr_chan *c, uint16_t type);
void ipcr_chan_end(struct ipcr_chan *c);
/* A frame without body, or with one integer. */
void ipcr_chan_send(struct ipcr_chan *c, uint16_t type);
void ipcr_chan_send_u32(struct ipcr_chan *c, uint16_t type, uint32_t v);
/* Bytes that are already framed (or the hello). */
void ipcr_chan_send_raw(struct ipcr_chan *c, const void *bytes, size_t n);

/* Delivers what has already arrived, without waiting for the loop. */
void ipcr_chan_poll(struct ipcr_chan *c);
/* The descriptor that travelled with the frame that is being delivered; the caller's to close. -1:
 * none did, or there was no room for it. */
int ipcr_chan_take_fd(struct ipcr_chan *c);
/* Nothing more will be sent: the other side sees the end after the last frame. */
void ipcr_chan_finish(struct ipcr_chan *c);

/* Bytes accepted and not yet given to the kernel. */
static inline size_t ipcr_chan_pending(const struct ipcr_chan *c)
{
    return c->tx.len - c->tx_at;
}

/* Without hello: what came before it, as text for an error message. "" if nothing came. */
const char *ipcr_chan_junk(struct ipcr_chan *c);

/* The hello that an agent sends first. */
void ipcr_hello_make(uint8_t hello[IPCR_HELLO_BYTES]);

#endif
