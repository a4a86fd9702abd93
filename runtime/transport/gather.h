/* A piece out of bytes that lie in several places. */
#ifndef IPCR_GATHER_H
#define IPCR_GATHER_H

#include <string.h>
#include <sys/uio.h>

/* Copies up to `most` bytes of the parts, from position `at` on; returns how many there were. */
static inline size_t ipcr_gather(void *to, size_t most, const struct iovec *part, size_t parts,
                                 size_t at)
{
    size_t got = 0;
    for (size_t i = 0; i < parts && got < most; i++) {
        size_t skip = at < part[i].iov_len ? at : part[i].iov_len;
        size_t left = part[i].iov_len - skip, n = left < most - got ? left : most - got;
        if (n)
            memcpy((char *)to + got, (const char *)part[i].iov_base + skip, n);
        at -= skip;
        got += n;
    }
    return got;
}

#endif
