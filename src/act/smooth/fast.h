/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The fast tier: values with an error of at most 5e-7 max(1, |f|), the right limits, and no NaN but from a NaN. Most
 * are a bucket table of |x| and one of three endings. With the small tables of 8 entries an exponential is as
 * good for some. */
#ifndef HWV_ACT_SMOOTH_FAST_H
#define HWV_ACT_SMOOTH_FAST_H

#include "act/coefficients/fast.h"
#include "act/smooth/buckets.h"
#include "act/smooth/exp.h"
#include "act/smooth/softplus.h"
#include "act/smooth/tanh.h"

/* e^x = s (1 + q), s a power of two times an entry of the table. With fma one step of reduction is good to 2e-9 of
 * x/ln 2. For |x| <= 85. */
HWV_WORD vw fast_power(vw x, vw *s)
{
    hwv_exp_parts e;
#if V_FMA
    e.sum = w_fma(x, w_set(HWV_LOG2E), w_set(HWV_EXP_MAGIC));
    e.n = w_sub(e.sum, w_set(HWV_EXP_MAGIC));
    vw r = w_fnma(e.n, w_set(HWV_LN2_HIGH + HWV_LN2_LOW), x);
#else
    vw r = exp_rest(exp_unit, x, NULL, &e);
#endif
#if V_TABLE >= 32
    *s = w_scale_floor(w_table16(hwv_exp2_16, w_as_i(e.sum)), e.n);
    vw q = w_fma(r, w_set(hwv_exp_small[1]), w_set(hwv_exp_small[0]));
#else
    *s = exp_power(e.sum);
    vw q = w_set(hwv_exp_half[4]);
    HWV_UNROLL
    for (int k = 3; k >= 0; k--)
        q = w_fma(r, q, w_set(hwv_exp_half[k]));
#endif
    return w_product(r, w_fma(r, q, w_set(1.0f)));
}
HWV_WORD vw fast_exp(vw x)
{
    vw s, q = fast_power(x, &s);
    return w_fma(s, q, s);
}
/* e^min(x, high), high <= 85, but exactly 0 from -60 down: there e^-60 is taken off, too little to matter before. */
HWV_WORD vw fast_exp_to_0(vw x, float high)
{
    const vw low = w_set(-60.0f);
    return w_sub(fast_exp(w_min(w_set(high), w_max(low, x))), fast_exp(low));
}
/* 1 - e^x for x <= 0, and 0 for x > 0. */
HWV_WORD vw fast_left(vw x)
{
    vw s, q = fast_power(w_min(w_zero(), w_max(w_set(-20.0f), x)), &s);
    return w_fnma(s, q, w_sub(w_set(1.0f), s));
}

#if V_TABLE
HWV_WORD vw sigmoid_fast(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(hwv_fast_sigmoid_last), w_abs(x));
    return w_add(w_set(0.5f), w_xor_sign(HWV_PLAIN(hwv_fast_sigmoid, a), x));
}

HWV_WORD vw softplus_fast_of(vw z)
{
    vw a = w_min(w_set(hwv_fast_softplus_last), w_abs(z));
    return HWV_PLAIN(hwv_fast_softplus, a);
}
HWV_WORD vw softplus_fast(vw x, wp p)
{
    vw y = w_fma(softplus_fast_of(w_product(x, p.p[0])), w_div(w_set(1.0f), p.p[0]), w_max(w_zero(), x));
    return w_select(w_gt(x, softplus_linear(p.p[0], p.p[1])), x, y);
}
HWV_WORD vw logsigmoid_fast(vw x, wp p)
{
    (void)p;
    return w_sub(w_min(w_zero(), x), softplus_fast_of(x));
}

#if V_TABLE >= 32
#define HWV_FAST_GELU(name, a) HWV_PLAIN(name, a)
#else
#define HWV_FAST_GELU(name, a) HWV_UNIFORM(name, a)
#endif
HWV_WORD vw gelu_fast(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(hwv_fast_gelu_last), w_abs(x));
    return w_sub(w_max(w_zero(), x), HWV_FAST_GELU(hwv_fast_gelu, a));
}
HWV_WORD vw gelu_tanh_fast(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(hwv_fast_gelu_tanh_last), w_abs(x));
    return w_sub(w_max(w_zero(), x), HWV_FAST_GELU(hwv_fast_gelu_tanh, a));
}

#if V_TABLE >= 32
HWV_WORD vw tanh_fast(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(hwv_fast_tanh_last), w_abs(x));
    return w_xor_sign(HWV_PLAIN(hwv_fast_tanh, a), x);
}
HWV_WORD vw silu_fast(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(hwv_fast_silu_last), w_abs(x));
    return w_sub(w_max(w_zero(), x), HWV_PLAIN(hwv_fast_silu, a));
}
#else
HWV_WORD vw tanh_fast(vw x, wp p)
{
    return tanh_forward(x, p);
}
HWV_WORD vw silu_fast(vw x, wp p)
{
    (void)p;
    vw n = fast_exp_to_0(x, 20.0f);
    return w_product(w_max(w_set(-60.0f), x), w_div(n, w_add(n, w_set(1.0f))));
}
#endif

/* As kernels of elu: x > 0 ? p[1] x : p[0] (e^x - 1). The zeros come out with their sign. */
HWV_WORD vw elu_fast(vw x, wp p)
{
    return w_fnma(p.p[0], fast_left(x), w_product(p.p[1], w_max(w_zero(), x)));
}
HWV_WORD vw celu_fast(vw x, wp p)
{
    return w_fnma(p.p[0], fast_left(w_product(x, p.p[1])), w_max(w_zero(), x));
}

/* x w/(w + 2), w = n (n + 2), n = e^x. */
HWV_WORD vw mish_fast(vw x, wp p)
{
    (void)p;
    vw n = fast_exp_to_0(x, 20.0f), two = w_set(2.0f), w = w_mul(n, w_add(n, two));
    return w_product(w_max(w_set(-60.0f), x), w_div(w, w_add(w, two)));
}
#endif

#endif
