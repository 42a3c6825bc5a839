/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The comparison rules of the tests. */
#include "compare.h"

#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static uint32_t bits_of(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static bool report(const char *label, size_t i, size_t n, float got, double exact, const char *rule, double amount,
                   double limit)
{
    fprintf(stderr, "%s: element %zu of %zu: got %a (0x%08" PRIx32 ", %.9g), wanted %a (%.17g): %s %g, limit %g\n",
            label, i, n, (double)got, bits_of(got), (double)got, exact, exact, rule, amount, limit);
    return false;
}

bool compare_maximum(const char *label, const float *got, const double *exact, size_t n, double limit)
{
    double largest = 0.0, worst = 0.0;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        double g = (double)got[i];
        if (!isfinite(exact[i])) {
            if (!(isnan(exact[i]) ? isnan(g) : g == exact[i]))
                return report(label, i, n, got[i], exact[i], "not finite: error", (double)INFINITY, limit);
            continue;
        }
        largest = fmax(largest, fabs(exact[i]));
        double error = isfinite(g) ? fabs(g - exact[i]) : (double)INFINITY;
        if (error > worst) {
            worst = error;
            at = i;
        }
    }
    if (worst <= limit * largest)
        return true;
    double relative = largest > 0.0 ? worst / largest : (double)INFINITY;
    return report(label, at, n, got[at], exact[at], "error relative to the largest element", relative, limit);
}

double compare_ulp_error(float got, double exact)
{
    if (isnan(exact) || isnan(got))
        return isnan(exact) && isnan(got) ? 0.0 : (double)INFINITY;
    float rounded = (float)exact;
    if (isinf(rounded) || isinf(got))
        return rounded == got ? 0.0 : (double)INFINITY;
    int exponent;
    (void)frexp(exact, &exponent);
    if (exact == 0.0 || exponent < FLT_MIN_EXP)
        exponent = FLT_MIN_EXP;
    return fabs((double)got - exact) / ldexp(1.0, exponent - FLT_MANT_DIG);
}

bool compare_ulp(const char *label, const float *got, const double *exact, size_t n, double max_ulp)
{
    double worst = 0.0;
    size_t at = 0;
    for (size_t i = 0; i < n; i++) {
        double error = compare_ulp_error(got[i], exact[i]);
        if (error > worst) {
            worst = error;
            at = i;
        }
    }
    if (worst <= max_ulp)
        return true;
    return report(label, at, n, got[at], exact[at], "error in ULP", worst, max_ulp);
}

bool compare_rounded(const char *label, const float *got, const double *exact, size_t n, bool signed_zero)
{
    for (size_t i = 0; i < n; i++) {
        float wanted = (float)exact[i];
        bool same = isnan(wanted) ? isnan(got[i]) : got[i] == wanted;
        if (same && signed_zero && wanted == 0.0f)
            same = !signbit(got[i]) == !signbit(wanted);
        if (!same)
            return report(label, i, n, got[i], exact[i], "not the rounded truth: error in ULP",
                          compare_ulp_error(got[i], exact[i]), 0.0);
    }
    return true;
}

bool compare_bits(const char *label, const float *got, const float *wanted, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bits_of(got[i]) != bits_of(wanted[i])) {
            fprintf(stderr, "%s: element %zu of %zu: got %a (0x%08" PRIx32 "), wanted %a (0x%08" PRIx32 ")\n", label, i,
                    n, (double)got[i], bits_of(got[i]), (double)wanted[i], bits_of(wanted[i]));
            return false;
        }
    return true;
}
