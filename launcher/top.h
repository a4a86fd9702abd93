/* The picture of --top: what the ranks of a job do and how much, a line for each rank, or for those
 * in the same state where the ranks are too many for the screen. Pure: no terminal, no clock. */
#ifndef IPCR_TOP_H
#define IPCR_TOP_H

#include <stdio.h>

#include "jobview.h"

enum ipcr_top_sort { IPCR_TOP_RANK, IPCR_TOP_WAIT, IPCR_TOP_CPU, IPCR_TOP_BYTES };
enum ipcr_top_group { IPCR_TOP_IF_NEEDED, IPCR_TOP_GROUPED, IPCR_TOP_SINGLE };

struct ipcr_top {
    int sort;  /* enum ipcr_top_sort */
    int group; /* enum ipcr_top_group */
    /* What rates are measured from: the view before. Zero: the start of the job. */
    struct ipcr_sleeper *before; /* [size], owned */
    int size;
    uint64_t before_ms;
    /* Between that and the last view: */
    struct ipcr_top_pace *pace; /* [size], owned */
};

/* A new view: rates are those since the last one. */
void ipcr_top_take(struct ipcr_top *t, const struct ipcr_jobview *v);
/* Writes the ranks of the last view in at most `rows` lines of at most `columns` characters. */
void ipcr_top_draw(const struct ipcr_top *t, const struct ipcr_jobview *v, FILE *to, int rows,
                   int columns);
/* Writes a line that is cut where the screen ends, between characters, and changes what a terminal
 * would obey. */
void ipcr_top_line(FILE *to, char *text, int columns);
void ipcr_top_free(struct ipcr_top *t);

#endif
