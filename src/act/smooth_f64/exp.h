/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the smooth operators in double are made of: exp in two parts, expm1, log1p, and what the rounding of a
 * product lost. One polynomial for all arguments, no tables, no libm: every set runs the same steps. */
#ifndef HWV_ACT_SMOOTH_F64_EXP_H
#define HWV_ACT_SMOOTH_F64_EXP_H

#include "act/coefficients/f64.h"
#include "act/predicates.h"

/* c[0] + c[1] t + ...: odd and even powers apart, for two chains half as long. */
HWV_WORD vw f64_polynomial(vw t, const double *c, int count)
{
    vw s = w_mul(t, t), even = w_set(c[(count - 1) & ~1]), odd = w_set(c[(count - 2) | 1]);
    HWV_UNROLL
    for (int i = ((count - 1) & ~1) - 2; i >= 0; i -= 2)
        even = w_fma(even, s, w_set(c[i]));
    HWV_UNROLL
    for (int i = ((count - 2) | 1) - 2; i >= 1; i -= 2)
        odd = w_fma(odd, s, w_set(c[i]));
    return w_fma(odd, t, even);
}
/* The same in one chain, whose steps cancel less where t is not small. */
HWV_WORD vw f64_horner(vw t, const double *c, int count)
{
    vw sum = w_set(c[count - 1]);
    HWV_UNROLL
    for (int i = count - 2; i >= 0; i--)
        sum = w_fma(sum, t, w_set(c[i]));
    return sum;
}
#define F64_HORNER(t, c)     f64_horner(t, c, (int)(sizeof(c) / sizeof(c)[0]))
#define F64_POLYNOMIAL(t, c) f64_polynomial(t, c, (int)(sizeof(c) / sizeof(c)[0]))

/* a*b - product, sign turned: what must be taken off the rounded product. Both finite, far from overflow. */
HWV_WORD vw f64_lost(vw a, vw b, vw product)
{
#if V_FMA
    return w_fnma(a, b, product);
#else
    const wi top = wi_set(-(INT64_C(1) << 27));
    vw ah = w_as_f(wi_and(w_as_i(a), top)), bh = w_as_f(wi_and(w_as_i(b), top));
    vw al = w_sub(a, ah), bl = w_sub(b, bh);
    return w_fnma(al, bl, w_fnma(al, bh, w_fnma(ah, bl, w_fnma(ah, bh, product))));
#endif
}

/* a * 2^n, n an integer as a double; the result may be subnormal or 0. */
HWV_WORD vw f64_scale(vw a, vw n)
{
#if V_SCALE
    return w_scale_floor(a, n);
#else
    return w_scale(a, w_to_i(n));
#endif
}

/* 2^n, -1022 <= n <= 1023. */
HWV_WORD vw f64_power(vw n)
{
#if V_SCALE
    return w_scale_floor(w_set(1), n);
#else
    return w_pow2(w_to_i(n));
#endif
}

/* e^x = (1 + m) * 2^n, -0.3 < m < 0.42, |x| below 10^6. A NaN comes out in m. */
typedef struct f64_exp {
    vw m, n;
} f64_exp;

/* e^r - 1, |r| <= ln2/2. */
HWV_WORD vw f64_expm1_near(vw r)
{
    return w_fma(w_mul(r, r), F64_POLYNOMIAL(r, hwv_f64_exp), r);
}
HWV_WORD vw f64_exp_count(vw x)
{
    const vw magic = w_set(0x1.8p52);
    return w_sub(w_fma(x, w_set(HWV_F64_LOG2E), magic), magic);
}
HWV_WORD vw f64_exp_rest(vw x, vw n)
{
    return w_fnma(n, w_set(HWV_F64_LN2_LOW), w_fnma(n, w_set(HWV_F64_LN2_HIGH), x));
}
HWV_WORD f64_exp f64_exp_parts(vw x)
{
    vw n = f64_exp_count(x);
    return (f64_exp){f64_expm1_near(f64_exp_rest(x, n)), n};
}
/* Of x + low, where an argument of hundreds must be known to more than 53 bits. */
HWV_WORD f64_exp f64_exp_parts_low(vw x, vw low)
{
    vw n = f64_exp_count(x), rest = w_fnma(n, w_set(HWV_F64_LN2_HIGH), x);
    return (f64_exp){f64_expm1_near(w_add(rest, w_fnma(n, w_set(HWV_F64_LN2_LOW), low))), n};
}
/* 1 + m, and a (1 + m) with one rounding less. */
HWV_WORD vw f64_mantissa(f64_exp e)
{
    return w_add(w_set(1), e.m);
}
HWV_WORD vw f64_times(vw a, f64_exp e)
{
    return w_fma(a, e.m, a);
}
/* e^x for a sum with something larger: never below 2^-1000, so that it is no subnormal. */
HWV_WORD vw f64_exp_value(f64_exp e)
{
    return f64_times(f64_power(w_max(w_set(-1000), e.n)), e);
}

/* e^x - 1, -700 <= x <= 700. */
HWV_WORD vw f64_expm1(vw x)
{
    vw n = f64_exp_count(x), power = f64_power(n);
    return w_fma(power, f64_expm1_near(f64_exp_rest(x, n)), w_sub(power, w_set(1)));
}

/* log(1 + e), 0 <= e <= 1: of 1 + f or 2 (1 + f), with log(1+f) = f - (h - s (h + R)), h = f^2/2, s = f/(2+f), so
 * that the rounding errors of s count little (Ng, fdlibm, 1993). */
HWV_WORD vw f64_log1p(vw e)
{
    wm large = w_gt(e, w_set(HWV_F64_LOG_EDGE));
    vw half = w_set(0.5), f = w_select(large, w_mul(half, w_sub(e, w_set(1))), e);
    vw h = w_mul(half, w_mul(f, f)), s = w_div(f, w_add(w_set(2), f)), z = w_mul(s, s);
    vw rest = w_mul(z, F64_POLYNOMIAL(z, hwv_f64_log));
    vw low = w_fma(s, w_add(h, rest), w_keep(large, w_set(HWV_F64_LN2_LOW)));
    return w_add(w_keep(large, w_set(HWV_F64_LN2_HIGH)), w_sub(f, w_sub(h, low)));
}

#endif
