/* One rank's bytes for another one in files of a directory that both see, perhaps on different
 * hosts: the writer appends records, the reader follows.
 *
 *   DIR/TO/FROM.0, .1, ...  segments: records one behind the other. A segment ends with the record
 *                           that passes SEGMENT bytes; the reader removes it then. So a spool that
 *                           carries gigabytes takes a window and a segment of room.
 *   DIR/FROM/TO.ack         eight bytes: how much of all that was written has been read. The writer
 *                           keeps at most IPCR_SPOOL_WINDOW ahead of it.
 *
 * A record says how long it is and has a checksum. What a reader sees of a record that is being
 * written (its beginning, or holes where a network file system brings pages in another order) does
 * not match, and is read again later. A file system that is full is the same as a window that is
 * full. */
#ifndef IPCR_SPOOL_H
#define IPCR_SPOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define IPCR_SPOOL_WINDOW  (1u << 20)
#define IPCR_SPOOL_SEGMENT (256u * 1024u)
#define IPCR_SPOOL_RECORD  (64u * 1024u) /* bytes of one, at most */

struct ipcr_spool_out {
    const char *dir; /* the caller's, as long as the spool */
    int from, to;
    int fd, ack_fd;
    uint32_t segment, at; /* where the next record goes */
    uint64_t written, acked;
    bool no_space;      /* the file system was full at the last attempt */
    unsigned char *buf; /* [a record] */
};

struct ipcr_spool_in {
    const char *dir;
    int from, to;
    int fd, ack_fd;
    uint32_t segment, at; /* where the next record is */
    uint64_t taken, reported;
    unsigned char *buf;     /* [the largest record with its head]: what is in the segment from */
    size_t buf_at, buf_end; /* `at` on, between these */
};

/* 0 or -ENOMEM. */
int ipcr_spool_out_open(struct ipcr_spool_out *s, const char *dir, int from, int to);
void ipcr_spool_out_close(struct ipcr_spool_out *s);
/* Appends as many of these bytes as there is room for: how many, or -1 with errno (ENOENT: the
 * reader's directory is gone). */
ssize_t ipcr_spool_write(struct ipcr_spool_out *s, const struct iovec *part, size_t parts);

/* 0 or -ENOMEM. */
int ipcr_spool_in_open(struct ipcr_spool_in *s, const char *dir, int from, int to);
void ipcr_spool_in_close(struct ipcr_spool_in *s);
/* The next record: its length and where it is, until the next call; 0: there is none yet, or
 * -errno. What the call before has returned counts as read. */
ssize_t ipcr_spool_read(struct ipcr_spool_in *s, const void **bytes);
/* Closes the segment; the next read opens it again. A network file system shows what is new only
 * then. */
void ipcr_spool_rest(struct ipcr_spool_in *s);

#endif
