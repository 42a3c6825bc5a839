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
#include "act/passes.h"
#include "act/smooth.h"

#define HWV_SLOPE(row, pass) HWV_DEFINE(row, pass, loop_backward_long(a, row##_##pass))
#define HWV_FAMILY_rectified(name, FROM_Y)
#define HWV_FAMILY_bent(name, FROM_Y)
#define HWV_FAMILY_smooth(name, FROM_Y) HWV_SLOPE(name, backward) HWV_FROM_Y_##FROM_Y(HWV_SLOPE, name)

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, ...)                                 \
    HWV_OWNED_##KERNEL(HWV_FAMILY_##FAMILY(name, FROM_Y))
#include "halfwave/ops.def"
