/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Kernels of the rows of families `rectified` and `bent` in double. */
#define HWV_DOUBLE
#include "act/kernels/rectified.c"
