/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The transpose of a matrix, by the kernel of the set in use. */
#include "linalg/transpose.h"

#include "linalg/dispatch.h"

void hwv_transpose(size_t rows, size_t cols, const float *from, size_t from_stride, float *to, size_t to_stride)
{
    hwv_linalg_kernels_of(hwv_isa_current())->transpose->transpose(rows, cols, from, from_stride, to, to_stride);
}
