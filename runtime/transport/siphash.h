/* SipHash-2-4 with 128 bits of output: the message authentication code of the TCP handshake.
 *
 * Why this one: a handshake needs a keyed function that an outsider cannot predict, over less than
 * a hundred bytes, once per connection. SipHash was designed and analysed as exactly that (a PRF
 * and MAC for short inputs under a 128-bit key), and it is a page of code: no crypto library has to
 * be found, linked and initialised in every rank. It protects nothing but the question "does the
 * other side know the secret of this job?", for keys that live as long as the job.
 * J.-P. Aumasson, D. J. Bernstein: SipHash: a fast short-input PRF. INDOCRYPT 2012. */
#ifndef IPCR_SIPHASH_H
#define IPCR_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

#define IPCR_SIPHASH_KEY 16
#define IPCR_SIPHASH_TAG 16

void ipcr_siphash128(const uint8_t key[IPCR_SIPHASH_KEY], const void *text, size_t len,
                     uint8_t tag[IPCR_SIPHASH_TAG]);

#endif
