/* The handshake of auth.h. Its messages are shorter than any socket buffer and each is the first
 * thing in flight in its direction, so a message that cannot be written at once, whole, means a
 * broken connection and not a full one. */
#include "auth.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "wire.h"

#define AUTH_MAGIC 0x69706372u

enum { WANT_HELLO, WANT_CHALLENGE, WANT_PROOF, WANT_GO, WANT_COMMIT };

static const uint8_t message_size[] = {
    [WANT_HELLO] = sizeof(struct ipcr_auth_hello),
    [WANT_CHALLENGE] = sizeof(struct ipcr_auth_challenge),
    [WANT_PROOF] = IPCR_SIPHASH_TAG,
    [WANT_GO] = IPCR_SIPHASH_TAG,
};

enum role { AS_ACCEPTOR = 1, AS_INITIATOR, AS_DECIDER };

/* What a MAC speaks about. The second half of the secret is part of the text, the first is the key:
 * all of it counts. */
struct transcript {
    uint8_t secret[IPCR_SECRET_BYTES - IPCR_SIPHASH_KEY];
    uint32_t role, version;
    char job[IPCR_JOBID_BYTES];
    int32_t from, to;
    uint8_t first[IPCR_AUTH_NONCE], second[IPCR_AUTH_NONCE];
};
_Static_assert(sizeof(struct transcript) == 16 + 8 + 16 + 8 + 32, "no padding goes into a MAC");

static enum ipcr_auth_result bad(struct ipcr_auth *a, const char *why, int error)
{
    a->why = why;
    a->error = error;
    return IPCR_AUTH_BAD;
}

static void sign(const struct ipcr_auth *a, enum role role, uint8_t mac[IPCR_SIPHASH_TAG])
{
    struct transcript t = {.role = role,
                           .version = IPCR_WIRE_VERSION,
                           .from = a->dialled ? a->job->rank : a->peer,
                           .to = a->dialled ? a->peer : a->job->rank};
    memcpy(t.secret, a->job->secret + IPCR_SIPHASH_KEY, sizeof t.secret);
    memcpy(t.job, a->job->id, sizeof t.job);
    memcpy(t.first, a->first, sizeof t.first);
    memcpy(t.second, a->second, sizeof t.second);
    ipcr_siphash128(a->job->secret, &t, sizeof t, mac);
    explicit_bzero(&t, sizeof t);
}

/* Compares in constant time: how long it takes says nothing about where the first difference is. */
static bool signed_by(const struct ipcr_auth *a, enum role role, const uint8_t *mac)
{
    uint8_t right[IPCR_SIPHASH_TAG];
    unsigned differ = 0;
    sign(a, role, right);
    for (size_t i = 0; i < sizeof right; i++)
        differ |= right[i] ^ mac[i];
    return differ == 0;
}

static bool draw(uint8_t nonce[IPCR_AUTH_NONCE])
{
    return getrandom(nonce, IPCR_AUTH_NONCE, 0) == IPCR_AUTH_NONCE;
}

static enum ipcr_auth_result say(struct ipcr_auth *a, int fd, const void *message, size_t len)
{
    ssize_t n = send(fd, message, len, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n == (ssize_t)len)
        return IPCR_AUTH_WAIT;
    return bad(a, n < 0 ? NULL : "took only part of a handshake message", n < 0 ? errno : 0);
}

static enum ipcr_auth_result say_mac(struct ipcr_auth *a, int fd, enum role role)
{
    uint8_t mac[IPCR_SIPHASH_TAG];
    sign(a, role, mac);
    return say(a, fd, mac, sizeof mac);
}

