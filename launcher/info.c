/* The report of --info. */
#include "info.h"

#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "bind.h"
#include "compare.h"
#include "cpus.h"
#include <mpi.h>
#include "scheduler.h"
#include "transport.h"
#include "util.h"

#ifndef PACKAGE_VERSION
#define PACKAGE_VERSION "unknown"
#endif

static void line(const char *what, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void line(const char *what, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    printf("  %-17s ", what);
    vprintf(fmt, ap);
    printf("\n");
    va_end(ap);
}

static void show_build(const char *exe)
{
    printf("ipcrun %s\n", PACKAGE_VERSION);
    line("program", "%s", exe);
    line("built with", "%s", IPCR_BUILT);
    line("MPI", "%d.%d, standard ABI %d.%d (libmpi_abi.so.%d)", MPI_VERSION, MPI_SUBVERSION,
         MPI_ABI_VERSION, MPI_ABI_SUBVERSION, MPI_ABI_VERSION);
#ifdef HAVE_HWLOC
    line("hwloc", "yes");
#else
    line("hwloc", "no: ranks cannot be bound to cores");
#endif
#ifdef HAVE_LIBDW
    line("libdw", "yes");
#else
    line("libdw", "no: reports of hangs name no source lines");
#endif
}

static int count(const struct ipcr_core *cores, int n, enum ipcr_object kind)
{
    int found = 0;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < i && cores[k].in[kind] != cores[i].in[kind])
            k++;
        found += k == i;
    }
    return found;
}

/* Only what may be used of it: the rest belongs to others. */
static void show_topology(void)
{
    struct ipcr_core *cores;
    int n = ipcr_cpus_cores(&cores), threads = 0;
    for (int i = 0; i < n; i++)
        threads += CPU_COUNT(&cores[i].cpus);
    int l3 = count(cores, n, IPCR_OBJECT_L3);
    if (n)
        line("cores", "%d with %d hardware threads; packages: %d, NUMA nodes: %d", n, threads,
             count(cores, n, IPCR_OBJECT_PACKAGE), count(cores, n, IPCR_OBJECT_NUMA));
    else
        line("cores", "not known (no hwloc)");
    if (l3 > 1) /* none looks like one */
        line("L3 caches", "%d", l3);
    free(cores);
}

static void show_machine(void)
{
    struct ipcr_comparison c = {0};
    cpu_set_t mask;
    char cpus[200] = "not known";
    ipcr_compare_machine(&c);
    if (sched_getaffinity(0, sizeof mask, &mask) == 0)
        ipcr_bind_text(cpus, sizeof cpus, &mask);
    printf("\nmachine\n");
    line("kernel", "%s", c.kernel);
    line("processor", "%s", c.cpu);
    line("CPUs", "%ld, of which this process may use %d: %s", sysconf(_SC_NPROCESSORS_ONLN),
         ipcr_cpus_affinity(), cpus);
    if (c.cores < ipcr_cpus_affinity())
        line("CPU quota", "%d: the limit of a control group", c.cores);
    else
        line("CPU quota", "none");
    show_topology();
}

static void show_shm(void)
{
    struct statvfs fs;
    if (statvfs("/dev/shm", &fs) < 0)
        line("/dev/shm", "not there (only --transport mmap would use it)");
    else
        line("/dev/shm", "%llu MB free%s (not used unless a transport lives from files)",
             (unsigned long long)fs.f_bavail * fs.f_frsize >> 20,
             fs.f_flag & ST_RDONLY ? ", read-only" : "");
}

static void show_limits(void)
{
    struct rlimit files;
    int memfd = ipcr_try_memfd(), vm = ipcr_try_read();
    getrlimit(RLIMIT_NOFILE, &files);
    printf("\nlimits\n");
    line("open files", "%llu, at most %llu", (unsigned long long)files.rlim_cur,
         (unsigned long long)files.rlim_max);
    line("memfd_create", "%s%s", memfd ? strerror(memfd) : "works: shared memory has no file",
         memfd ? ": shared memory lies in a file without a name" : "");
    line("process_vm_readv", "%s%s", vm ? strerror(vm) : "works: large messages are copied once",
         vm ? ": large messages flow through the ring" : "");
    show_shm();
}

static void show_transports(const char *exe)
{
    printf("\ntransports (each tried with two ranks)\n");
    for (int i = 0; ipcr_transports[i]; i++) {
        char *why = ipcr_try_transport(exe, ipcr_transports[i]->name);
        line(ipcr_transports[i]->name, "%s", why ? why : "works");
        fflush(stdout);
        free(why);
    }
}

static void show_scheduler(const struct ipcr_scheduler *s)
{
    struct ipcr_allocation a;
    char why[512];
    const char *job = ipcr_scheduler_job(s);
    if (!ipcr_scheduler_is_here(s)) {
        if (s->program)
            line(s->title, "%s", ipcr_is_in_path(s->program) ? "found" : "not found");
        return;
    }
    if (!ipcr_scheduler_read(&a, s, why, sizeof why))
        line(s->title, "%s", why);
    else if (job)
        line(s->title, "inside job %s: %d hosts, %d slots", job, a.hosts.n,
             ipcr_hosts_slots(&a.hosts));
    else
        line(s->title, "%s: %d hosts, %d slots", s->hosts, a.hosts.n, ipcr_hosts_slots(&a.hosts));
    ipcr_allocation_free(&a);
}

/* What ranks need that another launcher starts by PMIx (runtime/pmixlib.h). */
static const char *pmix_state(void)
{
#if HAVE_PMIX
    void *library = dlopen("libpmix.so.2", RTLD_LAZY | RTLD_LOCAL);
    if (!library)
        return "no libpmix.so.2 found: mpiexec of Open MPI and srun --mpi=pmix cannot start ranks";
    dlclose(library);
    return "libpmix.so.2 found";
#else
    return "not built in: mpiexec of Open MPI and srun --mpi=pmix cannot start ranks";
#endif
}

static void show_schedulers(void)
{
    const struct ipcr_scheduler *s;
    printf("\nother hosts\n");
    line("ssh", "%s", ipcr_is_in_path("ssh") ? "found" : "not found: jobs stay on this machine");
    for (int i = 0; (s = ipcr_scheduler_row(i)) != NULL; i++)
        show_scheduler(s);
    line("PMIx", "%s", pmix_state());
}

int ipcr_info_show(const char *exe)
{
    show_build(exe);
    show_machine();
    show_limits();
    show_transports(exe);
    show_schedulers();
    return fflush(stdout) == 0 ? 0 : IPCR_EXIT_LOST;
}
