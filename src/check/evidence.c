/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How sure the silence of a unit is. */
#include "halfwave/check.h"

#include <math.h>

#define DOUBT 0.05 /* 1 - confidence */

double hwv_rate_bound(uint64_t samples, size_t units)
{
    if (samples == 0 || units == 0)
        return 1;
    return -expm1(log(DOUBT / (double)units) / (double)samples);
}

uint64_t hwv_samples_needed(double bound)
{
    if (!(bound > 0))
        return UINT64_MAX;
    if (bound >= 1)
        return 1;
    double n = ceil(log(DOUBT) / log1p(-bound));
    if (!(n < 1e18))
        return UINT64_MAX;
    uint64_t samples = n < 1 ? 1 : (uint64_t)n;
    /* rounding of the logarithms may miss by one */
    while (samples > 1 && hwv_rate_bound(samples - 1, 1) <= bound)
        samples--;
    while (hwv_rate_bound(samples, 1) > bound)
        samples++;
    return samples;
}

double hwv_silent_chance(uint64_t n, uint64_t k, uint64_t m)
{
    if (k > n || m > n || m > n - k)
        return k == 0 ? 1 : 0;
    /* C(n-k, m) / C(n, m) is the product over i < k of (n-m-i) / (n-i), and the same with k and m exchanged. */
    uint64_t terms = k < m ? k : m, other = k < m ? m : k;
    double chance = 1;
    for (uint64_t i = 0; i < terms && chance > 1e-300; i++)
        chance *= (double)(n - other - i) / (double)(n - i);
    return chance > 1e-300 ? chance : 0;
}
