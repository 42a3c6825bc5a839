/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Content of files, piece by piece. What is asked for in large pieces goes straight from the file to where it belongs. */
#include "io/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "halfwave/memory.h"
#include "halfwave/text.h"
#include "io/crc32.h"
#include "io/file.h"
#include "io/inflate.h"
#include "io/zip.h"

struct hwv_stream {
    char *path; /* for messages; of a member "FILE: NAME.npy" */
    int fd;
    bool regular;
    size_t packed_left; /* bytes of the file that belong to the content and were not read; SIZE_MAX: to its end */
    size_t left;        /* bytes of content that were not taken from file or inflater; SIZE_MAX: not known */
    bool ended;
    /* What was inflated is counted and checked at the end of a member. */
    hwv_inflater *inflater; /* NULL: the content is as in the file */
    unsigned char *packed;  /* HWV_STREAM_HEAD bytes for it */
    size_t packed_at, packed_size;
    bool member;
    uint32_t sum, wanted_sum;
    unsigned char *head; /* HWV_STREAM_HEAD bytes that were looked at */
    size_t head_at, head_size;
};

static hwv_status fail_cut(const hwv_stream *s, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_FORMAT, "%s: the compressed data ends in the middle", s->path);
}

/* Up to `size` bytes of the file as it is. */
static hwv_status read_packed(hwv_stream *s, unsigned char *bytes, size_t size, size_t *got, hwv_error *error)
{
    size = size < s->packed_left ? size : s->packed_left;
    ssize_t n = hwv_file_read_fully(s->fd, bytes, size);
    if (n < 0)
        return hwv_file_fail(error, s->path, "cannot be read");
    *got = (size_t)n;
    if (s->packed_left != SIZE_MAX)
        s->packed_left -= *got;
    return HWV_OK;
}

/* Inflates until `size` bytes are there or the content ends. */
static hwv_status inflate_more(hwv_stream *s, unsigned char *bytes, size_t size, size_t *got, hwv_error *error)
{
    *got = 0;
    while (*got < size && !s->ended) {
        size_t used, made;
        bool end, more = true;
        if (s->packed_at == s->packed_size) {
            s->packed_at = 0;
            HWV_TRY(read_packed(s, s->packed, HWV_STREAM_HEAD, &s->packed_size, error));
            more = s->packed_size > 0;
        }
        hwv_status status = hwv_inflater_run(s->inflater, s->packed + s->packed_at, s->packed_size - s->packed_at,
                                             &used, bytes + *got, size - *got, &made, &end, error);
        if (status != HWV_OK)
            return hwv_fail_prefix(error, status, "%s: ", s->path);
        s->packed_at += used;
        *got += made;
        if (!more && !end && made == 0)
            return fail_cut(s, error);
        /* gzip may go on with another member. */
        s->ended = end && (s->member || (!more && made == 0));
    }
    return HWV_OK;
}

/* At the end of a member: is it what was put in? */
static hwv_status check_member(hwv_stream *s, const unsigned char *bytes, size_t size, hwv_error *error)
{
    s->sum = hwv_crc32_add(s->sum, bytes, size);
    s->left -= size < s->left ? size : s->left;
    if (s->left > 0)
        return HWV_OK;
    if (s->inflater && !s->ended) {
        unsigned char beyond;
        size_t more;
        HWV_TRY(inflate_more(s, &beyond, 1, &more, error));
        if (more > 0)
            return hwv_fail(error, HWV_ERR_FORMAT, "%s: longer than the ZIP directory says", s->path);
    }
    return s->sum == s->wanted_sum
               ? HWV_OK
               : hwv_fail(error, HWV_ERR_FORMAT, "%s: the checksum is %08lx, %08lx is expected: the member is damaged",
                          s->path, (unsigned long)s->sum, (unsigned long)s->wanted_sum);
}

