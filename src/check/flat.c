/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Where an operator is flat: its derivative, in double, at points that grow denser towards 0. */
#include "check/flat.h"

#include <math.h>

#define POINTS  1024
#define LARGEST 1.25 /* of |f'| where it grows without bound, or further than that */

static double slope(const hwv_act *act, double x)
{
    double d = fabs(hwv_act_reference_gradient(act, x));
    return isnan(d) ? 0 : d;
}

/* Point i of the scan, from about -2^20 to 2^20; parameters that shift an operator are small beside that. */
static double point(size_t i)
{
    double t = ((double)i / (POINTS - 1)) * 2 - 1;
    return sinh(t * 14.56);
}

/* The last float of the flat side that `from` lies on, `beyond` not being flat. */
static float edge(const hwv_act *act, double limit, double from, double beyond)
{
    for (int step = 0; step < 80; step++) {
        double middle = from + (beyond - from) / 2;
        if (slope(act, middle) < limit)
            from = middle;
        else
            beyond = middle;
    }
    float x = (float)from;
    if ((from < beyond && (double)x > from) || (from > beyond && (double)x < from))
        x = nextafterf(x, from < beyond ? -INFINITY : INFINITY);
    /* a kink belongs to the side whose slope it has */
    float next = nextafterf(x, (float)beyond);
    return slope(act, (double)next) < limit ? next : x;
}

hwv_flat hwv_flat_find(const hwv_act *act)
{
    double largest = 0, limit;
    for (size_t i = 0; i < POINTS; i++)
        largest = fmax(largest, slope(act, point(i)));
    limit = 0.01 * (1 - 1e-6) * fmin(largest, LARGEST); /* a slope of 0.01f is not below 1 % */
    hwv_flat flat = {-INFINITY, INFINITY};
    size_t first = 0, last = POINTS;
    while (first < POINTS && slope(act, point(first)) < limit)
        first++;
    if (first == POINTS) /* flat everywhere */
        return (hwv_flat){INFINITY, INFINITY};
    while (last > 0 && slope(act, point(last - 1)) < limit)
        last--;
    if (first > 0)
        flat.low = edge(act, limit, point(first - 1), point(first));
    if (last < POINTS)
        flat.high = edge(act, limit, point(last), point(last - 1));
    return flat;
}

hwv_silence hwv_silence_of(const hwv_act *act)
{
    unsigned claims = hwv_act_claims(act);
    if (act->op == HWV_OP_SIGMOID || act->op == HWV_OP_TANH || act->op == HWV_OP_SOFTSIGN ||
        act->op == HWV_OP_HARDSIGMOID || act->op == HWV_OP_IDENTITY || act->op == HWV_OP_EXP)
        return HWV_SILENCE_NONE;
    if (claims & HWV_FLAT_SILENT)
        return HWV_SILENCE_FLAT;
    return claims & HWV_PIECEWISE ? HWV_SILENCE_SLOPED : HWV_SILENCE_JUDGED;
}
