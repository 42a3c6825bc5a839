/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gaussian averages by the midpoint rule on [-10, 10]: for smooth functions it converges
 * geometrically, and a kink at 0 lies between two points. */
#include "study/meanfield.h"

#include <math.h>

static double gaussian_mean_square(const hwv_act *act, double q, double (*f)(const hwv_act *, double))
{
    const int points = 4000;
    const double width = 20.0 / points, norm = 0.3989422804014327;
    double sum = 0, scale = sqrt(q);
    for (int i = 0; i < points; i++) {
        double g = -10.0 + (i + 0.5) * width;
        double value = f(act, scale * g);
        sum += exp(-0.5 * g * g) * value * value;
    }
    return sum * width * norm;
}

double hwv_meanfield_length(const hwv_act *act, double w, double q)
{
    return w * gaussian_mean_square(act, q, hwv_act_reference);
}

double hwv_meanfield_chi(const hwv_act *act, double w, double q)
{
    return w * gaussian_mean_square(act, q, hwv_act_reference_gradient);
}
