/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of the gradients of the rows of family `smooth`. */
#include "simd/simd.h"
#if V_LANES == 16
#define V_WIDE 2
#else
#define V_WIDE 1
#endif

#include "act/loops.h"
#include "act/smooth.h"

#define HWV_FAMILY_rectified(name)
#define HWV_FAMILY_bent(name)
#define HWV_FAMILY_smooth(name)   HWV_DEFINE(name, backward, loop_backward_long(a, name##_backward))
#define HWV_Y_smooth_ALWAYS(name) HWV_DEFINE(name, backward_y, loop_backward_long(a, name##_backward_y))
#define HWV_Y_smooth_IF(when)     HWV_Y_smooth_ALWAYS
#define HWV_Y_smooth_NEVER(name)
#define HWV_Y_rectified_ALWAYS(name)
#define HWV_Y_rectified_IF(when) HWV_Y_rectified_ALWAYS
#define HWV_Y_rectified_NEVER(name)
#define HWV_Y_bent_ALWAYS(name)
#define HWV_Y_bent_IF(when) HWV_Y_bent_ALWAYS
#define HWV_Y_bent_NEVER(name)

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, ...)                                 \
    HWV_OWNED_##KERNEL(HWV_FAMILY_##FAMILY(name) HWV_Y_##FAMILY##_##FROM_Y(name))
#include "halfwave/ops.def"
