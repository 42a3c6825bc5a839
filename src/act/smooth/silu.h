/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * silu(x) = x sigmoid(x), and swish(x) = x sigmoid(beta x): x p/(1 + 2^n p), scaled by 2^n last. */
#ifndef HWV_ACT_SMOOTH_SILU_H
#define HWV_ACT_SMOOTH_SILU_H

#include "act/smooth/exp.h"

HWV_WORD vw silu_by_range(vw x, wp p, int near)
{
    (void)p;
    vw c = near ? x : w_max(w_set(-110.0f), x);
    hwv_exp_parts e = exp_parts(near ? c : w_min(w_set(40.0f), c));
    vw v = exp_normal(e, near);
    vw q = w_div(exp_factor(e, v, near), w_add(w_set(1.0f), v));
    /* x is the last factor but one: x*p might overflow, and an infinite x must not meet a difference. */
    return exp_scale(w_product(c, q), e, near);
}
HWV_WORD vw silu_forward(vw x, wp p)
{
    return HWV_BY_RANGE(silu_by_range, x, p, x, 85.0f);
}

/* For a negative beta, -swish(-x) with -beta. In the tail the rounding error of beta*x would be multiplied by
 * it: it is carried along. */
HWV_WORD vw swish_by_range(vw x, wp p, int near)
{
    vw beta = w_abs(p.p[0]), c = w_xor_sign(x, p.p[0]), b = c;
    if (!near) {
        /* |x| may be as large as 1/beta: 170 makes x e^-170 vanish down to a beta of 1e-26. b is finite for a beta of 0. */
        vw unit = w_div(w_set(1.0f), w_max(w_set(0x1p-100f), beta));
        c = w_max(w_div(w_set(-170.0f), beta), c);
        b = w_min(w_mul(w_set(40.0f), unit), w_max(w_mul(w_set(-170.0f), unit), c));
    }
    vw h = w_product(b, beta), lost = exp_lost(h, b, beta);
    hwv_exp_parts e = exp_parts_of(exp_unit, h, &lost);
    vw v = exp_normal(e, near);
    vw q = w_div(exp_factor(e, v, near), w_add(w_set(1.0f), v));
    return w_xor_sign(exp_scale(w_product(c, q), e, near), p.p[0]);
}
HWV_WORD vw swish_forward(vw x, wp p)
{
    return HWV_BY_RANGE(swish_by_range, x, p, w_product(x, w_max(w_set(0x1p-100f), w_abs(p.p[0]))), 80.0f);
}

#endif
