/* Which of a rank's addresses to try when. The likeliest first, and the next one every 25 ms or as
 * soon as one fails, so a dead address holds nobody up: a host shows bridges of containers, tunnels
 * and unplugged networks beside the address that works.
 *
 * The bound: 10 s without any address answering end the job. The answer is one of the other host's
 * kernel: the rank there may compute for hours before it looks at its sockets and takes part in the
 * handshake, and that is no error. For the same reason the clock of a dial runs only while this
 * rank looks at it.
 *
 * Where there are agents these are a last place to try, after half the time: the detour
 * (ipcr_boot_detour) is slow. Once a rank of a host was reached like that, the others there are not
 * tried any other way first, and those of other hosts for a shorter time. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "boot.h"
#include "env.h"
#include "err.h"
#include "tcp.h"

#define LIMIT_MS  10000u /* for an address to answer */
#define DETOUR_MS 5000u  /* the same where there is a detour to take after it */
#define LAST_MS   2000u  /* the least that the last try of an address gets */
#define RETRY_MS  1000u  /* between two tries of one address */
#define TRIES     12     /* of one address */
#define GLANCE_MS 500u   /* at most this much of the time between two looks counts */

enum { DETOUR = IPCR_TCP_PLACES }; /* its index among the places */

struct
try {                                 /* of one address */
    struct ipcr_tcp_attempt *attempt; /* NULL: none at the moment */
    int tries;
    uint32_t since; /* age of the dial when it began, or failed */
    const char *why;
    int error; /* how the last one failed */
};

struct ipcr_tcp_dial {
    struct ipcr_tcp_dial *next;
    const struct ipcr_job *job;
    int rank;
    uint32_t age_ms; /* time without any answer */
    uint32_t limit_ms;
    struct ipcr_tcp_addr to;
    struct try try[DETOUR + 1]; /* of to.at, and of the detour */
};

static struct ipcr_tcp_dial *dials;
static bool *walled; /* [job->nodes] reached by a detour; NULL: none was */

static bool may_retry(const struct ipcr_tcp_dial *d, const struct try *t)
{
    return !t->attempt && t->tries < TRIES && d->age_ms < d->limit_ms - LAST_MS;
}

/* The place to try next, in order of likelihood: untried ones, then those that failed a while ago;
 * -1: none. */
static int next_place(const struct ipcr_tcp_dial *d)
{
    for (int i = 0; i < d->to.n; i++)
        if (!d->try[i].tries)
            return i;
    for (int i = 0; i < d->to.n; i++)
        if (may_retry(d, &d->try[i]) && d->age_ms - d->try[i].since >= RETRY_MS)
            return i;
    return -1;
}

/* Sets one more attempt going, skipping those that fail on the spot. */
static void launch(struct ipcr_tcp_dial *d)
{
    int i;
    while ((i = next_place(d)) >= 0) {
        struct try *t = &d->try[i];
        struct sockaddr_storage to;
        socklen_t len = ipcr_tcp_place_sockaddr(&d->to.at[i], d->to.port, &to);
        t->since = d->age_ms;
        t->tries++;
        t->why = NULL;
        t->attempt = ipcr_tcp_meet_dial(d, d->rank, i, &to, len, &t->error);
        if (t->attempt)
            return;
    }
}

void ipcr_tcp_dial_failed(struct ipcr_tcp_dial *d, int place, const char *why, int error)
{
    struct try *t = &d->try[place];
    t->attempt = NULL;
    t->since = d->age_ms;
    t->why = why;
    t->error = error;
    launch(d);
}

/* ---- the detour ---- */

static bool has_detour(const struct ipcr_job *job, int rank)
{
    return ipcr_env.detour && job->node_of[rank] != job->node && ipcr_boot_has_detour();
}

static void note_wall(const struct ipcr_job *job, int rank)
{
    if (!walled)
        walled = calloc((size_t)job->nodes, sizeof *walled);
    if (walled)
        walled[job->node_of[rank]] = true;
}

static bool is_walled(const struct ipcr_job *job, int rank)
{
    return walled && walled[job->node_of[rank]];
}

/* False if there is none, or it led nowhere. */
static bool take_detour(struct ipcr_tcp_dial *d)
{
    struct try *t = &d->try[DETOUR];
    if (t->tries || !has_detour(d->job, d->rank))
        return false;
    t->tries = 1;
    int fd = ipcr_boot_detour(d->rank, d->to.port);
    t->error = fd < 0 ? -fd : ENOMEM;
    t->attempt = fd < 0 ? NULL : ipcr_tcp_meet_take(d, d->rank, DETOUR, fd);
    if (fd >= 0 && !t->attempt)
        close(fd);
    if (t->attempt)
        note_wall(d->job, d->rank);
    return t->attempt;
}

/* ---- the end of patience ---- */

