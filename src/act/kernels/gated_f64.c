/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of gated pairs in double. */
#define HWV_DOUBLE
#include "act/kernels/gated.c"
