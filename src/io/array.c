/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arrays of .npy files, piece by piece. */
#include "halfwave/array.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "halfwave/memory.h"
#include "halfwave/text.h"
#include "io/bytes.h"
#include "io/file.h"
#include "io/inflate.h"
#include "io/npy.h"

/* Any header of version 1.0, and some of records in later versions. */
#define HEAD ((size_t)1 << 17)
/* Bytes that are swapped at a time where the machine is not little-endian. */
#define PIECE ((size_t)1 << 16)

static const struct {
    const char *code, *name;
    size_t bytes;
} types[] = {
#define ROW(name, code, bytes, text) {code, text, bytes},
    HWV_ARRAY_TYPE_LIST(ROW)
#undef ROW
};

const char *hwv_array_type_name(hwv_array_type type)
{
    return types[type].name;
}

size_t hwv_array_type_bytes(hwv_array_type type)
{
    return types[type].bytes;
}

bool hwv_array_same_shape(const hwv_array *a, const hwv_array *b)
{
    for (size_t i = 0; i < a->rank && a->rank == b->rank; i++)
        if (a->shape[i] != b->shape[i])
            return false;
    return a->rank == b->rank;
}

/* Reverses the bytes of each element. */
static void swap(unsigned char *data, size_t count, size_t bytes)
{
    for (size_t i = 0; i < count; i++, data += bytes)
        for (size_t low = 0, high = bytes - 1; low < high; low++, high--) {
            unsigned char kept = data[low];
            data[low] = data[high];
            data[high] = kept;
        }
}

/* ---- reading ---- */

struct hwv_array_reader {
    int fd;        /* -1: none */
    bool borrowed; /* standard input, not ours to close */
    char *own_path;
    const char *path; /* for messages */
    hwv_array array;
    bool swapped;
    size_t left;         /* elements not yet read */
    size_t read_at;      /* offset in the file of what comes next */
    size_t at, size;     /* in head: bytes that were read with the header */
    unsigned char *head; /* HEAD bytes */
};

/* Is it one order and the other? At most one dimension is above 1, or there is nothing. */
static bool one_order(const hwv_array *array)
{
    size_t wide = 0;
    for (size_t i = 0; i < array->rank; i++)
        wide += array->shape[i] != 1;
    return wide <= 1 || array->count == 0;
}

static hwv_status refuse_type(const hwv_npy_header *header, unsigned accepted, hwv_error *error)
{
    hwv_text list = {0};
    for (size_t i = 0; i < HWV_ARRAY_TYPES; i++)
        if (accepted >> i & 1u)
            hwv_text_printf(&list, "%s%s", list.length > 0 ? " or " : "", types[i].name);
    hwv_fail(error, HWV_ERR_UNSUPPORTED, "elements of type '%s', %s is wanted (numpy: x.astype(\"%s\"))", header->descr,
             list.failed ? "another" : list.data,
             types[accepted & 1u   ? 0
                   : accepted & 2u ? 1
                                   : 2]
                 .name);
    hwv_text_free(&list);
    return HWV_ERR_UNSUPPORTED;
}

static hwv_status take_header(hwv_array_reader *r, const hwv_npy_header *header, unsigned accepted, hwv_error *error)
{
    hwv_array *array = &r->array;
    size_t type = 0, bytes;
    while (type < HWV_ARRAY_TYPES && (!(accepted >> type & 1u) || strcmp(header->descr + 1, types[type].code) != 0))
        type++;
    char order = header->descr[0];
    if (type == HWV_ARRAY_TYPES || (order != '<' && order != '>' && order != '='))
        return refuse_type(header, accepted, error);
    if (!hwv_size_mul(header->count, types[type].bytes, &bytes))
        return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: the array does not fit memory", header->descr_at);
    r->swapped = order != '=' && (order == '<') != hwv_host_is_little();
    array->type = (hwv_array_type)type;
    array->rank = header->rank;
    memcpy(array->shape, header->shape, sizeof array->shape);
    array->count = r->left = header->count;
    array->fortran = header->order_at != 0 && !one_order(array);
    r->at = r->read_at = header->data_at;
    return HWV_OK;
}

