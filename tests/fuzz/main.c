/* Plays inputs without libFuzzer.
 *
 *   fuzz_X            the seeds, then what is made of them
 *   fuzz_X FILE...    these files
 *   fuzz_X -s FOLDER  writes the seeds there, for libFuzzer to begin with */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

enum { ROOM = 4096, ROUNDS = 20000, CHANGES = 6 };

static uint64_t state = 88172645463325252u;

static size_t draw(size_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (size_t)(state >> 16) % below;
}

/* One step away: a byte that is another, a piece that is gone or comes twice. */
static size_t change(uint8_t *data, size_t size)
{
    static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff, '-', ',', ':', '\n', ' ', '9', '='};
    size_t at = draw(size), n = 1 + draw(size - at);
    switch (draw(5)) {
    case 0:
        data[at] = edges[draw(sizeof edges)];
        return size;
    case 1:
        data[at] ^= (uint8_t)(1u << draw(8));
        return size;
    case 2:
        data[at] = (uint8_t)draw(256);
        return size;
    case 3:
        memmove(data + at, data + at + n, size - at - n);
        return size - n ? size - n : 1;
    default:
        if (size + n > ROOM)
            return size;
        memmove(data + at + n, data + at, size - at);
        return size + n;
    }
}

static void play_variants(int seeds)
{
    uint8_t data[ROOM];
    for (int i = 0; i < ROUNDS; i++) {
        size_t size = fuzz_seed(i % seeds, data, sizeof data);
        for (size_t left = 1 + draw(CHANGES); left; left--)
            size = change(data, size);
        LLVMFuzzerTestOneInput(data, size);
    }
}

static int play_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    static uint8_t data[1 << 20];
    if (!file) {
        perror(name);
        return 1;
    }
    LLVMFuzzerTestOneInput(data, fread(data, 1, sizeof data, file));
    return fclose(file) != 0;
}

static int write_seed(const char *folder, int i, const uint8_t *data, size_t size)
{
    char name[4096];
    snprintf(name, sizeof name, "%s/seed-%d", folder, i);
    FILE *file = fopen(name, "wb");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0) {
        perror(name);
        return 1;
    }
    return 0;
}

int main(int argc, char **argv)
{
    uint8_t data[ROOM];
    const char *folder = argc == 3 && strcmp(argv[1], "-s") == 0 ? argv[2] : NULL;
    int failed = 0, seeds = 0;
    for (int i = 1; !folder && i < argc; i++)
        failed |= play_file(argv[i]);
    if (argc > 1 && !folder)
        return failed;
    for (size_t size; (size = fuzz_seed(seeds, data, sizeof data)); seeds++) {
        if (folder)
            failed |= write_seed(folder, seeds, data, size);
        else
            LLVMFuzzerTestOneInput(data, size);
    }
    if (!folder)
        play_variants(seeds);
    return failed;
}
