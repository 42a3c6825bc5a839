/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The operators in double precision, from their definitions: REFERENCE(name, f(x), f'(x)), with parameters p[0],
 * p[1]. Define REFERENCE and include this file; rows stand in the order of ops.def. At a kink the gradient is the
 * chosen one; a NaN passes. Every formula keeps full relative accuracy in its tails and near its zeros, over all
 * floats (test_truth holds them against MPFR). No function of libm is called under a condition, so that loops over
 * a formula can run in vectors (tests/act/sweep). */
#ifndef HWV_ACT_DEFINITIONS_H
#define HWV_ACT_DEFINITIONS_H

#include <math.h>

/* x * s where the limit is 0 wherever s is, be x infinite. */
static inline double definitions_damp(double x, double s)
{
    return s == 0 ? 0 : x * s;
}

/* 1/(1+exp(-x)) without the overflow of exp. */
static inline double definitions_logistic(double x)
{
    double e = exp(-fabs(x));
    return (x < 0 ? e : 1) / (1 + e);
}

/* log(1+exp(x)) */
static inline double definitions_softplus(double x)
{
    return (x > 0 ? x : 0) + log1p(exp(-fabs(x)));
}

/* x * logistic(b*x), and what its derivative is made of: s * (1 + b*x * (1-s)). */
static inline double definitions_swish(double x, double b)
{
    return definitions_damp(x, definitions_logistic(b == 0 ? 0 : b * x));
}
static inline double definitions_swish_gradient(double x, double b)
{
    double z = b == 0 && x == x ? 0 : b * x, s = definitions_logistic(z);
    return definitions_damp(1 + definitions_damp(z, definitions_logistic(-z)), s);
}

/* exp(x)-1 and exp(x) of the negative side, as at 0 on the other; a NaN is not greater than 0. */
static inline double definitions_expm1(double x)
{
    return expm1(x > 0 ? 0 : x);
}
static inline double definitions_exp(double x)
{
    return exp(x > 0 ? 0 : x);
}

/* The normal distribution: 1/2 erfc(-x/sqrt 2) and its density. */
static inline double definitions_normal(double x)
{
    return 0.5 * erfc(-0.70710678118654752440 * x);
}
static inline double definitions_density(double x)
{
    return 0.39894228040143267794 * exp(-0.5 * x * x);
}

/* 2 sqrt(2/pi) (x + 0.044715 x^3): gelu_tanh is x * logistic of it; and its derivative times x. */
static inline double definitions_cubic(double x)
{
    return 0.071354816272600224 * x * (x * x + 22.36386000223638600022);
}
static inline double definitions_cubic_slope(double x)
{
    return 0.071354816272600224 * x * (3 * x * x + 22.36386000223638600022);
}

/* mish = x * w, w = tanh(log1p(e^x)) = t/d. In e = exp(-|x|): t = e(e+2) or 1+2e, d = t + 2 or t + 2e^2. */
static inline double definitions_mish(double x)
{
    double e = exp(-fabs(x)), t = x < 0 ? e * (e + 2) : 1 + 2 * e, u = x < 0 ? 2 : 2 * e * e;
    return definitions_damp(x, t / (t + u));
}
static inline double definitions_mish_gradient(double x)
{
    double e = exp(-fabs(x)), t = x < 0 ? e * (e + 2) : 1 + 2 * e, u = x < 0 ? 2 : 2 * e * e, d = t + u;
    /* 1 - w^2 = (d-t)(d+t)/d^2 */
    return t / d + definitions_damp(x, u / d * ((2 * t + u) / d) * ((x < 0 ? e : 1) / (1 + e)));
}

/* x - tanh(x); below 1 by the series of x cosh(x) - sinh(x) = sum of 2k/(2k+1)! x^(2k+1), whose terms are positive. */
static inline double definitions_tanhshrink(double x)
{
    double s = x * x, sum = 16.0 / 355687428096000;
    sum = 14.0 / 1307674368000 + s * sum;
    sum = 12.0 / 6227020800 + s * sum;
    sum = 10.0 / 39916800 + s * sum;
    sum = 8.0 / 362880 + s * sum;
    sum = 6.0 / 5040 + s * sum;
    sum = 4.0 / 120 + s * sum;
    sum = 2.0 / 6 + s * sum;
    double near = x * s * sum / cosh(fabs(x) < 1 ? x : 0), far = x - tanh(x);
    return fabs(x) < 1 ? near : far;
}

/* 1/cosh^2 */
static inline double definitions_sech2(double x)
{
    double e = exp(-2 * fabs(x));
    return 4 * e / ((1 + e) * (1 + e));
}

/* Where alpha*x + beta is `level`, as a float. */
static inline double definitions_kink(const double *p, int level)
{
    return (double)(float)((level - p[1]) / p[0]);
}

#endif

REFERENCE(identity, x, 1)
REFERENCE(relu, x < 0 ? 0 : x, x <= 0 ? 0 : 1)
REFERENCE(leaky_relu, x > 0 ? x : p[0] * x, x > 0 ? 1 : p[0])
REFERENCE(prelu, x > 0 ? x : p[0] * x, x > 0 ? 1 : p[0])
REFERENCE(sigmoid, definitions_logistic(x), definitions_logistic(x) * definitions_logistic(-x))
REFERENCE(tanh, tanh(x), definitions_sech2(x))
REFERENCE(softsign, isinf(x) ? copysign(1, x) : x / (1 + fabs(x)), 1 / ((1 + fabs(x)) * (1 + fabs(x))))
/* rrelu in use (not in training): the slope is the mean of the two, as a float. */
REFERENCE(rrelu, x > 0 ? x : (double)(float)((p[0] + p[1]) / 2) * x, x > 0 ? 1 : (double)(float)((p[0] + p[1]) / 2))
REFERENCE(relu6, x<0 ? 0 : x> 6 ? 6 : x, x <= 0 || x >= 6 ? 0 : 1)
/* max has the last word where min > max. */
REFERENCE(clip, (x < p[0] ? p[0] : x) > p[1] ? p[1] : x < p[0] ? p[0] : x, x >= p[0] && x <= p[1] ? 1 : 0)
REFERENCE(hardtanh, x<p[0] ? p[0] : x> p[1] ? p[1] : x, x <= p[0] || x >= p[1] ? 0 : 1)
REFERENCE(threshold, x <= p[0] ? p[1] : x, x <= p[0] ? 0 : 1)
REFERENCE(hardshrink, fabs(x) <= p[0] ? 0 : x, fabs(x) <= p[0] ? 0 : 1)
REFERENCE(softshrink, x > p[0] ? x - p[0] : x < -p[0] ? x + p[0] : x != x ? x : 0, fabs(x) <= p[0] ? 0 : 1)
/* Between its kinks, which are floats; at the initial parameters they are -3 and 3. */
REFERENCE(hardsigmoid,
          x <= definitions_kink(p, 0) ? 0
          : x >= definitions_kink(p, 1)
              ? 1
              : (x - definitions_kink(p, 0)) / (definitions_kink(p, 1) - definitions_kink(p, 0)),
          x > definitions_kink(p, 0) && x < definitions_kink(p, 1)
              ? 1 / (definitions_kink(p, 1) - definitions_kink(p, 0))
              : 0)
REFERENCE(squared_relu, x <= 0 ? 0 : x * x, x <= 0 ? 0 : 2 * x)
REFERENCE(hardswish, x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6, x<-3 ? 0 : x> 3 ? 1 : (2 * x + 3) / 6)
REFERENCE(exp, exp(x), exp(x))
REFERENCE(silu, definitions_swish(x, 1), definitions_swish_gradient(x, 1))
REFERENCE(swish, definitions_swish(x, p[0]), definitions_swish_gradient(x, p[0]))
REFERENCE(quick_gelu, definitions_swish(x, p[0]), definitions_swish_gradient(x, p[0]))
REFERENCE(elu, x > 0 ? x : p[0] * definitions_expm1(x), x > 0 ? 1 : p[0] * definitions_exp(x))
REFERENCE(selu, p[1] * (x > 0 ? x : p[0] * definitions_expm1(x)), p[1] * (x > 0 ? 1 : p[0] * definitions_exp(x)))
REFERENCE(celu, x > 0 ? x : p[0] * definitions_expm1(x / p[0]), x > 0 ? 1 : definitions_exp(x / p[0]))
REFERENCE(softplus, p[0] * x > p[1] ? x : definitions_softplus(p[0] * x) / p[0],
          p[0] * x > p[1] ? 1 : definitions_logistic(p[0] * x))
REFERENCE(logsigmoid, -definitions_softplus(-x), definitions_logistic(-x))
REFERENCE(gelu, definitions_damp(x, definitions_normal(x)),
          definitions_normal(x) + definitions_damp(x, definitions_density(x)))
REFERENCE(gelu_tanh, definitions_damp(x, definitions_logistic(definitions_cubic(x))),
          definitions_damp(1 + definitions_damp(definitions_cubic_slope(x),
                                                definitions_logistic(-definitions_cubic(x))),
                           definitions_logistic(definitions_cubic(x))))
REFERENCE(mish, definitions_mish(x), definitions_mish_gradient(x))
REFERENCE(tanhshrink, definitions_tanhshrink(x), tanh(x) * tanh(x))
