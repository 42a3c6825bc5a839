/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sums and products of arrays that other passes are made of, and PReLU where leaky_relu's kernels do not serve: a slope for each column or row, and the gradient of the slopes. Such a
 * gradient is a sum over many elements: each lane adds a few terms plainly and then carries what rounding lost (Knuth's
 * two-sum), in an order that depends on the shape alone, so that the error hardly depends on the length. */
#define V_WIDE 2
#include "act/loops.h"
#include "act/rectified.h"

/* So many terms are added plainly: with the product's, an error of at most as many roundings. */
enum { FEW = 4, FEW_ROWS = 8 };
/* So many columns, or rows with different slopes, have their sums on the stack at a time. */
enum { BLOCK_COLS = 1024, BLOCK_ROWS = 16 };

/* sum + low is the running sum. */
typedef struct hwv_sum {
    vw sum, low;
} hwv_sum;

HWV_WORD hwv_sum sum_add(hwv_sum s, vw a)
{
    vw sum = w_add(s.sum, a), part = w_sub(sum, s.sum);
    vw lost = w_add(w_sub(s.sum, w_sub(sum, part)), w_sub(a, part));
    return (hwv_sum){sum, w_add(s.low, lost)};
}

/* sum[j], low[j] for each of W_LANES lanes j. */
HWV_WORD hwv_sum sum_load(const v_real *sum, const v_real *low)
{
    return (hwv_sum){w_load(sum), w_load(low)};
}
HWV_WORD void sum_store(v_real *sum, v_real *low, hwv_sum s)
{
    w_store(sum, s.sum);
    w_store(low, s.low);
}

/* Where a sum overflowed or met a NaN, `low` is NaN, and the plain sum is the answer. */
HWV_WORD double sum_value(v_real sum, v_real low)
{
    return low - low == 0 ? (double)sum + (double)low : (double)sum;
}

/* The gradient of n <= W_LANES elements goes to dx; what they add to the slope's gradient, d(slope*x)/d(slope) * dy where the
 * slope is used, is returned. */
HWV_WORD vw slope_terms(v_real *dx, const v_real *dy, const v_real *x, vw slope, size_t n)
{
    vw vx = w_load_part(x, n), vdy = w_load_part(dy, n);
    wm pass = w_gt(vx, w_zero());
    w_store_part(dx, w_select(pass, vdy, w_mul(slope, vdy)), n);
    return w_select(pass, w_zero(), w_mul(vx, vdy));
}

HWV_DEFINE(bias, add, loop_bias(a, identity_forward))

HWV_WORD vw product(vw dy, vw x, wp p)
{
    (void)p;
    return w_mul(dy, x);
}
HWV_DEFINE(gated, product, loop_backward(a, product))

/* n <= W_LANES elements forward or, with dy, backward. Returns the bits of the mask; lanes beyond n read as 0, whose bit
 * is 0. */
HWV_WORD uint64_t slope_step(v_real *y, const v_real *dy, const v_real *x, vw slope, size_t n)
{
    vw vx = w_load_part(x, n), from = dy ? w_load_part(dy, n) : vx;
    wm pass = w_gt(vx, w_zero());
    w_store_part(y, w_select(pass, from, w_mul(slope, from)), n);
    return wm_bits(pass);
}

/* A row; slopes[i] for column i, or slopes[0] where not `each`. */
HWV_WORD void slope_row(v_real *y, const v_real *dy, const v_real *x, size_t cols, const v_real *slopes, int each,
                        uint64_t *mask)
{
    vw slope = w_set(slopes[0]);
    uint64_t bits = 0;
    size_t i = 0;
    for (; i + W_LANES <= cols; i += W_LANES) {
        if (each)
            slope = w_load(slopes + i);
        bits |= slope_step(y + i, dy ? dy + i : NULL, x + i, slope, W_LANES) << i % 64;
        if (mask && (i + W_LANES) % 64 == 0) {
            mask[i / 64] = bits;
            bits = 0;
        }
    }
    if (i < cols) {
        if (each)
            slope = w_load_n(slopes + i, cols - i);
        bits |= slope_step(y + i, dy ? dy + i : NULL, x + i, slope, cols - i) << i % 64;
    }
    if (mask && cols % 64)
        mask[cols / 64] = bits;
}

HWV_WORD void slope_rows(const hwv_args *a, int each, int backward, int masked)
{
    for (size_t r = 0; r < a->rows; r++)
        slope_row((v_real *)a->y + r * a->y_stride, backward ? (const v_real *)a->dy + r * a->dy_stride : NULL,
                  (const v_real *)a->x + r * a->x_stride, a->cols, (const v_real *)a->bias + (each ? 0 : r % a->slopes),
                  each, masked ? a->mask + r * a->mask_stride : NULL);
}

HWV_WORD void slope_forward(const hwv_args *a, int each)
{
    if (a->mask)
        slope_rows(a, each, 0, 1);
    else
        slope_rows(a, each, 0, 0);
}

