/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Comparing float32 results with a double truth. Each call returns true when all agree; otherwise it
 * prints the worst element (index, hex float, bits, wanted) under `label` to stderr. */
#ifndef TESTS_COMPARE_H
#define TESTS_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

/* max |got - exact| <= limit * max |exact|, both over finite truths; where the truth is not finite got
 * must be the same. A NaN limit never passes. */
bool compare_maximum(const char *label, const float *got, const double *exact, size_t n, double limit);
/* |got - exact| in units of float32's spacing at |exact| (never below 2^-149); infinity where one is NaN
 * and the other is not, or where a truth that rounds to infinity is missed. */
double compare_ulp_error(float got, double exact);
bool compare_ulp(const char *label, const float *got, const double *exact, size_t n, double max_ulp);
/* got is the truth rounded to float32: NaN equals NaN; +0 equals -0 unless signed_zero. */
bool compare_rounded(const char *label, const float *got, const double *exact, size_t n, bool signed_zero);
/* The same bits. */
bool compare_bits(const char *label, const float *got, const float *wanted, size_t n);

#endif
