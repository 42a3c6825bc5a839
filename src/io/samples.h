/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples with labels from one file or one pair of files, before they are split or joined to a data set. */
#ifndef HWV_IO_SAMPLES_H
#define HWV_IO_SAMPLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/data.h"
#include "halfwave/status.h"
#include "io/file.h"
#include "io/npy.h"

/* Owns what its pointers lead to. Zero-initialise; free with hwv_samples_free. */
typedef struct hwv_samples {
    size_t count, rank, dims[HWV_DATA_DIMS], features;
    size_t classes; /* the largest label + 1 */
    float scale;
    const uint8_t *bytes; /* one of these two is set, as in hwv_data_part */
    const float *floats;
    const int32_t *labels;

    /* Private: what is owned, and where the labels came from. */
    hwv_file content;
    uint8_t *own_bytes;
    float *own_floats;
    int32_t *own_labels;
    uint32_t *lines;              /* line of each label, NULL where labels have an offset: */
    size_t label_at, label_bytes; /* label_bytes 0: neither is known (several files) */
    char *label_path;
} hwv_samples;

/* Each reads files (.gz or not). With labels NULL, or labelled false, the samples have none. HWV_ERR_IO, HWV_ERR_FORMAT with file and offset or line, HWV_ERR_UNSUPPORTED,
 * HWV_ERR_MEMORY. On failure nothing is to be freed. */

/* IDX: images of 2 (features) or 3 dimensions scaled by 1/255, labels of 1. */
hwv_status hwv_samples_idx(hwv_samples *samples, const char *images, const char *labels, hwv_error *error);
/* .npy: as the two pieces below. */
hwv_status hwv_samples_npy(hwv_samples *samples, const char *x, const char *labels, hwv_error *error);
hwv_status hwv_samples_csv(hwv_samples *samples, const char *path, bool labelled, hwv_error *error);

/* .npz without labels: the array x, or the only one (npz.c). */
hwv_status hwv_samples_npz(hwv_samples *samples, const char *path, hwv_error *error);

/* The pieces of a reader that finds arrays of NumPy's in other places. Messages begin with `path`.
 *
 * x of 2 (features) to 4 dimensions (height, width, channels), unsigned bytes scaled by 1/255, other types as they are
 * and finite, into *samples, which takes over the content that x is a view of. On failure both are to be freed. */
hwv_status hwv_samples_take_x(hwv_samples *samples, hwv_file *content, const hwv_npy *x, const char *path,
                              hwv_error *error);
/* Labels of 1 dimension, or 2 with one column: whole numbers, copied. */
hwv_status hwv_samples_take_labels(hwv_samples *samples, const hwv_npy *labels, const char *path, hwv_error *error);
/* Accepts a zero struct. */
void hwv_samples_free(hwv_samples *samples);

/* HWV_ERR_FORMAT: "FILE: offset 123: label 12 of sample 115, 0 to 9 are expected" for the first label that is not
 * below `classes`. */
hwv_status hwv_samples_check_labels(const hwv_samples *samples, size_t classes, hwv_error *error);

#endif