HWV_DEFINE(prelu, columns, slope_forward(a, 1))
HWV_DEFINE(prelu, rows, slope_forward(a, 0))

/* A row of a block of columns: what it adds goes to `terms`, which the first of a few rows overwrites. */
HWV_WORD void columns_row(const hwv_args *a, size_t row, size_t first, size_t cols, v_real *terms, int begins)
{
    const v_real *x = (const v_real *)a->x + row * a->x_stride + first, *slopes = (const v_real *)a->bias + first;
    const v_real *dy = (const v_real *)a->dy + row * a->dy_stride + first;
    v_real *dx = (v_real *)a->y + row * a->y_stride + first;
    size_t i = 0;
    for (; i + W_LANES <= cols; i += W_LANES) {
        vw t = slope_terms(dx + i, dy + i, x + i, w_load(slopes + i), W_LANES);
        w_store(terms + i, begins ? t : w_add(w_load(terms + i), t));
    }
    if (i < cols) {
        vw t = slope_terms(dx + i, dy + i, x + i, w_load_n(slopes + i, cols - i), cols - i);
        w_store(terms + i, begins ? t : w_add(w_load(terms + i), t));
    }
}

static void columns_block(const hwv_args *a, size_t first, size_t cols)
{
    v_real sum[BLOCK_COLS] = {0}, low[BLOCK_COLS] = {0}, terms[BLOCK_COLS], *dslope = (v_real *)a->dslope + first;
    for (size_t r = 0; r < a->rows; r++) {
        if (r % FEW_ROWS == 0)
            columns_row(a, r, first, cols, terms, 1);
        else
            columns_row(a, r, first, cols, terms, 0);
        if (r % FEW_ROWS + 1 == FEW_ROWS || r + 1 == a->rows)
            for (size_t i = 0; i < cols; i += W_LANES)
                sum_store(sum + i, low + i, sum_add(sum_load(sum + i, low + i), w_load(terms + i)));
    }
    for (size_t i = 0; i < cols; i++)
        dslope[i] = (v_real)((double)dslope[i] + sum_value(sum[i], low[i]));
}

static void columns_backward(const hwv_args *a)
{
    if (!a->dslope)
        slope_rows(a, 1, 1, 0);
    for (size_t i = 0; a->dslope && i < a->cols; i += BLOCK_COLS)
        columns_block(a, i, a->cols - i < BLOCK_COLS ? a->cols - i : BLOCK_COLS);
}
HWV_DEFINE(prelu, backward_columns, columns_backward(a))

/* A row with one slope: its terms are added to the lanes' sums. */
static void row_terms(const hwv_args *a, size_t r, v_real *sum, v_real *low)
{
    const v_real *x = (const v_real *)a->x + r * a->x_stride, *dy = (const v_real *)a->dy + r * a->dy_stride;
    v_real *dx = (v_real *)a->y + r * a->y_stride;
    const vw slope = w_set(((const v_real *)a->bias)[r % a->slopes]);
    hwv_sum s = sum_load(sum, low);
    size_t n = a->cols, i = 0;
    for (; i + FEW * W_LANES <= n; i += FEW * W_LANES) {
        vw terms[FEW];
        HWV_UNROLL
        for (size_t k = 0; k < FEW; k++)
            terms[k] = slope_terms(dx + i + k * W_LANES, dy + i + k * W_LANES, x + i + k * W_LANES, slope, W_LANES);
        s = sum_add(s, w_add(w_add(terms[0], terms[1]), w_add(terms[2], terms[3])));
    }
    for (; i < n; i += W_LANES)
        s = sum_add(s, slope_terms(dx + i, dy + i, x + i, slope, n - i < W_LANES ? n - i : W_LANES));
    sum_store(sum, low, s);
}

/* Rows first .. first + slopes of each of the a->slopes rows that follow each other. */
static void rows_block(const hwv_args *a, size_t first, size_t slopes)
{
    v_real sum[BLOCK_ROWS * W_LANES] = {0}, low[BLOCK_ROWS * W_LANES] = {0}, *dslope = (v_real *)a->dslope + first;
    for (size_t base = first; base < a->rows; base += a->slopes)
        for (size_t k = 0; k < slopes && base + k < a->rows; k++)
            row_terms(a, base + k, sum + k * W_LANES, low + k * W_LANES);
    for (size_t k = 0; k < slopes; k++) {
        double total = 0;
        for (size_t j = k * W_LANES; j < (k + 1) * W_LANES; j++)
            total += sum_value(sum[j], low[j]);
        dslope[k] = (v_real)((double)dslope[k] + total);
    }
}

static void rows_backward(const hwv_args *a)
{
    if (!a->dslope)
        slope_rows(a, 0, 1, 0);
    for (size_t c = 0; a->dslope && c < a->slopes; c += BLOCK_ROWS)
        rows_block(a, c, a->slopes - c < BLOCK_ROWS ? a->slopes - c : BLOCK_ROWS);
}
HWV_DEFINE(prelu, backward_rows, rows_backward(a))
