/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * See lanes.h. HWV_LANES is the name of the table that this build defines. */
#include "lanes.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <string.h>

/* The vector forms of libmvec (errors below 4 ULP of double). glibc's header offers them only together with
 * -ffast-math, which would do away with infinities and NaNs. */
#if defined __GNUC__ && !defined __clang__ && defined __x86_64__ && defined __GLIBC__
#if __GLIBC_PREREQ(2, 35)
#define LANES_VECTOR __attribute__((simd("notinbranch"), const))
LANES_VECTOR double exp(double);
LANES_VECTOR double expm1(double);
LANES_VECTOR double log1p(double);
LANES_VECTOR double tanh(double);
LANES_VECTOR double cosh(double);
LANES_VECTOR double erfc(double);
#endif
#endif

#define LANES_LOOP(name, kind, formula)                                                                                \
    static inline void name##_##kind(double *restrict exact, const float *restrict in, size_t n, const float *param)   \
    {                                                                                                                  \
        const double p[HWV_ACT_PARAMS] = {(double)param[0], (double)param[1]};                                         \
        (void)p;                                                                                                       \
        _Pragma("omp simd") for (size_t i = 0; i < n; i++)                                                             \
        {                                                                                                              \
            const double x = (double)in[i];                                                                            \
            (void)x;                                                                                                   \
            exact[i] = (formula);                                                                                      \
        }                                                                                                              \
    }
#define REFERENCE(name, f, derivative) LANES_LOOP(name, value, f) LANES_LOOP(name, gradient, derivative)
#include "act/definitions.h"

typedef void function(double *restrict exact, const float *restrict in, size_t n, const float *param);
static function *const rows[][2] = {
#define HWV_OP(NUMBER, NAME, name, ...) [NUMBER] = {name##_value, name##_gradient},
#include "halfwave/ops.def"
#undef HWV_OP
};

static void reference(const hwv_act *act, bool gradient, double *exact, const float *x, size_t n)
{
    rows[act->op][gradient](exact, x, n, act->param);
}

static inline uint64_t bits_of_double(double a)
{
    uint64_t i;
    memcpy(&i, &a, sizeof i);
    return i;
}

static inline double double_of(uint64_t i)
{
    double a;
    memcpy(&a, &i, sizeof a);
    return a;
}

static inline uint32_t bits_of_float(float a)
{
    uint32_t i;
    memcpy(&i, &a, sizeof i);
    return i;
}

/* 1 / ulp(a): 2^-e from the exponent's bits, times 2^23. */
static inline double per_ulp(double a)
{
    double inverse = double_of(UINT64_C(0x7fe0000000000000) - (bits_of_double(a) & UINT64_C(0x7ff0000000000000)));
    inverse *= 0x1p23;
    return inverse < 0x1p149 ? inverse : 0x1p149;
}

/* `error` where both are numbers; else 0 where they are the same. */
static inline double settle(double error, float got, double exact)
{
    float rounded = (float)exact;
    double other = rounded == got ? 0 : (double)INFINITY;
    error = fabsf(got) <= FLT_MAX && fabsf(rounded) <= FLT_MAX ? error : other;
    return error;
}

#define LANES_MEASURE(name, expression)                                                                                \
    static lanes_errors name(double *restrict error, const float *restrict results, const double *restrict truth,      \
                             size_t n, double half)                                                                    \
    {                                                                                                                  \
        double worst = 0, over = 0;                                                                                    \
        _Pragma("omp simd reduction(max : worst) reduction(+ : over)") for (size_t i = 0; i < n; i++)                  \
        {                                                                                                              \
            const float got = results[i];                                                                              \
            const double exact = truth[i];                                                                             \
            double e = (expression);                                                                                   \
            error[i] = e;                                                                                              \
            worst = e > worst ? e : worst;                                                                             \
            over += e > half ? 1.0 : 0.0;                                                                              \
        }                                                                                                              \
        return (lanes_errors){worst, (size_t)over};                                                                    \
    }

static inline double error_ulp(float got, double exact)
{
    return settle(fabs((double)got - exact) * per_ulp(exact), got, exact);
}

static inline double error_gradient(float got, double exact)
{
    double per = per_ulp(exact);
    return settle(fabs((double)got - exact) * (per < 0x1p23 ? per : 0x1p23), got, exact);
}

static inline double error_relative(float got, double exact)
{
    double size = fabs(exact);
    return settle(fabs((double)got - exact) / (size > 1 ? size : 1), got, exact);
}

static inline double error_exact(float got, double exact)
{
    double ulp = error_ulp(got, exact);
    ulp = ulp > 1 ? ulp : 1;
    return bits_of_float(got) == bits_of_float((float)exact) ? 0 : ulp;
}

static inline double error_equal(float got, double exact)
{
    double ulp = error_ulp(got, exact);
    ulp = ulp > 1 ? ulp : 1;
    return got == (float)exact ? 0 : ulp;
}

LANES_MEASURE(measure_exact, error_exact(got, exact))
LANES_MEASURE(measure_equal, error_equal(got, exact))
LANES_MEASURE(measure_ulp, error_ulp(got, exact))
LANES_MEASURE(measure_gradient, error_gradient(got, exact))
LANES_MEASURE(measure_relative, error_relative(got, exact))

static lanes_errors measure(lanes_measure how, double *error, const float *got, const double *exact, size_t n,
                            double half)
{
    switch (how) {
    case LANES_EXACT:
        return measure_exact(error, got, exact, n, half);
    case LANES_EQUAL:
        return measure_equal(error, got, exact, n, half);
    case LANES_GRADIENT:
        return measure_gradient(error, got, exact, n, half);
    case LANES_RELATIVE:
        return measure_relative(error, got, exact, n, half);
    default:
        return measure_ulp(error, got, exact, n, half);
    }
}

extern const lanes HWV_LANES;
const lanes HWV_LANES = {reference, measure};
