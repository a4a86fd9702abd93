/* Scatterv by lines (lines.h): the root shows the blocks that fit its line, and sends the others.
 * Nobody else knows how long these are, so the line begins with a length for each of them, in the
 * order of ranks after the root.
 *
 *   length of block 1 | ... 2 | ... 3 | block 1 | block 3        (block 2 is a message)
 *
 * Cost: one line written, and one read on each other rank; the root waits for nobody while the
 * others are less than a few dozen collectives behind. */
#include "lines.h"

enum { MESSAGE = UINT8_MAX };
_Static_assert((int)IPCR_LINE_BYTES < (int)MESSAGE, "a length is a byte");

static void show_all(struct ipcr_coll *c)
{
    int n = c->comm->size;
    char *room = ipcr_lines_room(c->run->lines);
    size_t at = (size_t)n - 1;
    for (int i = 1; i < n; i++) {
        int to = ipcr_coll_mod(c->root + i, n);
        struct ipcr_part block = ipcr_coll_spart(c, to);
        size_t bytes = ipcr_part_size(block);
        bool fits = bytes <= IPCR_LINE_BYTES - at;
        room[i - 1] = (char)(fits ? bytes : MESSAGE);
        if (!fits) {
            ipcr_coll_send(c, block, to);
            continue;
        }
        ipcr_lines_copy(c, block, ipcr_part_bytes(room + at, bytes));
        at += bytes;
    }
    ipcr_lines_show(c->run->lines, at, IPCR_LINES_ALL);
}

/* Block i as it stands on the line, or nothing if it is a message. */
static bool find(const struct ipcr_line *line, int n, int i, struct ipcr_part *block)
{
    const uint8_t *length = (const uint8_t *)line->bytes;
    size_t at = (size_t)n - 1;
    for (int k = 1; k < i; k++)
        if (length[k - 1] != MESSAGE)
            at += length[k - 1];
    *block = ipcr_part_bytes(line->bytes + at, length[i - 1]);
    return length[i - 1] != MESSAGE;
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
    } else if (find(ipcr_lines_await(c->run->lines, c->root), n, ipcr_coll_mod(rank - c->root, n),
                    &block)) {
        ipcr_lines_copy(c, block, ipcr_coll_rpart(c, c->root));
    } else {
        ipcr_coll_recv(c, ipcr_coll_rpart(c, c->root), c->root);
    }
    ipcr_coll_round(c);
}
