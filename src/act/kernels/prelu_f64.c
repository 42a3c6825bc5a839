/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * PReLU with slopes per column or in training, in double. */
#define HWV_DOUBLE
#include "act/kernels/prelu.c"
