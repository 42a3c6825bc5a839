/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The element type of a test: float, or double where HWV_TEST_F64 is defined first; its bits; and the truth, in the
 * next wider type: double, or long double where that is wider than double (REAL_TRUTH says so). */
#ifndef HWV_TESTS_ACT_REAL_H
#define HWV_TESTS_ACT_REAL_H

#include "act/reference.h"
#include "compare.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#if defined(HWV_TEST_F64)
#include "long_reference.h"
typedef double real;
typedef uint64_t real_bits;
typedef long double exact_real;
#define REAL_DTYPE    HWV_F64
#define REAL_NAME(f)  f##_f64
#define REAL_DIGITS   DBL_MANT_DIG
#define REAL_MIN_EXP  DBL_MIN_EXP
#define REAL_EXPONENT 2047
#define REAL_ULP(row) 4.0 /* of every row that is not exact */
#define REAL_TRUTH    (LDBL_MANT_DIG >= 64)
#define TRUTH_ABS     fabsl
#define TRUTH_FREXP   frexpl
#else
typedef float real;
typedef uint32_t real_bits;
typedef double exact_real;
#define REAL_DTYPE    HWV_F32
#define REAL_NAME(f)  f##_f32
#define REAL_DIGITS   FLT_MANT_DIG
#define REAL_MIN_EXP  FLT_MIN_EXP
#define REAL_EXPONENT 255
#define REAL_ULP(row) (row)
#define REAL_TRUTH    1
#define TRUTH_ABS     fabs
#define TRUTH_FREXP   frexp
#endif

/* All bits of a significand that are stored, and the sign. */
#define REAL_FRACTION (((real_bits)1 << (REAL_DIGITS - 1)) - 1)
#define REAL_SIGN     ((real_bits)1 << (sizeof(real) * 8 - 1))
#define REAL_INFINITY ((real_bits)REAL_EXPONENT << (REAL_DIGITS - 1))

static inline real_bits bits_of(real a)
{
    real_bits i;
    memcpy(&i, &a, sizeof i);
    return i;
}
static inline real real_of(real_bits i)
{
    real a;
    memcpy(&a, &i, sizeof a);
    return a;
}

/* Spacing of the type's numbers at |a|, never below that of its subnormals. */
static inline double ulp_at(exact_real a)
{
    int e = REAL_MIN_EXP;
    if (isfinite(a) && a != 0)
        (void)TRUTH_FREXP(a, &e);
    return ldexp(1, (e < REAL_MIN_EXP || !isfinite(a) ? REAL_MIN_EXP : e) - REAL_DIGITS);
}

#if defined(HWV_TEST_F64)
/* As compare_ulp_error, of doubles. */
static inline double ulp_error(double got, long double exact)
{
    double rounded = (double)exact;
    if (isnan(exact) || isnan(got))
        return isnan(exact) && isnan(got) ? 0 : (double)INFINITY;
    if (isinf(rounded) || isinf(got))
        return rounded == got ? 0 : (double)INFINITY;
    return (double)(fabsl((long double)got - exact) / (long double)ulp_at(exact));
}
/* Exact rows round once, which double does as they do; long double would round twice. */
static inline long double truth_value(const hwv_act *act, double x)
{
    return hwv_op_row(act->op)->ulp == 0 ? (long double)hwv_act_reference(act, x) : long_value(act, x);
}
static inline long double truth_slope(const hwv_act *act, double x)
{
    return long_slope(act, x);
}
/* slope * dy as an exact row rounds it: once. A slope of an exact row is a double or twice one. */
static inline real truth_product(exact_real slope, real dy)
{
    return isinf((double)slope) ? (double)(slope / 2) * dy * 2 : (double)slope * dy;
}
#else
static inline double ulp_error(float got, double exact)
{
    return compare_ulp_error(got, exact);
}
static inline double truth_value(const hwv_act *act, double x)
{
    return hwv_act_reference(act, x);
}
static inline double truth_slope(const hwv_act *act, double x)
{
    return hwv_act_reference_gradient(act, x);
}
static inline real truth_product(exact_real slope, real dy)
{
    return (float)(slope * (double)dy);
}
static inline float float_of(uint32_t i)
{
    return real_of(i);
}
#endif

#endif
