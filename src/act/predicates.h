/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The predicates of predicates.def in words, and the parameters that formulas take. */
#ifndef HWV_ACT_PREDICATES_H
#define HWV_ACT_PREDICATES_H

#include "act/kernels.h"
#include "simd/wide.h"

/* Parameters, one per lane: a PReLU has another slope in each column. */
typedef struct wp {
    vw p[HWV_ACT_PARAMS];
} wp;

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
HWV_WORD wm is_not_negative_or_zero(vw x, wp p)
{
    (void)p;
    return w_nle(x, w_zero());
}

#endif
