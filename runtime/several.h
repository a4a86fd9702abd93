/* What a call waits for that ends with any of several requests, in words for the status board. */
#ifndef IPCR_SEVERAL_H
#define IPCR_SEVERAL_H

#include <stddef.h>

struct ipcr_asked;

/* "any of 3 requests: a receive from rank 1, tag 3; a send to rank 2, tag 8; ..." Ranks are those
 * of the world. */
void ipcr_several_words(const struct ipcr_asked *a, char *text, size_t room);

#endif
