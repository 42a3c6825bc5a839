/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * PReLU with a slope a column on many short rows: where they follow each other without gaps, some of them are one
 * longer row whose slopes repeat, so that whole vectors are full (ten units are less than one vector). */
#include "act/dispatch.h"

#include <string.h>

/* Elements of a joined row at most, and how many joined rows must come of it. */
enum { JOINED = 512, WORTH = 4 };

/* Elements of either type. */
typedef union elements {
    float f32[JOINED];
    double f64[JOINED];
} elements;

/* sums[i] += joined[i] + joined[cols + i] + ... with what rounding loses carried along, as in the kernels. */
static void sums_add(hwv_dtype dtype, void *sums, const elements *joined, size_t cols, size_t count)
{
    for (size_t i = 0; i < cols; i++) {
        double sum = dtype == HWV_F64 ? ((double *)sums)[i] : (double)((float *)sums)[i];
        double low = 0;
        for (size_t k = i; k < cols * count; k += cols) {
            double a = dtype == HWV_F64 ? joined->f64[k] : (double)joined->f32[k], next = sum + a, part = next - sum;
            low += (sum - (next - part)) + (a - part);
            sum = next;
        }
        /* Of a sum that overflowed or met a NaN, `low` is NaN. */
        if (low - low == 0)
            sum += low;
        if (dtype == HWV_F64)
            ((double *)sums)[i] = sum;
        else
            ((float *)sums)[i] = (float)sum;
    }
}

void hwv_prelu_columns_run(hwv_kernel *kernel, hwv_dtype dtype, const hwv_args *a)
{
    const size_t cols = a->cols, count = JOINED / cols, bytes = cols * hwv_dtype_bytes(dtype);
    hwv_args rest = *a;
    if (count > 1 && !a->mask && a->y_stride == cols && a->x_stride == cols && (!a->dy || a->dy_stride == cols) &&
        a->rows / count >= WORTH) {
        hwv_args joined = *a;
        elements slopes, sums;
        memset(&sums, 0, sizeof sums);
        for (size_t k = 0; k < count; k++)
            memcpy((char *)&slopes + k * bytes, a->bias, bytes);
        joined.rows = a->rows / count;
        joined.cols = joined.y_stride = joined.x_stride = joined.dy_stride = cols * count;
        joined.bias = &slopes;
        joined.dslope = a->dslope ? &sums : NULL;
        kernel(&joined);
        if (a->dslope)
            sums_add(dtype, a->dslope, &sums, cols, count);
        if (a->rows % count == 0)
            return;
        rest = hwv_args_part(a, dtype, joined.rows * count, 0, a->rows, cols);
    }
    kernel(&rest);
}
