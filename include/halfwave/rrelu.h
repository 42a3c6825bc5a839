/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * RReLU in training (Xu, Wang, Chen & Li, 2015): every element has a slope drawn from [lower, upper]. In use, with the
 * mean of the two for a slope, it is the row HWV_OP_RRELU of halfwave/act.h.
 *
 * The slope of element i of row r is a function of the draws and of its place, the same on every instruction set, for
 * any number of threads, and whether data are float or double: with w = (draws->row + r) * ceil(cols / 64) + i / 64, it
 * is made of number (i % 64) / 16 of the four that hwv_philox(seed, stream, step, 16 * w + i % 16) gives, u:
 *     slope = min(upper, lower + (upper - lower) * ((u >> 8) * 2^-24))      in floats, each operation rounded
 * Backward draws the slopes again: nothing is kept. */
#ifndef HALFWAVE_RRELU_H
#define HALFWAVE_RRELU_H

#include "halfwave/act.h"

HWV_BEGIN

/* ==== halfwave-rrelu: slopes that are drawn in training ==== */

/* What halfwave/random.h calls seed, stream and step (HWV_STREAM_RRELU and the training step, say), and the number of
 * the first row, for callers that cut the rows into parts. */
typedef struct hwv_draws {
    uint64_t seed;
    uint32_t stream, step;
    uint64_t row;
} hwv_draws;

/* y = x > 0 ? x : slope*x with -1e3 <= lower <= upper <= 1e3; exact for the slope, NaN stays NaN. y may be x. `mask` may
 * be NULL, else it gets the bits x > 0 as in hwv_act_forward_mask. */
HWV_API void hwv_rrelu_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride, const void *x,
                               size_t x_stride, float lower, float upper, const hwv_draws *draws, uint64_t *mask,
                               size_t mask_stride);

/* dx = x > 0 ? dy : slope*dy, exact; from x, or where x is NULL from the mask. dx may be dy or x. */
HWV_API void hwv_rrelu_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride, const void *dy,
                                size_t dy_stride, const void *x, size_t x_stride, const uint64_t *mask,
                                size_t mask_stride, float lower, float upper, const hwv_draws *draws);

HWV_END

#endif
