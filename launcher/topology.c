/* The cores of this machine, through hwloc. Loaded at run time: most jobs are not bound, and
 * neither wait for it nor need it installed. */
#include "cpus.h"

#ifdef HAVE_HWLOC

#include <dlfcn.h>
#include <hwloc.h>
#include <stdbool.h>
#include <stddef.h>

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
static const char *const unwanted[] = {"pci",       "opencl", "cuda",    "nvml",      "rsmi", "gl",
                                       "levelzero", "xml",    "linuxio", "synthetic", "x86"};

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
    hw.filter_all(*t, HWLOC_TYPE_FILTER_KEEP_NONE);
    hw.filter(*t, HWLOC_OBJ_CORE, HWLOC_TYPE_FILTER_KEEP_ALL);
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

int ipcr_cpus_cores(cpu_set_t **cores)
{
    hwloc_topology_t t;
    cpu_set_t mask;
    *cores = NULL;
    if (sched_getaffinity(0, sizeof mask, &mask) < 0 || !load_topology(&t))
        return 0;
    int depth = hw.depth(t, HWLOC_OBJ_CORE), n = 0;
    unsigned all = depth < 0 ? 0 : hw.count(t, depth);
    *cores = ipcr_alloc(sizeof **cores * all);
    for (unsigned i = 0; i < all; i++) {
        cpu_set_t set = usable_threads(hw.object(t, depth, i)->cpuset, &mask);
        if (CPU_COUNT(&set))
            (*cores)[n++] = set;
    }
    hw.destroy(t);
    return n;
}

#else

#include <stddef.h>

int ipcr_cpus_cores(cpu_set_t **cores)
{
    *cores = NULL;
    return 0;
}

#endif
