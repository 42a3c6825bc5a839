/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Samples for the inputs of a network, read piece by piece: files may be larger than memory. */
#ifndef HALFWAVE_INPUTS_H
#define HALFWAVE_INPUTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/graph.h"

HWV_BEGIN

typedef struct hwv_inputs hwv_inputs;

typedef struct hwv_inputs_options {
    const char *name;         /* which array of .npz files, where a network has one input; NULL: by the input's name */
    const double *mean, *std; /* subtracted and divided by, a number or one a channel (axis 1 of 4, else the last) */
    size_t mean_count, std_count;
    bool csv_labels;  /* the last column of CSV files is a label and left out */
    bool plain_bytes; /* unsigned bytes are numbers from 0 to 255; else where floats are wanted from 0 to 1 */
} hwv_inputs_options;

/* Opens .npy (real, integer and boolean types of both byte orders, in C order), .npz (one array an input, by name;
 * stored or deflated), IDX and CSV files (by content, .gz or not); several files are shards of one set, in this order.
 * `names`[count]: the inputs that are wanted; one input takes the only array of a file whatever its name. The first axis
 * counts samples. Only headers are read, but for CSV. HWV_ERR_IO, HWV_ERR_FORMAT (no samples too), HWV_ERR_UNSUPPORTED,
 * HWV_ERR_SHAPE (shards or inputs that differ, mean and std that do not fit), HWV_ERR_NAME (no array of that name),
 * HWV_ERR_ARGUMENT: a mean that is not finite, a std that is not above 0; HWV_ERR_MEMORY. On failure *inputs is NULL. */
HWV_API hwv_status hwv_inputs_open(hwv_inputs **inputs, const char *const *paths, size_t path_count,
                                   const char *const *names, size_t count, const hwv_inputs_options *options,
                                   hwv_error *error);
/* Accepts NULL. */
HWV_API void hwv_inputs_close(hwv_inputs *inputs);
/* Of input i: dim[0] is the number of samples of all shards. */
HWV_API hwv_shape hwv_inputs_shape(const hwv_inputs *inputs, size_t i);
/* Samples in all; of each shard. */
HWV_API size_t hwv_inputs_count(const hwv_inputs *inputs);
HWV_API size_t hwv_inputs_shard_count(const hwv_inputs *inputs);
HWV_API size_t hwv_inputs_shard(const hwv_inputs *inputs, size_t shard);
/* Are the elements of input i, in some shard, unsigned bytes that are scaled to 0 .. 1? */
HWV_API bool hwv_inputs_scaled(const hwv_inputs *inputs, size_t i);
/* The next `rows` samples (fewer at the end of all: *got) of every input, into into[i], as floats, or as int32 where
 * integers[i] says so (integers NULL: nowhere). A read does not stop at the end of a shard. HWV_ERR_IO, HWV_ERR_FORMAT:
 * a file ends early or is damaged; a number that is no integer or does not fit one. */
HWV_API hwv_status hwv_inputs_read(hwv_inputs *inputs, size_t rows, void *const *into, const bool *integers,
                                   size_t *got, hwv_error *error);
/* Back to the first sample. HWV_ERR_UNSUPPORTED: a pipe; else as hwv_inputs_open. */
HWV_API hwv_status hwv_inputs_rewind(hwv_inputs *inputs, hwv_error *error);

/* Names of the arrays of an .npz file, in its order; *count 0 for other files, whose array has none. HWV_ERR_IO,
 * HWV_ERR_FORMAT, HWV_ERR_MEMORY. Free with hwv_inputs_names_free. */
HWV_API hwv_status hwv_inputs_names(char ***names, size_t *count, const char *path, hwv_error *error);
/* Accepts NULL. */
HWV_API void hwv_inputs_names_free(char **names, size_t count);

HWV_END

#endif
