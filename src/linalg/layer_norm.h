/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layer norm of a matrix [rows, cols], dense (Ba, Kiros & Hinton 2016): every row is normalised over its columns.
 *     y = (x - mean) / sqrt(variance + epsilon) * weight + bias
 * or, uncentered, root mean square norm (Zhang & Sennrich 2019):
 *     y = x / sqrt(mean of x^2 + epsilon) * weight + bias
 * Two passes: a row is summed around a centre near its mean, so that a mean that is large beside the deviation loses
 * nothing. Pieces of a row are summed in float and put together in double. Squared deviations must fit in a float. NaN
 * and infinity go through as in plain arithmetic. A row depends on itself alone; nothing is allocated. */
#ifndef HWV_LINALG_LAYER_NORM_H
#define HWV_LINALG_LAYER_NORM_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/pool.h"

typedef struct hwv_layer_norm {
    size_t rows, cols; /* 1 or more */
    float epsilon;
    const float *weight, *bias; /* [cols], or NULL: 1, 0 */
    bool uncentered;
} hwv_layer_norm;

/* Of a row: (x - mean) * inverse = (x - center) * inverse + shift; mean, center and shift are 0 where uncentered. */
typedef struct hwv_layer_norm_moments {
    float center, inverse, shift;
} hwv_layer_norm_moments;

/* Overwrites y, which may be x. moments: of all rows, for the backward run, or NULL. */
void hwv_layer_norm_forward(const hwv_layer_norm *norm, const hwv_executor *executor, const float *x, float *y,
                            hwv_layer_norm_moments *moments);

/* The gradients to be computed; NULL for those that are not wanted. */
typedef struct hwv_layer_norm_gradients {
    float *x;             /* [rows, cols], overwritten; may be dy */
    float *weight, *bias; /* [cols] */
    bool add_weight, add_bias;
} hwv_layer_norm_gradients;

/* Bytes; SIZE_MAX when they do not fit in a size_t. Grows with rows. */
size_t hwv_layer_norm_workspace(size_t rows, size_t cols);

/* workspace: of any content, aligned as floats. */
void hwv_layer_norm_backward(const hwv_layer_norm *norm, const hwv_executor *executor, const float *x, const float *dy,
                             const hwv_layer_norm_moments *moments, const hwv_layer_norm_gradients *gradients,
                             void *workspace);

#endif
