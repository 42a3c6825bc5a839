/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * PReLU where leaky_relu's kernels do not serve: slopes per column, and the gradient of the slopes. A slope's
 * gradient is a sum over many rows; each lane adds in the order of the rows and carries what rounding lost
 * (Knuth's two-sum), so that the result depends on the shape alone and its error hardly on the length. */
#define V_WIDE 2
#include "act/loops.h"
#include "act/rectified.h"

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

/* What element x adds to the slope's gradient: d(slope*x)/d(slope) * dy where the slope is used. */
HWV_WORD vw slope_term(vw dy, vw x)
{
    return w_select(w_gt(x, w_zero()), w_zero(), w_mul(x, dy));
}

/* Where a sum overflowed or met a NaN, `low` is NaN, and the plain sum is the answer. */
HWV_WORD double sum_value(v_real sum, v_real low)
{
    return low - low == 0 ? (double)sum + (double)low : (double)sum;
}

HWV_DEFINE(bias, add, loop_bias(a, identity_forward))

hwv_kernel HWV_TYPED(hwv_prelu_columns);
void HWV_TYPED(hwv_prelu_columns)(const hwv_args *a)
{
    const v_real *slopes = a->bias;
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride;
        v_real *y = (v_real *)a->y + r * a->y_stride;
        uint64_t bits = 0;
        for (size_t i = 0; i < a->cols; i += W_LANES) {
            size_t n = a->cols - i;
            wp p = loop_params(a);
            vw v;
            if (n >= W_LANES) {
                p.p[0] = w_load(slopes + i);
                v = w_load(x + i);
                w_store(y + i, leaky_relu_forward(v, p));
            } else {
                p.p[0] = w_load_n(slopes + i, n);
                v = w_load_n(x + i, n);
                w_store_n(y + i, leaky_relu_forward(v, p), n);
            }
            /* Lanes beyond the row read as 0, whose bit is 0. */
            bits |= wm_bits(w_gt(v, w_zero())) << i % 64;
            if (a->mask && (i + W_LANES) % 64 == 0) {
                a->mask[r * a->mask_stride + i / 64] = bits;
                bits = 0;
            }
        }
        size_t whole = (a->cols + W_LANES - 1) / W_LANES * W_LANES;
        if (a->mask && whole % 64)
            a->mask[r * a->mask_stride + whole / 64] = bits;
    }
}

hwv_kernel HWV_TYPED(hwv_prelu_backward_columns);
void HWV_TYPED(hwv_prelu_backward_columns)(const hwv_args *a)
{
    const v_real *slopes = a->bias;
    v_real *dslope = a->dslope;
    /* A strip of columns at a time, so that the sums of its slopes stay in registers. */
    for (size_t i = 0; i < a->cols; i += W_LANES) {
        size_t n = a->cols - i;
        wp p = loop_params(a);
        p.p[0] = n >= W_LANES ? w_load(slopes + i) : w_load_n(slopes + i, n);
        hwv_sum s = {w_zero(), w_zero()};
        for (size_t r = 0; r < a->rows; r++) {
            const v_real *x = (const v_real *)a->x + r * a->x_stride + i;
            const v_real *dy = (const v_real *)a->dy + r * a->dy_stride + i;
            v_real *dx = (v_real *)a->y + r * a->y_stride + i;
            vw vx = n >= W_LANES ? w_load(x) : w_load_n(x, n);
            vw vdy = n >= W_LANES ? w_load(dy) : w_load_n(dy, n);
            s = sum_add(s, slope_term(vdy, vx));
            vw vdx = leaky_relu_backward(vdy, vx, p);
            if (n >= W_LANES)
                w_store(dx, vdx);
            else
                w_store_n(dx, vdx, n);
        }
        if (!dslope)
            continue;
        v_real sum[W_LANES], low[W_LANES];
        w_store(sum, s.sum);
        w_store(low, s.low);
        for (size_t j = 0; j < W_LANES && j < n; j++)
            dslope[i + j] = (v_real)((double)dslope[i + j] + sum_value(sum[j], low[j]));
    }
}

hwv_kernel HWV_TYPED(hwv_prelu_backward_shared);
void HWV_TYPED(hwv_prelu_backward_shared)(const hwv_args *a)
{
    wp p = loop_params(a);
    p.p[0] = w_set(((const v_real *)a->bias)[0]);
    hwv_sum s = {w_zero(), w_zero()};
    for (size_t r = 0; r < a->rows; r++) {
        const v_real *x = (const v_real *)a->x + r * a->x_stride, *dy = (const v_real *)a->dy + r * a->dy_stride;
        v_real *dx = (v_real *)a->y + r * a->y_stride;
        size_t n = a->cols, i = 0;
        for (; i + W_LANES <= n; i += W_LANES) {
            vw vx = w_load(x + i), vdy = w_load(dy + i);
            s = sum_add(s, slope_term(vdy, vx));
            w_store(dx + i, leaky_relu_backward(vdy, vx, p));
        }
        if (i < n) {
            vw vx = w_load_n(x + i, n - i), vdy = w_load_n(dy + i, n - i);
            s = sum_add(s, slope_term(vdy, vx));
            w_store_n(dx + i, leaky_relu_backward(vdy, vx, p), n - i);
        }
    }
    v_real sum[W_LANES], low[W_LANES];
    w_store(sum, s.sum);
    w_store(low, s.low);
    double total = 0;
    for (size_t j = 0; j < W_LANES; j++)
        total += sum_value(sum[j], low[j]);
    v_real *dslope = a->dslope;
    dslope[0] = (v_real)((double)dslope[0] + total);
}
