/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Arithmetic of two arrays, element by element, each rounded once: the same bits on every set. */
#ifndef HWV_LINALG_PAIRS_H
#define HWV_LINALG_PAIRS_H

#include <stddef.h>

/* y[i] = f(a[i * a_step], b[i * b_step]), steps 0 or 1. y may be a or b where that has a step of 1; any other overlap is
 * an error. add, sub, mul and div as IEEE 754 has them; min and max give b of two equal elements and pass a NaN of
 * either. */
typedef void hwv_pair_kernel(size_t n, float *y, const float *a, size_t a_step, const float *b, size_t b_step);

typedef enum hwv_pair { HWV_PAIR_ADD, HWV_PAIR_SUB, HWV_PAIR_MUL, HWV_PAIR_DIV, HWV_PAIR_MIN, HWV_PAIR_MAX } hwv_pair;

/* Of the set in use. */
hwv_pair_kernel *hwv_pair_kernel_of(hwv_pair pair);

#endif
