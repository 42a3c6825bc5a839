/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Whole files: read with a bound, written so that nothing is ever left half-written. */
#ifndef HWV_IO_FILE_H
#define HWV_IO_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "halfwave/status.h"

/* Largest content that is read without a caller's own limit. */
#define HWV_FILE_LIMIT (sizeof(size_t) > 4 ? (size_t)1 << 36 : (size_t)1 << 30)

/* The content of a file; owns it. Zero-initialise. */
typedef struct hwv_file {
    const unsigned char *data; /* not NULL after a successful read, even when size is 0 */
    size_t size;
    void *block;   /* private: memory to free, */
    size_t mapped; /* or bytes to unmap */
    bool inflated; /* the file was compressed; data is what came out */
} hwv_file;

/* Bytes that the first `size` bytes of a content justify: the length a format's header promises, at most
 * `limit`. For compressed files, where the length on disk bounds nothing: no more is inflated. */
typedef size_t hwv_file_promise(const unsigned char *head, size_t size, size_t limit);

/* Bytes shown to an hwv_file_promise (fewer when the content is shorter). */
#define HWV_FILE_HEAD 65536

/* Reads a file whole and inflates it when it begins as gzip does. `promise` may be NULL: then only `limit` (0: HWV_FILE_LIMIT) bounds what is inflated. With a promise a compressed
 * file gives at most one byte more than promised, so that the format can tell what is too much.
 * HWV_ERR_IO: cannot be opened or read, is a folder. HWV_ERR_FORMAT: larger than the limit, damaged gzip.
 * HWV_ERR_UNSUPPORTED: gzip in a build without zlib. HWV_ERR_MEMORY. Messages begin with the path.
 * Free with hwv_file_free. */
hwv_status hwv_file_read(hwv_file *file, const char *path, size_t limit, hwv_file_promise *promise, hwv_error *error);
/* The same without inflating, mapped into memory where that is worth it: for content that is soon copied to
 * where it belongs (who shortens a mapped file under a program makes it crash). */
hwv_status hwv_file_map(hwv_file *file, const char *path, size_t limit, hwv_error *error);
/* Accepts a zero struct. */
void hwv_file_free(hwv_file *file);

/* One piece of a file to be written. */
typedef struct hwv_file_part {
    const void *data;
    size_t size;
} hwv_file_part;

/* Writes a file whole or not at all: under a temporary name in the same folder, synchronised to the disk,
 * then renamed; a failure removes the temporary file and leaves an old file as it was. A path that is no
 * regular file (a terminal, /dev/null) is written to directly; a symbolic link is replaced. HWV_ERR_IO, HWV_ERR_MEMORY. */
hwv_status hwv_file_write(const char *path, const void *bytes, size_t size, hwv_error *error);
/* The same for pieces one after the other. */
hwv_status hwv_file_write_parts(const char *path, const hwv_file_part *parts, size_t count, hwv_error *error);

/* A file that is written piece by piece, and is there whole or not at all, as with hwv_file_write. Zero-initialise. */
typedef struct hwv_file_writer {
    bool open, borrowed; /* borrowed: standard output, not ours to close */
    int fd;
    const char *path;
    char *temporary; /* NULL: a path that is no regular file, or standard output, written to directly */
    bool failed;
} hwv_file_writer;

/* `path` must stay valid until the end; "-" is standard output where `dash` is set. HWV_ERR_IO, HWV_ERR_MEMORY. */
hwv_status hwv_file_begin(hwv_file_writer *writer, const char *path, bool dash, hwv_error *error);
hwv_status hwv_file_append(hwv_file_writer *writer, const void *data, size_t size, hwv_error *error);
/* Synchronises and renames. The writer is zero again, whatever happens. */
hwv_status hwv_file_commit(hwv_file_writer *writer, hwv_error *error);
/* Removes what was written. Accepts a zero struct. */
void hwv_file_abandon(hwv_file_writer *writer);

/* HWV_ERR_IO: "path: what: errno's sentence". */
hwv_status hwv_file_fail(hwv_error *error, const char *path, const char *what);
/* read() until `size` bytes or the end: how many, or -1 with errno. */
ssize_t hwv_file_read_fully(int fd, unsigned char *data, size_t size);

/* Is there something at this path, and is it a folder? */
bool hwv_file_exists(const char *path);
bool hwv_file_is_folder(const char *path);
/* HWV_ERR_IO unless there is a folder at this path. */
hwv_status hwv_file_need_folder(const char *path, hwv_error *error);

#endif
