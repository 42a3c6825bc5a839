/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Runs a fuzz target on the files of a folder: as they are, cut off, and with bits flipped (the same ones each time).
 *
 *     fuzz-NAME FOLDER|FILE... */
#include "fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "halfwave/random.h"

enum { ROUNDS = 200, CUTS = 64 };

static size_t files, runs;

/* In a block of just that size, so that reading past it is seen by the sanitizer. */
static void give(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, bytes, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
    runs++;
}

static void damage(uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < CUTS && i < size; i++)
        give(bytes, size <= CUTS ? i : i * size / CUTS);
    for (uint32_t i = 0; size > 0 && i < ROUNDS; i++) {
        uint32_t draw[4];
        hwv_philox(9, HWV_STREAM_TEST, i, size, draw);
        size_t at = draw[0] % size;
        uint8_t was = bytes[at];
        bytes[at] = (uint8_t)(i % 4 == 3 ? draw[1] : bytes[at] ^ 1u << draw[1] % 8);
        give(bytes, size);
        bytes[at] = was;
    }
}

static void replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    long size = -1;
    if (file && fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    uint8_t *bytes = size < 0 ? NULL : malloc((size_t)size + 1);
    if (!bytes || fseek(file, 0, SEEK_SET) != 0 || fread(bytes, 1, (size_t)size, file) != (size_t)size) {
        perror(path);
        exit(1);
    }
    (void)fclose(file);
    give(bytes, (size_t)size);
    damage(bytes, (size_t)size);
    free(bytes);
    files++;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        if (!folder)
            replay_file(argv[i]);
        for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
            char path[1000];
            (void)snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            if (entry->d_name[0] != '.')
                replay_file(path);
        }
        if (folder)
            (void)closedir(folder);
    }
    printf("%zu files, %zu runs\n", files, runs);
    return files > 0 ? 0 : 1;
}
