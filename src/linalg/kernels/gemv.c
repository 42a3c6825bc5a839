/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products of one vector with a matrix in vector words: several rows at a time go over the sums, which stay in the
 * first-level cache, so that each row is read from its beginning to its end, and sums are loaded and stored once for all
 * of them. */
#include "linalg/dispatch.h"
#include "simd/integers.h"
#include "simd/simd.h"

/* Rows at a time. */
#define ROWS ((size_t)8)

extern const hwv_gemv_kernels HWV_ISA(hwv_gemv_kernels);

/* The rows of one go: where they begin, and the number of the vector that each is multiplied with. */
typedef struct group {
    const float *row[ROWS];
    vf x[ROWS];
} group;

HWV_WORD vf add_rows(const size_t count, const float *const *row, const vf *x, size_t j, size_t width, vf sum)
{
    HWV_UNROLL
    for (size_t r = 0; r < count; r++)
        sum = v_fma(x[r], v_load_part(row[r] + j, width), sum);
    return sum;
}

HWV_WORD void group_body(const size_t count, const group *g, bool begin, size_t cols, float *y)
{
    const float *row[ROWS];
    vf x[ROWS];
    size_t j = 0;
    HWV_UNROLL
    for (size_t r = 0; r < count; r++) { /* what y cannot overlap stays in registers */
        row[r] = g->row[r];
        x[r] = g->x[r];
    }
    if (begin) {
        for (; cols - j >= V_LANES; j += V_LANES)
            v_store(y + j, add_rows(count, row, x, j, V_LANES, v_zero()));
    } else {
        for (; cols - j >= V_LANES; j += V_LANES)
            v_store(y + j, add_rows(count, row, x, j, V_LANES, v_load(y + j)));
    }
    if (j < cols)
        v_store_n(y + j, add_rows(count, row, x, j, cols - j, begin ? v_zero() : v_load_n(y + j, cols - j)), cols - j);
}

/* A constant for the compiler of what is known at run time. */
#define GROUP_OF(COUNT)                                                                                                \
    case COUNT:                                                                                                        \
        group_body(COUNT, g, begin, cols, y);                                                                          \
        break;

static void group_add(size_t count, const group *g, bool begin, size_t cols, float *y)
{
    switch (count) {
        GROUP_OF(1)
        GROUP_OF(2)
        GROUP_OF(3)
        GROUP_OF(4)
        GROUP_OF(5)
        GROUP_OF(6)
        GROUP_OF(7)
    default:
        group_body(ROWS, g, begin, cols, y);
    }
}

/* y = (y + 0) + bias */
static void finish(size_t cols, const float *bias, float *y)
{
    for (size_t j = 0; j < cols; j += V_LANES) {
        const size_t width = cols - j < V_LANES ? cols - j : V_LANES;
        vf sum = v_add(v_load_part(y + j, width), v_zero());
        if (bias)
            sum = v_add(sum, v_load_part(bias + j, width));
        v_store_part(y + j, sum, width);
    }
}

static void run(const hwv_gemv *gemv, const float *x, const int32_t *rows, size_t count, size_t first, size_t cols,
                const float *bias, float *y)
{
    const float *w = gemv->w + first;
    for (size_t j = 0; count == 0 && j < cols; j++)
        y[j] = 0;
    for (size_t i = 0; i < count; i += ROWS) {
        const size_t now = count - i < ROWS ? count - i : ROWS;
        group g;
        for (size_t r = 0; r < now; r++) {
            const size_t row = rows ? (size_t)rows[i + r] : i + r;
            g.row[r] = w + row * gemv->stride;
            g.x[r] = v_set(x[row]);
        }
        group_add(now, &g, i == 0, cols, y);
    }
    finish(cols, bias, y);
}

static size_t nonzero(size_t n, const float *x, int32_t *rows)
{
    int32_t lane[V_LANES];
    size_t count = 0;
    for (size_t i = 0; i < V_LANES; i++)
        lane[i] = (int32_t)i;
    vi number = vi_load(lane);
    for (size_t i = 0; i < n; i += V_LANES) {
        const vf a = v_load_part(x + i, n - i < V_LANES ? n - i : V_LANES);
        count += vi_store_packed(rows + count, number, v_ne(a, v_zero()));
        number = vi_add(number, vi_set(V_LANES));
    }
    return count;
}

/* 0 times a number that is not finite is none. */
static bool finite(size_t n, const float *x)
{
    vf zero = v_zero();
    for (size_t i = 0; i < n; i += V_LANES)
        zero = v_fma(v_load_part(x + i, n - i < V_LANES ? n - i : V_LANES), v_zero(), zero);
    return !vm_any(v_unordered(zero, zero));
}

const hwv_gemv_kernels HWV_ISA(hwv_gemv_kernels) = {run, nonzero, finite};
