/* Reductions of what lines show (lines.h). */
#include "lines.h"

#include "flat.h"

/* The first vector is only read, so it may stay where it is; the last one goes where the result
 * will be; those between are written to, and copied. In place the root of a reduce has its own
 * vector where the result will be: it stays there only as the last one. */
void ipcr_lines_merge(struct ipcr_coll *c, const struct ipcr_flat *f, const void *const *shown)
{
    void *at[IPCR_LINES_RANKS];
    int n = c->comm->size;
    size_t bytes = f->count * c->rtype->size;
    for (int i = 0; i < n; i++) {
        void *vector = (void *)(uintptr_t)shown[ipcr_coll_mod(f->first + i, n)];
        bool stays = vector == c->rbuf ? i == n - 1 : i == 0;
        at[i] = stays ? vector : i == n - 1 ? c->rbuf : ipcr_coll_temp(c, bytes);
        if (!stays)
            ipcr_lines_move(at[i], vector, bytes);
    }
    ipcr_flat_merge(c, f, at);
}
