/* Ranks that another launcher starts and that speak PMI with it (pmi.h).
 *
 * There is no agent, so the ranks do for each other what an agent does: rank 0 draws the secret,
 * the lowest rank of each node makes its memory. Both are published before one barrier. Where a
 * node's memory cannot be made, its ranks count as nodes of their own, and talk over the network.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "err.h"
#include "nodemem.h"
#include "pmi.h"
#include "proto.h"
#include "way.h"

enum {
    RANKS_MAX = 1 << 20,
    PIECE = 256 /* bytes of an address under one key: launchers bound lines to 1024 characters */
};

static struct {
    int fd;      /* 0: none */
    int *places; /* node_of, then local_of */
    uint8_t *table;
    bool over; /* the launcher has been told that this rank is done */
} boot;

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

/* A key that a rank must have put. */
static int get_known(const char *key, char value[IPCR_PMI_VALUE_MAX])
{
    int rc = ipcr_pmi_get(key, value);
    if (rc == -ENOENT)
        ipcr_err_note(MPI_ERR_OTHER, "the launcher's PMI has lost the key %s", key);
    return rc;
}

static int bad_value(const char *key)
{
    ipcr_err_note(MPI_ERR_OTHER, "the launcher's PMI has another value of %s than was put", key);
    return -EPROTO;
}

/* ---- who and where ---- */

static bool variable(const char *name, int least, int most, int *value)
{
    const char *text = getenv(name);
    char *end;
    errno = 0;
    long n = text ? strtol(text, &end, 10) : 0;
    *value = (int)n;
    if (text && !errno && end != text && !*end && n >= least && n <= most)
        return true;
    ipcr_err_note(MPI_ERR_OTHER, "the launcher gave the variable PMI_FD, but %s is %s%s%s", name,
                  text ? "'" : "missing", text ? text : "", text ? "', which makes no sense" : "");
    return false;
}

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
    int *node_of = boot.places, *local_of = boot.places + job->size;
    job->nodes = number_nodes(job->size, node_of, local_of);
    int *next = calloc((size_t)job->nodes, sizeof *next);
    for (int r = 0; next && r < job->size; r++)
        local_of[r] = next[node_of[r]]++;
    job->node = node_of[job->rank];
    job->local_rank = local_of[job->rank];
    job->local_size = next ? next[job->node] : 0;
    free(next);
}

/* Without the launcher's map every rank is a node: slow is better than wrong. */
static int find_places(struct ipcr_job *job)
{
    char map[IPCR_PMI_VALUE_MAX];
    boot.places = malloc(2 * sizeof(int) * (size_t)job->size);
    if (!boot.places)
        return ipcr_way_trouble(ENOMEM, "out of memory");
    job->node_of = boot.places;
    job->local_of = boot.places + job->size;
    int rc = ipcr_pmi_get("PMI_process_mapping", map);
    if (rc < 0 && rc != -ENOENT)
        return rc;
    if (rc == -ENOENT || !ipcr_pmi_places(map, job->size, boot.places))
        for (int r = 0; r < job->size; r++)
            boot.places[r] = r;
    count_locals(job);
    return job->local_size ? 0 : ipcr_way_trouble(ENOMEM, "out of memory");
}

/* ---- what is common ---- */

static int draw_common(void)
{
    struct common c;
    char text[2 * sizeof c + 1];
    if (getrandom(&c, sizeof c, 0) != sizeof c)
        return ipcr_way_trouble(EIO, "the kernel has no random numbers");
    to_hex(&c, sizeof c, text);
    int rc = ipcr_pmi_put("ipcr-job", text);
    explicit_bzero(&c, sizeof c);
    explicit_bzero(text, sizeof text);
    return rc;
}

static int learn_common(struct ipcr_job *job)
{
    struct common c;
    char text[IPCR_PMI_VALUE_MAX];
    int rc = get_known("ipcr-job", text);
    if (rc == 0 && from_hex(text, (uint8_t *)&c, sizeof c) != sizeof c)
        rc = bad_value("ipcr-job");
    explicit_bzero(text, sizeof text);
    if (rc < 0)
        return rc;
    memcpy(job->secret, c.secret, sizeof job->secret);
    to_hex(c.id, sizeof c.id, job->id);
    explicit_bzero(&c, sizeof c);
    return 0;
}

/* ---- memory of the node ---- */

static void node_key(int node, char key[IPCR_PMI_KEY_MAX])
{
    snprintf(key, IPCR_PMI_KEY_MAX, "ipcr-node-%d", node);
}

/* The node's lowest rank says where to fetch its memory, or "none". */
static int offer_memory(const struct ipcr_job *job, struct ipcr_nodemem *m)
{
    char key[IPCR_PMI_KEY_MAX], name[IPCR_NODEMEM_NAME];
    if (job->local_rank != 0 || job->local_size == 1)
        return 0;
    node_key(job->node, key);
    return ipcr_pmi_put(key, ipcr_nodemem_make(m, job->local_size, name) == 0 ? name : "none");
}

/* Ranks of a node without memory become nodes of their own, for everybody. */
static void split_node(struct ipcr_job *job, int node)
{
    for (int r = 0; r < job->size; r++)
        if (boot.places[r] == node)
            boot.places[r] = RANKS_MAX + r;
}

