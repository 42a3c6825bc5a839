/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Formulas of the smooth operators. */
#ifndef HWV_ACT_SMOOTH_H
#define HWV_ACT_SMOOTH_H

#include "act/smooth/elu.h"
#include "act/smooth/exp.h"
#include "act/smooth/fast.h"
#include "act/smooth/gelu.h"
#include "act/smooth/mish.h"
#include "act/smooth/parabolas.h"
#include "act/smooth/sigmoid.h"
#include "act/smooth/silu.h"
#include "act/smooth/slope.h"
#include "act/smooth/softplus.h"
#include "act/smooth/tanh.h"

/* |x| / (1 + |x|) as a product, because dividing a subnormal is slow. The bound on |x| keeps inf/inf away; as a
 * power of two it gives exactly 1. */
HWV_WORD vw softsign_forward(vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(0x1p100f), w_abs(x));
    return w_xor_sign(w_product(a, w_div(w_set(1.0f), w_add(w_set(1.0f), a))), x);
}
/* Here the bound on |x| keeps q from being subnormal. */
HWV_WORD vw softsign_backward(vw dy, vw x, wp p)
{
    (void)p;
    vw a = w_min(w_set(1e30f), w_abs(x));
    vw q = w_div(w_set(1.0f), w_add(w_set(1.0f), a));
    return w_product(w_product(dy, q), q);
}

#endif
