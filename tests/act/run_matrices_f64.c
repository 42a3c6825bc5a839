/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Whole matrices of doubles. */
#define HWV_TEST_F64
#include "run_matrices.c"