static int split_poor_nodes(struct ipcr_job *job, char mine[IPCR_PMI_VALUE_MAX])
{
    char key[IPCR_PMI_KEY_MAX], name[IPCR_PMI_VALUE_MAX];
    int home = job->node, nodes = job->nodes;
    bool split = false;
    strcpy(mine, "none");
    for (int node = 0; node < nodes; node++) {
        node_key(node, key);
        int rc = ipcr_pmi_get(key, name);
        if (rc == -ENOENT) /* a rank alone on its node */
            continue;
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
    char name[IPCR_PMI_VALUE_MAX];
    int rc = job->rank == 0 ? draw_common() : 0;
    if (rc == 0)
        rc = offer_memory(job, m);
    if (rc == 0)
        rc = ipcr_pmi_barrier();
    if (rc == 0)
        rc = learn_common(job);
    if (rc == 0)
        rc = split_poor_nodes(job, name);
    if (rc < 0 || strcmp(name, "none") == 0)
        return rc;
    return m->memory >= 0 ? serve_memory(job, m) : fetch_memory(job, name);
}

/* ---- beginning ---- */

static bool offered(void)
{
    return getenv("PMI_FD") && !getenv("IPCRUN_RANK");
}

/* Of this rank's affinity mask. Where the launcher binds each rank to a core of its own, the node
 * looks crowded from here: then ranks hand over cores that nobody else wants, which costs little.
 */
static int count_cores(void)
{
    cpu_set_t set;
    return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
}

static int read_numbers(struct ipcr_job *job)
{
    int rc = ipcr_pmi_number("appnum", &job->appnum);
    if (rc == 0)
        rc = ipcr_pmi_number("universe_size", &job->universe);
    if (job->universe < job->size) /* -1: the launcher does not say */
        job->universe = job->size;
    return rc;
}

/* What makes a process a rank goes, and what marks the children of ranks comes (stranger.h). */
static void keep_from_children(const struct ipcr_job *job)
{
    char text[16];
    snprintf(text, sizeof text, "%d", job->rank);
    setenv("IPCRUN_RANK", text, 1);
    unsetenv("PMI_FD");
    fcntl(boot.fd, F_SETFD, FD_CLOEXEC);
}

static int open_pmi(struct ipcr_job *job)
{
    struct ipcr_nodemem m = {-1, -1};
    int fd;
    *job = (struct ipcr_job){.seg_fd = -1, .dir = "", .launched = true, .cores = count_cores()};
    gethostname(job->host, sizeof job->host - 1);
    if (!variable("PMI_FD", 3, 1 << 20, &fd) || !variable("PMI_SIZE", 1, RANKS_MAX, &job->size) ||
        !variable("PMI_RANK", 0, job->size - 1, &job->rank))
        return -EINVAL;
    int rc = ipcr_pmi_open(fd);
    if (rc < 0)
        return rc;
    boot.fd = fd;
    rc = read_numbers(job);
    if (rc == 0)
        rc = find_places(job);
    if (rc < 0)
        return rc;
    rc = meet(job, &m);
    ipcr_nodemem_drop(&m);
    if (rc == 0)
        keep_from_children(job);
    return rc;
}

/* ---- exchange ---- */

static void piece_key(int rank, size_t at, char key[IPCR_PMI_KEY_MAX])
{
    snprintf(key, IPCR_PMI_KEY_MAX, "ipcr-addr-%d-%zu", rank, at / PIECE);
}

/* Pieces of PIECE bytes, the last one shorter, perhaps empty: so it says that it is the last. */
static int put_address(const uint8_t *mine, size_t len)
{
    char key[IPCR_PMI_KEY_MAX], text[2 * PIECE + 2];
    for (size_t at = 0; at <= len; at += PIECE) {
        size_t n = len - at < PIECE ? len - at : PIECE;
        text[0] = '.'; /* a value may not be empty */
        text[1] = 0;
        to_hex(mine + at, n, text + 1);
        piece_key(ipcr_job.rank, at, key);
        int rc = ipcr_pmi_put(key, text);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int get_address(int rank, uint8_t *to, size_t *len)
{
    char key[IPCR_PMI_KEY_MAX], text[IPCR_PMI_VALUE_MAX];
    int n = PIECE;
    for (*len = 0; n == PIECE; *len += (size_t)n) {
        piece_key(rank, *len, key);
        int rc = get_known(key, text);
        if (rc < 0)
            return rc;
        size_t room = IPCR_BLOB_MAX - *len;
        n = *text == '.' ? from_hex(text + 1, to + *len, room < PIECE ? room : PIECE) : -1;
        if (n < 0)
            return bad_value(key);
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
            uint8_t *grown = realloc(boot.table, room);
            if (!grown)
                return ipcr_way_trouble(ENOMEM, "out of memory");
            boot.table = grown;
        }
        int rc = get_address(r, boot.table + used, &lens[r]);
        if (rc < 0)
            return rc;
        used += lens[r];
    }
    const uint8_t *at = boot.table;
    for (int r = 0; r < ipcr_job.size; at += lens[r++])
        table[r] = at;
    return 0;
}

static int exchange(const void *mine, size_t len, const void **table, size_t *lens)
{
    int rc = put_address(mine, len);
    if (rc == 0)
        rc = ipcr_pmi_barrier();
    return rc < 0 ? rc : get_all(table, lens);
}

/* ---- end ---- */

/* The words first: the launcher may end this rank as soon as it knows. */
static bool die(int code, const char *text)
{
    if (text)
        dprintf(2, "%s", text);
    if (boot.fd && !boot.over)
        ipcr_pmi_abort(code);
    return true;
}

static int finalize(void)
{
    boot.over = true;
    return ipcr_pmi_finalize();
}

static void close_pmi(void)
{
    ipcr_pmi_close();
    if (boot.fd)
        close(boot.fd);
    free(boot.places);
    free(boot.table);
    memset(&boot, 0, sizeof boot);
}

const struct ipcr_way ipcr_way_pmi = {.offered = offered,
                                      .open = open_pmi,
                                      .exchange = exchange,
                                      .die = die,
                                      .finalize = finalize,
                                      .close = close_pmi};
