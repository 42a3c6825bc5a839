/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Sums in two doubles. */
#ifndef HWV_CHECK_SUM2_H
#define HWV_CHECK_SUM2_H

#include <math.h>

#include "halfwave/check.h"

/* Adds a number: the error of hi is kept in lo (Knuth's two-sum), then both are made to meet again, so that hi is the sum
 * rounded once. What is not finite makes hi so. */
static inline hwv_sum2 hwv_sum2_add(hwv_sum2 sum, double x)
{
    double hi = sum.hi + x;
    if (!isfinite(hi))
        return (hwv_sum2){hi, 0};
    double part = hi - sum.hi;
    double lo = sum.lo + ((sum.hi - (hi - part)) + (x - part));
    double whole = hi + lo;
    return (hwv_sum2){whole, lo - (whole - hi)};
}

static inline hwv_sum2 hwv_sum2_join(hwv_sum2 a, hwv_sum2 b)
{
    return hwv_sum2_add(hwv_sum2_add(a, b.hi), b.lo);
}

#endif
