/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A folder for a test's files, removed at the end. */
#ifndef TESTS_IO_SCRATCH_H
#define TESTS_IO_SCRATCH_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch_folder[64];

/* cmocka's group set-up. */
static inline int scratch_make(void **state)
{
    (void)state;
    strcpy(scratch_folder, "/tmp/halfwave-test-XXXXXX");
    return mkdtemp(scratch_folder) ? 0 : -1;
}

/* Removes the files in it; returns how many there were. */
static inline size_t scratch_empty(void)
{
    size_t count = 0;
    DIR *folder = opendir(scratch_folder);
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        char path[400];
        (void)snprintf(path, sizeof path, "%s/%s", scratch_folder, entry->d_name);
        count += unlink(path) == 0;
    }
    if (folder)
        closedir(folder);
    return count;
}

static inline int scratch_remove(void **state)
{
    (void)state;
    (void)scratch_empty();
    return rmdir(scratch_folder);
}

/* The path of a file in it, in one of four buffers used in turn. */
static inline const char *scratch_path(const char *name)
{
    static char paths[4][200];
    static size_t next;
    char *path = paths[next++ % 4];
    (void)snprintf(path, sizeof paths[0], "%s/%s", scratch_folder, name);
    return path;
}

/* A file in it with this content, written without the code under test; its path. */
static inline const char *scratch_write(const char *name, const void *bytes, size_t size)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
    return path;
}

#endif
