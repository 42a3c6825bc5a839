/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The content of a file, front to back and piece by piece: as it is, inflated (gzip), or a member of a ZIP archive. */
#ifndef HWV_IO_STREAM_H
#define HWV_IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/status.h"

typedef struct hwv_stream hwv_stream;

/* Bytes that hwv_stream_peek shows at most. */
#define HWV_STREAM_HEAD ((size_t)1 << 16)

/* Opens a file, pipes too; gzip is inflated. HWV_ERR_IO, HWV_ERR_UNSUPPORTED: gzip without zlib; HWV_ERR_MEMORY. Messages
 * of all functions begin with the path. On failure *stream is NULL. */
hwv_status hwv_stream_open(hwv_stream **stream, const char *path, hwv_error *error);
/* Opens the member NAME.npy of an archive; name NULL: the only one there is. HWV_ERR_NAME: it is not there, and which
 * are. Its checksum is compared at its end. */
hwv_status hwv_stream_open_member(hwv_stream **stream, const char *path, const char *name, hwv_error *error);
/* Accepts NULL. */
void hwv_stream_close(hwv_stream *stream);

/* The first bytes that were not read yet, without taking them: HWV_STREAM_HEAD, or all that there are. */
hwv_status hwv_stream_peek(hwv_stream *stream, const unsigned char **bytes, size_t *size, hwv_error *error);
/* The next `size` bytes, fewer only at the end. HWV_ERR_IO, HWV_ERR_FORMAT: damage. */
hwv_status hwv_stream_read(hwv_stream *stream, void *bytes, size_t size, size_t *got, hwv_error *error);
/* Bytes of content that are left, SIZE_MAX where only the end will tell (gzip, pipes). */
size_t hwv_stream_left(const hwv_stream *stream);
/* For messages: "x.npy", "x.npz: tokens.npy". */
const char *hwv_stream_path(const hwv_stream *stream);
/* Can the same path be opened again? */
bool hwv_stream_repeats(const hwv_stream *stream);

#endif
