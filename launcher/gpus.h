/* Devices for each rank of a host, by the variables in which their makers' libraries look. */
#ifndef IPCR_GPUS_H
#define IPCR_GPUS_H

/* Such a variable; NULL behind the last. */
const char *ipcr_gpus_variable(int i);

/* "4,5": `each` devices of the rank with this number on its host, to be freed. `named`: what the
 * variable says already, of which it gets its part; NULL: nothing, so devices are counted from 0.
 * When what is named does not suffice, it is shared. */
char *ipcr_gpus_of(const char *named, int each, int local_rank);

#endif
