/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm of a matrix [rows, channels] (Ioffe & Szegedy, ICML 2015), dense: every channel is normalised over its
 * rows; the rows of images are their pixels.
 *     y = (x - mean) * inverse * weight + bias,  inverse = 1 / sqrt(variance + epsilon)
 * Three steps: moments of the batch or running ones, the normalised matrix, its gradients.
 *
 * Rows are cut into blocks by the shape alone, those of images image by image. Each block is summed in float around a
 * centre of its own, and the blocks are put together in double, in their order: a mean that is large beside the deviation
 * loses nothing, and the bits do not depend on the number of threads. Squared deviations must fit in a float. NaN and infinity go through as
 * in plain arithmetic. Nothing is allocated. In place means the same array; any other overlap is an error. */
#ifndef HWV_LINALG_BATCH_NORM_H
#define HWV_LINALG_BATCH_NORM_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/pool.h"
#include "linalg/blocks.h"
#include "linalg/column_map.h"

typedef struct hwv_batch_norm {
    size_t rows, channels; /* 1 or more */
    float epsilon;
    const float *weight, *bias; /* [channels] */
    size_t line, lines;         /* rows are the pixels of images of `lines` lines of `line` pixels; or 0 */
} hwv_batch_norm;

/* What a channel is normalised by. */
typedef struct hwv_batch_norm_moments {
    double mean, inverse;
} hwv_batch_norm_moments;

/* Bytes of workspace of any of the calls; SIZE_MAX when they do not fit in a size_t. Grows with rows. */
size_t hwv_batch_norm_workspace(const hwv_batch_norm *norm);

/* moments[channel] of the batch, with the biased variance; and the running statistics move towards it:
 * running = (1 - momentum) * running + momentum * batch, the variance being the unbiased one (which one row does not
 * have: then it stays). workspace: of any content, aligned as floats. */
void hwv_batch_norm_measure(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x, float momentum,
                            float *running_mean, float *running_variance, hwv_batch_norm_moments *moments,
                            void *workspace);
/* moments[channel] from running statistics. */
void hwv_batch_norm_recall(const hwv_batch_norm *norm, const float *running_mean, const float *running_variance,
                           hwv_batch_norm_moments *moments);

/* Overwrites y, which may be x. finish (may be NULL) is called for every block of rows of y once it is complete, by the
 * worker that computed it. */
void hwv_batch_norm_forward(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x,
                            const hwv_batch_norm_moments *moments, float *y, hwv_rows_function *finish,
                            const void *context, void *workspace);

/* What hwv_batch_norm_forward computes of each channel with the moments that hwv_batch_norm_recall gives, for others to
 * compute: the same bits. floats: room for HWV_BATCH_NORM_MAP a channel, which the map points into. */
#define HWV_BATCH_NORM_MAP ((size_t)3)
hwv_column_map hwv_batch_norm_running_map(const hwv_batch_norm *norm, const float *running_mean,
                                          const float *running_variance, float *floats);

/* The gradients to be computed; NULL for those that are not wanted. */
typedef struct hwv_batch_norm_gradients {
    float *x;             /* [rows, channels], overwritten; may be dy */
    float *weight, *bias; /* [channels] */
    bool add_weight, add_bias;
} hwv_batch_norm_gradients;

/* constant: the moments do not depend on x (running statistics); else they are its own. */
void hwv_batch_norm_backward(const hwv_batch_norm *norm, const hwv_executor *executor, const float *x, const float *dy,
                             const hwv_batch_norm_moments *moments, bool constant,
                             const hwv_batch_norm_gradients *gradients, void *workspace);

#endif
