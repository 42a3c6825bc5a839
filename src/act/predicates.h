/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The predicates of predicates.def in words, the parameters that formulas take, and how kernels are named. */
#ifndef HWV_ACT_PREDICATES_H
#define HWV_ACT_PREDICATES_H

#include "act/kernels.h"
#include "simd/wide.h"

/* The element type of a kernel file, and the names of its kernels: HWV_KERNEL(relu, forward) is
 * hwv_relu_forward_f32_avx2 in the avx2 build. */
#if defined(HWV_DOUBLE)
#define HWV_TYPED(name) HWV_ISA(HWV_PASTE(name, f64))
#else
#define HWV_TYPED(name) HWV_ISA(HWV_PASTE(name, f32))
#endif
#define HWV_KERNEL(name, pass) HWV_TYPED(hwv_##name##_##pass)

/* Parameters, one per lane: a PReLU has another slope in each column. */
typedef struct wp {
    vw p[HWV_ACT_PARAMS];
} wp;

HWV_WORD wm is_none(vw x, wp p)
{
    (void)x;
    (void)p;
    return w_ne(w_zero(), w_zero());
}
HWV_WORD wm is_always(vw x, wp p)
{
    (void)x;
    (void)p;
    return w_eq(w_zero(), w_zero());
}
HWV_WORD wm is_positive(vw x, wp p)
{
    (void)p;
    return w_gt(x, w_zero());
}
HWV_WORD wm is_above(vw x, wp p)
{
    return w_gt(x, p.p[0]);
}
HWV_WORD wm is_large(vw x, wp p)
{
    return w_gt(w_abs(x), p.p[0]);
}
HWV_WORD wm is_not_negative_or_zero(vw x, wp p)
{
    (void)p;
    return w_nle(x, w_zero());
}
HWV_WORD wm is_not_below(vw x, wp p)
{
    return w_nle(x, p.p[0]);
}
HWV_WORD wm is_not_small(vw x, wp p)
{
    return w_nle(w_abs(x), p.p[0]);
}
HWV_WORD wm is_within(vw x, wp p)
{
    return wm_and(w_le(p.p[0], x), w_le(x, p.p[1]));
}
HWV_WORD wm is_between(vw x, wp p)
{
    return wm_and(w_nle(x, p.p[0]), w_nle(p.p[1], x));
}
HWV_WORD wm is_inside(vw x, wp p)
{
    return wm_and(w_lt(p.p[0], x), w_lt(x, p.p[1]));
}

#endif
