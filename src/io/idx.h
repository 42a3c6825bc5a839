/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * IDX, the format of MNIST: 00 00, a type (08: unsigned bytes), the number of dimensions, the dimensions as
 * big-endian 32-bit numbers, then the values (LeCun, Cortes, Burges: http://yann.lecun.com/exdb/mnist/). */
#ifndef HWV_IO_IDX_H
#define HWV_IO_IDX_H

#include <stddef.h>
#include <stdint.h>

#include "halfwave/status.h"

#define HWV_IDX_DIMS 4

/* An array of bytes: a view of the file's content. */
typedef struct hwv_idx {
    size_t rank; /* at least 1 */
    size_t shape[HWV_IDX_DIMS];
    size_t count;   /* their product */
    size_t data_at; /* offset of the first value in the file */
    const uint8_t *data;
} hwv_idx;

/* HWV_ERR_FORMAT with the offset: no IDX, cut off, bytes after the end; HWV_ERR_UNSUPPORTED: values that are
 * no unsigned bytes, more than HWV_IDX_DIMS dimensions. */
hwv_status hwv_idx_parse(hwv_idx *idx, const unsigned char *bytes, size_t size, hwv_error *error);
/* The same without looking at the values: `data` stays NULL. */
hwv_status hwv_idx_parse_header(hwv_idx *idx, const unsigned char *bytes, size_t size, hwv_error *error);
/* An hwv_file_promise. */
size_t hwv_idx_promise(const unsigned char *head, size_t size, size_t limit);

#endif