/* Past what was looked at. */
static hwv_status read_on(hwv_stream *s, unsigned char *bytes, size_t size, size_t *got, hwv_error *error)
{
    *got = 0;
    size = size < s->left ? size : s->left;
    if (size == 0)
        return HWV_OK;
    if (s->inflater)
        HWV_TRY(inflate_more(s, bytes, size, got, error));
    else
        HWV_TRY(read_packed(s, bytes, size, got, error));
    if (!s->member) {
        s->left -= s->left == SIZE_MAX ? 0 : *got;
        return HWV_OK;
    }
    if (*got < size)
        return fail_cut(s, error);
    return check_member(s, bytes, *got, error);
}

hwv_status hwv_stream_peek(hwv_stream *s, const unsigned char **bytes, size_t *size, hwv_error *error)
{
    if (s->head_at > 0) {
        memmove(s->head, s->head + s->head_at, s->head_size - s->head_at);
        s->head_size -= s->head_at;
        s->head_at = 0;
    }
    size_t got;
    HWV_TRY(read_on(s, s->head + s->head_size, HWV_STREAM_HEAD - s->head_size, &got, error));
    s->head_size += got;
    *bytes = s->head;
    *size = s->head_size;
    return HWV_OK;
}

hwv_status hwv_stream_read(hwv_stream *s, void *bytes, size_t size, size_t *got, hwv_error *error)
{
    size_t first = s->head_size - s->head_at < size ? s->head_size - s->head_at : size;
    if (first > 0)
        memcpy(bytes, s->head + s->head_at, first);
    s->head_at += first;
    HWV_TRY(read_on(s, (unsigned char *)bytes + first, size - first, got, error));
    *got += first;
    return HWV_OK;
}

size_t hwv_stream_left(const hwv_stream *s)
{
    return s->left == SIZE_MAX ? SIZE_MAX : s->left + (s->head_size - s->head_at);
}

const char *hwv_stream_path(const hwv_stream *s)
{
    return s->path;
}

bool hwv_stream_repeats(const hwv_stream *s)
{
    return s->regular;
}

static hwv_status no_memory(const char *path, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to read it", path);
}

static hwv_status open_path(hwv_stream *s, const char *path, hwv_error *error)
{
    struct stat info;
    if (hwv_file_is_folder(path))
        return hwv_fail(error, HWV_ERR_IO, "%s: is a folder, a file is expected", path);
    s->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0 || fstat(s->fd, &info) != 0)
        return hwv_file_fail(error, path, "cannot be opened");
    s->regular = S_ISREG(info.st_mode);
    s->left = s->regular ? (size_t)info.st_size : SIZE_MAX;
    s->packed_left = SIZE_MAX;
    return HWV_OK;
}

static hwv_status begin_inflating(hwv_stream *s, bool gzip, hwv_error *error)
{
    s->packed = hwv_calloc(HWV_STREAM_HEAD, 1);
    if (!s->packed)
        return no_memory(s->path, error);
    hwv_status status = hwv_inflater_create(&s->inflater, gzip, error);
    return status == HWV_OK ? HWV_OK : hwv_fail_prefix(error, status, "%s: ", s->path);
}

/* What begins as gzip was read as it is until now. */
static hwv_status begin_gzip(hwv_stream *s, hwv_error *error)
{
    const unsigned char *bytes;
    size_t size;
    HWV_TRY(hwv_stream_peek(s, &bytes, &size, error));
    if (!hwv_gzip_begins(bytes, size))
        return HWV_OK;
    HWV_TRY(begin_inflating(s, true, error));
    memcpy(s->packed, bytes, size);
    s->packed_size = size;
    s->head_size = 0;
    s->left = SIZE_MAX;
    return HWV_OK;
}

static hwv_status create(hwv_stream **stream, const char *path, hwv_error *error)
{
    hwv_stream *s = *stream = hwv_calloc(1, sizeof *s);
    if (!s)
        return no_memory(path, error);
    s->fd = -1;
    s->head = hwv_calloc(HWV_STREAM_HEAD, 1);
    s->path = hwv_strdup(path);
    return s->head && s->path ? HWV_OK : no_memory(path, error);
}

static hwv_status close_failed(hwv_stream **stream, hwv_status status)
{
    if (status != HWV_OK) {
        hwv_stream_close(*stream);
        *stream = NULL;
    }
    return status;
}

