/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Formulas of the smooth operators, and the exponential they share. No intermediate value may be subnormal: a
 * CPU takes a hundred cycles for one. A subnormal result appears in the last operation. */
#ifndef HWV_ACT_SMOOTH_H
#define HWV_ACT_SMOOTH_H

#include "act/coefficients/exp.h"
#include "act/coefficients/tanh.h"
#include "act/predicates.h"
#include "act/smooth/buckets.h"
#include "act/smooth/parabolas.h"

/* e^x = p * 2^floor(n) for -110 <= x <= 88, p in [0.7, 2): `n` as a float, `sum` = n + a magic number, in whose
 * low bits the integer n stands. A NaN comes out in p. */
typedef struct hwv_exp_parts {
    vw p, n, sum;
} hwv_exp_parts;

#if V_TABLE >= 32
/* n in sixteenths, 2^(j/16) from a table, and the table's own rounding error as a correction. */
#define HWV_EXP_MAGIC 786432.0f /* 1.5 * 2^19 */
HWV_WORD hwv_exp_parts exp_parts(vw x)
{
    hwv_exp_parts e;
    e.sum = w_fma(x, w_set(HWV_LOG2E), w_set(HWV_EXP_MAGIC));
    e.n = w_sub(e.sum, w_set(HWV_EXP_MAGIC));
    vw r = w_fnma(e.n, w_set(HWV_LN2_HIGH), x);
    r = w_fnma(e.n, w_set(HWV_LN2_LOW), r);
    vw q = w_fma(r, w_set(hwv_exp_small[1]), w_set(hwv_exp_small[0]));
    q = w_mul(r, w_fma(r, q, w_set(1.0f)));
    vw t = w_table16(hwv_exp2_16, w_as_i(e.sum)), low = w_table16(hwv_exp2_16_low, w_as_i(e.sum));
    e.p = w_add(t, w_fma(t, q, low));
    return e;
}
#else
#define HWV_EXP_MAGIC 12582912.0f /* 1.5 * 2^23 */
HWV_WORD hwv_exp_parts exp_parts(vw x)
{
    hwv_exp_parts e;
    e.sum = w_fma(x, w_set(HWV_LOG2E), w_set(HWV_EXP_MAGIC));
    e.n = w_sub(e.sum, w_set(HWV_EXP_MAGIC));
    vw r = w_fnma(e.n, w_set(HWV_LN2_HIGH), x);
    r = w_fnma(e.n, w_set(HWV_LN2_LOW), r);
    vw q = w_fma(r, w_set(hwv_exp_half[4]), w_set(hwv_exp_half[3]));
    q = w_fma(r, q, w_set(hwv_exp_half[2]));
    q = w_fma(r, q, w_set(hwv_exp_half[1]));
    q = w_fma(r, q, w_set(hwv_exp_half[0]));
    q = w_fma(w_mul(r, r), q, r);
    e.p = w_add(w_set(1.0f), q);
    return e;
}
/* 2^n of the integer in the low bits of n + magic, -126 <= n <= 127. As a factor: adding n to the exponent bits
 * of p would turn a NaN with payload into a number. */
HWV_WORD vw exp_power(vw sum)
{
    return w_as_f(wi_add(wi_shl(w_as_i(sum), 23), wi_set(127 << 23)));
}
#endif

/* sigmoid. With e = exp(-|x|) it is 1/(1+e) or e/(1+e); written m - m*s, s = e/(1+e), m = 1 or e, the rounding
 * errors of the quotient are damped by s. */
