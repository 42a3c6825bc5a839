/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * tanh and tanhshrink. With a table: a polynomial per bucket of |x|. The last bucket of tanh is the constant 1 at
 * and beyond its base. */
#ifndef HWV_ACT_SMOOTH_TANH_H
#define HWV_ACT_SMOOTH_TANH_H

#include "act/coefficients/tanh.h"
#include "act/coefficients/tanhshrink.h"
#include "act/smooth/buckets.h"
#include "act/smooth/exp.h"

#if V_TABLE
HWV_WORD vw tanh_forward(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(hwv_tanh_last), w_abs(x));
    return w_xor_sign(HWV_GROWING(hwv_tanh, a), x);
}

/* a - tanh a up to 9.25, from where the rest of |x| is added. */
HWV_WORD vw tanhshrink_forward(vw x, wp p)
{
    (void)p;
    vw whole = w_abs(x), a = w_min(w_set(hwv_shrink_last), whole);
    return w_xor_sign(w_add(HWV_GROWING(hwv_shrink, a), w_sub(whole, a)), x);
}
#else
/* e^(2a) + 1, 2a <= 40. */
HWV_WORD vw tanh_bottom(vw a)
{
    vw b = w_min(w_set(20.0f), a);
    hwv_exp_parts e = exp_parts(w_add(b, b));
    return w_fma(e.p, exp_power(e.sum), w_set(1.0f));
}
/* Without: an odd polynomial near 0 and 1 - 2/(e^(2a) + 1) further out. */
HWV_WORD vw tanh_forward(vw x, wp p)
{
    (void)p;
    vw a = w_abs(x), s = w_mul(x, x);
    vw near = w_fma(s, w_set(hwv_tanh_odd[4]), w_set(hwv_tanh_odd[3]));
    near = w_fma(s, near, w_set(hwv_tanh_odd[2]));
    near = w_fma(s, near, w_set(hwv_tanh_odd[1]));
    near = w_fma(s, near, w_set(hwv_tanh_odd[0]));
    near = w_fma(w_mul(a, s), near, a);
    vw far = w_sub(w_set(1.0f), w_div(w_set(2.0f), tanh_bottom(a)));
    return w_xor_sign(w_select(w_lt(a, w_set(0.6f)), near, far), x);
}
HWV_WORD vw tanhshrink_forward(vw x, wp p)
{
    (void)p;
    vw a = w_abs(x);
    vw b = w_keep(w_nlt(a, w_set(0x1p-55f)), w_min(w_set(2.0f), a)), s = w_mul(b, b);
    vw near = w_set(hwv_shrink_odd[9]);
    HWV_UNROLL
    for (int k = 8; k >= 0; k--)
        near = w_fma(s, near, w_set(hwv_shrink_odd[k]));
    near = w_mul(w_mul(b, s), near);
    vw far = w_add(w_sub(a, w_set(1.0f)), w_div(w_set(2.0f), tanh_bottom(a)));
    return w_xor_sign(w_select(w_lt(a, w_set(1.25f)), near, far), x);
}
#endif

#endif
