/* Scatterv by lines (lines.h): the root shows the blocks that fit its line, and sends the others.
 * Nobody else knows how long these are, so the line begins with a length for each of them, in the
 * order of ranks after the root.
 *
 *   length of block 1 | ... 2 | ... 3 | block 1 | block 3        (block 2 is a message)
 *
 * Cost: one line written, and one read on each other rank; the root waits for nobody while the
 * others are less than a few dozen collectives behind. */
#include "lines.h"

enum { MESSAGE = UINT16_MAX }; /* longer than any line */
typedef uint16_t length;

/* Which blocks go on the line, by their lengths; returns that of the line. */
static size_t plan(const struct ipcr_coll *c, length *lengths)
{
    int n = c->comm->size;
    size_t all = ((size_t)n - 1) * sizeof *lengths;
    for (int i = 1; i < n; i++) {
        size_t bytes = ipcr_part_size(ipcr_coll_spart(c, ipcr_coll_mod(c->root + i, n)));
        bool fits = bytes <= IPCR_LINE_LONG - all;
        lengths[i - 1] = (length)(fits ? bytes : MESSAGE);
        all += fits ? bytes : 0;
    }
    return all;
}

static void show_all(struct ipcr_coll *c)
{
    length lengths[IPCR_LINES_RANKS];
    int n = c->comm->size;
    size_t all = plan(c, lengths), at = ((size_t)n - 1) * sizeof *lengths;
    char *room = ipcr_lines_room(c->run->lines, all);
    ipcr_lines_move(room, lengths, at);
    for (int i = 1; i < n; i++) {
        int to = ipcr_coll_mod(c->root + i, n);
        if (lengths[i - 1] == MESSAGE) {
            ipcr_coll_send(c, ipcr_coll_spart(c, to), to);
            continue;
        }
        ipcr_lines_copy(c, ipcr_coll_spart(c, to), ipcr_part_bytes(room + at, lengths[i - 1]));
        at += lengths[i - 1];
    }
    ipcr_lines_show(c->run->lines, all, IPCR_LINES_ALL);
}

/* Block i as it stands on the line; false: it is a message. */
static bool find(const char *line, int n, int i, struct ipcr_part *block)
{
    length lengths[IPCR_LINES_RANKS];
    size_t table = ((size_t)n - 1) * sizeof *lengths, at = table;
    ipcr_lines_move(lengths, line, table);
    for (int k = 1; k < i; k++)
        if (lengths[k - 1] != MESSAGE)
            at += lengths[k - 1];
    *block = ipcr_part_bytes(line + at, lengths[i - 1]);
    return lengths[i - 1] != MESSAGE;
}

void ipcr_scatterv_lines(struct ipcr_coll *c)
{
    int n = c->comm->size, rank = c->comm->rank;
    struct ipcr_part block;
    ipcr_lines_begin(c->run->lines);
    if (rank == c->root) {
        show_all(c);
        if (c->rbuf != MPI_IN_PLACE)
            ipcr_lines_copy(c, ipcr_coll_spart(c, rank), ipcr_coll_rpart(c, rank));
    } else if (find(ipcr_lines_await(c->run->lines, c->root).buf, n,
                    ipcr_coll_mod(rank - c->root, n), &block)) {
        ipcr_lines_copy(c, block, ipcr_coll_rpart(c, c->root));
    } else {
        ipcr_coll_recv(c, ipcr_coll_rpart(c, c->root), c->root);
    }
    ipcr_coll_round(c);
}
