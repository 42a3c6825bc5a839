/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * gzip and deflate through zlib. A small file can inflate to a thousand times its size, so room is made only as
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

enum { GZIP = 15 + 16, RAW = -15 };

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

/* What zlib refused: its checks of the sum and the length at the end, or the structure before them. */
static hwv_status fail_damaged(const inflation *f)
{
    const char *reason = f->stream.msg ? f->stream.msg : "no valid structure";
    if (strcmp(reason, "incorrect data check") == 0 || strcmp(reason, "incorrect length check") == 0)
        return hwv_fail(f->error, HWV_ERR_FORMAT, "offset %zu: the checksum of the gzip data is wrong: it is damaged",
                        position(f));
    return hwv_fail(f->error, HWV_ERR_FORMAT, "offset %zu: damaged gzip data (%s)", position(f), reason);
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
            return fail_damaged(f);
    }
    return HWV_OK;
}

/* How much content beyond what is wanted is looked at for the checksum at its end: damage that makes an inner header
 * promise too little is then known as damage. A bomb stops here. */
#define REST_LIMIT ((size_t)1 << 28)

/* Reads on to the end, or for `most` bytes, without keeping anything; f->more when content comes. */
static hwv_status skip_rest(inflation *f, size_t most)
{
    unsigned char *out = f->out, rest[16384];
    size_t filled = f->filled;
    hwv_status status = HWV_OK;
    bool end = false;
    f->out = rest;
    for (size_t seen = 0; status == HWV_OK && !end && seen < most; seen += f->filled) {
        f->filled = 0;
        status = inflate_to(f, most < sizeof rest ? most : sizeof rest, &end);
        f->more = f->more || f->filled > 0;
    }
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
            HWV_TRY(skip_rest(f, REST_LIMIT));
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
        HWV_TRY(skip_rest(f, 1));
    if (f->more)
        return hwv_fail(f->error, HWV_ERR_FORMAT, "inflates to more than the %zu bytes that are accepted", f->limit);
    return HWV_OK;
}

/* bits: zlib's word for the wrapping. */
static hwv_status begin(inflation *f, const unsigned char *data, size_t size, int bits)
{
    f->data = data;
    f->size = size;
    f->stream.zalloc = zlib_take;
    f->stream.zfree = zlib_return;
    f->stream.next_in = data;
    int result = inflateInit2(&f->stream, bits);
    return result == Z_OK ? HWV_OK
                          : hwv_fail(f->error, result == Z_MEM_ERROR ? HWV_ERR_MEMORY : HWV_ERR_INTERNAL,
                                     "zlib cannot be started");
}

/* Hands over what was inflated, or frees it. */
static hwv_status finish(inflation *f, hwv_status status, hwv_file *out)
{
    (void)inflateEnd(&f->stream);
    if (status == HWV_OK)
        *out = (hwv_file){.data = f->out, .size = f->filled, .block = f->out, .inflated = true};
    else
        hwv_free(f->out);
    return status;
}

hwv_status hwv_gzip_inflate(hwv_file *out, const unsigned char *data, size_t size, size_t limit,
                            hwv_file_promise *promise, hwv_error *error)
{
    inflation f = {.limit = limit, .error = error};
    HWV_TRY(begin(&f, data, size, GZIP));
    return finish(&f, inflate_all(&f, promise), out);
}

hwv_status hwv_gzip_beginning(hwv_file *out, const unsigned char *data, size_t size, hwv_error *error)
{
    inflation f = {.limit = HWV_FILE_HEAD, .error = error};
    bool end;
    HWV_TRY(begin(&f, data, size, GZIP));
    hwv_status status = make_room(&f, HWV_FILE_HEAD);
    if (status == HWV_OK)
        status = inflate_to(&f, HWV_FILE_HEAD, &end);
    return finish(&f, status, out);
}

hwv_status hwv_deflate_unpack(unsigned char *out, size_t out_size, const unsigned char *data, size_t size, size_t at,
                              hwv_error *error)
{
    inflation f = {.error = error};
    if (size >= UINT_MAX || out_size >= UINT_MAX)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "offset %zu: %zu deflated bytes are too many", at, size);
    HWV_TRY(begin(&f, data, size, RAW));
    f.stream.avail_in = (uInt)size;
    f.stream.next_out = out;
    f.stream.avail_out = (uInt)out_size;
    int result = inflate(&f.stream, Z_FINISH);
    size_t used = position(&f), left = f.stream.avail_out;
    const char *message = f.stream.msg;
    (void)inflateEnd(&f.stream);
    if (result == Z_MEM_ERROR)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to inflate");
    if (result == Z_STREAM_END && used == size && left == 0)
        return HWV_OK;
    if (result == Z_STREAM_END || (result == Z_BUF_ERROR && left == 0))
        return hwv_fail(error, HWV_ERR_FORMAT,
                        "offset %zu: the deflated data does not unpack to the %zu bytes expected", at + used, out_size);
    return hwv_fail(error, HWV_ERR_FORMAT, "offset %zu: damaged deflated data (%s)", at + used,
                    message ? message : "it ends in the middle");
}