static enum ipcr_auth_result on_hello(struct ipcr_auth *a, int fd)
{
    struct ipcr_auth_hello h;
    memcpy(&h, a->in, sizeof h);
    if (h.magic != AUTH_MAGIC || h.version != IPCR_WIRE_VERSION)
        return bad(a, "is not a rank of this version of ipcrun", 0);
    if (memcmp(h.job, a->job->id, sizeof h.job) != 0 || h.to != a->job->rank)
        return bad(a, "looks for another job or rank", 0);
    if (h.from < 0 || h.from >= a->job->size || h.from == a->job->rank)
        return bad(a, "claims to be a rank that does not exist", 0);
    struct ipcr_auth_challenge c;
    a->peer = h.from;
    memcpy(a->first, h.nonce, sizeof a->first);
    if (!draw(a->second))
        return bad(a, NULL, errno);
    memcpy(c.nonce, a->second, sizeof c.nonce);
    sign(a, AS_ACCEPTOR, c.mac);
    a->stage = WANT_PROOF;
    return say(a, fd, &c, sizeof c);
}

static enum ipcr_auth_result on_challenge(struct ipcr_auth *a, int fd)
{
    struct ipcr_auth_challenge c;
    memcpy(&c, a->in, sizeof c);
    memcpy(a->second, c.nonce, sizeof a->second);
    if (!signed_by(a, AS_ACCEPTOR, c.mac))
        return bad(a, "does not know the secret of this job", 0);
    if (a->job->rank < a->peer) {
        a->stage = WANT_COMMIT;
        return IPCR_AUTH_CHOOSE;
    }
    a->stage = WANT_GO;
    return say_mac(a, fd, AS_INITIATOR);
}

static enum ipcr_auth_result on_proof(struct ipcr_auth *a)
{
    if (!signed_by(a, AS_INITIATOR, a->in))
        return bad(a, "does not know the secret of this job", 0);
    if (a->peer < a->job->rank)
        return IPCR_AUTH_OPEN;
    a->stage = WANT_COMMIT;
    return IPCR_AUTH_CHOOSE;
}

static enum ipcr_auth_result on_go(struct ipcr_auth *a)
{
    return signed_by(a, AS_DECIDER, a->in) ? IPCR_AUTH_OPEN
                                           : bad(a, "does not know the secret of this job", 0);
}

static enum ipcr_auth_result on_message(struct ipcr_auth *a, int fd)
{
    a->got = 0;
    switch (a->stage) {
    case WANT_HELLO:
        return on_hello(a, fd);
    case WANT_CHALLENGE:
        return on_challenge(a, fd);
    case WANT_PROOF:
        return on_proof(a);
    default:
        return on_go(a);
    }
}

enum ipcr_auth_result ipcr_auth_dial(struct ipcr_auth *a, const struct ipcr_job *job, int fd,
                                     int peer)
{
    *a = (struct ipcr_auth){.job = job, .peer = peer, .dialled = true, .stage = WANT_CHALLENGE};
    struct ipcr_auth_hello h = {
        .magic = AUTH_MAGIC, .version = IPCR_WIRE_VERSION, .from = job->rank, .to = peer};
    memcpy(h.job, job->id, sizeof h.job);
    if (!draw(a->first))
        return bad(a, NULL, errno);
    memcpy(h.nonce, a->first, sizeof h.nonce);
    return say(a, fd, &h, sizeof h);
}

void ipcr_auth_accept(struct ipcr_auth *a, const struct ipcr_job *job)
{
    *a = (struct ipcr_auth){.job = job, .peer = -1, .stage = WANT_HELLO};
}

enum ipcr_auth_result ipcr_auth_step(struct ipcr_auth *a, int fd)
{
    enum ipcr_auth_result r = IPCR_AUTH_WAIT;
    while (r == IPCR_AUTH_WAIT) {
        size_t want = message_size[a->stage] - a->got;
        ssize_t n = recv(fd, a->in + a->got, want, MSG_DONTWAIT);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return IPCR_AUTH_WAIT;
        if (n <= 0)
            return bad(a, n ? NULL : "closed the connection", n ? errno : 0);
        a->got += (uint8_t)n;
        if ((size_t)n == want)
            r = on_message(a, fd);
    }
    return r;
}

enum ipcr_auth_result ipcr_auth_commit(struct ipcr_auth *a, int fd)
{
    enum role role = a->dialled ? AS_INITIATOR : AS_DECIDER;
    return say_mac(a, fd, role) == IPCR_AUTH_WAIT ? IPCR_AUTH_OPEN : IPCR_AUTH_BAD;
}
