/* Parsers and bytes that cannot be trusted. Each program here has the entry of libFuzzer and a few
 * inputs that make sense; main.c plays those, and some ten thousand that are made of them, the same
 * each time. README.md says how to let libFuzzer search. */
#ifndef IPCR_FUZZ_H
#define IPCR_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the i-th input that makes sense, of at most `room` bytes: its size; 0: there is none. */
size_t fuzz_seed(int i, uint8_t *to, size_t room);

/* The same out of n texts. */
static inline size_t fuzz_seed_text(const char *const *texts, size_t n, int i, uint8_t *to,
                                    size_t room)
{
    if ((size_t)i >= n || strlen(texts[i]) > room)
        return 0;
    memcpy(to, texts[i], strlen(texts[i]));
    return strlen(texts[i]);
}

#endif
