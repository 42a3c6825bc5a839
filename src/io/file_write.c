/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Writing files: whole or not at all. */
#include "io/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "halfwave/memory.h"

static bool write_fully(int fd, const unsigned char *data, size_t size)
{
    while (size > 0) {
        /* Linux takes at most 2^31 - 4096 bytes a call anyway. */
        ssize_t n = write(fd, data, size < ((size_t)1 << 30) ? size : (size_t)1 << 30);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        data += n;
        size -= (size_t)n;
    }
    return true;
}

/* The name of the folder that holds `path`, into the room of `path` itself. */
static const char *cut_to_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (!slash)
        return ".";
    slash[slash == path] = '\0';
    return path;
}

/* Makes the rename itself last; a file system that cannot do it is no failure. */
static void sync_folder(const char *folder)
{
    int fd = open(folder, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    (void)fsync(fd);
    (void)close(fd);
}

/* Opens a file of its own beside `path`; its name goes to temporary[size]. -1 with errno. */
static int open_temporary(const char *path, char *temporary, size_t size, mode_t mode)
{
    int fd = -1;
    for (unsigned i = 0; i < 1000 && fd < 0; i++) {
        (void)snprintf(temporary, size, "%s.%ld-%u.tmp", path, (long)getpid(), i);
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (fd < 0 && errno != EEXIST)
            return -1;
    }
    return fd;
}

/* Is there no regular file to replace? A terminal, a pipe, a device. */
static hwv_status examine(const char *path, bool *directly, mode_t *mode, hwv_error *error)
{
    struct stat info;
    if (stat(path, &info) != 0)
        return HWV_OK;
    if (S_ISDIR(info.st_mode))
        return hwv_fail(error, HWV_ERR_IO, "%s: is a folder, a file is expected", path);
    *directly = !S_ISREG(info.st_mode);
    *mode = info.st_mode & 0777;
    return HWV_OK;
}

hwv_status hwv_file_begin(hwv_file_writer *writer, const char *path, bool dash, hwv_error *error)
{
    bool directly = false;
    mode_t mode = 0666;
    *writer = (hwv_file_writer){.path = path};
    if (dash && strcmp(path, "-") == 0) {
        *writer = (hwv_file_writer){.path = "standard output", .fd = STDOUT_FILENO, .open = true, .borrowed = true};
        return HWV_OK;
    }
    HWV_TRY(examine(path, &directly, &mode, error));
    if (directly) {
        writer->fd = open(path, O_WRONLY | O_CLOEXEC);
        writer->open = writer->fd >= 0;
        return !writer->open ? hwv_file_fail(error, path, "cannot be opened for writing") : HWV_OK;
    }
    size_t size = strlen(path) + 48;
    writer->temporary = hwv_calloc(size, 1);
    if (!writer->temporary)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory for a name", path);
    writer->fd = open_temporary(path, writer->temporary, size, mode);
    writer->open = writer->fd >= 0;
    if (!writer->open) {
        hwv_status status = hwv_file_fail(error, path, "cannot be created");
        hwv_free(writer->temporary);
        *writer = (hwv_file_writer){0};
        return status;
    }
    return HWV_OK;
}

hwv_status hwv_file_append(hwv_file_writer *writer, const void *data, size_t size, hwv_error *error)
{
    if (write_fully(writer->fd, data, size))
        return HWV_OK;
    writer->failed = true;
    return hwv_file_fail(error, writer->path, "cannot be written");
}

/* Closes the file; the first reason of a failure is in errno. */
static bool end(hwv_file_writer *writer, bool good)
{
    int reason = errno;
    if (!writer->borrowed && close(writer->fd) != 0 && good) {
        good = false;
        reason = errno;
    }
    if (good && writer->temporary && rename(writer->temporary, writer->path) != 0) {
        good = false;
        reason = errno;
    }
    if (!good && writer->temporary)
        (void)unlink(writer->temporary);
    if (good && writer->temporary)
        sync_folder(cut_to_folder(writer->temporary));
    hwv_free(writer->temporary);
    errno = reason;
    return good;
}

hwv_status hwv_file_commit(hwv_file_writer *writer, hwv_error *error)
{
    bool good = !writer->failed && (!writer->temporary || fsync(writer->fd) == 0);
    good = end(writer, good);
    hwv_status status = good ? HWV_OK : hwv_file_fail(error, writer->path, "cannot be written");
    *writer = (hwv_file_writer){0};
    return status;
}

void hwv_file_abandon(hwv_file_writer *writer)
{
    if (writer->open)
        (void)end(writer, false);
    *writer = (hwv_file_writer){0};
}

hwv_status hwv_file_write_parts(const char *path, const hwv_file_part *parts, size_t count, hwv_error *error)
{
    hwv_file_writer writer;
    HWV_TRY(hwv_file_begin(&writer, path, false, error));
    hwv_status status = HWV_OK;
    for (size_t i = 0; i < count && status == HWV_OK; i++)
        status = hwv_file_append(&writer, parts[i].data, parts[i].size, error);
    if (status == HWV_OK)
        return hwv_file_commit(&writer, error);
    hwv_file_abandon(&writer);
    return status;
}

hwv_status hwv_file_write(const char *path, const void *bytes, size_t size, hwv_error *error)
{
    hwv_file_part part = {bytes, size};
    return hwv_file_write_parts(path, &part, 1, error);
}
