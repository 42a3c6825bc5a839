/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of the rows of family `smooth` in double. With 16 registers a second vector beside the first would be a
 * tenth faster, and half as much code again. */
#define HWV_DOUBLE
#include "simd/simd.h"
#if defined(HWV_SIMD_avx512)
#define V_WIDE 2
#else
#define V_WIDE 1
#endif

#include "act/loops.h"
#include "act/passes.h"
#include "act/smooth_f64.h"

#define LOOP_forward               loop_forward_long
#define LOOP_backward              loop_backward_long
#define LOOP_backward_y            loop_backward_long
#define HWV_DEFINE_LONG(row, pass) HWV_DEFINE(row, pass, LOOP_##pass(a, row##_##pass))

#define HWV_FAMILY_rectified(name, FROM_Y)
#define HWV_FAMILY_bent(name, FROM_Y)
#define HWV_FAMILY_smooth(name, FROM_Y)                                                                                \
    HWV_PASSES_f64_smooth(HWV_DEFINE_LONG, name) HWV_FROM_Y_##FROM_Y(HWV_DEFINE_LONG, name)

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, ...)                                 \
    HWV_OWNED_##KERNEL(HWV_FAMILY_##FAMILY(name, FROM_Y))
#include "halfwave/ops.def"
