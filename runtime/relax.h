/* The pause between two looks at memory that another core is about to change. */
#ifndef IPCR_RELAX_H
#define IPCR_RELAX_H

static inline void ipcr_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

#endif
