/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Reading whole files. */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "halfwave/memory.h"
#include "io/inflate.h"

/* Below this a copy is cheaper than a mapping. */
#define MAP_FROM ((size_t)1 << 16)

hwv_status hwv_file_fail(hwv_error *error, const char *path, const char *what)
{
    /* strerror_r has two incompatible shapes; strerror's text for a known number is constant. */
    return hwv_fail(error, HWV_ERR_IO, "%s: %s: %s", path, what, strerror(errno));
}

/* read() until `size` bytes, the end, or an error (-1). */
ssize_t hwv_file_read_fully(int fd, unsigned char *data, size_t size)
{
    size_t done = 0;
    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* A regular file of `size` bytes. */
static hwv_status read_regular(hwv_file *file, int fd, const char *path, size_t size, bool map, hwv_error *error)
{
    if (map && size >= MAP_FROM) {
        void *mapping = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (mapping != MAP_FAILED) {
            *file = (hwv_file){.data = mapping, .size = size, .block = mapping, .mapped = size};
            return HWV_OK;
        }
    }
    unsigned char *data = hwv_calloc(size, 1);
    if (!data)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for its %zu bytes", path, size);
    ssize_t n = hwv_file_read_fully(fd, data, size);
    if (n < 0) {
        hwv_status status = hwv_file_fail(error, path, "cannot be read");
        hwv_free(data);
        return status;
    }
    *file = (hwv_file){.data = data, .size = (size_t)n, .block = data};
    return HWV_OK;
}

/* Twice the room, for as long as the limit allows it. */
static hwv_status grow(unsigned char **data, size_t *capacity, const char *path, size_t limit, hwv_error *error)
{
    if (*capacity > limit)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: longer than the %zu bytes that are accepted", path, limit);
    size_t larger = *capacity ? *capacity * 2 : MAP_FROM;
    larger = larger > limit ? limit + 1 : larger; /* one byte more shows that there is more */
    unsigned char *moved = hwv_realloc(*data, larger, 1);
    if (!moved)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for %zu bytes", path, larger);
    *data = moved;
    *capacity = larger;
    return HWV_OK;
}

/* A pipe or the like: its length shows at the end. */
static hwv_status read_stream(hwv_file *file, int fd, const char *path, size_t limit, hwv_error *error)
{
    unsigned char *data = NULL;
    size_t size = 0, capacity = 0;
    hwv_status status = HWV_OK;
    for (;;) {
        if (size == capacity)
            status = grow(&data, &capacity, path, limit, error);
        if (status != HWV_OK)
            break;
        ssize_t n = hwv_file_read_fully(fd, data + size, capacity - size);
        if (n < 0)
            status = hwv_file_fail(error, path, "cannot be read");
        if (n <= 0)
            break;
        size += (size_t)n;
    }
    if (status != HWV_OK) {
        hwv_free(data);
        return status;
    }
    *file = (hwv_file){.data = data, .size = size, .block = data};
    return HWV_OK;
}

static hwv_status read_open(hwv_file *file, int fd, const char *path, size_t limit, bool map, hwv_error *error)
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return hwv_file_fail(error, path, "cannot be examined");
    if (S_ISDIR(info.st_mode))
        return hwv_fail(error, HWV_ERR_IO, "%s: is a folder, a file is expected", path);
    if (!S_ISREG(info.st_mode))
        return read_stream(file, fd, path, limit, error);
    if ((uintmax_t)info.st_size > limit)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: %ju bytes, at most %zu are accepted", path, (uintmax_t)info.st_size,
                        limit);
    return read_regular(file, fd, path, (size_t)info.st_size, map, error);
}

/* The content as it is on disk. */
static hwv_status read_raw(hwv_file *file, const char *path, size_t limit, bool map, hwv_error *error)
{
    *file = (hwv_file){0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return hwv_file_fail(error, path, "cannot be opened");
    hwv_status status = read_open(file, fd, path, limit, map, error);
    (void)close(fd);
    return status;
}

hwv_status hwv_file_map(hwv_file *file, const char *path, size_t limit, hwv_error *error)
{
    return read_raw(file, path, limit ? limit : HWV_FILE_LIMIT, true, error);
}

hwv_status hwv_file_read(hwv_file *file, const char *path, size_t limit, hwv_file_promise *promise, hwv_error *error)
{
    hwv_file raw;
    limit = limit ? limit : HWV_FILE_LIMIT;
    *file = (hwv_file){0};
    HWV_TRY(read_raw(&raw, path, limit, false, error));
    if (!hwv_gzip_begins(raw.data, raw.size)) {
        *file = raw;
        return HWV_OK;
    }
    hwv_status status = hwv_gzip_inflate(file, raw.data, raw.size, limit, promise, error);
    hwv_file_free(&raw);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", path);
}

void hwv_file_free(hwv_file *file)
{
    if (file->mapped)
        (void)munmap(file->block, file->mapped);
    else
        hwv_free(file->block);
    *file = (hwv_file){0};
}

bool hwv_file_exists(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0;
}

bool hwv_file_is_folder(const char *path)
{
    struct stat info;
    return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

hwv_status hwv_file_need_folder(const char *path, hwv_error *error)
{
    if (hwv_file_is_folder(path))
        return HWV_OK;
    return hwv_fail(error, HWV_ERR_IO, "%s: %s", path, hwv_file_exists(path) ? "is no folder" : "no such folder");
}
