/* Type signatures: the basic elements of a message in their order, whatever the layout. What a send
 * and its receive must agree on (MPI 5.0 section 3.3.1), in 16 bits that fit into a message's
 * header.
 *
 * Types that have one representation here count as the same, such as MPI_INT and MPI_INT32_T; the
 * numbers of a pair are elements of their own. Where all elements are alike, the signature names
 * their type. Otherwise it is a hash that does not depend on how counts and constructors are
 * nested; two sequences that differ have the same one in one of 32768 cases. */
#ifndef IPCR_SIGNATURE_H
#define IPCR_SIGNATURE_H

#include "datatype.h"

enum { IPCR_SIGNATURE_NONE = 0 }; /* matches all: no elements, MPI_PACKED, or not known */

/* Of the first `bytes` bytes of a packed image of as many t as that takes. */
uint16_t ipcr_signature(const struct ipcr_type *t, uint64_t bytes);

bool ipcr_signatures_match(uint16_t a, uint16_t b);

/* "10 x MPI_INT", or "80 bytes of several types". */
void ipcr_signature_words(uint16_t s, uint64_t bytes, char *text, size_t room);

#endif
