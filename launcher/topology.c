/* The cores of this machine, through hwloc. Loaded at run time: most jobs are not bound, and
 * neither wait for it nor need it installed. */
#include "cpus.h"

#ifdef HAVE_HWLOC

#include <dlfcn.h>
#include <hwloc.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "util.h"

#define TOPOLOGY_LIBRARY "libhwloc.so.15" /* the ABI of hwloc 2.x */

/* The functions that we use, by the types of the header. */
static struct {
    __typeof__(&hwloc_topology_init) init;
    __typeof__(&hwloc_topology_destroy) destroy;
    __typeof__(&hwloc_topology_load) load;
    __typeof__(&hwloc_topology_set_components) components;
    __typeof__(&hwloc_topology_set_all_types_filter) filter_all;
    __typeof__(&hwloc_topology_set_type_filter) filter;
    __typeof__(&hwloc_get_type_depth) depth;
    __typeof__(&hwloc_get_nbobjs_by_depth) count;
    __typeof__(&hwloc_get_obj_by_depth) object;
    __typeof__(&hwloc_bitmap_isset) isset;
} hw;

/* What else hwloc could look at takes time, or opens devices. */
static const char *const unwanted[] = {"pci", "opencl",    "cuda",    "nvml", "rsmi",
                                       "gl",  "levelzero", "linuxio", "x86"};
/* Descriptions of machines that are not this one. */
static const char *const elsewhere[] = {"xml", "synthetic"};

static const struct {
    enum ipcr_object kind;
    hwloc_obj_type_t type;
} kinds[] = {{IPCR_OBJECT_CORE, HWLOC_OBJ_CORE},
             {IPCR_OBJECT_L2, HWLOC_OBJ_L2CACHE},
             {IPCR_OBJECT_L3, HWLOC_OBJ_L3CACHE},
             {IPCR_OBJECT_NUMA, HWLOC_OBJ_NUMANODE},
             {IPCR_OBJECT_PACKAGE, HWLOC_OBJ_PACKAGE}};

static bool imagined;

static bool load_library(void)
{
    void *lib = dlopen(TOPOLOGY_LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!lib)
        return false;
    const struct {
        void **to;
        const char *name;
    } symbols[] = {
        {(void **)&hw.init, "hwloc_topology_init"},
        {(void **)&hw.destroy, "hwloc_topology_destroy"},
        {(void **)&hw.load, "hwloc_topology_load"},
        {(void **)&hw.components, "hwloc_topology_set_components"},
        {(void **)&hw.filter_all, "hwloc_topology_set_all_types_filter"},
        {(void **)&hw.filter, "hwloc_topology_set_type_filter"},
        {(void **)&hw.depth, "hwloc_get_type_depth"},
        {(void **)&hw.count, "hwloc_get_nbobjs_by_depth"},
        {(void **)&hw.object, "hwloc_get_obj_by_depth"},
        {(void **)&hw.isset, "hwloc_bitmap_isset"},
    };
    for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++)
        if ((*symbols[i].to = dlsym(lib, symbols[i].name)) == NULL)
            return false;
    return true;
}

static bool load_topology(hwloc_topology_t *t)
{
    if (!load_library() || hw.init(t) < 0)
        return false;
    for (size_t i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
        hw.components(*t, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, unwanted[i]);
    for (size_t i = 0; !imagined && i < sizeof elsewhere / sizeof *elsewhere; i++)
        hw.components(*t, HWLOC_TOPOLOGY_COMPONENTS_FLAG_BLACKLIST, elsewhere[i]);
    hw.filter_all(*t, HWLOC_TYPE_FILTER_KEEP_NONE);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        hw.filter(*t, kinds[i].type, HWLOC_TYPE_FILTER_KEEP_ALL);
    if (hw.load(*t) == 0)
        return true;
    hw.destroy(*t);
    return false;
}

/* Hardware threads of a core that we may use. */
static cpu_set_t usable_threads(hwloc_const_cpuset_t core, const cpu_set_t *mask)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, mask) && hw.isset(core, (unsigned)cpu))
            CPU_SET(cpu, &set);
    return set;
}

/* The object of a kind that has this CPU. Their numbers are those of the machine, not of what we
 * may use of it. */
static int object_of(hwloc_topology_t t, hwloc_obj_type_t type, int cpu)
{
    int depth = hw.depth(t, type); /* negative for memory, too, which lies beside the tree */
    if (depth == HWLOC_TYPE_DEPTH_UNKNOWN || depth == HWLOC_TYPE_DEPTH_MULTIPLE)
        return 0;
    unsigned n = hw.count(t, depth);
    for (unsigned i = 0; i < n; i++)
        if (hw.isset(hw.object(t, depth, i)->cpuset, (unsigned)cpu))
            return (int)i;
    return 0;
}

static void locate(hwloc_topology_t t, struct ipcr_core *core)
{
    int cpu = 0;
    while (!CPU_ISSET(cpu, &core->cpus))
        cpu++;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        core->in[kinds[i].kind] = object_of(t, kinds[i].type, cpu);
}

static bool allowed_cpus(cpu_set_t *mask)
{
    if (!imagined)
        return sched_getaffinity(0, sizeof *mask, mask) == 0;
    memset(mask, 0xff, sizeof *mask);
    return true;
}

int ipcr_cpus_cores(struct ipcr_core **cores)
{
    hwloc_topology_t t;
    cpu_set_t mask;
    *cores = NULL;
    if (!allowed_cpus(&mask) || !load_topology(&t))
        return 0;
    int depth = hw.depth(t, HWLOC_OBJ_CORE), n = 0;
    unsigned all = depth < 0 ? 0 : hw.count(t, depth);
    *cores = ipcr_alloc(sizeof **cores * (all + 1));
    for (unsigned i = 0; i < all; i++) {
        struct ipcr_core *core = &(*cores)[n];
        core->cpus = usable_threads(hw.object(t, depth, i)->cpuset, &mask);
        if (!CPU_COUNT(&core->cpus))
            continue;
        locate(t, core);
        n++;
    }
    hw.destroy(t);
    return n;
}

bool ipcr_cpus_imagine(void)
{
    return imagined = getenv("HWLOC_SYNTHETIC") || getenv("HWLOC_XMLFILE");
}

bool ipcr_cpus_imagined(void)
{
    return imagined;
}

#else

#include <stddef.h>

int ipcr_cpus_cores(struct ipcr_core **cores)
{
    *cores = NULL;
    return 0;
}

bool ipcr_cpus_imagine(void)
{
    return false;
}

bool ipcr_cpus_imagined(void)
{
    return false;
}

#endif
