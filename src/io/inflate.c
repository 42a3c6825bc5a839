/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * gzip through zlib. A small file can inflate to a thousand times its size, so room is made only as
 * output really comes (doubling), or once for what the inner format's header promises. */
#include "io/inflate.h"

#include "halfwave/memory.h"

bool hwv_gzip_begins(const unsigned char *data, size_t size)
{
    return size >= 3 && data[0] == 0x1f && data[1] == 0x8b && data[2] == 8;
}

bool hwv_gzip_supported(void)
{
#if HWV_HAVE_ZLIB
    return true;
#else
    return false;
#endif
}

#if HWV_HAVE_ZLIB

#include <limits.h>
#include <string.h>
#define ZLIB_CONST
#include <zlib.h>

typedef struct inflation {
    z_stream stream;
    const unsigned char *data;
    size_t size;
    unsigned char *out;
    size_t filled, capacity, limit;
    bool more; /* content goes on after `filled` bytes */
    hwv_error *error;
} inflation;

static voidpf zlib_take(voidpf self, uInt count, uInt size)
{
    (void)self;
    return hwv_calloc(count, size);
}

static void zlib_return(voidpf self, voidpf block)
{
    (void)self;
    hwv_free(block);
}

static size_t position(const inflation *f)
{
    return (size_t)(f->stream.next_in - f->data);
}

static hwv_status make_room(inflation *f, size_t capacity)
{
    if (capacity <= f->capacity)
        return HWV_OK;
    unsigned char *out = hwv_realloc(f->out, capacity, 1);
    if (!out)
        return hwv_fail(f->error, HWV_ERR_MEMORY, "no memory for %zu inflated bytes", capacity);
    f->out = out;
    f->capacity = capacity;
    return HWV_OK;
}

/* A member ended: does another one follow? Zero bytes are padding (tapes), anything else is damage. */
static hwv_status next_member(inflation *f, bool *end)
{
    size_t at = position(f);
    *end = true;
    if (hwv_gzip_begins(f->data + at, f->size - at)) {
        *end = false;
        return inflateReset(&f->stream) == Z_OK ? HWV_OK : hwv_fail(f->error, HWV_ERR_INTERNAL, "zlib cannot be reset");
    }
    for (; at < f->size; at++)
        if (f->data[at] != 0)
            return hwv_fail(f->error, HWV_ERR_FORMAT, "offset %zu: %zu bytes after the end of the gzip data", at,
                            f->size - at);
    return HWV_OK;
}

/* Inflates until `target` bytes are there or the data ends; *end says which. */
static hwv_status inflate_to(inflation *f, size_t target, bool *end)
{
    *end = false;
    while (!*end && f->filled < target) {
        size_t room = target - f->filled, left = f->size - position(f);
        f->stream.next_out = f->out + f->filled;
        f->stream.avail_out = room < UINT_MAX ? (uInt)room : UINT_MAX;
        f->stream.avail_in = left < UINT_MAX ? (uInt)left : UINT_MAX;
        int result = inflate(&f->stream, Z_NO_FLUSH);
        f->filled = (size_t)(f->stream.next_out - f->out);
        if (result == Z_STREAM_END)
            HWV_TRY(next_member(f, end));
        else if (result == Z_MEM_ERROR)
            return hwv_fail(f->error, HWV_ERR_MEMORY, "no memory to inflate gzip data");
        else if (result == Z_BUF_ERROR || (result == Z_OK && position(f) == f->size && f->filled < target))
            return hwv_fail(f->error, HWV_ERR_FORMAT, "offset %zu: the gzip data ends in the middle", position(f));
        else if (result != Z_OK)
            return hwv_fail(f->error, HWV_ERR_FORMAT, "offset %zu: damaged gzip data (%s)", position(f),
                            f->stream.msg ? f->stream.msg : "checksum or structure");
    }
    return HWV_OK;
}

/* Reads on without keeping anything, for the checksum at the end; f->more when content comes. */
static hwv_status expect_end(inflation *f)
{
    unsigned char *out = f->out;
    size_t filled = f->filled;
    unsigned char extra[1];
    bool end;
    f->out = extra;
    f->filled = 0;
    hwv_status status = inflate_to(f, 1, &end);
    f->more = f->filled > 0;
    f->out = out;
    f->filled = filled;
    return status;
}

/* What the data can inflate to at most, whatever an inner header says: deflate gives 1032 bytes for one. */
static size_t largest_inflated(const inflation *f)
{
    size_t most;
    if (!hwv_size_mul(f->size, 1032, &most) || !hwv_size_add(most, HWV_FILE_HEAD, &most) || most > f->limit)
        return f->limit;
    return most;
}

/* With a promise: as much as promised and a look whether there is more. Else doubling. */
static hwv_status inflate_all(inflation *f, hwv_file_promise *promise)
{
    bool end;
    size_t target = HWV_FILE_HEAD < f->limit ? HWV_FILE_HEAD : f->limit;
    HWV_TRY(make_room(f, target + 1));
    HWV_TRY(inflate_to(f, target, &end));
    if (!end && promise) {
        size_t promised = promise(f->out, f->filled, largest_inflated(f));
        if (promised > f->filled) {
            HWV_TRY(make_room(f, promised + 1));
            HWV_TRY(inflate_to(f, promised, &end));
        }
        if (!end)
            HWV_TRY(expect_end(f));
        if (f->more)
            f->out[f->filled++] = 0; /* the byte too many: only that it is there matters */
        return HWV_OK;
    }
    while (!end && f->filled < f->limit) {
        target = f->filled > f->limit / 2 ? f->limit : f->filled * 2;
        HWV_TRY(make_room(f, target + 1));
        HWV_TRY(inflate_to(f, target, &end));
    }
    if (!end)
        HWV_TRY(expect_end(f));
    if (f->more)
        return hwv_fail(f->error, HWV_ERR_FORMAT, "inflates to more than the %zu bytes that are accepted", f->limit);
    return HWV_OK;
}

hwv_status hwv_gzip_inflate(hwv_file *out, const unsigned char *data, size_t size, size_t limit,
                            hwv_file_promise *promise, hwv_error *error)
{
    inflation f = {.data = data, .size = size, .limit = limit, .error = error};
    f.stream.zalloc = zlib_take;
    f.stream.zfree = zlib_return;
    f.stream.next_in = data;
    int result = inflateInit2(&f.stream, 15 + 16);
    if (result != Z_OK)
        return hwv_fail(error, result == Z_MEM_ERROR ? HWV_ERR_MEMORY : HWV_ERR_INTERNAL, "zlib cannot be started");
    hwv_status status = inflate_all(&f, promise);
    (void)inflateEnd(&f.stream);
    if (status != HWV_OK) {
        hwv_free(f.out);
        return status;
    }
    *out = (hwv_file){.data = f.out, .size = f.filled, .block = f.out, .inflated = true};
    return HWV_OK;
}

#else

hwv_status hwv_gzip_inflate(hwv_file *out, const unsigned char *data, size_t size, size_t limit,
                            hwv_file_promise *promise, hwv_error *error)
{
    (void)out, (void)data, (void)size, (void)limit, (void)promise;
    return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                    "is compressed (gzip), and this build has no zlib: unpack it first (gunzip), or build with zlib");
}

#endif
