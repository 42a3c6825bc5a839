/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector functions of the set in use. */
#include "linalg/vector.h"

#include "linalg/dispatch.h"

static const hwv_row_kernels *rows_in_use(void)
{
    return hwv_linalg_kernels_of(hwv_isa_current())->rows;
}

void hwv_column_sum(size_t rows, size_t cols, const float *x, size_t stride, bool accumulate, float *out)
{
    rows_in_use()->column_sum(rows, cols, x, stride, accumulate, out);
}

double hwv_sum_of_squares(size_t n, const float *x)
{
    return rows_in_use()->sum_of_squares(n, x);
}

void hwv_add(size_t n, float *y, const float *x)
{
    rows_in_use()->add(n, y, x);
}

void hwv_axpy(size_t n, float a, float *y, const float *x)
{
    rows_in_use()->axpy(n, a, y, x);
}

void hwv_scale(size_t n, float a, float *y)
{
    rows_in_use()->scale(n, a, y);
}
