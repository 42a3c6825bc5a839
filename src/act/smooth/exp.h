/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The exponential that the smooth operators share. No intermediate value may be subnormal: a CPU takes a hundred
 * cycles for one. A subnormal result appears in the last operation. */
#ifndef HWV_ACT_SMOOTH_EXP_H
#define HWV_ACT_SMOOTH_EXP_H

#include "act/coefficients/exp.h"
#include "act/predicates.h"

/* e^(s x) = p * 2^floor(n), p in [0.7, 2): `n` as a float, `sum` = n + a magic number, in whose low bits the
 * integer n stands. A NaN comes out in p. */
typedef struct hwv_exp_parts {
    vw p, n, sum;
} hwv_exp_parts;

/* x is given in units of 1/s: log2(e^s), and (ln 2)/s in two parts, the first short enough that its product with
 * n is exact. */
typedef struct hwv_exp_unit {
    float log2e, high, low, s;
} hwv_exp_unit;
static const hwv_exp_unit exp_unit = {HWV_LOG2E, HWV_LN2_HIGH, HWV_LN2_LOW, 1.0f};

#if V_TABLE >= 32
#define HWV_EXP_MAGIC 786432.0f /* 1.5 * 2^19: n in sixteenths */
#else
#define HWV_EXP_MAGIC 12582912.0f /* 1.5 * 2^23 */
#endif

/* What is left of x after n units: |r| <= (ln 2)/2, or /32. `lost`, unless NULL, is what x has too much: the
 * rounding error of the product that x is. */
HWV_WORD vw exp_rest(hwv_exp_unit u, vw x, const vw *lost, hwv_exp_parts *e)
{
    /* Without fma `lost` may be as large as to move n. */
    vw whole = lost && !V_FMA ? w_sub(x, *lost) : x;
    e->sum = w_fma(whole, w_set(u.log2e), w_set(HWV_EXP_MAGIC));
    e->n = w_sub(e->sum, w_set(HWV_EXP_MAGIC));
    vw r = w_fnma(e->n, w_set(u.high), x);
    r = w_fnma(e->n, w_set(u.low), r);
    return lost ? w_sub(r, *lost) : r;
}

#if V_TABLE >= 32
/* 2^(j/16) from a table, and the table's own rounding error as a correction. */
HWV_WORD hwv_exp_parts exp_parts_of(hwv_exp_unit u, vw x, const vw *lost)
{
    hwv_exp_parts e;
    vw r = exp_rest(u, x, lost, &e);
    vw q = w_fma(r, w_set(u.s * u.s * u.s * hwv_exp_small[1]), w_set(u.s * u.s * hwv_exp_small[0]));
    q = w_product(r, w_fma(r, q, w_set(u.s)));
    vw t = w_table16(hwv_exp2_16, w_as_i(e.sum)), low = w_table16(hwv_exp2_16_low, w_as_i(e.sum));
    e.p = w_add(t, w_fma(t, q, low));
    return e;
}
#else
/* e^(s r) - 1. */
HWV_WORD vw exp_small(hwv_exp_unit u, vw r)
{
    const float s = u.s, s2 = s * s;
    vw q = w_fma(r, w_set(s2 * s2 * s2 * hwv_exp_half[4]), w_set(s2 * s2 * s * hwv_exp_half[3]));
    q = w_fma(r, q, w_set(s2 * s2 * hwv_exp_half[2]));
    q = w_fma(r, q, w_set(s2 * s * hwv_exp_half[1]));
    q = w_fma(r, q, w_set(s2 * hwv_exp_half[0]));
    return w_fma(w_product(r, r), q, s == 1.0f ? r : w_product(w_set(s), r));
}
HWV_WORD hwv_exp_parts exp_parts_of(hwv_exp_unit u, vw x, const vw *lost)
{
    hwv_exp_parts e;
    vw r = exp_rest(u, x, lost, &e);
    e.p = w_add(w_set(1.0f), exp_small(u, r));
    return e;
}
/* 2^n of the integer in the low bits of n + magic, -126 <= n <= 127. As a factor: adding n to the exponent bits
 * of p would turn a NaN with payload into a number. */
