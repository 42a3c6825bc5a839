/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of the rows of family `smooth`. Their chains are long: four vectors at once where there are 32
 * registers to hold them, two elsewhere. */
#include "simd/simd.h"
#if V_LANES == 1
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
#define HWV_FAMILY_smooth(name)                                                                                        \
    HWV_DEFINE(name, forward, loop_forward_long(a, name##_forward))                                                    \
    HWV_DEFINE(name, backward, loop_backward_long(a, name##_backward))
#define HWV_Y_smooth_ALWAYS(name) HWV_DEFINE(name, backward_y, loop_backward_long(a, name##_backward_y))
#define HWV_Y_smooth_IF(when)     HWV_Y_smooth_ALWAYS
#define HWV_Y_smooth_NEVER(name)
#define HWV_Y_rectified_ALWAYS(name)
#define HWV_Y_rectified_IF(when) HWV_Y_rectified_ALWAYS
#define HWV_Y_rectified_NEVER(name)
#define HWV_Y_bent_ALWAYS(name)
#define HWV_Y_bent_IF(when) HWV_Y_bent_ALWAYS
#define HWV_Y_bent_NEVER(name)
#define HWV_FAST_SAME(name)
#define HWV_FAST_BOUND(error) HWV_FAST_OWN
#if V_TABLE
#define HWV_FAST_OWN(name) HWV_DEFINE(name, fast, loop_forward_long(a, name##_fast))
#else
#define HWV_FAST_OWN(name)
#endif

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, CLAIMS, WHEN, ACCURACY, \
               FAST, ...)                                                                                              \
    HWV_OWNED_##KERNEL(HWV_FAMILY_##FAMILY(name) HWV_Y_##FAMILY##_##FROM_Y(name) HWV_FAST_##FAST(name))
#include "halfwave/ops.def"