/* ---- piece by piece ---- */

struct hwv_inflater {
    z_stream stream;
    bool gzip;
    bool between; /* a member of gzip ended; what follows is another one, padding, or nothing */
};

hwv_status hwv_inflater_create(hwv_inflater **inflater, bool gzip, hwv_error *error)
{
    *inflater = hwv_calloc(1, sizeof **inflater);
    if (!*inflater)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to inflate");
    (*inflater)->gzip = gzip;
    (*inflater)->stream.zalloc = zlib_take;
    (*inflater)->stream.zfree = zlib_return;
    int result = inflateInit2(&(*inflater)->stream, gzip ? GZIP : RAW);
    if (result == Z_OK)
        return HWV_OK;
    hwv_free(*inflater);
    *inflater = NULL;
    return hwv_fail(error, result == Z_MEM_ERROR ? HWV_ERR_MEMORY : HWV_ERR_INTERNAL, "zlib cannot be started");
}

hwv_status hwv_inflater_run(hwv_inflater *inflater, const unsigned char *in, size_t in_size, size_t *used,
                            unsigned char *out, size_t out_size, size_t *made, bool *end, hwv_error *error)
{
    z_stream *z = &inflater->stream;
    z->next_in = in;
    z->avail_in = in_size < UINT_MAX ? (uInt)in_size : UINT_MAX;
    z->next_out = out;
    z->avail_out = out_size < UINT_MAX ? (uInt)out_size : UINT_MAX;
    int result = Z_OK;
    *end = false;
    while (result == Z_OK && z->avail_out > 0 && (z->avail_in > 0 || !inflater->between)) {
        if (inflater->between && *z->next_in == 0) { /* padding, as on tapes */
            z->next_in++;
            z->avail_in--;
            continue;
        }
        if (inflater->between)
            (void)inflateReset(z);
        inflater->between = false;
        result = inflate(z, Z_NO_FLUSH);
        inflater->between = result == Z_STREAM_END && inflater->gzip;
        result = inflater->between ? Z_OK : result;
    }
    *used = (size_t)(z->next_in - in);
    *made = (size_t)(z->next_out - out);
    *end = result == Z_STREAM_END || inflater->between;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
        return HWV_OK;
    return result == Z_MEM_ERROR ? hwv_fail(error, HWV_ERR_MEMORY, "no memory to inflate")
                                 : hwv_fail(error, HWV_ERR_FORMAT, "damaged compressed data (%s)",
                                            z->msg ? z->msg : "no valid structure");
}

void hwv_inflater_destroy(hwv_inflater *inflater)
{
    if (inflater)
        (void)inflateEnd(&inflater->stream);
    hwv_free(inflater);
}

#else

static hwv_status fail_without(hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                    "is compressed, and this build has no zlib: unpack it first, or build with zlib");
}

hwv_status hwv_gzip_inflate(hwv_file *out, const unsigned char *data, size_t size, size_t limit,
                            hwv_file_promise *promise, hwv_error *error)
{
    (void)out, (void)data, (void)size, (void)limit, (void)promise;
    return fail_without(error);
}

hwv_status hwv_gzip_beginning(hwv_file *out, const unsigned char *data, size_t size, hwv_error *error)
{
    (void)out, (void)data, (void)size;
    return fail_without(error);
}

hwv_status hwv_deflate_unpack(unsigned char *out, size_t out_size, const unsigned char *data, size_t size, size_t at,
                              hwv_error *error)
{
    (void)out, (void)out_size, (void)data, (void)size, (void)at;
    return fail_without(error);
}

hwv_status hwv_inflater_create(hwv_inflater **inflater, bool gzip, hwv_error *error)
{
    *inflater = NULL;
    (void)gzip;
    return fail_without(error);
}

hwv_status hwv_inflater_run(hwv_inflater *inflater, const unsigned char *in, size_t in_size, size_t *used,
                            unsigned char *out, size_t out_size, size_t *made, bool *end, hwv_error *error)
{
    (void)inflater, (void)in, (void)in_size, (void)out, (void)out_size;
    *used = *made = 0;
    *end = true;
    return fail_without(error);
}

void hwv_inflater_destroy(hwv_inflater *inflater)
{
    (void)inflater;
}

#endif
