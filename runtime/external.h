/* The data representation "external32": MPI 5.0 sections 5.3 and 14.5.2. Big-endian, IEEE, each
 * basic type in as many bytes as the table of section 14.5.2 says, nothing between them; in the
 * order of the type map. */
#ifndef IPCR_EXTERNAL_H
#define IPCR_EXTERNAL_H

#include "datatype.h"

/* Bytes of one element of t; SIZE_MAX if they cannot be counted. */
size_t ipcr_external_size(const struct ipcr_type *t);
/* The same for a type under construction that was made so and has `size` bytes here: what its
 * constructor keeps in t->external, so that nobody walks a tree of types for it. */
struct ipcr_type_contents;
size_t ipcr_external_sum(const struct ipcr_type_contents *c, size_t size);

/* Part of the external32 image of `count` elements of t at buf, from byte `offset` on, which is
 * where a basic element begins. Converts as many whole basic elements as fit into `len` bytes and
 * returns their bytes: add that to the offset to go on. */
size_t ipcr_external_pack(const struct ipcr_type *t, size_t count, const void *buf, size_t offset,
                          void *out, size_t len);
size_t ipcr_external_unpack(const struct ipcr_type *t, size_t count, void *buf, size_t offset,
                            const void *in, size_t len);

#endif