/* A file's length is known before anything is computed; that of a pipe shows at the end. */
static hwv_status check_size(const hwv_array_reader *r, const hwv_npy_header *header, hwv_error *error)
{
    struct stat info;
    if (fstat(r->fd, &info) != 0 || !S_ISREG(info.st_mode))
        return HWV_OK;
    off_t at = lseek(r->fd, 0, SEEK_CUR);
    /* Standard input may be a file that was read up to here. */
    size_t before = at < 0 ? 0 : (size_t)at - r->size, size = (size_t)info.st_size;
    size_t bytes = r->array.count * types[r->array.type].bytes;
    return hwv_npy_check_size(header, bytes, size > before ? size - before : 0, error);
}

static hwv_status read_header(hwv_array_reader *r, unsigned accepted, hwv_error *error)
{
    hwv_npy_header header;
    ssize_t n = hwv_file_read_fully(r->fd, r->head, HEAD);
    if (n < 0)
        return hwv_fail(error, HWV_ERR_IO, "cannot be read: %s", strerror(errno));
    r->size = (size_t)n;
    if (hwv_gzip_begins(r->head, r->size))
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "compressed by gzip; gunzip it first, or read it through a pipe");
    if (r->size == HEAD && hwv_npy_data_at(r->head, HEAD) > HEAD)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "a header of %zu bytes, at most %zu are supported",
                        hwv_npy_data_at(r->head, HEAD), HEAD);
    HWV_TRY(hwv_npy_read_header(&header, r->head, r->size, error));
    HWV_TRY(take_header(r, &header, accepted, error));
    return check_size(r, &header, error);
}

/* Behind the last element. */
static hwv_status check_end(hwv_array_reader *r, hwv_error *error)
{
    unsigned char more;
    if (r->left == 0 && (r->at < r->size || hwv_file_read_fully(r->fd, &more, 1) > 0))
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: offset %zu: bytes after the end of the array", r->path, r->read_at);
    return HWV_OK;
}

static hwv_status open_file(hwv_array_reader *r, hwv_error *error)
{
    if (strcmp(r->path, "-") == 0) {
        r->path = "standard input";
        r->fd = STDIN_FILENO;
        r->borrowed = true;
        return HWV_OK;
    }
    if (hwv_file_is_folder(r->path))
        return hwv_fail(error, HWV_ERR_IO, "%s: is a folder, a file is expected", r->path);
    r->fd = open(r->path, O_RDONLY | O_CLOEXEC);
    return r->fd < 0 ? hwv_file_fail(error, r->path, "cannot be opened") : HWV_OK;
}

static hwv_status start(hwv_array_reader *r, const char *path, unsigned accepted, hwv_error *error)
{
    *r = (hwv_array_reader){.fd = -1, .own_path = hwv_strdup(path), .head = hwv_calloc(HEAD, 1)};
    if (!r->own_path || !r->head)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to read it", path);
    r->path = r->own_path;
    HWV_TRY(open_file(r, error));
    hwv_status status = read_header(r, accepted, error);
    if (status != HWV_OK)
        return hwv_fail_prefix(error, status, "%s: ", r->path);
    return r->left == 0 ? check_end(r, error) : HWV_OK;
}

hwv_status hwv_array_open(hwv_array_reader **reader, const char *path, unsigned accepted, hwv_error *error)
{
    *reader = NULL;
    hwv_array_reader *r = hwv_calloc(1, sizeof *r);
    if (!r)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to read it", path);
    hwv_status status = start(r, path, accepted, error);
    if (status == HWV_OK)
        *reader = r;
    else
        hwv_array_close(r);
    return status;
}

const hwv_array *hwv_array_of(const hwv_array_reader *reader)
{
    return &reader->array;
}

