/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of the rows of family `rectified`. They wait for memory, not for arithmetic: wide only so that the
 * loop itself costs little. */
#include "simd/simd.h"
#if V_LANES == 1
#define V_WIDE 1
#elif V_LANES == 16
#define V_WIDE 2
#else
#define V_WIDE 4
#endif

#include "act/loops.h"
#include "act/rectified.h"

#define HWV_FAMILY_rectified(name, PASS, FIRES, FROM_Y)                                                                \
    HWV_DEFINE_ROW(name, FIRES)                                                                                        \
    HWV_DEFINE_MASKS(name, PASS)                                                                                       \
    HWV_DEFINE_Y_##FROM_Y(name)
#define HWV_FAMILY_smooth(name, PASS, FIRES, FROM_Y)

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, FAMILY, FROM_Y, PASS, FIRES, ...)                                     \
    HWV_FAMILY_##FAMILY(name, PASS, FIRES, FROM_Y)
#include "halfwave/ops.def"