HWV_WORD vw exp_power(vw sum)
{
    return w_as_f(wi_add(wi_shl(w_as_i(sum), 23), wi_set(127 << 23)));
}
#endif
HWV_WORD hwv_exp_parts exp_parts(vw x)
{
    return exp_parts_of(exp_unit, x, NULL);
}

/* A formula comes as function(x, p, near). `near` promises that no power of two leaves the normal range: then it
 * may be multiplied in at once, while it is the last factor elsewhere. Lanes that do not need the long form get
 * the same bits from both. Where scaling is one instruction there is only the long form. */
#if V_SCALE
#define HWV_BY_RANGE(function, x, p, size, bound) function(x, p, 0)
#else
#define HWV_BY_RANGE(function, x, p, size, bound)                                                                      \
    (wm_any(w_gt(w_abs(size), w_set(bound))) ? function(x, p, 0) : function(x, p, 1))
#endif

/* e^x without a subnormal: p * 2^max(n, -100). */
HWV_WORD vw exp_normal(hwv_exp_parts e, int near)
{
#if V_SCALE
    (void)near;
    return w_scale_floor(e.p, w_max(w_set(-100.0f), e.n));
#else
    vw sum = near ? e.sum : w_add(w_max(w_set(-100.0f), e.n), w_set(HWV_EXP_MAGIC));
    return w_mul(e.p, exp_power(sum));
#endif
}
/* The factor of a result that exp_scale completes: p, or e^x itself, which is `normal`, where that is known. */
HWV_WORD vw exp_factor(hwv_exp_parts e, vw normal, int near)
{
    return near ? normal : e.p;
}
HWV_WORD vw exp_scale(vw y, hwv_exp_parts e, int near)
{
#if V_SCALE
    (void)near;
    return w_scale_floor(y, e.n);
#else
    return near ? y : w_scale(y, w_to_i(e.n));
#endif
}
HWV_WORD vw exp_scale_where(wm m, vw y, hwv_exp_parts e, int near)
{
#if V_SCALE
    (void)near;
    return w_scale_floor_where(m, y, e.n);
#else
    return near ? y : w_select(m, w_scale(y, w_to_i(e.n)), y);
#endif
}

/* -|x| */
HWV_WORD vw exp_neg_abs(vw x)
{
    return w_as_f(wi_or(w_as_i(x), wi_set(INT32_MIN)));
}

/* What rounding added to the product h = a * b. */
HWV_WORD vw exp_lost(vw h, vw a, vw b)
{
#if V_FMA
    return w_fnma(a, b, h);
#else
    /* Dekker: halves of 12 bits, whose products are exact. */
    const wi head = wi_set(-4096);
    vw ah = w_as_f(wi_and(w_as_i(a), head)), bh = w_as_f(wi_and(w_as_i(b), head));
    vw al = w_sub(a, ah), bl = w_sub(b, bh);
    vw lost = w_sub(w_sub(w_sub(h, w_mul(ah, bh)), w_mul(ah, bl)), w_mul(al, bh));
    return w_sub(lost, w_mul(al, bl));
#endif
}

HWV_WORD vw exp_by_range(vw x, wp p, int near)
{
    (void)p;
    hwv_exp_parts e = exp_parts(near ? x : w_min(w_set(100.0f), w_max(w_set(-110.0f), x)));
#if !V_SCALE
    if (near)
        return w_mul(e.p, exp_power(e.sum));
#endif
    return exp_scale(e.p, e, near);
}
HWV_WORD vw exp_forward(vw x, wp p)
{
    return HWV_BY_RANGE(exp_by_range, x, p, x, 87.0f);
}

#endif
