/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Made by tools/coefficients/make.py from softplus.py beside it; do not edit. */
/* clang-format off */
#ifndef HWV_ACT_COEFFICIENTS_SOFTPLUS_H
#define HWV_ACT_COEFFICIENTS_SOFTPLUS_H

#include "simd/simd.h"

/* log(1 + e) = e (1 + e (c0 + c1 e + ... c8 e^8)), 0 <= e <= 1, relative error 5.26e-09. */
static const float hwv_log1p[9] = {
    -0x1.ffffd2p-2f, 0x1.554dd6p-2f, -0x1.ff24d4p-3f, 0x1.935236p-3f,
    -0x1.3a5ce6p-3f, 0x1.b516d2p-4f, -0x1.d7a230p-5f, 0x1.4a3cfap-6f,
    -0x1.b1903ep-9f,
};

#endif
