/* A piece of output as JSON. */
#include "outjson.h"

#include <stdio.h>
#include <time.h>

/* Length of the well-formed UTF-8 character at the beginning of s (RFC 3629), 0: there is none. */
static size_t utf8_length(const uint8_t *s, size_t n)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t len = s[0] < 0x80 ? 1 : s[0] < 0xc2 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : 4;
    if (len <= 1)
        return len;
    if (len > n || s[0] > 0xf4)
        return 0;
    uint32_t code = s[0] & (0x7fu >> len);
    for (size_t i = 1; i < len; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[len] || code > 0x10ffff || surrogate ? 0 : len;
}

static size_t put_char(struct ipcr_buf *to, const uint8_t *s, size_t n)
{
    char escape[8];
    size_t len = utf8_length(s, n);
    if (len == 0)
        ipcr_put_raw(to, escape, (size_t)snprintf(escape, sizeof escape, "\\udc%02x", s[0]));
    else if (s[0] == '"' || s[0] == '\\')
        ipcr_put_raw(to, escape, (size_t)snprintf(escape, sizeof escape, "\\%c", s[0]));
    else if (s[0] < 0x20 || s[0] == 0x7f)
        ipcr_put_raw(to, escape, (size_t)snprintf(escape, sizeof escape, "\\u%04x", s[0]));
    else
        ipcr_put_raw(to, s, len);
    return len ? len : 1;
}

static void put_head(struct ipcr_buf *to, int stream, int rank)
{
    char text[128], when[32];
    struct timespec now;
    struct tm tm;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    int n = snprintf(text, sizeof text,
                     "{\"rank\":%d,\"stream\":\"%s\",\"time\":\"%s.%03ldZ\",\"line\":\"", rank,
                     stream == 1 ? "stdout" : "stderr", when, now.tv_nsec / 1000000);
    ipcr_put_raw(to, text, (size_t)n);
}

void ipcr_outjson_put(struct ipcr_buf *to, int stream, int rank, const char *piece, size_t n)
{
    static const char ends[] = "\"}\n", goes_on[] = "\",\"continues\":true}\n";
    bool whole = piece[n - 1] == '\n';
    put_head(to, stream, rank);
    for (size_t at = 0, len = n - whole; at < len;)
        at += put_char(to, (const uint8_t *)piece + at, len - at);
    if (whole)
        ipcr_put_raw(to, ends, strlen(ends));
    else
        ipcr_put_raw(to, goes_on, strlen(goes_on));
}
