/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The operators in long double, for the tests of double kernels: long_value and long_slope. From the definitions,
 * sharing no code with the kernels. The 11 or more additional bits and the wide exponents of the type make the
 * plain formulas good enough. */
#ifndef HWV_TESTS_ACT_LONG_REFERENCE_H
#define HWV_TESTS_ACT_LONG_REFERENCE_H

#include "halfwave/act.h"

#include <math.h>

/* x * s where the limit is 0 wherever s is, be x infinite. */
static inline long double long_damp(long double x, long double s)
{
    return s == 0 ? 0 : x * s;
}
static inline long double long_sigmoid(long double x)
{
    return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x));
}
static inline long double long_softplus(long double x)
{
    return x > 0 ? x + log1pl(expl(-x)) : log1pl(expl(x));
}
static inline long double long_swish(long double x, long double b)
{
    return long_damp(x, long_sigmoid(b == 0 ? 0 : b * x));
}
static inline long double long_swish_slope(long double x, long double b)
{
    long double z = b == 0 && x == x ? 0 : b * x, s = long_sigmoid(z);
    return s + long_damp(z, s * long_sigmoid(-z));
}
static inline long double long_left(long double x)
{
    return x > 0 ? 0 : x;
}
static inline long double long_normal(long double x)
{
    return erfcl(-x * sqrtl(0.5L)) / 2;
}
static inline long double long_density(long double x)
{
    return expl(-x * x / 2) * 0.398942280401432677939946059934381868476L;
}
/* sqrt(8/pi) (x + 0.044715 x^3) and its derivative */
#define LONG_SQRT_8_OVER_PI 1.59576912160573071175978423973752747390L
static inline long double long_cubic(long double x)
{
    return LONG_SQRT_8_OVER_PI * (x + 0.044715L * x * x * x);
}
static inline long double long_cubic_slope(long double x)
{
    return LONG_SQRT_8_OVER_PI * (1 + 3 * 0.044715L * x * x);
}
/* tanh(log(1 + e^x)) = E(E+2) / (E(E+2) + 2), and 1 less its square = 4 (E+1)^2 / (...)^2. */
static inline long double long_mish_factor(long double x)
{
    long double e = expl(x), t = e * (e + 2);
    return x > 100 ? 1 : t / (t + 2);
}
static inline long double long_mish_slope(long double x)
{
    long double e = expl(x), d = e * (e + 2) + 2;
    return x > 100 ? 1 : long_mish_factor(x) + long_damp(x, 4 * (e + 1) * e / (d * d));
}
/* x - tanh x; below 1/2 by the series of x cosh x - sinh x, the sum of 2k/(2k+1)! x^(2k+1). */
static inline long double long_tanhshrink(long double x)
{
    long double term = x, sum = 0;
    if (!(fabsl(x) < 0.5L))
        return x - tanhl(x);
    for (int k = 1; k < 14; k++) {
        term *= x * x / (2 * k * (2 * k + 1));
        sum += 2 * k * term;
    }
    return sum / coshl(x);
}
/* Where p[0] x + p[1] is `level`, as a float. */
static inline long double long_kink(const long double *p, int level)
{
    return (float)((level - p[1]) / p[0]);
}

/* LONG_REFERENCE(name, f(x), f'(x)), with parameters p[0], p[1]. At a kink the gradient is the chosen one. */
#define LONG_REFERENCE(name, value, gradient)                                                                          \
    static inline long double long_row_##name(long double x, const long double *p)                                     \
    {                                                                                                                  \
        (void)p;                                                                                                       \
        return (value);                                                                                                \
    }                                                                                                                  \
    static inline long double long_row_slope_##name(long double x, const long double *p)                               \
    {                                                                                                                  \
        (void)x;                                                                                                       \
        (void)p;                                                                                                       \
        return (gradient);                                                                                             \
    }

