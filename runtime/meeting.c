/* The meeting of ranks that no agent of ours has started (meeting.h).
 *
 * The secret and the memories are published before one fence. Where a node's memory cannot be made,
 * its ranks count as nodes of their own, and talk over the network. */
#include "meeting.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "err.h"
#include "nodemem.h"
#include "proto.h"
#include "way.h"

enum {
    PIECE = 256 /* bytes of an address under one key: PMI bounds lines to 1024 characters */
};

static struct {
    const struct ipcr_kvs *kvs;
    int *places; /* node_of, then local_of */
    uint8_t *table;
} meeting;

/* What the ranks must agree on, drawn by rank 0. */
struct common {
    uint8_t secret[IPCR_SECRET_BYTES];
    uint8_t id[6];
};

/* ---- values ---- */

static void to_hex(const void *bytes, size_t n, char *text)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++)
        sprintf(text + 2 * i, "%02x", p[i]);
}

static int digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Bytes of a text of hexadecimal digits; -1: it is none, or longer than `room`. */
static int from_hex(const char *text, uint8_t *bytes, size_t room)
{
    size_t n = strlen(text) / 2;
    if (strlen(text) % 2 || n > room)
        return -1;
    for (size_t i = 0; i < n; i++) {
        int high = digit(text[2 * i]), low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        bytes[i] = (uint8_t)(high << 4 | low);
    }
    return (int)n;
}

int ipcr_meeting_get(int owner, const char *key, char value[IPCR_KVS_VALUE_MAX])
{
    int rc = meeting.kvs->get(owner, key, value);
    if (rc == -ENOENT)
        ipcr_err_note(MPI_ERR_OTHER, "the launcher's %s has lost the key %s of rank %d",
                      meeting.kvs->name, key, owner);
    return rc;
}

int ipcr_meeting_bad(const char *key)
{
    ipcr_err_note(MPI_ERR_OTHER, "the launcher's %s has another value of %s than was put",
                  meeting.kvs->name, key);
    return -EPROTO;
}

/* ---- where ---- */

/* Numbers nodes in the order of their lowest ranks. Quadratic in nodes only. */
static int number_nodes(int size, int *node_of, int *seen)
{
    int nodes = 0;
    for (int r = 0; r < size; r++) {
        int i = 0;
        while (i < nodes && seen[i] != node_of[r])
            i++;
        if (i == nodes)
            seen[nodes++] = node_of[r];
        node_of[r] = i;
    }
    return nodes;
}

/* local_of serves number_nodes() as scratch memory first. */
static void count_locals(struct ipcr_job *job)
{
    int *node_of = meeting.places, *local_of = meeting.places + job->size;
    job->nodes = number_nodes(job->size, node_of, local_of);
    int *next = calloc((size_t)job->nodes, sizeof *next);
    for (int r = 0; next && r < job->size; r++)
        local_of[r] = next[node_of[r]]++;
    job->node = node_of[job->rank];
    job->local_rank = local_of[job->rank];
    job->local_size = next ? next[job->node] : 0;
    free(next);
}

/* ---- what is common ---- */

static int draw_common(void)
{
    struct common c;
    char text[2 * sizeof c + 1];
    if (getrandom(&c, sizeof c, 0) != sizeof c)
        return ipcr_way_trouble(EIO, "the kernel has no random numbers");
    to_hex(&c, sizeof c, text);
    int rc = meeting.kvs->put("ipcr-job", text);
    explicit_bzero(&c, sizeof c);
    explicit_bzero(text, sizeof text);
    return rc;
}

static int learn_common(struct ipcr_job *job)
{
    struct common c;
    char text[IPCR_KVS_VALUE_MAX];
    int rc = ipcr_meeting_get(0, "ipcr-job", text);
    if (rc == 0 && from_hex(text, (uint8_t *)&c, sizeof c) != sizeof c)
        rc = ipcr_meeting_bad("ipcr-job");
    explicit_bzero(text, sizeof text);
    if (rc < 0)
        return rc;
    memcpy(job->secret, c.secret, sizeof job->secret);
    to_hex(c.id, sizeof c.id, job->id);
    explicit_bzero(&c, sizeof c);
    return 0;
}

