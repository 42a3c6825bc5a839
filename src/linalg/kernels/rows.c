/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sums, updates and softmax of rows in vector words. */
#include <math.h>

#include "linalg/dispatch.h"
#include "simd/exp.h"
#include "simd/simd.h"
#include "simd/sum.h"

/* Sums along a row use this many partial sums on every set: element i belongs to i % SUMS. */
#define SUMS    ((size_t)16)
#define VECTORS (SUMS / V_LANES)
/* Rows of a column sum added one by one before their sum is added to the total. */
#define SUM_ROWS ((size_t)32)

/* Columns of `vectors` vectors, each `width` wide: a whole vector, or the last columns. */
HWV_WORD void column_sum_body(const size_t vectors, size_t width, size_t rows, const float *x, size_t stride,
                              bool accumulate, float *out)
{
    vf total[4], sum[4];
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++)
        total[v] = accumulate ? v_load_part(out + v * V_LANES, width) : v_zero();
    for (size_t r = 0; r < rows; r += SUM_ROWS) {
        const size_t stop = rows - r < SUM_ROWS ? rows : r + SUM_ROWS;
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            sum[v] = v_zero();
        for (size_t i = r; i < stop; i++) {
            HWV_UNROLL
            for (size_t v = 0; v < vectors; v++)
                sum[v] = v_add(sum[v], v_load_part(x + i * stride + v * V_LANES, width));
        }
        HWV_UNROLL
        for (size_t v = 0; v < vectors; v++)
            total[v] = v_add(total[v], sum[v]);
    }
    HWV_UNROLL
    for (size_t v = 0; v < vectors; v++)
        v_store_part(out + v * V_LANES, total[v], width);
}

static void column_sum(size_t rows, size_t cols, const float *x, size_t stride, bool accumulate, float *out)
{
    size_t c = 0;
    for (; cols - c >= 4 * V_LANES; c += 4 * V_LANES)
        column_sum_body(4, V_LANES, rows, x + c, stride, accumulate, out + c);
    for (; cols - c >= 2 * V_LANES; c += 2 * V_LANES)
        column_sum_body(2, V_LANES, rows, x + c, stride, accumulate, out + c);
    for (; cols - c >= V_LANES; c += V_LANES)
        column_sum_body(1, V_LANES, rows, x + c, stride, accumulate, out + c);
    if (c < cols)
        column_sum_body(1, cols - c, rows, x + c, stride, accumulate, out + c);
}

static double sum_of_squares(size_t n, const float *x)
{
    vd sum[VECTORS];
    double part[SUMS];
    size_t i = 0;
    HWV_UNROLL
    for (size_t v = 0; v < VECTORS; v++)
        sum[v] = vd_zero();
    for (; i + SUMS <= n; i += SUMS) {
        HWV_UNROLL
        for (size_t v = 0; v < VECTORS; v++)
            sum[v] = vd_add_square(sum[v], v_load(x + i + v * V_LANES));
    }
    HWV_UNROLL
    for (size_t v = 0; v < VECTORS; v++)
        vd_store(part + v * V_LANES, sum[v]);
    for (; i < n; i++)
        part[i % SUMS] += (double)x[i] * (double)x[i];
    for (size_t half = SUMS / 2; half > 0; half /= 2)
        for (size_t j = 0; j < half; j++)
            part[j] += part[j + half];
    return part[0];
}

/* STATEMENT computes `out` from `old` (of y) and, where there is one, `in` (of x). */
#define ELEMENTWISE(x, STATEMENT)                                                                                      \
    do {                                                                                                               \
        size_t i = 0;                                                                                                  \
        for (; i + V_LANES <= n; i += V_LANES) {                                                                       \
            vf in = v_load((x) + i), old = v_load(y + i);                                                              \
            v_store(y + i, STATEMENT);                                                                                 \
        }                                                                                                              \
        if (i < n) {                                                                                                   \
            vf in = v_load_n((x) + i, n - i), old = v_load_n(y + i, n - i);                                            \
            v_store_n(y + i, STATEMENT, n - i);                                                                        \
        }                                                                                                              \
    } while (0)

static void add(size_t n, float *y, const float *x)
{
    ELEMENTWISE(x, v_add(old, in));
}

