// A PNG file is a signature and a handful of chunks: header, compressed rows, end. Without zlib the
// rows are wrapped in "stored" deflate blocks, which every reader understands: the file is larger,
// the picture the same.
#include "png.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#ifdef HAVE_ZLIB
#include <zlib.h>
#endif

static void put32(unsigned char *p, uint32_t v)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(v >> (24 - 8 * i));
}

// The checksum over a chunk's name and data; bit by bit is fast enough for a picture.
static uint32_t crc(uint32_t c, const unsigned char *p, size_t n)
{
    while (n--) {
        c ^= *p++;
        for (int k = 0; k < 8; k++)
            c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
    }
    return c;
}

static int put_chunk(FILE *f, const char *name, const unsigned char *data, size_t n)
{
    unsigned char head[8], tail[4];
    put32(head, (uint32_t)n);
    memcpy(head + 4, name, 4);
    put32(tail, ~crc(crc(0xffffffffu, head + 4, 4), data, n));
    return fwrite(head, 1, 8, f) == 8 && fwrite(data, 1, n, f) == n && fwrite(tail, 1, 4, f) == 4;
}

#ifdef HAVE_ZLIB
static unsigned char *deflate_rows(const unsigned char *raw, size_t n, size_t *out_n)
{
    uLongf room = compressBound(n);
    unsigned char *out = malloc(room);
    if (out && compress2(out, &room, raw, n, 6) != Z_OK) {
        free(out);
        return NULL;
    }
    *out_n = room;
    return out;
}
#else
static uint32_t adler(const unsigned char *p, size_t n)
{
    uint32_t a = 1, b = 0;
    while (n--) {
        a = (a + *p++) % 65521;
        b = (b + a) % 65521;
    }
    return b << 16 | a;
}

static unsigned char *deflate_rows(const unsigned char *raw, size_t n, size_t *out_n)
{
    unsigned char *out = malloc(n + 5 * (n / 65535 + 1) + 6), *p = out;
    if (!out)
        return NULL;
    *p++ = 0x78; // zlib header: deflate, 32 KiB window, no preset dictionary
    *p++ = 0x01;
    for (size_t at = 0; at < n;) {
        size_t len = n - at < 65535 ? n - at : 65535;
        *p++ = at + len == n; // "last block" bit, and block type 0 = stored
        *p++ = len & 0xff;
        *p++ = (unsigned char)(len >> 8);
        *p++ = ~len & 0xff;
        *p++ = (unsigned char)(~len >> 8);
        memcpy(p, raw + at, len);
        p += len;
        at += len;
    }
    put32(p, adler(raw, n));
    *out_n = (size_t)(p + 4 - out);
    return out;
}
#endif

// Each row starts with the number of its filter. 1 = every byte is stored as the difference to the
// same colour one pixel to the left: smooth pictures become small numbers, which compress well.
static unsigned char *filter_rows(size_t width, size_t height, const unsigned char *rgb)
{
    size_t line = 3 * width;
    unsigned char *raw = malloc(height * (line + 1));
    if (!raw)
        return NULL;
    for (size_t y = 0; y < height; y++) {
        const unsigned char *in = rgb + y * line;
        unsigned char *out = raw + y * (line + 1);
        *out++ = 1;
        for (size_t i = 0; i < line; i++)
            out[i] = (unsigned char)(in[i] - (i < 3 ? 0 : in[i - 3]));
    }
    return raw;
}

static int put_file(FILE *f, const unsigned char header[13], const unsigned char *data, size_t n)
{
    return fwrite("\x89PNG\r\n\x1a\n", 1, 8, f) == 8 && put_chunk(f, "IHDR", header, 13) &&
           put_chunk(f, "IDAT", data, n) && put_chunk(f, "IEND", header, 0);
}

static int fail(const char *path, const char *why)
{
    fprintf(stderr, "cannot write %s: %s\n", path, why);
    return -1;
}

int png_write(const char *path, int width, int height, const unsigned char *rgb)
{
    unsigned char header[13] = {[8] = 8, [9] = 2}; // 8 bits a sample, RGB, not interlaced
    size_t n = 0;
    if (width < 1 || height < 1 || (3.0 * width + 1) * height > 1e9)
        return fail(path, "a picture has at least one pixel and at most 1 GB of them");
    put32(header, (uint32_t)width);
    put32(header + 4, (uint32_t)height);

    unsigned char *raw = filter_rows((size_t)width, (size_t)height, rgb);
    unsigned char *data =
        raw ? deflate_rows(raw, (size_t)height * (3 * (size_t)width + 1), &n) : NULL;
    free(raw);
    if (!data)
        return fail(path, "out of memory");
    FILE *f = fopen(path, "wb");
    int opened = f != NULL, ok = opened && put_file(f, header, data, n);
    int error = errno;
    free(data);
    if (opened && fclose(f) != 0 && ok) {
        error = errno;
        ok = 0;
    }
    if (ok)
        return 0;
    if (opened)
        remove(path);
    return fail(path, strerror(error));
}

void png_heat_colour(double t, unsigned char rgb[3])
{
    static const double map[][3] = {{0, 0, 6},     {36, 11, 84},   {101, 20, 112}, {168, 43, 96},
                                    {222, 80, 58}, {250, 136, 25}, {253, 199, 60}, {252, 254, 190}};
    const int last = sizeof map / sizeof map[0] - 1;
    double at = (t > 0 ? (t < 1 ? t : 1) : 0) * last; // NaN becomes 0 here
    int i = at < last ? (int)at : last - 1;
    for (int c = 0; c < 3; c++)
        rgb[c] = (unsigned char)(map[i][c] + (at - i) * (map[i + 1][c] - map[i][c]) + 0.5);
}
