/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from elu.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_ELU_H
#define HWV_ACT_COEFFICIENTS_ELU_H

#include "simd/simd.h"

#if V_TABLE >= 32
/* e^r - 1 = r + r^2 (c0 + c1 r + c2 r^2), |r| <= 1.01 ln2/32, error 3.31e-10 of r. */
static const float hwv_expm1_small[3] = {
    0x1.000000p-1f, 0x1.555710p-3f, 0x1.55568ep-5f,
};
#endif

#endif
