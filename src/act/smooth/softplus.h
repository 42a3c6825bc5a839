/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * softplus(x) = log(1 + exp(beta x)) / beta and logsigmoid(x) = -softplus(-x): max(x, 0) + e L(e) with
 * e = exp(-|x|), L(e) = log(1 + e)/e. The errors of e are damped; in the tail e L(e) is scaled last. */
#ifndef HWV_ACT_SMOOTH_SOFTPLUS_H
#define HWV_ACT_SMOOTH_SOFTPLUS_H

#include "act/coefficients/softplus.h"
#include "act/smooth/exp.h"

/* log(1 + e^a) * scale, -110 <= a = -|z|, and that plus `more` >= 0 where z is not `left` of 0. */
HWV_WORD vw softplus_of(wm left, vw a, const vw *lost, const vw *scale, vw more, int near)
{
    hwv_exp_parts e = exp_parts_of(exp_unit, a, lost);
    vw v = exp_normal(e, near), m = near ? v : w_select(left, e.p, v);
    vw l = w_set(hwv_log1p[8]);
    HWV_UNROLL
    for (int k = 7; k >= 0; k--)
        l = w_fma(v, l, w_set(hwv_log1p[k]));
    l = w_fma(v, l, w_set(1.0f));
    return exp_scale_where(left, w_fma(scale ? w_mul(m, *scale) : m, l, more), e, near);
}

/* The largest x with beta x <= threshold, the product not rounded. */
HWV_WORD vw softplus_linear(vw beta, vw threshold)
{
    vw x = w_div(threshold, beta), h = w_mul(x, beta);
    vw over = w_sub(w_sub(h, threshold), exp_lost(h, x, beta));
    return w_select(w_gt(over, w_zero()), w_as_f(wi_sub(w_as_i(x), wi_set(1))), x);
}

HWV_WORD vw softplus_by_range(vw x, wp p, int near)
{
    vw a = w_abs(x), beta = w_neg(p.p[0]), scale = w_div(w_set(1.0f), p.p[0]);
    if (!near)
        a = w_min(w_mul(w_set(110.0f), scale), a);
    vw h = w_product(a, beta), lost = exp_lost(h, a, beta);
    vw y = softplus_of(w_lt(x, w_zero()), h, &lost, &scale, w_max(w_zero(), x), near);
    return w_select(w_gt(x, softplus_linear(p.p[0], p.p[1])), x, y);
}
HWV_WORD vw softplus_forward(vw x, wp p)
{
    return HWV_BY_RANGE(softplus_by_range, x, p, w_product(x, p.p[0]), 80.0f);
}

HWV_WORD vw logsigmoid_by_range(vw x, wp p, int near)
{
    (void)p;
    vw a = exp_neg_abs(x);
    if (!near)
        a = w_max(w_set(-110.0f), a);
    return w_neg(softplus_of(w_gt(x, w_zero()), a, NULL, NULL, w_max(w_zero(), w_neg(x)), near));
}
HWV_WORD vw logsigmoid_forward(vw x, wp p)
{
    return HWV_BY_RANGE(logsigmoid_by_range, x, p, x, 85.0f);
}

#endif
