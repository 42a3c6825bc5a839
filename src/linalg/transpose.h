/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The transpose of a matrix. */
#ifndef HWV_LINALG_TRANSPOSE_H
#define HWV_LINALG_TRANSPOSE_H

#include <stddef.h>

/* to[c][r] = from[r][c] of floats, or of anything of 4 bytes: no bit is changed. Strides: elements from one row to the
 * next. The arrays must not overlap. Nothing beyond the matrices is read or written. */
void hwv_transpose(size_t rows, size_t cols, const float *from, size_t from_stride, float *to, size_t to_stride);

#endif
