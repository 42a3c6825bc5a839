/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The double references in vectors, and how far results are from them: what makes all 2^32 inputs of a function
 * a matter of seconds. Compiled once per instruction set from act/definitions.h; run_truth holds it against MPFR. */
#ifndef HWV_TESTS_LANES_H
#define HWV_TESTS_LANES_H

#include "halfwave/act.h"

#include <stddef.h>

/* How an error is counted. */
typedef enum lanes_measure {
    LANES_EXACT,    /* ULP, at least 1 where the bits are not those of the rounded truth */
    LANES_EQUAL,    /* the same, but either zero will do */
    LANES_ULP,      /* in float's spacing at the truth, never below 2^-149 */
    LANES_GRADIENT, /* the same, never below 2^-23: dy is 1 */
    LANES_RELATIVE, /* error / max(1, |truth|) */
    LANES_MEASURES
} lanes_measure;

typedef struct lanes_errors {
    double worst;
    size_t over; /* how many are over `half` */
} lanes_errors;

typedef struct lanes {
    /* exact[i] = f(x[i]), or f'(x[i]). */
    void (*reference)(const hwv_act *act, bool gradient, double *exact, const float *x, size_t n);
    /* error[i] of got[i]; infinite where a NaN or an infinity is wrong. */
    lanes_errors (*measure)(lanes_measure how, double *error, const float *got, const double *exact, size_t n,
                            double half);
} lanes;

/* The widest that this CPU runs. */
const lanes *lanes_get(void);

#endif