LONG_REFERENCE(identity, x, 1)
LONG_REFERENCE(relu, x < 0 ? 0 : x, x <= 0 ? 0 : 1)
LONG_REFERENCE(leaky_relu, x > 0 ? x : p[0] * x, x > 0 ? 1 : p[0])
LONG_REFERENCE(prelu, x > 0 ? x : p[0] * x, x > 0 ? 1 : p[0])
LONG_REFERENCE(sigmoid, long_sigmoid(x), long_sigmoid(x) * long_sigmoid(-x))
LONG_REFERENCE(tanh, tanhl(x), 1 / (coshl(x) * coshl(x)))
LONG_REFERENCE(softsign, isinf(x) ? copysignl(1, x) : x / (1 + fabsl(x)), 1 / ((1 + fabsl(x)) * (1 + fabsl(x))))
LONG_REFERENCE(rrelu, x > 0 ? x : (float)((p[0] + p[1]) / 2) * x, x > 0 ? 1 : (float)((p[0] + p[1]) / 2))
LONG_REFERENCE(relu6, x<0 ? 0 : x> 6 ? 6 : x, x <= 0 || x >= 6 ? 0 : 1)
LONG_REFERENCE(clip, (x < p[0] ? p[0] : x) > p[1] ? p[1] : x < p[0] ? p[0] : x, x >= p[0] && x <= p[1] ? 1 : 0)
LONG_REFERENCE(hardtanh, x<p[0] ? p[0] : x> p[1] ? p[1] : x, x <= p[0] || x >= p[1] ? 0 : 1)
LONG_REFERENCE(threshold, x <= p[0] ? p[1] : x, x <= p[0] ? 0 : 1)
LONG_REFERENCE(hardshrink, fabsl(x) <= p[0] ? 0 : x, fabsl(x) <= p[0] ? 0 : 1)
LONG_REFERENCE(softshrink, x > p[0] ? x - p[0] : x < -p[0] ? x + p[0] : x != x ? x : 0, fabsl(x) <= p[0] ? 0 : 1)
LONG_REFERENCE(hardsigmoid,
               x <= long_kink(p, 0)   ? 0
               : x >= long_kink(p, 1) ? 1
                                      : (x - long_kink(p, 0)) / (long_kink(p, 1) - long_kink(p, 0)),
               x > long_kink(p, 0) && x < long_kink(p, 1) ? 1 / (long_kink(p, 1) - long_kink(p, 0)) : 0)
LONG_REFERENCE(squared_relu, x <= 0 ? 0 : x * x, x <= 0 ? 0 : 2 * x)
LONG_REFERENCE(hardswish, x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6, x<-3 ? 0 : x> 3 ? 1 : (2 * x + 3) / 6)
LONG_REFERENCE(exp, expl(x), expl(x))
LONG_REFERENCE(silu, long_swish(x, 1), long_swish_slope(x, 1))
LONG_REFERENCE(swish, long_swish(x, p[0]), long_swish_slope(x, p[0]))
LONG_REFERENCE(quick_gelu, long_swish(x, p[0]), long_swish_slope(x, p[0]))
LONG_REFERENCE(elu, x > 0 ? x : p[0] * expm1l(x), x > 0 ? 1 : p[0] * expl(long_left(x)))
LONG_REFERENCE(selu, p[1] * (x > 0 ? x : p[0] * expm1l(x)), p[1] * (x > 0 ? 1 : p[0] * expl(long_left(x))))
LONG_REFERENCE(celu, x > 0 ? x : p[0] * expm1l(x / p[0]), x > 0 ? 1 : expl(x / p[0]))
LONG_REFERENCE(softplus, p[0] * x > p[1] ? x : long_softplus(p[0] * x) / p[0],
               p[0] * x > p[1] ? 1 : long_sigmoid(p[0] * x))
LONG_REFERENCE(logsigmoid, -long_softplus(-x), long_sigmoid(-x))
LONG_REFERENCE(gelu, long_damp(x, long_normal(x)), long_normal(x) + long_damp(x, long_density(x)))
LONG_REFERENCE(gelu_tanh, long_damp(x, long_sigmoid(long_cubic(x))),
               long_sigmoid(long_cubic(x)) +
                   long_damp(x * long_cubic_slope(x), long_sigmoid(long_cubic(x)) * long_sigmoid(-long_cubic(x))))
LONG_REFERENCE(mish, long_damp(x, long_mish_factor(x)), long_mish_slope(x))
LONG_REFERENCE(tanhshrink, long_tanhshrink(x), tanhl(x) * tanhl(x))

static inline long double long_value(const hwv_act *act, double x)
{
    const long double p[2] = {(long double)act->param[0], (long double)act->param[1]};
    switch (act->op) {
#define HWV_OP(NUMBER, NAME, name, ...)                                                                                \
    case NUMBER:                                                                                                       \
        return long_row_##name((long double)x, p);
#include "halfwave/ops.def"
#undef HWV_OP
    default:
        return NAN;
    }
}
static inline long double long_slope(const hwv_act *act, double x)
{
    const long double p[2] = {(long double)act->param[0], (long double)act->param[1]};
    switch (act->op) {
#define HWV_OP(NUMBER, NAME, name, ...)                                                                                \
    case NUMBER:                                                                                                       \
        return long_row_slope_##name((long double)x, p);
#include "halfwave/ops.def"
#undef HWV_OP
    default:
        return NAN;
    }
}

#endif
