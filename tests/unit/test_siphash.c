/* SipHash-2-4-128 against known answers. Key 00 01 .. 0f and text 00 01 .. n-1, in the manner of
 * the paper's test vectors; the values are those of OpenSSL's SIPHASH with 16 bytes of output. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "transport/siphash.h"

static const struct {
    size_t len;
    uint8_t tag[IPCR_SIPHASH_TAG];
} vectors[] = {
    {0,
     {0xa3, 0x81, 0x7f, 0x04, 0xba, 0x25, 0xa8, 0xe6, 0x6d, 0xf6, 0x72, 0x14, 0xc7, 0x55, 0x02,
      0x93}},
    {1,
     {0xda, 0x87, 0xc1, 0xd8, 0x6b, 0x99, 0xaf, 0x44, 0x34, 0x76, 0x59, 0x11, 0x9b, 0x22, 0xfc,
      0x45}},
    {7,
     {0xa1, 0xf1, 0xeb, 0xbe, 0xd8, 0xdb, 0xc1, 0x53, 0xc0, 0xb8, 0x4a, 0xa6, 0x1f, 0xf0, 0x82,
      0x39}},
    {8,
     {0x3b, 0x62, 0xa9, 0xba, 0x62, 0x58, 0xf5, 0x61, 0x0f, 0x83, 0xe2, 0x64, 0xf3, 0x14, 0x97,
      0xb4}},
    {15,
     {0x54, 0x93, 0xe9, 0x99, 0x33, 0xb0, 0xa8, 0x11, 0x7e, 0x08, 0xec, 0x0f, 0x97, 0xcf, 0xc3,
      0xd9}},
    {16,
     {0x6e, 0xe2, 0xa4, 0xca, 0x67, 0xb0, 0x54, 0xbb, 0xfd, 0x33, 0x15, 0xbf, 0x85, 0x23, 0x05,
      0x77}},
    {31,
     {0x29, 0x39, 0xb0, 0x18, 0x32, 0x23, 0xfa, 0xfc, 0x17, 0x23, 0xde, 0x4f, 0x52, 0xc4, 0x3d,
      0x35}},
    {63,
     {0x51, 0x50, 0xd1, 0x77, 0x2f, 0x50, 0x83, 0x4a, 0x50, 0x3e, 0x06, 0x9a, 0x97, 0x3f, 0xbd,
      0x7c}},
};

static void count_up(uint8_t *at, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)i;
}

static void test_vectors(void **state)
{
    uint8_t key[IPCR_SIPHASH_KEY], text[64], tag[IPCR_SIPHASH_TAG];
    (void)state;
    count_up(key, sizeof key);
    count_up(text, sizeof text);
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        ipcr_siphash128(key, text, vectors[i].len, tag);
        assert_memory_equal(tag, vectors[i].tag, sizeof tag);
    }
}

/* Wherever the text lies in memory. */
static void test_alignment(void **state)
{
    uint8_t key[IPCR_SIPHASH_KEY], text[64 + 8], tag[IPCR_SIPHASH_TAG];
    (void)state;
    count_up(key, sizeof key);
    for (size_t shift = 0; shift < 8; shift++) {
        count_up(text + shift, 63);
        ipcr_siphash128(key, text + shift, 63, tag);
        assert_memory_equal(tag, vectors[7].tag, sizeof tag);
    }
}

/* Every bit of key and text counts. */
static void test_each_bit_counts(void **state)
{
    uint8_t key[IPCR_SIPHASH_KEY], text[40], tag[IPCR_SIPHASH_TAG], other[IPCR_SIPHASH_TAG];
    (void)state;
    count_up(key, sizeof key);
    count_up(text, sizeof text);
    ipcr_siphash128(key, text, sizeof text, tag);
    for (size_t bit = 0; bit < 8 * (sizeof key + sizeof text); bit++) {
        uint8_t *at = bit < 8 * sizeof key ? &key[bit / 8] : &text[bit / 8 - sizeof key];
        *at ^= (uint8_t)(1u << bit % 8);
        ipcr_siphash128(key, text, sizeof text, other);
        *at ^= (uint8_t)(1u << bit % 8);
        assert_memory_not_equal(tag, other, sizeof tag);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_alignment),
        cmocka_unit_test(test_each_bit_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
