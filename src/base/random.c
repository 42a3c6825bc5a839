/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Normal draws. The C library's log and cos differ in the last bit between CPUs (glibc picks variants
 * with and without fused multiply-add), which would make initial weights differ; the two below use
 * only +, -, * and /, and sqrt is correctly rounded everywhere, so that a draw has the same bits on
 * every IEEE machine. */
#include "halfwave/random.h"

#include <math.h>

/* Natural logarithm of x in [2^-53, 1]; error below 2e-16 relative to max(1, |log x|). */
static double plain_log(double x)
{
    int exponent;
    double mantissa = frexp(x, &exponent);
    if (mantissa < 0.70710678118654752) {
        mantissa *= 2.0;
        exponent--;
    }
    /* log m = 2 atanh(s), s = (m - 1) / (m + 1), |s| < 0.1716: the series ends below 2^-55 at s^21. */
    double s = (mantissa - 1.0) / (mantissa + 1.0), square = s * s, sum = 0.0;
    for (int k = 21; k >= 3; k -= 2)
        sum = (sum + 1.0 / k) * square;
    return exponent * 0.69314718055994531 + 2.0 * (s + s * sum);
}

/* cos(2 pi u) for u in [0, 1). */
static double plain_cos_turn(double u)
{
    int quarter = (int)(4.0 * u + 0.5);
    double angle = (u - quarter * 0.25) * 6.2831853071795865, square = angle * angle; /* |angle| <= pi / 4 */
    double sum = 1.0;
    int odd = quarter & 1;
    /* Taylor of cos (even) or sin (odd quarter), nested: 1 - q/(n(n-1)) (1 - ...). */
    for (int n = odd ? 19 : 18; n >= 2; n -= 2)
        sum = 1.0 - square / (double)(n * (n - 1)) * sum;
    double value = odd ? angle * sum : sum;
    return quarter == 1 || quarter == 2 ? -value : value;
}

double hwv_random_normal(uint64_t seed, uint32_t stream, uint32_t step, uint64_t index)
{
    uint32_t r[4];
    hwv_philox(seed, stream, step, index, r);
    uint64_t radius = ((uint64_t)r[0] << 32 | r[1]) >> 11, turn = ((uint64_t)r[2] << 32 | r[3]) >> 11;
    const double unit = 1.0 / 9007199254740992.0;
    double u = (double)(radius + 1) * unit; /* (0, 1]: the logarithm is finite */
    return sqrt(-2.0 * plain_log(u)) * plain_cos_turn((double)turn * unit);
}
