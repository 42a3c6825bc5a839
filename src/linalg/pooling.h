/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling of images, channels last: the maximum or the mean of each window of a channel.
 *     y[n,oy,ox,c] = max or mean over ky, kx of x[n, oy*sy + ky - py, ox*sx + kx - px, c]
 * over the taps that lie inside of x. x is [images, height, width, channels], y [images, hwv_pooling_height,
 * hwv_pooling_width, channels], both dense. Pads are less than the kernel and the padded x is at least as large, so
 * that every window has a tap inside. Results depend on no number of threads, and are the same bits on every
 * instruction set: each element is computed alone, taps and windows in row-major order. Nothing is allocated. */
#ifndef HWV_LINALG_POOLING_H
#define HWV_LINALG_POOLING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "halfwave/pool.h"

typedef struct hwv_pooling {
    size_t height, width, channels; /* of x */
    size_t kernel[2], stride[2];    /* height first, then width */
    size_t pad_before[2], pad_after[2];
    bool count_pad; /* means: the divisor is the kernel's area, else the number of taps inside */
} hwv_pooling;

/* A tap's number in a window is kept in one byte. */
#define HWV_POOLING_MOST_TAPS ((size_t)255)

static inline size_t hwv_pooling_height(const hwv_pooling *pooling)
{
    return (pooling->height + pooling->pad_before[0] + pooling->pad_after[0] - pooling->kernel[0]) /
               pooling->stride[0] +
           1;
}

static inline size_t hwv_pooling_width(const hwv_pooling *pooling)
{
    return (pooling->width + pooling->pad_before[1] + pooling->pad_after[1] - pooling->kernel[1]) / pooling->stride[1] +
           1;
}

/* Windows touch without overlapping, and there are no pads. */
static inline bool hwv_pooling_apart(const hwv_pooling *pooling)
{
    bool apart = true;
    for (int d = 0; d < 2; d++)
        apart &= pooling->kernel[d] == pooling->stride[d] && pooling->pad_before[d] + pooling->pad_after[d] == 0;
    return apart;
}

/* The first of several maxima wins; a NaN wins over all numbers, the last of several NaNs (as in PyTorch). taps: one
 * byte an element of y, ky * kernel width + kx of the winner, for windows of at most HWV_POOLING_MOST_TAPS; may be
 * NULL. */
void hwv_max_pool_forward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *x,
                          float *y, uint8_t *taps);
/* The gradient of each y goes to its winner; where windows overlap they add up. Overwrites all of dx. */
void hwv_max_pool_backward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *dy,
                           const uint8_t *taps, float *dx);

/* Sums, then one division each. */
void hwv_average_pool_forward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *x,
                              float *y);
/* dx = sum over windows of dy * (1 / divisor). Overwrites all of dx. */
void hwv_average_pool_backward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *dy,
                               float *dx);

/* y[n,c] = mean over `pixels` of x[n,p,c]; sums in the order of hwv_column_sum. Overwrites. */
void hwv_global_average_forward(const hwv_executor *executor, size_t images, size_t pixels, size_t channels,
                                const float *x, float *y);
/* dx[n,p,c] = dy[n,c] * (1 / pixels). Overwrites. */
void hwv_global_average_backward(const hwv_executor *executor, size_t images, size_t pixels, size_t channels,
                                 const float *dy, float *dx);

/* The same by plain loops in double, for tests and gradient checks; each overwrites its result. taps may be NULL.
 * The maximum's forward returns the least distance of a window's two largest (infinity where windows have one tap). */
double hwv_max_pool_forward_reference(const hwv_pooling *pooling, size_t images, const double *x, double *y,
                                      uint8_t *taps);
void hwv_max_pool_backward_reference(const hwv_pooling *pooling, size_t images, const double *dy, const uint8_t *taps,
                                     double *dx);
void hwv_average_pool_forward_reference(const hwv_pooling *pooling, size_t images, const double *x, double *y);
void hwv_average_pool_backward_reference(const hwv_pooling *pooling, size_t images, const double *dy, double *dx);

#endif
