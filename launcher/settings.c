/* Settings from the environment and from files. */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "env.h"
#include "util.h"

#define PREFIX "IPCRUN_"

static const struct setting {
    const char *name; /* without the prefix */
    bool size;        /* a number that may end in k, m or g; else a word */
    const char *def, *text;
} settings[] = {
#define IPCR_ENV_SIZE(name, def, text) {#name, true, #def, text},
#define IPCR_ENV_WORD(name, def, text) {#name, false, def, text},
#include "env.def"
    {"ssh", false, "", "what to use instead of ssh, options included; as --ssh"},
    {"launcher", false, "auto", "how other hosts are reached; as --launcher"},
    {"scheduler", false, "auto", "whose hosts are taken; as --scheduler"},
    {"gdb", false, IPCR_GDB, "what --gdb puts in front of a rank's program"},
    {"valgrind", false, IPCR_VALGRIND, "what --valgrind puts in front of a rank's program"},
};

/* An algorithm of a collective; which there are is known to the library alone, and said by it. */
static const struct setting algorithm = {"coll_<COLLECTIVE>", false, "",
                                         "the algorithm of a collective, such as coll_bcast=chain"};

/* Names that a file has given, and which line of it; two words each. */
static struct ipcr_words given;

static char *variable(const char *name)
{
    char *v = ipcr_format("%s%s", PREFIX, name);
    for (char *p = v; *p && *p != '<'; p++)
        *p = (char)toupper((unsigned char)*p);
    return v;
}

/* ---- files ---- */

static char *user_file(void)
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (config && *config)
        return ipcr_format("%s/ipcrun/settings", config);
    return home && *home ? ipcr_format("%s/.config/ipcrun/settings", home) : NULL;
}

/* An installed tree may be moved: what lies below the configured prefix is looked for below the
 * folder that has our bin folder now. */
static char *system_file(void)
{
    char exe[PATH_MAX];
    size_t n = strlen(IPCR_PREFIX);
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    exe[len > 0 ? len : 0] = 0;
    char *name = strrchr(exe, '/');
    if (name)
        *name = 0;
    char *bin = strrchr(exe, '/');
    if (!bin || strcmp(bin, "/bin") != 0 || strncmp(IPCR_SYSCONFDIR, IPCR_PREFIX "/", n + 1) != 0)
        return ipcr_copy(IPCR_SYSCONFDIR "/ipcrun.conf");
    *bin = 0;
    return ipcr_format("%s%s/ipcrun.conf", exe, &IPCR_SYSCONFDIR[n]);
}

static const struct setting *find(const char *name)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        if (strcasecmp(settings[i].name, name) == 0)
            return &settings[i];
    return strncasecmp(name, "coll_", 5) == 0 && name[5] ? &algorithm : NULL;
}

/* The text between blanks. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    size_t n = strlen(text);
    while (n && strchr(" \t\r\n", text[n - 1]))
        text[--n] = 0;
    return text;
}

/* The environment comes first, then the file that is read first. */
static void take_value(const char *name, const char *value, const char *path, int number)
{
    char *v = variable(name);
    if (getenv(v)) {
        free(v);
        return;
    }
    setenv(v, value, 1);
    ipcr_words_add(&given, v);
    ipcr_words_add(&given, ipcr_format("%s, line %d", path, number));
}

static bool take_line(char *line, const char *path, int number, char *why, size_t room)
{
    int64_t size;
    char *text = trim(line), *eq = strchr(text, '=');
    if (!*text || *text == '#')
        return true;
    if (eq)
        *eq = 0;
    char *name = trim(text), *value = eq ? trim(eq + 1) : NULL;
    if (strncasecmp(name, PREFIX, strlen(PREFIX)) == 0)
        name += strlen(PREFIX);
    const struct setting *s = find(name);
    if (s && eq && (!s->size || ipcr_env_size(value, &size) == 0)) {
        take_value(name, value, path, number);
        return true;
    }
    int n = snprintf(why, room, "%s, line %d: ", path, number);
    size_t at = (size_t)n < room ? (size_t)n : room;
    if (!eq)
        snprintf(why + at, room - at, "expected NAME = VALUE");
    else if (!s)
        snprintf(why + at, room - at, "there is no setting '%.60s' (ipcrun --settings has all)",
                 name);
    else
        snprintf(why + at, room - at,
                 "%.60s is '%.60s'; it must be a number (with k, m or g for powers of 1024), or -1",
                 name, value);
    return false;
}

/* A file that is not there, or not for us (a home directory of somebody else), says nothing. */
static bool read_file(const char *path, char *why, size_t room)
{
    char *line = NULL;
    size_t size = 0;
    bool ok = true;
    FILE *f = path ? fopen(path, "re") : NULL;
    for (int number = 1; f && ok && getline(&line, &size, f) > 0; number++)
        ok = take_line(line, path, number, why, room);
    if (f && ok && ferror(f)) {
        snprintf(why, room, "%s: %s", path, strerror(errno));
        ok = false;
    }
    free(line);
    if (f)
        fclose(f);
    return ok;
}

bool ipcr_settings_load(char *why, size_t room)
{
    char *user = user_file(), *system = system_file();
    bool ok = read_file(user, why, room) && read_file(system, why, room);
    free(user);
    free(system);
    return ok;
}

/* ---- showing ---- */

static const char *origin(const char *name)
{
    for (int i = 0; i < given.n; i += 2)
        if (strcmp(given.at[i], name) == 0)
            return given.at[i + 1];
    return getenv(name) ? "environment" : "default";
}

static void show_row(const struct setting *s)
{
    char *name = variable(s->name);
    const char *value = getenv(name);
    printf("%s=%s  (%s)\n", name, value ? value : s->def, origin(name));
    ipcr_print_folded(s->text);
    free(name);
}

static void show_algorithms(void)
{
    extern char **environ;
    for (char **e = environ; *e; e++) {
        size_t n = strcspn(*e, "=");
        char *name = ipcr_format("%.*s", (int)n, *e);
        if (strncmp(name, PREFIX "COLL_", strlen(PREFIX "COLL_")) == 0)
            printf("%s  (%s)\n", *e, origin(name));
        free(name);
    }
}

static void show_file(const char *what, char *path)
{
    if (!path)
        printf("file of the %s: none without HOME\n", what);
    else
        printf("file of the %s: %s%s%s\n", what, path, access(path, R_OK) == 0 ? "" : ": ",
               access(path, R_OK) == 0 ? "" : strerror(errno));
    free(path);
}

int ipcr_settings_show(void)
{
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        show_row(&settings[i]);
    show_row(&algorithm);
    show_algorithms();
    printf("\n");
    show_file("user", user_file());
    show_file("system", system_file());
    return fflush(stdout) == 0 ? 0 : IPCR_EXIT_LOST;
}