static const char *problem(const struct try *t)
{
    return t->why ? t->why : strerror(t->error);
}

static _Noreturn void give_up(const struct ipcr_tcp_dial *d)
{
    char tried[400] = "";
    for (int i = 0; i < d->to.n; i++) {
        const struct try *t = &d->try[i];
        struct sockaddr_storage to;
        char text[IPCR_TCP_TEXT];
        ipcr_tcp_place_sockaddr(&d->to.at[i], d->to.port, &to);
        ipcr_tcp_addr_text(&to, text);
        size_t used = strlen(tried);
        snprintf(tried + used, sizeof tried - used, "%s%s (%s%s)", i ? ", " : "", text,
                 t->why ? "it " : "", problem(t));
    }
    const struct try *last = &d->try[DETOUR];
    size_t used = strlen(tried);
    if (last->tries)
        snprintf(tried + used, sizeof tried - used, "; and the way through ipcrun (%s%s)",
                 last->why ? "it " : "", problem(last));
    ipcr_err_fatal("rank %d on %s finds no way to rank %d on %s; tried %s. Is there a firewall, or "
                   "no common network?",
                   d->job->rank, d->job->host, d->rank, d->to.host, tried);
}

static bool answered(const struct ipcr_tcp_dial *d)
{
    for (int i = 0; i <= DETOUR; i++)
        if (d->try[i].attempt && ipcr_tcp_meet_answered(d->try[i].attempt))
            return true;
    return false;
}

/* True while time alone may change something. */
static bool pending(const struct ipcr_tcp_dial *d, bool has_answer)
{
    for (int i = 0; i < d->to.n; i++) {
        const struct try *t = &d->try[i];
        if (t->attempt ? !ipcr_tcp_meet_answered(t->attempt)
                       : !t->tries || (!has_answer && may_retry(d, t)))
            return true;
    }
    return false;
}

static void expire(struct ipcr_tcp_dial *d)
{
    for (int i = 0; i < d->to.n; i++) {
        struct try *t = &d->try[i];
        if (!t->attempt || ipcr_tcp_meet_answered(t->attempt) || d->age_ms < d->limit_ms ||
            d->age_ms - t->since < LAST_MS)
            continue;
        ipcr_tcp_meet_drop(t->attempt);
        ipcr_tcp_dial_failed(d, i, NULL, ETIMEDOUT);
    }
}

static bool has_untried(const struct ipcr_tcp_dial *d)
{
    for (int i = 0; i < d->to.n; i++)
        if (!d->try[i].tries)
            return true;
    return false;
}

static unsigned tick_one(struct ipcr_tcp_dial *d, uint32_t elapsed_ms)
{
    if (d->try[DETOUR].attempt)
        return 0; /* there is no other way */
    if (!answered(d))
        d->age_ms += elapsed_ms < GLANCE_MS ? elapsed_ms : GLANCE_MS;
    expire(d);
    launch(d);
    bool has_answer = answered(d), more = pending(d, has_answer);
    if (!has_answer && !more && !take_detour(d))
        give_up(d);
    return has_untried(d) ? IPCR_TCP_NEXT_MS : more ? IPCR_HUB_SOON_MS : 0;
}

unsigned ipcr_tcp_dial_tick(uint32_t elapsed_ms)
{
    unsigned least = 0;
    for (struct ipcr_tcp_dial *d = dials; d; d = d->next) {
        unsigned ms = tick_one(d, elapsed_ms);
        if (ms && (!least || ms < least))
            least = ms;
    }
    return least;
}

int ipcr_tcp_dial_start(const struct ipcr_job *job, int rank, const struct ipcr_tcp_addr *to)
{
    struct ipcr_tcp_dial *d = calloc(1, sizeof *d);
    if (!d)
        return -ENOMEM;
    d->job = job;
    d->rank = rank;
    d->limit_ms = !has_detour(job, rank) ? LIMIT_MS : walled ? LAST_MS : DETOUR_MS;
    d->to = *to;
    d->next = dials;
    dials = d;
    if (!is_walled(job, rank) || !take_detour(d))
        launch(d);
    return 0;
}

static void stop(struct ipcr_tcp_dial **at)
{
    struct ipcr_tcp_dial *d = *at;
    for (int i = 0; i <= DETOUR; i++)
        if (d->try[i].attempt)
            ipcr_tcp_meet_drop(d->try[i].attempt);
    *at = d->next;
    free(d);
}

void ipcr_tcp_dial_stop(int rank)
{
    for (struct ipcr_tcp_dial **at = &dials; *at; at = &(*at)->next)
        if ((*at)->rank == rank) {
            stop(at);
            return;
        }
}

void ipcr_tcp_dial_stop_all(void)
{
    while (dials)
        stop(&dials);
    free(walled);
    walled = NULL;
}
