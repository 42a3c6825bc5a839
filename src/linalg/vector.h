/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Plain functions on vectors and columns. The order of every sum is fixed by the shape alone, not by the
 * instruction set. In-place means the same array; any other overlap is an error. */
#ifndef HWV_LINALG_VECTOR_H
#define HWV_LINALG_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

#include "halfwave/pool.h"

/* out[c] = (accumulate ? out[c] : 0) + sum over r of x[r,c]: the gradient of a bias. Sums of 32 rows each in order
 * of rows, then the sums of the blocks in order. */
void hwv_column_sum(size_t rows, size_t cols, const float *x, size_t stride, bool accumulate, float *out);

/* The same of a tall matrix on an executor: sums of blocks of hwv_sum_block(cols) rows, and their sum in the same
 * manner. workspace: hwv_column_sum_workspace bytes (SIZE_MAX: too many for a size_t), aligned as floats. */
size_t hwv_column_sum_workspace(size_t rows, size_t cols);
void hwv_column_sum_on(const hwv_executor *executor, size_t rows, size_t cols, const float *x, size_t stride,
                       bool accumulate, float *out, void *workspace);

/* Sum of x[i]^2 in double: the same bits on every set. */
double hwv_sum_of_squares(size_t n, const float *x);

/* y += x */
void hwv_add(size_t n, float *y, const float *x);
/* y += a * x, fused where the set can */
void hwv_axpy(size_t n, float a, float *y, const float *x);
/* y *= a */
void hwv_scale(size_t n, float a, float *y);

#endif
