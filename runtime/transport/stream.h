/* Fragments over a byte stream: framing, partial writes, reading without bounces. Knows nothing of
 * how the stream was made, so a transport over another kind of socket is its connection set-up and
 * a loop that calls these functions. Where bytes travel in other things than a socket (datagrams,
 * messages of a queue, a file), the transport says how they leave, in `write`, and hands those that
 * have come to ipcr_stream_feed().
 *
 * A frame is struct ipcr_frame followed by its payload. Both ends run the same build (wire.h), so
 * fields are in host order; every length is checked against the transport's limits before it is
 * used. The last frame is a farewell: an end of the stream after it is an orderly one.
 *
 * Sending. A fragment in contiguous memory is written straight from there, header and payload in
 * one system call. What the socket does not take is copied to the stream's own buffer, the tail,
 * and the fragment counts as sent; until the tail is out, the answer is AGAIN. Only one fragment's
 * tail is ever kept, so the buffer is bounded by frag_max, and it is made on first need.
 *
 * Receiving. Bytes are parsed where they were read to. A fragment that is complete there goes up
 * from there; a large DATA fragment is read straight into the user's memory when ipcr_p2p_sink()
 * names it, and else handed up in the pieces in which it comes. */
#ifndef IPCR_STREAM_H
#define IPCR_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "transport.h"
#include "wire.h"

/* "Still in step": one of the two is in each frame. */
#define IPCR_FRAME_MARK    0x6652aa55u
#define IPCR_FRAME_AWAITED 0x6652aa5au /* its acknowledgement is waited for (burst.h) */

struct ipcr_frame {
    uint32_t len;  /* bytes of payload after this */
    uint32_t mark; /* IPCR_FRAME_MARK or IPCR_FRAME_AWAITED */
    struct ipcr_wire hdr;
};
_Static_assert(sizeof(struct ipcr_frame) == 32, "no padding goes over the wire");

#define IPCR_STREAM_BUFFER (64u * 1024u) /* read at once; a whole EAGER frame fits */
/* The largest eager_max a transport on streams may have. */
#define IPCR_STREAM_EAGER (IPCR_STREAM_BUFFER - sizeof(struct ipcr_frame))

struct ipcr_stream {
    int fd; /* non-blocking socket, owned; -1 when closed, or when there is none */
    struct ipcr_peer *peer;
    const struct ipcr_transport *via; /* its limits */

    /* Takes as many of these bytes as there is room for: how many (0: none now), or -1 with errno.
     * ipcr_stream_open() sets it for a socket. */
    ssize_t (*write)(struct ipcr_stream *s, const struct iovec *part, size_t parts);

    bool full;     /* not all bytes were taken: wait until there is room */
    bool farewell; /* the other side has said that nothing more will come */
    bool awaits;   /* set by the caller: frames go out as IPCR_FRAME_AWAITED */
    bool awaited;  /* the frame that came last was one */

    unsigned char *tail; /* [frag_max + a frame], NULL until first needed */
    size_t tail_at, tail_end;

    unsigned char *in; /* [IPCR_STREAM_BUFFER]; unparsed bytes are in_at .. in_end */
    size_t in_at, in_end;

    struct ipcr_wire hdr; /* of the DATA fragment under way */
    size_t left, whole;   /* its payload bytes still to come (0: none under way), and in all */
    unsigned char *sink;  /* where it is read to, or NULL: up in pieces */
};

/* Takes over fd, or -1 if there is none. 0, or -ENOMEM (fd stays the caller's). */
int ipcr_stream_open(struct ipcr_stream *s, int fd, struct ipcr_peer *peer,
                     const struct ipcr_transport *via);
/* Drops what is in the buffers. May be called twice. */
void ipcr_stream_close(struct ipcr_stream *s);

/* As send() of a transport. FAIL: errno says why. While s->full is set, wait for the descriptor to
 * become writable and call ipcr_stream_flush(). */
enum ipcr_result ipcr_stream_put(struct ipcr_stream *s, const struct ipcr_frag *f);
/* Writes the tail: OK when it is out and s->full clear, AGAIN, or FAIL with errno. */
enum ipcr_result ipcr_stream_flush(struct ipcr_stream *s);
/* Says farewell: as put. */
enum ipcr_result ipcr_stream_part(struct ipcr_stream *s);

/* Reads and hands up what is there, until about `budget` things happened. Returns how many (a piece
 * of a large fragment counts), or a negative errno: -ENODATA at the end of the stream, -EPROTO for
 * bytes that cannot come from a rank of this job, else of the failed read. Never leaves a complete
 * frame unparsed, so the descriptor tells when there is more. */
int ipcr_stream_get(struct ipcr_stream *s, int budget);

/* The next bytes of a stream without a socket: hands up what is complete. Returns how many things
 * happened, or -EPROTO. */
int ipcr_stream_feed(struct ipcr_stream *s, const void *bytes, size_t len);

#endif
