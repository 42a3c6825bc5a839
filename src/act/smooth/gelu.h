/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * gelu(x) = max(x, 0) - t Phi(-t), t = |x|, and its tanh form x sigmoid(2 sqrt(2/pi) (x + 0.044715 x^3)). Both have
 * an exponential of a large argument, which therefore is carried in two floats. */
#ifndef HWV_ACT_SMOOTH_GELU_H
#define HWV_ACT_SMOOTH_GELU_H

#include "act/coefficients/gelu.h"
#include "act/smooth/buckets.h"
#include "act/smooth/exp.h"

/* t R(t), 0 <= t <= 14.9, R(t) = Phi(-t) exp(t^2/2): Mills' ratio over sqrt(2 pi), 1/2 falling to 0.027. */
#if V_TABLE
HWV_WORD vw gelu_mills(vw t)
{
    return w_product(t, HWV_GROWING(hwv_mills, t));
}
#else
/* Two quotients, each a correction of a simple term, so that their rounding errors are damped. */
HWV_WORD vw gelu_mills(vw t)
{
    vw nt = w_set(hwv_mills_near_top[2]), nb = w_set(hwv_mills_near_bottom[3]);
    nt = w_fma(t, w_fma(t, nt, w_set(hwv_mills_near_top[1])), w_set(hwv_mills_near_top[0]));
    HWV_UNROLL
    for (int k = 2; k >= 0; k--)
        nb = w_fma(t, nb, w_set(hwv_mills_near_bottom[k]));
    vw ft = w_set(hwv_mills_far_top[3]), fb = w_set(hwv_mills_far_bottom[5]);
    HWV_UNROLL
    for (int k = 2; k >= 0; k--)
        ft = w_fma(t, ft, w_set(hwv_mills_far_top[k]));
    HWV_UNROLL
    for (int k = 4; k >= 0; k--)
        fb = w_fma(t, fb, w_set(hwv_mills_far_bottom[k]));
    wm close = w_lt(t, w_set(1.0f));
    vw q = w_div(w_select(close, w_mul(w_mul(t, t), nt), ft), w_select(close, nb, fb));
    return w_sub(w_select(close, w_mul(w_set(0.5f), t), w_set(HWV_MILLS_FAR)), q);
}
#endif

/* e^(-h/2): exact multiples of the constants of e^h. */
static const hwv_exp_unit exp_unit_square = {-0.5f * HWV_LOG2E, -2 * HWV_LN2_HIGH, -2 * HWV_LN2_LOW, -0.5f};

HWV_WORD vw gelu_by_range(vw x, wp p, int near)
{
    (void)p;
    vw t = w_abs(x);
    if (!near)
        t = w_min(w_set(14.9f), t);
    vw h = w_product(t, t), lost = exp_lost(h, t, t);
    hwv_exp_parts e = exp_parts_of(exp_unit_square, h, &lost);
    vw m = gelu_mills(t);
#if !V_SCALE
    if (near)
        e.p = w_mul(e.p, exp_power(e.sum));
#endif
    return w_sub(w_max(w_zero(), x), exp_scale(w_product(e.p, m), e, near));
}
HWV_WORD vw gelu_forward(vw x, wp p)
{
    return HWV_BY_RANGE(gelu_by_range, x, p, x, 12.5f);
}

/* The argument of the logistic function is K z, z = t (t^2 + C), C = 1/0.044715, K = 2 sqrt(2/pi) 0.044715: with
 * a leading coefficient of 1 the cubic can be had in two floats. C is 16 bits and a rest. */
static const hwv_exp_unit exp_unit_cubic = {-HWV_CUBIC_LOG2E, -HWV_CUBIC_LN2_HIGH, -HWV_CUBIC_LN2_LOW, -HWV_CUBIC_K};

HWV_WORD vw gelu_tanh_by_range(vw x, wp p, int near)
{
    (void)p;
    wm left = w_lt(x, w_zero());
    vw c = near ? x : w_max(w_set(-11.0f), x), t = w_abs(c), one = w_set(1.0f);
    if (!near)
        t = w_min(w_set(11.0f), t);
    vw h = w_product(t, t), c_high = w_set(HWV_CUBIC_C_HIGH);
    vw s = w_add(h, c_high);
    vw s_low = w_add(w_sub(h, w_sub(s, c_high)), w_set(HWV_CUBIC_C_LOW));
    s_low = w_sub(s_low, exp_lost(h, t, t));
    vw z = w_product(t, s), lost = w_fnma(t, s_low, exp_lost(z, t, s));
    hwv_exp_parts e = exp_parts_of(exp_unit_cubic, z, &lost);
    vw v = exp_normal(e, near);
    vw m = w_select(left, exp_factor(e, v, near), one);
    e.n = w_keep(left, e.n);
    return exp_scale(w_product(c, w_fnma(m, w_div(v, w_add(one, v)), m)), e, near);
}
HWV_WORD vw gelu_tanh_forward(vw x, wp p)
{
    return HWV_BY_RANGE(gelu_tanh_by_range, x, p, x, 9.5f);
}

#endif