hwv_status hwv_array_read(hwv_array_reader *r, void *elements, size_t count, hwv_error *error)
{
    assert(count <= r->left);
    if (count == 0)
        return HWV_OK;
    size_t width = types[r->array.type].bytes, bytes = count * width;
    size_t first = r->size - r->at < bytes ? r->size - r->at : bytes;
    unsigned char *data = elements;
    memcpy(data, r->head + r->at, first);
    ssize_t n = bytes > first ? hwv_file_read_fully(r->fd, data + first, bytes - first) : 0;
    if (n < 0)
        return hwv_file_fail(error, r->path, "cannot be read");
    r->read_at += first + (size_t)n;
    if (first + (size_t)n < bytes)
        return hwv_fail(error, HWV_ERR_FORMAT, "%s: offset %zu: the file ends, %zu more bytes are expected", r->path,
                        r->read_at, r->left * width - first - (size_t)n);
    r->at += first;
    r->left -= count;
    if (r->swapped)
        swap(data, count, width);
    return r->left == 0 ? check_end(r, error) : HWV_OK;
}

void hwv_array_close(hwv_array_reader *r)
{
    if (!r)
        return;
    if (r->fd >= 0 && !r->borrowed)
        (void)close(r->fd);
    hwv_free(r->own_path);
    hwv_free(r->head);
    hwv_free(r);
}

/* ---- writing ---- */

struct hwv_array_writer {
    hwv_file_writer file;
    size_t left, width;
    unsigned char *piece; /* room to swap; NULL on little-endian machines */
    char *path;
};

static void destroy(hwv_array_writer *w)
{
    hwv_free(w->piece);
    hwv_free(w->path);
    hwv_free(w);
}

hwv_status hwv_array_create(hwv_array_writer **writer, const char *path, const hwv_array *array, hwv_error *error)
{
    *writer = NULL;
    hwv_array_writer *w = hwv_calloc(1, sizeof *w);
    if (!w)
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to write it", path);
    char descr[4] = "<";
    strncat(descr, types[array->type].code, 2);
    *w = (hwv_array_writer){.left = array->count, .width = types[array->type].bytes, .path = hwv_strdup(path)};
    if (!hwv_host_is_little())
        w->piece = hwv_calloc(PIECE, 1);
    if (!w->path || (!hwv_host_is_little() && !w->piece)) {
        destroy(w);
        return hwv_fail(error, HWV_ERR_MEMORY, "%s: no memory to write it", path);
    }
    hwv_status status = hwv_file_begin(&w->file, w->path, true, error);
    if (status == HWV_OK) {
        char header[HWV_NPY_HEADER_BYTES];
        size_t size = hwv_npy_write_header(header, descr, array->fortran, array->rank, array->shape);
        status = hwv_file_append(&w->file, header, size, error);
    }
    if (status == HWV_OK)
        *writer = w;
    else
        hwv_array_abandon(w);
    return status;
}

static hwv_status write_swapped(hwv_array_writer *w, const unsigned char *data, size_t count, hwv_error *error)
{
    size_t room = PIECE / w->width;
    while (count > 0) {
        size_t n = count < room ? count : room;
        memcpy(w->piece, data, n * w->width);
        swap(w->piece, n, w->width);
        HWV_TRY(hwv_file_append(&w->file, w->piece, n * w->width, error));
        data += n * w->width;
        count -= n;
    }
    return HWV_OK;
}

hwv_status hwv_array_write(hwv_array_writer *w, const void *elements, size_t count, hwv_error *error)
{
    assert(count <= w->left);
    w->left -= count;
    return w->piece ? write_swapped(w, elements, count, error)
                    : hwv_file_append(&w->file, elements, count * w->width, error);
}

hwv_status hwv_array_commit(hwv_array_writer *w, hwv_error *error)
{
    assert(w->left == 0);
    hwv_status status = hwv_file_commit(&w->file, error);
    destroy(w);
    return status;
}

void hwv_array_abandon(hwv_array_writer *w)
{
    if (!w)
        return;
    hwv_file_abandon(&w->file);
    destroy(w);
}
