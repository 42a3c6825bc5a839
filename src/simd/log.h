/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * v_log(x): natural logarithm in single precision of a normal number above 0, within 2^-23 * max(1, |log x|); NaN and
 * +inf give NaN. */
#ifndef HWV_SIMD_LOG_H
#define HWV_SIMD_LOG_H

#include "simd/simd.h"

/* x = 2^n m, m in [sqrt(1/2), sqrt(2)); log m = 2 atanh(t), t = (m - 1) / (m + 1), |t| < 0.172: the series of atanh to
 * t^9, what is left out is below 2^-28 of it. */
HWV_WORD vf v_log(vf x)
{
    const vi root_half = vi_set(0x3f3504f3);
    const vi above = vi_sub(v_as_i(x), root_half);
    const vf n = v_from_i(vi_sra(above, 23));
    const vf m = v_as_f(vi_add(vi_and(above, vi_set(0x7fffff)), root_half));
    const vf t = v_div(v_sub(m, v_set(1.0f)), v_add(m, v_set(1.0f))), s = v_mul(t, t);
    vf p = v_set(2.0f / 9);
    p = v_fma(p, s, v_set(2.0f / 7));
    p = v_fma(p, s, v_set(2.0f / 5));
    p = v_fma(p, s, v_set(2.0f / 3));
    p = v_fma(v_mul(p, s), t, v_mul(t, v_set(2.0f)));
    p = v_fma(n, v_set(-2.12194440e-4f), p);
    p = v_fma(n, v_set(0.693359375f), p);
    return v_add(p, v_sub(x, x));
}

#endif
