/* SipHash-2-4-128, written from the paper (siphash.h). All words are little-endian by definition,
 * whatever the machine. */
#include "siphash.h"

#include <endian.h>
#include <string.h>

struct state {
    uint64_t v0, v1, v2, v3;
};

static uint64_t rotl(uint64_t x, unsigned n)
{
    return x << n | x >> (64 - n);
}

static uint64_t word(const uint8_t *at)
{
    uint64_t w;
    memcpy(&w, at, sizeof w);
    return le64toh(w);
}

static void put(uint8_t *at, uint64_t w)
{
    w = htole64(w);
    memcpy(at, &w, sizeof w);
}

static void rounds(struct state *s, int n)
{
    while (n--) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotl(s->v1, 13) ^ s->v0;
        s->v3 = rotl(s->v3, 16) ^ s->v2;
        s->v0 = rotl(s->v0, 32);
        s->v2 += s->v1;
        s->v0 += s->v3;
        s->v1 = rotl(s->v1, 17) ^ s->v2;
        s->v3 = rotl(s->v3, 21) ^ s->v0;
        s->v2 = rotl(s->v2, 32);
    }
}

static void absorb(struct state *s, uint64_t m)
{
    s->v3 ^= m;
    rounds(s, 2);
    s->v0 ^= m;
}

/* Half of the tag. */
static uint64_t squeeze(struct state *s)
{
    rounds(s, 4);
    return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

void ipcr_siphash128(const uint8_t key[IPCR_SIPHASH_KEY], const void *text, size_t len,
                     uint8_t tag[IPCR_SIPHASH_TAG])
{
    const uint8_t *at = text;
    uint64_t k0 = word(key), k1 = word(key + 8);
    /* "somepseudorandomlygeneratedbytes", and 0xee for the long output */
    struct state s = {k0 ^ UINT64_C(0x736f6d6570736575), k1 ^ UINT64_C(0x646f72616e646f6d) ^ 0xee,
                      k0 ^ UINT64_C(0x6c7967656e657261), k1 ^ UINT64_C(0x7465646279746573)};
    size_t left = len;
    for (; left >= 8; left -= 8, at += 8)
        absorb(&s, word(at));
    /* The last word: what is left, and the length modulo 256 on top. */
    uint8_t last[8] = {0};
    if (left)
        memcpy(last, at, left);
    last[7] = (uint8_t)len;
    absorb(&s, word(last));
    s.v2 ^= 0xee;
    put(tag, squeeze(&s));
    s.v1 ^= 0xdd;
    put(tag + 8, squeeze(&s));
}