#if V_SCALE
HWV_WORD vw sigmoid_forward(vw x, wp p)
{
    (void)p;
    wm left = w_lt(x, w_zero());
    hwv_exp_parts e = exp_parts(w_neg(w_min(w_set(110.0f), w_abs(x))));
    /* Beyond 2^-100, s does not matter, and must not become subnormal. */
    vw small = w_scale_floor(e.p, w_max(w_set(-100.0f), e.n));
    vw s = w_div(small, w_add(w_set(1.0f), small));
    vw m = w_select(left, e.p, w_set(1.0f));
    return w_scale_floor_where(left, w_fnma(m, s, m), e.n);
}
#else
HWV_WORD vw sigmoid_forward(vw x, wp p)
{
    (void)p;
    wm left = w_lt(x, w_zero());
    vw a = w_abs(x), one = w_set(1.0f);
    if (!wm_any(w_gt(a, w_set(87.0f)))) {
        hwv_exp_parts e = exp_parts(w_neg(a));
        vw v = w_mul(e.p, exp_power(e.sum));
        vw m = w_select(left, v, one);
        return w_fnma(m, w_div(v, w_add(one, v)), m);
    }
    /* The same with the power of two last where the result may be subnormal. Lanes within 87 get the same bits. */
    hwv_exp_parts e = exp_parts(w_neg(w_min(w_set(110.0f), a)));
    vw near = w_add(w_max(w_set(-100.0f), e.n), w_set(HWV_EXP_MAGIC));
    vw small = w_mul(e.p, exp_power(near));
    vw m = w_select(left, e.p, one);
    vw y = w_fnma(m, w_div(small, w_add(one, small)), m);
    return w_select(left, w_scale(y, w_to_i(e.n)), y);
}
#endif
HWV_WORD vw sigmoid_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, w_mul(y, w_sub(w_set(1.0f), y)));
}
HWV_WORD vw sigmoid_backward(vw dy, vw x, wp p)
{
    return sigmoid_backward_y(dy, sigmoid_forward(x, p), p);
}

/* tanh. With a table: a polynomial per bucket of |x|. The last bucket is the constant 1 at and beyond its base. */
#if V_TABLE
HWV_WORD vw tanh_forward(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(hwv_tanh_last), w_abs(x));
    return w_xor_sign(HWV_GROWING(hwv_tanh, a), x);
}
#else
/* Without: an odd polynomial near 0 and 1 - 2/(e^(2a) + 1) further out. */
HWV_WORD vw tanh_forward(vw x, wp p)
{
    (void)p;
    vw a = w_abs(x), one = w_set(1.0f), s = w_mul(x, x);
    vw near = w_fma(s, w_set(hwv_tanh_odd[4]), w_set(hwv_tanh_odd[3]));
    near = w_fma(s, near, w_set(hwv_tanh_odd[2]));
    near = w_fma(s, near, w_set(hwv_tanh_odd[1]));
    near = w_fma(s, near, w_set(hwv_tanh_odd[0]));
    near = w_fma(w_mul(a, s), near, a);
    vw b = w_min(w_set(10.0f), a);
    hwv_exp_parts e = exp_parts(w_add(b, b));
    vw v = w_mul(e.p, exp_power(e.sum));
    vw far = w_sub(one, w_div(w_set(2.0f), w_add(v, one)));
    return w_xor_sign(w_select(w_lt(a, w_set(0.6f)), near, far), x);
}
#endif
HWV_WORD vw tanh_backward_y(vw dy, vw y, wp p)
{
    (void)p;
    return w_mul(dy, w_fnma(y, y, w_set(1.0f)));
}
HWV_WORD vw tanh_backward(vw dy, vw x, wp p)
{
    return tanh_backward_y(dy, tanh_forward(x, p), p);
}

/* The bound on |x| only keeps inf/inf away: the quotient is 1 long before. */
HWV_WORD vw softsign_forward(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(1e30f), w_abs(x));
    return w_xor_sign(w_div(a, w_add(w_set(1.0f), a)), x);
}
HWV_WORD vw softsign_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(1e30f), w_abs(x));
    vw q = w_div(w_set(1.0f), w_add(w_set(1.0f), a));
    return w_mul(w_mul(dy, q), q);
}

#endif
