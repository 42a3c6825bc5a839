/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * mish(x) = x tanh(softplus(x)). With n = e^x it is x n(n+2)/d, d = n(n+2) + 2, written x (m - m s): m = n and
 * s = n(1+n)/d on the left, m = 1 and s = 2/d on the right. */
#ifndef HWV_ACT_SMOOTH_MISH_H
#define HWV_ACT_SMOOTH_MISH_H

#include "act/smooth/exp.h"

HWV_WORD vw mish_by_range(vw x, wp p, int near)
{
    (void)p;
    wm left = w_lt(x, w_zero());
    vw c = near ? x : w_max(w_set(-112.0f), x), one = w_set(1.0f), two = w_set(2.0f);
    /* Beyond 40 the square of e^x would overflow. */
    hwv_exp_parts e = exp_parts(w_min(w_set(40.0f), c));
    vw n = exp_normal(e, near), m = w_select(left, exp_factor(e, n, near), one);
    e.n = w_keep(left, e.n);
    vw d = w_fma(n, w_add(n, two), two);
    vw s = w_div(w_select(left, w_mul(n, w_add(one, n)), two), d);
    return exp_scale(w_product(c, w_fnma(m, s, m)), e, near);
}
HWV_WORD vw mish_forward(vw x, wp p)
{
    return HWV_BY_RANGE(mish_by_range, x, p, x, 85.0f);
}

#endif
