/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Which elements fire: a kernel for each way to say it. */
#include "simd/simd.h"
#if V_LANES == 1
#define V_WIDE 1
#elif defined(HWV_DOUBLE)
#define V_WIDE 2
#else
#define V_WIDE 4
#endif

#include "act/loops.h"

#define HWV_FIRES(words) HWV_DEFINE(fires, words, loop_fires(a, is_##words))
HWV_FIRES_LIST(HWV_FIRES)
