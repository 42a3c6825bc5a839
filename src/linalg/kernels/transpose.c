/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The transpose of a matrix by squares that fit the registers. */
#include "simd/transpose.h"

#include "linalg/dispatch.h"

/* Columns of a strip: four cache lines of every row are read one behind the other, which the prefetchers follow. */
#define STRIP ((size_t)64)

/* A square that is not whole. */
static void rest(size_t rows, size_t cols, const float *from, size_t from_stride, float *to, size_t to_stride)
{
    for (size_t c = 0; c < cols; c++)
        for (size_t r = 0; r < rows; r++)
            to[c * to_stride + r] = from[r * from_stride + c];
}

/* Down the rows of one strip: the rows of `to` are written from their beginning to their end. */
HWV_WORD void strip(const size_t cols, size_t rows, const float *from, size_t from_stride, float *to, size_t to_stride)
{
    size_t r = 0;
    for (; rows - r >= V_TURN; r += V_TURN)
        for (size_t c = 0; c < cols; c += V_TURN)
            v_turn(to + c * to_stride + r, to_stride, from + r * from_stride + c, from_stride, V_TURN, V_TURN);
    rest(rows - r, cols, from + r * from_stride, from_stride, to + r, to_stride);
}

static void transpose(size_t rows, size_t cols, const float *from, size_t from_stride, float *to, size_t to_stride)
{
    size_t c = 0;
    for (; STRIP % V_TURN == 0 && cols - c >= STRIP; c += STRIP)
        strip(STRIP, rows, from + c, from_stride, to + c * to_stride, to_stride);
    for (; cols - c >= V_TURN; c += V_TURN)
        strip(V_TURN, rows, from + c, from_stride, to + c * to_stride, to_stride);
    rest(rows, cols - c, from + c, from_stride, to + c * to_stride, to_stride);
}

extern const hwv_transpose_kernels HWV_ISA(hwv_transpose_kernels);
const hwv_transpose_kernels HWV_ISA(hwv_transpose_kernels) = {transpose};
