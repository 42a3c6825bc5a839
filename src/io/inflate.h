/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * gzip, and deflate without it. */
#ifndef HWV_IO_INFLATE_H
#define HWV_IO_INFLATE_H

#include "io/file.h"

/* Does a content begin as gzip does? */
bool hwv_gzip_begins(const unsigned char *data, size_t size);

/* Does this build have zlib? */
bool hwv_gzip_supported(void);

/* Inflates all members of data[size] into *out (zero before; freed with hwv_file_free); limit and promise as
 * hwv_file_read. HWV_ERR_FORMAT with the offset in the compressed data, HWV_ERR_UNSUPPORTED without zlib,
 * HWV_ERR_MEMORY. */
hwv_status hwv_gzip_inflate(hwv_file *out, const unsigned char *data, size_t size, size_t limit,
                            hwv_file_promise *promise, hwv_error *error);
/* The first bytes, HWV_FILE_HEAD at most, without looking at the rest. The same errors. */
hwv_status hwv_gzip_beginning(hwv_file *out, const unsigned char *data, size_t size, hwv_error *error);

/* Unpacks deflated data[size], which stands at offset `at` of a file, to exactly out[out_size]. HWV_ERR_FORMAT with the
 * offset in the file: damaged, cut off, more or less than that; HWV_ERR_UNSUPPORTED without zlib, HWV_ERR_MEMORY. */
hwv_status hwv_deflate_unpack(unsigned char *out, size_t out_size, const unsigned char *data, size_t size, size_t at,
                              hwv_error *error);

/* Inflating piece by piece. */
typedef struct hwv_inflater hwv_inflater;

/* For gzip (all members of it), or deflate without it. HWV_ERR_UNSUPPORTED without zlib, HWV_ERR_MEMORY. */
hwv_status hwv_inflater_create(hwv_inflater **inflater, bool gzip, hwv_error *error);
/* Takes from in[in_size] and fills out[out_size] until one of them is used up or the content ends: *used, *made, *end.
 * HWV_ERR_FORMAT, HWV_ERR_MEMORY. */
hwv_status hwv_inflater_run(hwv_inflater *inflater, const unsigned char *in, size_t in_size, size_t *used,
                            unsigned char *out, size_t out_size, size_t *made, bool *end, hwv_error *error);
/* Accepts NULL. */
void hwv_inflater_destroy(hwv_inflater *inflater);

#endif
