/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * elu and celu: x, or a multiple of e^x - 1 on the left. */
#ifndef HWV_ACT_SMOOTH_ELU_H
#define HWV_ACT_SMOOTH_ELU_H

#include "act/coefficients/elu.h"
#include "act/smooth/exp.h"

/* e^x - 1 for x <= 0, as 2^n (e^r - 1) + (2^n - 1): relative accuracy near 0, where n is 0. For x > 0 it is
 * anything. */
HWV_WORD vw expm1_left(vw x)
{
    hwv_exp_parts e;
    vw r = exp_rest(exp_unit, w_max(w_set(-20.0f), x), NULL, &e);
#if V_TABLE >= 32
    vw q = w_fma(r, w_set(hwv_expm1_small[2]), w_set(hwv_expm1_small[1]));
    q = w_fma(r, q, w_set(hwv_expm1_small[0]));
    q = w_fma(w_product(r, r), q, r);
    vw t = w_table16(hwv_exp2_16, w_as_i(e.sum)), low = w_table16(hwv_exp2_16_low, w_as_i(e.sum));
    vw s = w_scale_floor(w_set(1.0f), e.n);
    return w_fma(s, w_fma(t, q, low), w_fma(s, t, w_set(-1.0f)));
#else
    vw s = exp_power(e.sum);
    return w_fma(s, exp_small(exp_unit, r), w_sub(s, w_set(1.0f)));
#endif
}

/* As a kernel: x > 0 ? p[1] x : p[0] (e^x - 1). */
HWV_WORD vw elu_forward(vw x, wp p)
{
    return w_select(w_gt(x, w_zero()), w_product(p.p[1], x), w_product(p.p[0], expm1_left(x)));
}

/* As a kernel: x > 0 ? x : p[0] (e^z - 1), z = x p[1], p[1] = 1/p[0]. That is x to the last bit where z is small. */
HWV_WORD vw celu_forward(vw x, wp p)
{
    vw z = w_product(x, p.p[1]);
    return w_select(w_gt(z, w_set(-0x1p-27f)), x, w_product(p.p[0], expm1_left(z)));
}

#endif
