/* Hosts: the list, the file, and which of them is this machine. */
#include "hosts.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util.h"

static bool complain(char *why, size_t room, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static bool complain(char *why, size_t room, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(why, room, fmt, ap);
    va_end(ap);
    return false;
}

/* Names, addresses, user@host. Nothing that ssh or a shell could take for something else. */
static bool name_is_sane(const char *name)
{
    const char *host = strrchr(name, '@');
    host = host ? host + 1 : name;
    return *host && *name != '-' && *host != '-' && strlen(name) < 256 &&
           name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                             ".-_:%@")] == 0;
}

bool ipcr_hosts_add(struct ipcr_hosts *h, const char *name, int slots, char *why, size_t room)
{
    int counted = slots ? slots : 1;
    if (!name_is_sane(name))
        return complain(why, room, "'%.100s' is no host name", name);
    for (int i = 0; i < h->n; i++)
        if (strcmp(h->at[i].name, name) == 0) {
            h->at[i].slots += counted;
            h->at[i].counted = true;
            return h->at[i].slots <= IPCR_SLOTS_MAX ||
                   complain(why, room, "host '%.100s' has more than %d slots", name,
                            IPCR_SLOTS_MAX);
        }
    h->at = ipcr_resize(h->at, sizeof *h->at * (size_t)(h->n + 1));
    h->at[h->n++] =
        (struct ipcr_host){.name = ipcr_copy(name), .slots = counted, .counted = slots > 0};
    return true;
}

/* Takes ":slots" off the end of a word; a bare IPv6 address has more colons, [v6]:slots brackets.
 */
static bool take_slots(char *word, int *slots, char *why, size_t room)
{
    long value;
    char *close = word[0] == '[' ? strchr(word, ']') : NULL;
    char *colon = close ? (close[1] == ':' ? close + 1 : NULL) : strchr(word, ':');
    if (close) {
        if (close[1] && close[1] != ':')
            return complain(why, room, "'%.100s' is no host name", word);
        *close = 0;
        memmove(word, word + 1, strlen(word + 1) + 1);
        colon = colon ? close + 1 : NULL;
    } else if (colon && strchr(colon + 1, ':')) {
        return true;
    }
    if (!colon)
        return true;
    *colon = 0;
    if (!ipcr_number(colon + 1, 1, IPCR_SLOTS_MAX, &value))
        return complain(why, room, "host '%.100s': '%.40s' is no number of slots (1 to %d)", word,
                        colon + 1, IPCR_SLOTS_MAX);
    *slots = (int)value;
    return true;
}

bool ipcr_hosts_list(struct ipcr_hosts *h, const char *list, char *why, size_t room)
{
    char *copy = ipcr_copy(list), *rest = copy, *word;
    bool ok = true;
    while (ok && (word = strsep(&rest, ",")) != NULL) {
        int slots = 0;
        if (!*word)
            ok = complain(why, room, "the host list '%.100s' has an empty name", list);
        else
            ok = take_slots(word, &slots, why, room) && ipcr_hosts_add(h, word, slots, why, room);
    }
    free(copy);
    return ok;
}

/* One line; false with a sentence that does not name file and line yet. */
static bool hosts_line(struct ipcr_hosts *h, char *line, char *why, size_t room)
{
    static const char blanks[] = " \t\r";
    char *save;
    line[strcspn(line, "#")] = 0;
    char *name = strtok_r(line, blanks, &save);
    if (!name)
        return true;
    int slots = 0;
    if (!take_slots(name, &slots, why, room))
        return false;
    for (char *word; (word = strtok_r(NULL, blanks, &save)) != NULL;) {
        long value;
        if (strncmp(word, "slots=", 6) != 0)
            return complain(why, room, "'%.100s' is not understood (expected slots=N)", word);
        if (!ipcr_number(word + 6, 1, IPCR_SLOTS_MAX, &value))
            return complain(why, room, "'%.40s' is no number of slots (1 to %d)", word + 6,
                            IPCR_SLOTS_MAX);
        slots = (int)value;
    }
    return ipcr_hosts_add(h, name, slots, why, room);
}

bool ipcr_hosts_text(struct ipcr_hosts *h, char *text, const char *name, char *why, size_t room)
{
    int number = 0, before = h->n;
    for (char *line; (line = strsep(&text, "\n")) != NULL;) {
        char reason[256];
        number++;
        if (!hosts_line(h, line, reason, sizeof reason))
            return complain(why, room, "host file %s, line %d: %s", name, number, reason);
    }
    return h->n > before || complain(why, room, "host file %s names no host", name);
}

bool ipcr_hosts_file(struct ipcr_hosts *h, const char *path, char *why, size_t room)
{
    FILE *f = fopen(path, "re");
    if (!f)
        return complain(why, room, "host file %s: %s", path, strerror(errno));
    char *text = NULL;
    size_t cap = 0;
    /* no line of text contains NUL: this reads the whole file */
    ssize_t n = getdelim(&text, &cap, 0, f);
    int error = ferror(f) ? errno : 0;
    fclose(f);
    bool ok;
    if (error)
        ok = complain(why, room, "host file %s: %s", path, strerror(error));
    else if (n <= 0)
        ok = complain(why, room, "host file %s names no host", path);
    else
        ok = ipcr_hosts_text(h, text, path, why, room);
    free(text);
    return ok;
}

static bool is_own_address(int family, const void *address)
{
    struct ifaddrs *all;
    bool own = false;
    if (getifaddrs(&all) < 0)
        return false;
    for (struct ifaddrs *i = all; i && !own; i = i->ifa_next) {
        if (!i->ifa_addr || i->ifa_addr->sa_family != family)
            continue;
        if (family == AF_INET)
            own = memcmp(&((struct sockaddr_in *)i->ifa_addr)->sin_addr, address, 4) == 0;
        else
            own = memcmp(&((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr, address, 16) == 0;
    }
    freeifaddrs(all);
    return own;
}

bool ipcr_hosts_is_local(const char *name)
{
    char own[256] = "";
    unsigned char address[16];
    if (strcmp(name, "localhost") == 0)
        return true;
    if (gethostname(own, sizeof own - 1) == 0 && strcmp(name, own) == 0)
        return true;
    if (inet_pton(AF_INET, name, address) == 1)
        return address[0] == 127 || is_own_address(AF_INET, address);
    if (inet_pton(AF_INET6, name, address) == 1)
        return memcmp(address, &in6addr_loopback, 16) == 0 || is_own_address(AF_INET6, address);
    return false;
}

void ipcr_hosts_settle(struct ipcr_hosts *h)
{
    int local = -1, n = 0;
    for (int i = 0; i < h->n; i++) {
        struct ipcr_host host = h->at[i];
        host.local |= ipcr_hosts_is_local(host.name);
        if (host.local && local >= 0) {
            h->at[local].slots += host.slots;
            free(host.name);
            continue;
        }
        if (host.local)
            local = n;
        h->at[n++] = host;
    }
    h->n = n;
}

int ipcr_hosts_slots(const struct ipcr_hosts *h)
{
    int n = 0;
    for (int i = 0; i < h->n; i++)
        n += h->at[i].slots;
    return n;
}

void ipcr_hosts_free(struct ipcr_hosts *h)
{
    for (int i = 0; i < h->n; i++)
        free(h->at[i].name);
    free(h->at);
    *h = (struct ipcr_hosts){0};
}
