/* Trees, folds and chunks: pure arithmetic on ranks. */
#ifndef IPCR_TREE_H
#define IPCR_TREE_H

#include <stdbool.h>
#include <stddef.h>

/* The binomial tree over 0 .. n-1 rooted at 0. The children of v are v + 1, v + 2, v + 4, ... below
 * v's own lowest set bit (root: any), each the root of the subtree of the ranks from it up to the
 * next: a subtree is a run of consecutive ranks. */
static inline int ipcr_tree_parent(int v)
{
    return v & (v - 1);
}
/* Distance from v to its parent: the lowest set bit; for the root the first power of two >= n. */
int ipcr_tree_span(int n, int v);
/* Ranks in the subtree of v, itself included. */
int ipcr_tree_size(int n, int v);

/* The largest power of two <= n (n >= 1). */
int ipcr_tree_pof2(int n);

/* The fold makes a power of two of any number of ranks: of the first 2 * rem ranks each pair
 * (2i, 2i + 1) is represented by one of its members, the others stand for themselves. Consecutive
 * ranks stay consecutive, so operands keep their order. */
struct ipcr_fold {
    int pof2, rem;
    int keep;  /* rank that must stay in (the root of a reduction): of its pair it is the member */
    int rank;  /* me */
    int v;     /* my place among the pof2, -1: I am represented */
    int other; /* my pair's other member, -1: none */
};
struct ipcr_fold ipcr_fold_make(int n, int rank, int keep);
/* Place of the pair or single that `rank` belongs to, and the rank that holds place v. */
int ipcr_fold_place(const struct ipcr_fold *f, int rank);
int ipcr_fold_rank(const struct ipcr_fold *f, int v);
/* The first rank represented at place v, v = pof2 included. */
int ipcr_fold_first(const struct ipcr_fold *f, int v);

/* A run of elements (or bytes, or blocks). */
struct ipcr_range {
    size_t first, count;
};
/* Part i of `count` elements cut into n parts that differ by one at most. */
struct ipcr_range ipcr_chunk(size_t count, int n, int i);
/* Parts i .. i + m - 1 together. */
struct ipcr_range ipcr_chunks(size_t count, int n, int i, int m);

#endif
