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

#define HWV_FAMILY_rectified(name, FIRES, FROM_Y)
#define HWV_FAMILY_smooth(name, FIRES, FROM_Y)                                                                         \
    HWV_DEFINE_ROW(name, FIRES)                                                                                        \
    HWV_DEFINE_Y_##FROM_Y(name)

#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, FAMILY, FROM_Y, PASS, FIRES, ...)                                     \
    HWV_FAMILY_##FAMILY(name, FIRES, FROM_Y)
#include "halfwave/ops.def"
