/* A piece of output as JSON. */
#ifndef IPCR_OUTJSON_H
#define IPCR_OUTJSON_H

#include "proto.h"

/* Appends an object and a newline:
 *
 *     {"rank":0,"stream":"stdout","time":"2026-01-31T12:00:00.000Z","line":"text"}
 *
 * for a line, whose newline is left out; a piece without one has "continues":true as well, and the
 * next object of that rank and stream goes on with it. Bytes that are no UTF-8 become \udc80 to
 * \udcff, from which Python's surrogateescape makes the same bytes again. */
void ipcr_outjson_put(struct ipcr_buf *to, int stream, int rank, const char *piece, size_t n);

#endif
