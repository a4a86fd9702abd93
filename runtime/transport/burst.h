/* Bursts of short messages over TCP. A packet costs microseconds, whatever is in it. So after the
 * first short messages that follow each other, with no look at what has arrived between them, the
 * kernel may put several into one packet: by Nagle's algorithm (RFC 896), which keeps what is sent
 * while a short packet is unacknowledged until that is acknowledged, or a packet is full.
 *
 * Why the kernel, and not a buffer of this process: it goes on while the program computes. A kept
 * message waits for one round trip at most and needs nobody to push it; and it outlives the
 * process.
 *
 * One round trip, if the acknowledgement comes at once. But a kernel that has just sent data itself
 * delays it, by up to 40 ms, to send it with the next data. So a frame behind which others may wait
 * says so (IPCR_FRAME_AWAITED, stream.h), and who reads one makes its kernel acknowledge at once
 * (TCP_QUICKACK), which lasts until it sends again. */
#ifndef IPCR_BURST_H
#define IPCR_BURST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* So many leave at once, each by itself: few messages to one rank, and computing then, is what
 * programs do, and there each is best sent on its own. */
#define IPCR_BURST_AFTER 3u
/* Payload of a short message. Longer ones fill packets soon enough, and where the kernel paces what
 * it sends (BBR) fuller packets wait longer: messages of 512 bytes were slower together. */
#define IPCR_BURST_SHORT 256u

struct ipcr_burst {
    uint8_t sent; /* short messages since the last look, as far as it matters */
    bool gathers; /* the kernel may put them together */
    bool prompt;  /* it acknowledges at once, since this side sent last */
};

/* Before a fragment with so much payload is written: whether its frame is to say that others may
 * wait behind it. */
bool ipcr_burst_next(struct ipcr_burst *b, int fd, size_t len);
/* The sender looks at what has arrived, so it may wait for an answer: what is kept leaves. */
void ipcr_burst_end(struct ipcr_burst *b, int fd);
/* A frame has come that says so. */
void ipcr_burst_heard(struct ipcr_burst *b, int fd);

#endif
