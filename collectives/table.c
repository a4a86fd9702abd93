/* The table of algorithms, made of the rows of table.def, and the names of collectives. */
#include "table.h"

#define ROW(kind, name, function, ...) void ipcr_##function(struct ipcr_coll *c);
#include "table.def"
#undef ROW

/* Words of table.def, short enough for one line a row. */
enum {
    K = 1024,
    COMMUTATIVE = IPCR_COMMUTATIVE,
    PREDEFINED = IPCR_PREDEFINED,
    POWER_OF_TWO = IPCR_POWER_OF_TWO,
    IN_PLACE = IPCR_IN_PLACE,
    SEPARATE = IPCR_SEPARATE,
    CROWDED = IPCR_CROWDED,
    SPREAD = IPCR_SPREAD,
    INTER = IPCR_INTER,
    LINES = IPCR_LINES,
    MIXED = IPCR_MIXED,
    SHEETS = IPCR_SHEETS,
};
#define ANY  IPCR_ANY_BYTES
#define MANY IPCR_ANY_RANKS

const struct ipcr_coll_row ipcr_coll_table[] = {
#define ROW(kind, name, function, ...) {IPCR_##kind, name, ipcr_##function, __VA_ARGS__},
#include "table.def"
#undef ROW
};

const int ipcr_coll_rows = sizeof ipcr_coll_table / sizeof *ipcr_coll_table;

const char *const ipcr_coll_names[IPCR_COLL_KINDS] = {
    [IPCR_BARRIER] = "BARRIER",
    [IPCR_BCAST] = "BCAST",
    [IPCR_REDUCE] = "REDUCE",
    [IPCR_ALLREDUCE] = "ALLREDUCE",
    [IPCR_GATHER] = "GATHER",
    [IPCR_GATHERV] = "GATHERV",
    [IPCR_SCATTER] = "SCATTER",
    [IPCR_SCATTERV] = "SCATTERV",
    [IPCR_ALLGATHER] = "ALLGATHER",
    [IPCR_ALLGATHERV] = "ALLGATHERV",
    [IPCR_ALLTOALL] = "ALLTOALL",
    [IPCR_ALLTOALLV] = "ALLTOALLV",
    [IPCR_ALLTOALLW] = "ALLTOALLW",
    [IPCR_SCAN] = "SCAN",
    [IPCR_EXSCAN] = "EXSCAN",
    [IPCR_REDUCE_SCATTER] = "REDUCE_SCATTER",
    [IPCR_REDUCE_SCATTER_BLOCK] = "REDUCE_SCATTER_BLOCK",
    [IPCR_NEIGHBOR_ALLGATHER] = "NEIGHBOR_ALLGATHER",
    [IPCR_NEIGHBOR_ALLGATHERV] = "NEIGHBOR_ALLGATHERV",
    [IPCR_NEIGHBOR_ALLTOALL] = "NEIGHBOR_ALLTOALL",
    [IPCR_NEIGHBOR_ALLTOALLV] = "NEIGHBOR_ALLTOALLV",
    [IPCR_NEIGHBOR_ALLTOALLW] = "NEIGHBOR_ALLTOALLW",
};
