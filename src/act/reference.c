/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The operators in double precision, from their definitions: REFERENCE(name, f(x), f'(x)), with parameters p[0],
 * p[1]. At a kink the gradient is the chosen one; a NaN passes. */
#include "act/reference.h"

#include <math.h>

#define REFERENCE(name, value, gradient)                                                                               \
    static double name##_reference(double x, const double *p)                                                          \
    {                                                                                                                  \
        (void)p;                                                                                                       \
        return (value);                                                                                                \
    }                                                                                                                  \
    static double name##_reference_gradient(double x, const double *p)                                                 \
    {                                                                                                                  \
        (void)x;                                                                                                       \
        (void)p;                                                                                                       \
        return (gradient);                                                                                             \
    }

/* 1/(1+exp(-x)) without the overflow of exp, and its derivative without cancellation. */
static double logistic(double x)
{
    return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
}

REFERENCE(identity, x, 1)
REFERENCE(relu, x < 0 ? 0 : x, x <= 0 ? 0 : 1)
REFERENCE(leaky_relu, x > 0 ? x : p[0] * x, x > 0 ? 1 : p[0])
REFERENCE(prelu, x > 0 ? x : p[0] * x, x > 0 ? 1 : p[0])
REFERENCE(sigmoid, logistic(x), logistic(x) * logistic(-x))
REFERENCE(tanh, tanh(x), 1 / (cosh(x) * cosh(x)))
REFERENCE(softsign, isinf(x) ? copysign(1, x) : x / (1 + fabs(x)), 1 / ((1 + fabs(x)) * (1 + fabs(x))))

#define HWV_PREDICATE(name, text, value)                                                                               \
    static bool name##_predicate(double x, const double *p)                                                            \
    {                                                                                                                  \
        (void)x;                                                                                                       \
        (void)p;                                                                                                       \
        return (value);                                                                                                \
    }
#include "act/predicates.def"

typedef double reference_function(double x, const double *p);
typedef bool predicate_function(double x, const double *p);
static const struct {
    reference_function *value, *gradient;
    predicate_function *pass, *fires;
} rows[] = {
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, FAMILY, FROM_Y, PASS, FIRES, ...)                                     \
    [NUMBER] = {name##_reference, name##_reference_gradient, PASS##_predicate, FIRES##_predicate},
#include "halfwave/ops.def"
};

#define WITH_PARAMS(act, function, x)                                                                                  \
    (rows[(act)->op].function(x, (const double[HWV_ACT_PARAMS]){(double)(act)->param[0], (double)(act)->param[1]}))

double hwv_act_reference(const hwv_act *act, double x)
{
    return WITH_PARAMS(act, value, x);
}

double hwv_act_reference_gradient(const hwv_act *act, double x)
{
    return WITH_PARAMS(act, gradient, x);
}

bool hwv_act_reference_pass(const hwv_act *act, double x)
{
    return WITH_PARAMS(act, pass, x);
}

bool hwv_act_reference_fires(const hwv_act *act, double x)
{
    return WITH_PARAMS(act, fires, x);
}
