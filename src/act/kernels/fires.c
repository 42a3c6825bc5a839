/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Which elements fire: a kernel for each predicate of predicates.def. */
#include "simd/simd.h"
#if V_LANES == 1
#define V_WIDE 1
#else
#define V_WIDE 4
#endif

#include "act/loops.h"

#define HWV_PREDICATE(name, ...) HWV_DEFINE(fires, name, loop_fires(a, is_##name))
#include "act/predicates.def"
