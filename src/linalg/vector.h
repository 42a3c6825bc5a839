/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Plain functions on vectors and columns. The order of every sum is fixed by the shape alone, not by the
 * instruction set. In-place means the same array; any other overlap is an error. */
#ifndef HWV_LINALG_VECTOR_H
#define HWV_LINALG_VECTOR_H

#include <stdbool.h>
#include <stddef.h>

/* out[c] = (accumulate ? out[c] : 0) + sum over r of x[r,c]: the gradient of a bias. Sums of 32 rows each in order
 * of rows, then the sums of the blocks in order. */
void hwv_column_sum(size_t rows, size_t cols, const float *x, size_t stride, bool accumulate, float *out);

/* Sum of x[i]^2 in double: the same bits on every set. */
double hwv_sum_of_squares(size_t n, const float *x);

/* y += x */
void hwv_add(size_t n, float *y, const float *x);
/* y += a * x, fused where the set can */
void hwv_axpy(size_t n, float a, float *y, const float *x);
/* y *= a */
void hwv_scale(size_t n, float a, float *y);

#endif
