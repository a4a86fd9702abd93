// Reads sparse matrices from Matrix Market files (coordinate format; real, integer or pattern;
// general or symmetric). Knows nothing of MPI.
#ifndef EXAMPLES_MMREAD_H
#define EXAMPLES_MMREAD_H

struct mm_entry {
    int row, col; // from 0
    double value; // 1 in a pattern file
};

struct mm_matrix {
    int rows, cols;
    int pattern; // the file had places, but no values
    long count;  // entries, those of both triangles
    struct mm_entry *entry;
};

// Reads a matrix for a solver that wants it symmetric and positive definite: square, symmetric in
// its values (whatever the file calls itself), with a positive diagonal; the rest the solver finds
// out. A pattern file, which has no values, is taken as a graph and becomes its Laplacian plus
// identity. Entries come sorted by row and column, each place once; the caller frees m->entry.
//
// Returns 0, or -1 after saying on stderr what is wrong, with the file's name and, where there is
// one to blame, the line. Whatever a file's header claims, no more memory is taken than the entries
// that really follow need.
int mm_read_definite(const char *path, struct mm_matrix *m);

#endif
