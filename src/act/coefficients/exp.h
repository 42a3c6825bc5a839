/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from exp.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_EXP_H
#define HWV_ACT_COEFFICIENTS_EXP_H

#include "simd/simd.h"

/* x = n ln 2 + r: ln 2 in two parts, the first short enough that its product with n is exact. */
#define HWV_LOG2E 0x1.715476p+0f
#define HWV_LN2_HIGH 0x1.62e400p-1f
#define HWV_LN2_LOW 0x1.7f7d1cp-20f
/* e^r = 1 + (r + r^2 (c0 + c1 r + ... c4 r^4)), |r| <= 1.01 ln2/2, absolute error 3.44e-09. */
static const float hwv_exp_half[5] = {
    0x1.000000p-1f, 0x1.555488p-3f, 0x1.5554cep-5f, 0x1.1240aep-7f,
    0x1.6d6b4ep-10f,
};
#if V_TABLE >= 32
/* e^r = 1 + r (1 + r (c0 + r c1)), |r| <= 1.01 ln2/32, absolute error 1.65e-09. */
static const float hwv_exp_small[2] = {
    0x1.00022ap-1f, 0x1.55572ap-3f,
};
/* 2^(j/16), and what its rounding lost. */
static const float hwv_exp2_16[16] = {
    0x1.000000p+0f, 0x1.0b5586p+0f, 0x1.172b84p+0f, 0x1.2387a6p+0f,
    0x1.306fe0p+0f, 0x1.3dea64p+0f, 0x1.4bfdaep+0f, 0x1.5ab07ep+0f,
    0x1.6a09e6p+0f, 0x1.7a1148p+0f, 0x1.8ace54p+0f, 0x1.9c4918p+0f,
    0x1.ae89fap+0f, 0x1.c199bep+0f, 0x1.d5818ep+0f, 0x1.ea4afap+0f,
};
static const float hwv_exp2_16_low[16] = {
    0x0.0p+0f, 0x1.9f3122p-25f, -0x1.c15742p-27f, 0x1.ceac48p-25f,
    0x1.4636e2p-25f, 0x1.824684p-25f, -0x1.593abcp-25f, -0x1.5bd5ecp-27f,
    0x1.9fcef4p-26f, -0x1.829fd0p-25f, 0x1.15506ep-27f, 0x1.51f848p-27f,
    -0x1.a94b14p-26f, -0x1.3d56b2p-27f, -0x1.822dbcp-27f, 0x1.52486cp-27f,
};
#endif

#endif
