/* Taking two signals from the program (sigclaim.h). */
#include "sigclaim.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "err.h"

static bool in_use(int number)
{
    struct sigaction now;
    return sigaction(number, NULL, &now) < 0 ||
           (now.sa_handler != SIG_DFL && now.sa_handler != SIG_IGN);
}

/* Does a thread of this process block both signals? Its mask, in hexadecimal, is in a file. */
static bool blocks(const char *thread)
{
    char path[300], line[128];
    unsigned long long mask = 0;
    snprintf(path, sizeof path, "/proc/self/task/%s/status", thread);
    FILE *f = fopen(path, "re");
    if (!f)
        return true; /* it has ended */
    while (fgets(line, sizeof line, f))
        if (sscanf(line, "SigBlk: %llx", &mask) == 1)
            break;
    fclose(f);
    return (mask >> (IPCR_SIGNAL_WORD - 1) & 1) && (mask >> (IPCR_SIGNAL_CREDIT - 1) & 1);
}

static bool all_threads_block(void)
{
    bool all = true;
    DIR *d = opendir("/proc/self/task");
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            all &= blocks(e->d_name);
    if (d)
        closedir(d);
    return all;
}

int ipcr_sigclaim(struct ipcr_sigclaim *c)
{
    c->fd = -1;
    if (in_use(IPCR_SIGNAL_WORD) || in_use(IPCR_SIGNAL_CREDIT)) {
        ipcr_err_note(MPI_ERR_OTHER, "the program handles signal %d or %d, which carry messages",
                      IPCR_SIGNAL_WORD, IPCR_SIGNAL_CREDIT);
        return -EBUSY;
    }
    sigemptyset(&c->ours);
    sigaddset(&c->ours, IPCR_SIGNAL_WORD);
    sigaddset(&c->ours, IPCR_SIGNAL_CREDIT);
    pthread_sigmask(SIG_BLOCK, &c->ours, &c->before);
    signal(IPCR_SIGNAL_WORD, SIG_IGN);
    signal(IPCR_SIGNAL_CREDIT, SIG_IGN);
    if (!all_threads_block()) {
        ipcr_err_note(MPI_ERR_OTHER,
                      "a thread that was started before MPI_Init does not block signals %d and "
                      "%d, which carry messages",
                      IPCR_SIGNAL_WORD, IPCR_SIGNAL_CREDIT);
        return -EBUSY;
    }
    c->fd = signalfd(-1, &c->ours, SFD_NONBLOCK | SFD_CLOEXEC);
    return c->fd < 0 ? -errno : 0;
}

void ipcr_sigclaim_release(struct ipcr_sigclaim *c)
{
    if (c->fd < 0)
        return;
    close(c->fd);
    c->fd = -1;
    if (!sigismember(&c->before, IPCR_SIGNAL_WORD))
        pthread_sigmask(SIG_UNBLOCK, &c->ours, NULL);
}
