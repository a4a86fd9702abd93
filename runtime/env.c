/* Settings from the environment. */
#include "env.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ipcr_env ipcr_env;

enum kind { SIZE, WORD };

static const struct setting {
    const char *name;
    enum kind kind;
    size_t offset;
    int64_t size;
    const char *word;
} settings[] = {
#define IPCR_ENV_SIZE(name, def, text) {#name, SIZE, offsetof(struct ipcr_env, name), def, NULL},
#define IPCR_ENV_WORD(name, def, text) {#name, WORD, offsetof(struct ipcr_env, name), 0, def},
#include "env.def"
};

int ipcr_env_size(const char *s, int64_t *out)
{
    static const char units[] = "kmg";
    char *end;
    errno = 0;
    long long v = strtoll(s, &end, 10);
    if (end == s || errno)
        return -EINVAL;
    const char *unit = *end ? strchr(units, tolower((unsigned char)*end)) : NULL;
    if (*end && (!unit || end[1]))
        return -EINVAL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (v < -1 || v > (INT64_MAX >> shift))
        return -EINVAL;
    *out = v < 0 ? v : v << shift;
    return 0;
}

static int load(const struct setting *s, char *why, size_t room)
{
    char name[64] = "IPCRUN_";
    size_t n = strlen(name);
    for (const char *p = s->name; *p; p++)
        name[n++] = (char)toupper((unsigned char)*p);
    name[n] = 0;
    const char *text = getenv(name);
    void *field = (char *)&ipcr_env + s->offset;
    if (s->kind == WORD) {
        *(const char **)field = text ? text : s->word;
        return 0;
    }
    *(int64_t *)field = s->size;
    if (!text || ipcr_env_size(text, field) == 0)
        return 0;
    snprintf(why, room,
             "%s is '%s'; it must be a number (with k, m or g for powers of 1024), or -1", name,
             text);
    return -EINVAL;
}

int ipcr_env_load(char *why, size_t room)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (load(&settings[i], why, room) < 0)
            return -EINVAL;
    return 0;
}
