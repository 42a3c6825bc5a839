/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of the rows of family `rectified`. They wait for memory, not for arithmetic: wide only so that the
 * loop itself costs little. */
#include "simd/simd.h"
#if V_LANES == 1
#define V_WIDE 1
#elif defined(HWV_SIMD_avx512) || defined(HWV_DOUBLE)
#define V_WIDE 2
#else
#define V_WIDE 4
#endif

#include "act/loops.h"
#include "act/passes.h"
#include "act/rectified.h"

/* A row's kernel of a pass: its formula in the loop, or another kernel that does the same (HWV_SHARED_<row>_<pass> of
 * act/rectified.h). */
#define HWV_SECOND_(first, second, ...) second
#define HWV_SECOND(...)                 HWV_SECOND_(__VA_ARGS__)
#define HWV_BODY(name, pass, loop)      HWV_DEFINE(name, pass, HWV_SECOND(HWV_SHARED_##name##_##pass, loop, ))

/* In double the library stays small: no passes that add a bias, and each formula written out once. */
#if defined(HWV_DOUBLE)
#define HWV_FAMILY_rectified HWV_FAMILY_bent
#define HWV_LOOP_FORWARD     loop_forward_long
#define HWV_LOOP_BACKWARD    loop_backward_long
#else
#define HWV_LOOP_FORWARD  loop_forward
#define HWV_LOOP_BACKWARD loop_backward
#define HWV_FAMILY_rectified(name, PASS, FROM_Y)                                                                       \
    HWV_FAMILY_bent(name, PASS, FROM_Y) HWV_BODY(name, bias, loop_bias(a, name##_forward))                             \
        HWV_BODY(name, bias_mask, loop_mask(a, name##_forward, is_##PASS, 1))
#endif
#define HWV_FROM_Y(row, pass) HWV_BODY(row, pass, HWV_LOOP_BACKWARD(a, row##_##pass))
#define HWV_FAMILY_bent(name, PASS, FROM_Y)                                                                            \
    HWV_BODY(name, forward, HWV_LOOP_FORWARD(a, name##_forward))                                                       \
    HWV_BODY(name, backward, HWV_LOOP_BACKWARD(a, name##_backward))                                                    \
    HWV_BODY(name, forward_mask, loop_mask(a, name##_forward, is_##PASS, 0))                                           \
    HWV_BODY(name, backward_mask, loop_backward_mask(a, name##_backward_mask))                                         \
    HWV_FROM_Y_##FROM_Y(HWV_FROM_Y, name)
#define HWV_FAMILY_smooth(name, PASS, FROM_Y)

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, ...)                           \
    HWV_OWNED_##KERNEL(HWV_FAMILY_##FAMILY(name, PASS, FROM_Y))
#include "halfwave/ops.def"
