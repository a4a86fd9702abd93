/* The content of MPI_INFO_ENV. */
#include "infoenv.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "job.h"

int ipcr_infoenv_level(int required)
{
    static const int levels[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED};
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (required <= levels[i])
            return levels[i];
    return MPI_THREAD_MULTIPLE;
}

const char *ipcr_infoenv_level_name(int level)
{
    switch (level) {
    case MPI_THREAD_SINGLE:
        return "MPI_THREAD_SINGLE";
    case MPI_THREAD_FUNNELED:
        return "MPI_THREAD_FUNNELED";
    case MPI_THREAD_SERIALIZED:
        return "MPI_THREAD_SERIALIZED";
    default:
        return "MPI_THREAD_MULTIPLE";
    }
}

static void describe(struct ipcr_info *info, const char *key, const char *value)
{
    char cut[MPI_MAX_INFO_VAL];
    snprintf(cut, sizeof cut, "%s", value);
    if (*cut)
        ipcr_info_set(info, key, cut);
}

/* n bytes of words with a zero behind each, which become spaces. */
static void describe_words(struct ipcr_info *info, char *words, size_t n)
{
    size_t command = strlen(words);
    describe(info, "command", words);
    if (command + 1 >= n)
        return;
    for (size_t i = command + 1; i + 1 < n; i++)
        if (!words[i])
            words[i] = ' ';
    describe(info, "argv", words + command + 1);
}

static size_t words_of_kernel(char *words, size_t room)
{
    FILE *f = fopen("/proc/self/cmdline", "re");
    if (!f)
        return 0;
    size_t n = fread(words, 1, room, f);
    fclose(f);
    return n;
}

static size_t words_of_program(char *words, size_t room, int argc, char **argv)
{
    size_t n = 0;
    for (int i = 0; i < argc && argv[i]; i++) {
        size_t len = strlen(argv[i]) + 1;
        if (len > room - n)
            break;
        memcpy(words + n, argv[i], len);
        n += len;
    }
    return n;
}

static void describe_command(struct ipcr_info *info, int argc, char **argv)
{
    char words[MPI_MAX_INFO_VAL] = ""; /* a zero is left at the end, whatever is read */
    size_t room = sizeof words - 1, n;
    n = argc > 0 && argv ? words_of_program(words, room, argc, argv) : words_of_kernel(words, room);
    describe_words(info, words, n);
}

static void describe_job(struct ipcr_info *info)
{
    char number[16], host[256] = "";
    const char *size = getenv("IPCRUN_SIZE"); /* before MPI runs, the launcher's word for scripts */
    if (ipcr_job.size)
        snprintf(number, sizeof number, "%d", ipcr_job.size);
    else
        snprintf(number, sizeof number, "%s", size && *size ? size : "1");
    if (ipcr_job.size)
        snprintf(host, sizeof host, "%s", ipcr_job.host);
    else
        gethostname(host, sizeof host - 1);
    describe(info, "maxprocs", number);
    describe(info, "soft", number);
    describe(info, "host", host);
}

void ipcr_infoenv_describe(struct ipcr_info *info, int argc, char **argv)
{
    char *directory = getcwd(NULL, 0);
    struct utsname machine;
    describe_command(info, argc, argv);
    describe_job(info);
    if (uname(&machine) == 0)
        describe(info, "arch", machine.machine);
    describe(info, "wdir", directory ? directory : "");
    describe(info, "mpi_memory_alloc_kinds", IPCR_MEMORY_KINDS);
    free(directory);
}
