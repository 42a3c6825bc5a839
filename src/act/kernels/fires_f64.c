/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Which elements fire, of doubles. */
#define HWV_DOUBLE
#include "act/kernels/fires.c"