/* ---- memory of the node ---- */

static void node_key(int lowest, char key[IPCR_KVS_KEY_MAX])
{
    snprintf(key, IPCR_KVS_KEY_MAX, "ipcr-node-%d", lowest);
}

/* The node's lowest rank says where to fetch its memory, or "none"; or that it is "alone" there. */
static int offer_memory(const struct ipcr_job *job, struct ipcr_nodemem *m)
{
    char key[IPCR_KVS_KEY_MAX], name[IPCR_NODEMEM_NAME] = "alone";
    if (job->local_rank != 0)
        return 0;
    if (job->local_size > 1 && ipcr_nodemem_make(m, job->local_size, name) < 0)
        strcpy(name, "none");
    node_key(job->rank, key);
    return meeting.kvs->put(key, name);
}

/* Ranks of a node without memory become nodes of their own, for everybody. */
static void split_node(struct ipcr_job *job, int node)
{
    for (int r = 0; r < job->size; r++)
        if (meeting.places[r] == node)
            meeting.places[r] = IPCR_RANKS_MAX + r;
}

static int split_poor_nodes(struct ipcr_job *job, char mine[IPCR_KVS_VALUE_MAX])
{
    char key[IPCR_KVS_KEY_MAX], name[IPCR_KVS_VALUE_MAX];
    int home = job->node;
    bool split = false;
    for (int r = 0; r < job->size; r++) {
        int node = meeting.places[r];
        if (job->local_of[r] != 0)
            continue;
        node_key(r, key);
        int rc = ipcr_meeting_get(r, key, name);
        if (rc < 0)
            return rc;
        if (node == home)
            strcpy(mine, name);
        if (strcmp(name, "none") == 0) {
            split_node(job, node);
            split = true;
        }
    }
    if (split)
        count_locals(job);
    return job->local_size ? 0 : ipcr_way_trouble(ENOMEM, "out of memory");
}

static int serve_memory(struct ipcr_job *job, struct ipcr_nodemem *m)
{
    int rc = ipcr_nodemem_serve(m, job->local_size - 1, job->secret);
    if (rc < 0)
        ipcr_err_note(MPI_ERR_OTHER, "not all %d ranks of this host came for its shared memory: %s",
                      job->local_size, strerror(-rc));
    job->seg_fd = m->memory;
    m->memory = rc < 0 ? m->memory : -1;
    return rc;
}

static int fetch_memory(struct ipcr_job *job, const char *name)
{
    int fd = ipcr_nodemem_fetch(name, job->secret);
    if (fd < 0)
        ipcr_err_note(MPI_ERR_OTHER,
                      "the first rank of this host does not hand over its shared memory: %s (are "
                      "its ranks in different containers?)",
                      strerror(-fd));
    else
        job->seg_fd = fd;
    return fd < 0 ? fd : 0;
}

static int meet(struct ipcr_job *job, struct ipcr_nodemem *m)
{
    char name[IPCR_KVS_VALUE_MAX];
    int rc = job->rank == 0 ? draw_common() : 0;
    if (rc == 0)
        rc = offer_memory(job, m);
    if (rc == 0)
        rc = meeting.kvs->fence();
    if (rc == 0)
        rc = learn_common(job);
    if (rc == 0)
        rc = split_poor_nodes(job, name);
    if (rc < 0 || strcmp(name, "none") == 0 || strcmp(name, "alone") == 0)
        return rc;
    return m->memory >= 0 ? serve_memory(job, m) : fetch_memory(job, name);
}

/* ---- beginning ---- */

/* Of this rank's affinity mask. Where the launcher binds each rank to a core of its own, the node
 * looks crowded from here: then ranks hand over cores that nobody else wants, which costs little.
 */
static int count_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

