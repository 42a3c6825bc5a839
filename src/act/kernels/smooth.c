/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of the values of the rows of family `smooth`. Their chains are long: four vectors at once where there are 32
 * registers to hold them, two elsewhere; one on SSE2, where two would gain 8 % for twice the code. */
#include "simd/simd.h"
#if !V_FMA
#define V_WIDE 1
#elif V_LANES == 16
#define V_WIDE 4
#else
#define V_WIDE 2
#endif

#include "act/loops.h"
#include "act/smooth.h"

#define HWV_FAMILY_rectified(name)
#define HWV_FAMILY_bent(name)
#define HWV_FAMILY_smooth(name) HWV_DEFINE(name, forward, loop_forward_long(a, name##_forward))
#define HWV_FAST_SAME(name)
#define HWV_FAST_BOUND(error) HWV_FAST_OWN
#if V_TABLE
#define HWV_FAST_OWN(name) HWV_DEFINE(name, fast, loop_forward_long(a, name##_fast))
#else
#define HWV_FAST_OWN(name)
#endif

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, CLAIMS, WHEN, ACCURACY, \
               FAST, ...)                                                                                              \
    HWV_OWNED_##KERNEL(HWV_FAMILY_##FAMILY(name) HWV_FAST_##FAST(name))
#include "halfwave/ops.def"
