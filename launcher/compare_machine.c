/* The machine on which transports are compared: what it is, and which cores are used. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "compare.h"
#include "cpus.h"
#include "probe.h"

static void describe_cpu(char *to, size_t room)
{
    char line[256];
    struct utsname u;
    uname(&u);
    snprintf(to, room, "%s", u.machine);
    FILE *f = fopen("/proc/cpuinfo", "re");
    while (f && fgets(line, sizeof line, f)) {
        char *colon = strstr(line, ": ");
        if (strncmp(line, "model name", 10) != 0 || !colon)
            continue;
        colon[strcspn(colon, "\n")] = 0;
        snprintf(to, room, "%.70s", colon + 2);
        break;
    }
    if (f)
        fclose(f);
}

/* Two hardware threads of one core would share what is measured: cores as hwloc sees them, else the
 * first two CPUs. */
static void choose_cores(struct ipcr_comparison *c)
{
    struct ipcr_core *cores;
    int n = ipcr_cpus_cores(&cores);
    ipcr_probe_cpus(c->core);
    for (int i = 0; i < 2 && n >= 2; i++) {
        int cpu = 0;
        while (!CPU_ISSET(cpu, &cores[i].cpus))
            cpu++;
        c->core[i] = cpu;
    }
    free(cores);
    c->cores = ipcr_cpus_usable();
}

void ipcr_compare_machine(struct ipcr_comparison *c)
{
    struct utsname u;
    time_t now = time(NULL);
    double load[1] = {0};
    uname(&u);
    snprintf(c->kernel, sizeof c->kernel, "%.20s %.50s", u.sysname, u.release);
    strftime(c->date, sizeof c->date, "%Y-%m-%d %H:%M", localtime(&now));
    c->load = getloadavg(load, 1) == 1 ? load[0] : NAN;
    describe_cpu(c->cpu, sizeof c->cpu);
    choose_cores(c);
}
