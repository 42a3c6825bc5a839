/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * sigmoid. With e = exp(-|x|) it is 1/(1+e) or e/(1+e); written m - m*s, s = e/(1+e), m = 1 or e, the rounding
 * errors of the quotient are damped by s. */
#ifndef HWV_ACT_SMOOTH_SIGMOID_H
#define HWV_ACT_SMOOTH_SIGMOID_H

#include "act/smooth/exp.h"

HWV_WORD vw sigmoid_by_range(vw x, wp p, int near)
{
    (void)p;
    wm left = w_lt(x, w_zero());
    vw a = exp_neg_abs(x), one = w_set(1.0f);
    hwv_exp_parts e = exp_parts(near ? a : w_max(w_set(-110.0f), a));
    vw v = exp_normal(e, near);
    vw m = w_select(left, exp_factor(e, v, near), one);
    return exp_scale_where(left, w_fnma(m, w_div(v, w_add(one, v)), m), e, near);
}
HWV_WORD vw sigmoid_forward(vw x, wp p)
{
    return HWV_BY_RANGE(sigmoid_by_range, x, p, x, 87.0f);
}

#endif