hwv_status hwv_stream_open(hwv_stream **stream, const char *path, hwv_error *error)
{
    hwv_status status = create(stream, path, error);
    if (status == HWV_OK)
        status = open_path(*stream, path, error);
    if (status == HWV_OK)
        status = begin_gzip(*stream, error);
    return close_failed(stream, status);
}

/* ---- members of archives ---- */

static bool is_called(const hwv_zip_member *m, const char *name)
{
    size_t n = strlen(name);
    return m->name_length == n + 4 && memcmp(m->name, name, n) == 0 && memcmp(m->name + n, ".npy", 4) == 0;
}

static hwv_status find_member(const hwv_zip_member **found, const hwv_zip *zip, const char *path, const char *name,
                              hwv_error *error)
{
    *found = NULL;
    for (size_t i = 0; i < zip->count; i++)
        if (name ? is_called(&zip->members[i], name) : zip->count == 1)
            *found = &zip->members[i];
    if (*found)
        return HWV_OK;
    hwv_text list = {0};
    for (size_t i = 0; i < zip->count && list.length < 300; i++)
        hwv_text_printf(&list, "%s%.*s", i ? ", " : "", (int)zip->members[i].name_length, zip->members[i].name);
    hwv_fail(error, HWV_ERR_NAME, "%s: no array %s%s%s; the file has %s", path, name ? "'" : "",
             name ? name : "to take", name ? "'" : ": its name must be given",
             list.length > 0 && !list.failed ? list.data : "none");
    hwv_text_free(&list);
    return HWV_ERR_NAME;
}

static hwv_status name_member(hwv_stream *s, const char *path, const hwv_zip_member *m, hwv_error *error)
{
    hwv_text text = {0};
    hwv_text_printf(&text, "%s: %.*s", path, (int)m->name_length, m->name);
    hwv_free(s->path);
    s->path = text.failed ? NULL : hwv_strdup(text.data);
    hwv_text_free(&text);
    return s->path ? HWV_OK : no_memory(path, error);
}

static hwv_status begin_member(hwv_stream *s, const char *path, const hwv_zip *zip, const char *name, hwv_error *error)
{
    const hwv_zip_member *m;
    size_t at;
    bool deflated;
    HWV_TRY(find_member(&m, zip, path, name, error));
    hwv_status status = hwv_zip_locate(zip, m, &at, &deflated, error);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%s: ", path);
    HWV_TRY(name_member(s, path, m, error));
    if (lseek(s->fd, (off_t)at, SEEK_SET) < 0)
        return hwv_file_fail(error, path, "cannot be read");
    s->member = true;
    s->left = m->size;
    s->packed_left = m->packed;
    s->wanted_sum = m->sum;
    return deflated ? begin_inflating(s, false, error) : HWV_OK;
}

static hwv_status open_member(hwv_stream *s, const char *path, const char *name, hwv_error *error)
{
    hwv_file file = {0};
    hwv_zip zip = {0};
    HWV_TRY(open_path(s, path, error));
    if (!s->regular)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: an archive (.npz) must be a file, not a pipe", path);
    HWV_TRY(hwv_file_map(&file, path, 0, error));
    hwv_status status = hwv_zip_parse(&zip, file.data, file.size, error);
    if (status != HWV_OK)
        hwv_fail_prefix(error, status, "%s: ", path);
    else
        status = begin_member(s, path, &zip, name, error);
    hwv_zip_free(&zip);
    hwv_file_free(&file);
    return status;
}

hwv_status hwv_stream_open_member(hwv_stream **stream, const char *path, const char *name, hwv_error *error)
{
    hwv_status status = create(stream, path, error);
    if (status == HWV_OK)
        status = open_member(*stream, path, name, error);
    return close_failed(stream, status);
}

void hwv_stream_close(hwv_stream *s)
{
    if (!s)
        return;
    if (s->fd >= 0)
        (void)close(s->fd);
    hwv_inflater_destroy(s->inflater);
    hwv_free(s->packed);
    hwv_free(s->head);
    hwv_free(s->path);
    hwv_free(s);
}