static void axpy(size_t n, float a, float *y, const float *x)
{
    ELEMENTWISE(x, v_fma(v_set(a), in, old));
}

static void scale(size_t n, float a, float *y)
{
    ELEMENTWISE(y, ((void)in, v_mul(old, v_set(a))));
}

static void shift_scale(size_t n, float *y, const float *x, float shift, float a)
{
    ELEMENTWISE(x, ((void)old, v_mul(v_sub(in, v_set(shift)), v_set(a))));
}

/* The largest element. A NaN may be lost here: its exp brings it back. */
static float largest(size_t n, const float *x)
{
    vf most = v_set(-INFINITY);
    size_t i = 0;
    for (; i + V_LANES <= n; i += V_LANES)
        most = v_max(most, v_load(x + i));
    if (i < n)
        most = v_max(most, v_select(vm_first(n - i), v_load_n(x + i, n - i), most));
    return v_largest(most);
}

/* exp(x - most) of vector v of `n` <= SUMS elements; lanes beyond them are 0. */
HWV_WORD vf exp_vector(size_t n, const float *x, vf most, size_t v)
{
    const size_t at = v * V_LANES;
    if (at + V_LANES <= n)
        return v_exp(v_sub(v_load(x + at), most));
    if (at >= n)
        return v_zero();
    return v_keep(vm_first(n - at), v_exp(v_sub(v_load_n(x + at, n - at), most)));
}

HWV_WORD void store_vector(size_t n, float *p, vf e, size_t v)
{
    const size_t at = v * V_LANES;
    if (at + V_LANES <= n)
        v_store(p + at, e);
    else if (at < n)
        v_store_n(p + at, e, n - at);
}

/* The SUMS partial sums, added in pairs that lie 8, 4, 2 and 1 apart. */
HWV_WORD float fold(vf sum[VECTORS])
{
    HWV_UNROLL
    for (size_t half = VECTORS / 2; half > 0; half /= 2) {
        HWV_UNROLL
        for (size_t v = 0; v < half; v++)
            sum[v] = v_add(sum[v], sum[v + half]);
    }
    return v_sum(sum[0]);
}

/* A row that fits SUMS elements stays in registers. */
static float softmax_narrow(size_t n, float *p, const float *x, float maximum)
{
    vf e[VECTORS], sum[VECTORS];
    HWV_UNROLL
    for (size_t v = 0; v < VECTORS; v++)
        sum[v] = e[v] = exp_vector(n, x, v_set(maximum), v);
    const float total = fold(sum);
    if (p) {
        const vf inverse = v_set(1.0f / total);
        HWV_UNROLL
        for (size_t v = 0; v < VECTORS; v++)
            store_vector(n, p, v_mul(e[v], inverse), v);
    }
    return total;
}

static float softmax_wide(size_t n, float *p, const float *x, float maximum)
{
    vf sum[VECTORS];
    HWV_UNROLL
    for (size_t v = 0; v < VECTORS; v++)
        sum[v] = v_zero();
    for (size_t i = 0; i < n; i += SUMS) {
        const size_t count = n - i < SUMS ? n - i : SUMS;
        HWV_UNROLL
        for (size_t v = 0; v < VECTORS; v++) {
            vf e = exp_vector(count, x + i, v_set(maximum), v);
            if (p)
                store_vector(count, p + i, e, v);
            sum[v] = v_add(sum[v], e);
        }
    }
    const float total = fold(sum);
    if (p)
        scale(n, 1.0f / total, p);
    return total;
}

static void softmax(size_t rows, size_t classes, float *p, size_t p_stride, const float *x, size_t x_stride,
                    float *maximum, float *sum)
{
    for (size_t r = 0; r < rows; r++) {
        const float *row = x + r * x_stride;
        float *to = p ? p + r * p_stride : NULL;
        maximum[r] = largest(classes, row);
        sum[r] =
            classes <= SUMS ? softmax_narrow(classes, to, row, maximum[r]) : softmax_wide(classes, to, row, maximum[r]);
    }
}

extern const hwv_row_kernels HWV_ISA(hwv_row_kernels);
const hwv_row_kernels HWV_ISA(hwv_row_kernels) = {
    column_sum, sum_of_squares, add, axpy, scale, softmax, shift_scale,
};
