/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Formulas of the operators made of straight lines and parabolas: no mask says their gradient. */
#ifndef HWV_ACT_SMOOTH_PARABOLAS_H
#define HWV_ACT_SMOOTH_PARABOLAS_H

#include "act/predicates.h"

/* squared_relu */
HWV_WORD vw squared_relu_forward(vw x, wp p)
{
    (void)p;
    vw r = w_keep(w_nle(x, w_zero()), x);
    return w_mul(r, r);
}
/* 2*x*dy rounds once whichever factor is doubled: the one that is small, so that only the product can overflow. */
HWV_WORD vw squared_relu_backward(vw dy, vw x, wp p)
{
    (void)p;
    wm large = w_ge(x, w_set((v_real)1));
    vw a = w_select(large, x, w_add(x, x)), b = w_select(large, w_add(dy, dy), dy);
    return w_keep(w_nle(x, w_zero()), w_mul(a, b));
}

/* hardswish: x times hardsigmoid, which is halved first, so that nothing overflows; from 3 on that rounds to 1 or more, and is
 * 1, below it to 1 at most. */
HWV_WORD vw hardswish_forward(vw x, wp p)
{
    (void)p;
    const vw three = w_set((v_real)3);
    const vw part = w_mul(w_add(x, three), w_set((v_real)(1.0 / 6)));
    return w_keep(w_nle(x, w_neg(three)), w_product(x, w_min(w_set((v_real)1), part)));
}
/* At +-3 the parabola's gradient. */
HWV_WORD vw hardswish_backward(vw dy, vw x, wp p)
{
    (void)p;
    const vw three = w_set((v_real)3);
    vw dx = w_mul(dy, w_fma(x, w_set((v_real)(1.0 / 3)), w_set((v_real)0.5)));
    dx = w_select(w_gt(x, three), dy, dx);
    return w_keep(w_nlt(x, w_neg(three)), dx);
}

#endif
