/* For variables that every message reads. To declare one hidden tells the compiler what
 * -fvisibility=hidden only tells it of a definition: the variable is this library's own, and is
 * reached without the global offset table. (Functions need no such word: the linker sees to it.) */
#ifndef IPCR_HIDDEN_H
#define IPCR_HIDDEN_H

#define IPCR_HIDDEN __attribute__((visibility("hidden")))

#endif