void ipcr_meeting_prepare(struct ipcr_job *job)
{
    *job = (struct ipcr_job){.seg_fd = -1, .dir = "", .launched = true, .cores = count_cores()};
    gethostname(job->host, sizeof job->host - 1);
}

int *ipcr_meeting_begin(const struct ipcr_kvs *kvs, const struct ipcr_job *job)
{
    meeting.kvs = kvs;
    meeting.places = malloc(2 * sizeof(int) * (size_t)job->size);
    if (!meeting.places)
        ipcr_way_trouble(ENOMEM, "out of memory");
    return meeting.places;
}

int ipcr_meeting_hold(struct ipcr_job *job)
{
    struct ipcr_nodemem m = {-1, -1};
    job->node_of = meeting.places;
    job->local_of = meeting.places + job->size;
    count_locals(job);
    int rc = job->local_size ? meet(job, &m) : ipcr_way_trouble(ENOMEM, "out of memory");
    ipcr_nodemem_drop(&m);
    return rc;
}

void ipcr_meeting_mark_children(const struct ipcr_job *job)
{
    char text[16];
    snprintf(text, sizeof text, "%d", job->rank);
    setenv("IPCRUN_RANK", text, 1);
}

/* ---- exchange ---- */

static void piece_key(int rank, size_t at, char key[IPCR_KVS_KEY_MAX])
{
    snprintf(key, IPCR_KVS_KEY_MAX, "ipcr-addr-%d-%zu", rank, at / PIECE);
}

/* Pieces of PIECE bytes, the last one shorter, perhaps empty: so it says that it is the last. */
static int put_address(const uint8_t *mine, size_t len)
{
    char key[IPCR_KVS_KEY_MAX], text[2 * PIECE + 2];
    for (size_t at = 0; at <= len; at += PIECE) {
        size_t n = len - at < PIECE ? len - at : PIECE;
        text[0] = '.'; /* a value may not be empty */
        text[1] = 0;
        to_hex(mine + at, n, text + 1);
        piece_key(ipcr_job.rank, at, key);
        int rc = meeting.kvs->put(key, text);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int get_address(int rank, uint8_t *to, size_t *len)
{
    char key[IPCR_KVS_KEY_MAX], text[IPCR_KVS_VALUE_MAX];
    int n = PIECE;
    for (*len = 0; n == PIECE; *len += (size_t)n) {
        piece_key(rank, *len, key);
        int rc = ipcr_meeting_get(rank, key, text);
        if (rc < 0)
            return rc;
        size_t room = IPCR_BLOB_MAX - *len;
        n = *text == '.' ? from_hex(text + 1, to + *len, room < PIECE ? room : PIECE) : -1;
        if (n < 0)
            return ipcr_meeting_bad(key);
    }
    return 0;
}

/* Addresses are short and IPCR_BLOB_MAX is not: each goes to where the one before ends. */
static int get_all(const void **table, size_t *lens)
{
    size_t used = 0, room = 0;
    for (int r = 0; r < ipcr_job.size; r++) {
        if (room - used < IPCR_BLOB_MAX) {
            room = 2 * room + IPCR_BLOB_MAX;
            uint8_t *grown = realloc(meeting.table, room);
            if (!grown)
                return ipcr_way_trouble(ENOMEM, "out of memory");
            meeting.table = grown;
        }
        int rc = get_address(r, meeting.table + used, &lens[r]);
        if (rc < 0)
            return rc;
        used += lens[r];
    }
    const uint8_t *at = meeting.table;
    for (int r = 0; r < ipcr_job.size; at += lens[r++])
        table[r] = at;
    return 0;
}

int ipcr_meeting_exchange(const void *mine, size_t len, const void **table, size_t *lens)
{
    int rc = put_address(mine, len);
    if (rc == 0)
        rc = meeting.kvs->fence();
    return rc < 0 ? rc : get_all(table, lens);
}

void ipcr_meeting_end(void)
{
    free(meeting.places);
    free(meeting.table);
    memset(&meeting, 0, sizeof meeting);
}
