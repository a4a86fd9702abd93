/* Error classes and codes, those of the standard and those that the program adds, and their texts.
 * MPI 5.0 sections 9.4 and 9.5. ipcr_err_string() (err.h) is defined with them.
 *
 * The library itself returns classes, so programs may compare what a call returns with MPI_ERR_x;
 * only the program's own codes differ from their class. */
#ifndef IPCR_ERRCODE_H
#define IPCR_ERRCODE_H

/* The class of a code, or -1 if there is no such code. */
int ipcr_errcode_class(int code);

/* A new class, or a new code of a class (class < 0: the code is its own class). Returns it, -1
 * without memory. Numbers follow MPI_ERR_LASTCODE; removed ones are given out again. */
int ipcr_errcode_add(int class);
/* Removes a class or code of the program; MPI_SUCCESS, or MPI_ERR_ARG with a note: not one of the
 * program's, not of that kind, or a class that still has codes. */
int ipcr_errcode_remove(int code, int is_class);
/* Sets the text of a class or code of the program (NULL: none; cut at MPI_MAX_ERROR_STRING).
 * MPI_SUCCESS, or an error class with a note. */
int ipcr_errcode_text(int code, const char *text);

/* The greatest code in use: the attribute MPI_LASTUSEDCODE. */
int ipcr_errcode_last(void);

void ipcr_errcode_finish(void);

#endif
