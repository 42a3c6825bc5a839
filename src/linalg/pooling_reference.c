/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling by plain loops in double. */
#include "linalg/pooling.h"

#include <math.h>
#include <string.h>

/* Element of x under tap `tap` of the window of element y; false outside. */
static bool inside(const hwv_pooling *p, size_t y, size_t tap, size_t *x)
{
    size_t channel = y % p->channels, ox = y / p->channels % hwv_pooling_width(p);
    size_t above = y / p->channels / hwv_pooling_width(p), image = above / hwv_pooling_height(p);
    size_t row = above % hwv_pooling_height(p) * p->stride[0] + tap / p->kernel[1] - p->pad_before[0];
    size_t column = ox * p->stride[1] + tap % p->kernel[1] - p->pad_before[1];
    *x = ((image * p->height + row) * p->width + column) * p->channels + channel;
    return row < p->height && column < p->width; /* what lies before wraps around to huge */
}

static size_t area(const hwv_pooling *p)
{
    return p->kernel[0] * p->kernel[1];
}

static size_t outputs(const hwv_pooling *p, size_t images)
{
    return images * hwv_pooling_height(p) * hwv_pooling_width(p) * p->channels;
}

double hwv_max_pool_forward_reference(const hwv_pooling *p, size_t images, const double *x, double *y, uint8_t *taps)
{
    double nearest = INFINITY;
    for (size_t i = 0; i < outputs(p, images); i++) {
        bool found = false;
        double second = -INFINITY;
        for (size_t tap = 0; tap < area(p); tap++) {
            size_t at;
            if (!inside(p, i, tap, &at))
                continue;
            if (found && !(x[at] > y[i] || isnan(x[at]))) {
                second = fmax(second, x[at]);
                continue;
            }
            second = found ? y[i] : second;
            y[i] = x[at];
            if (taps)
                taps[i] = (uint8_t)tap;
            found = true;
        }
        nearest = fmin(nearest, y[i] - second);
    }
    return nearest;
}

void hwv_max_pool_backward_reference(const hwv_pooling *p, size_t images, const double *dy, const uint8_t *taps,
                                     double *dx)
{
    memset(dx, 0, images * p->height * p->width * p->channels * sizeof *dx);
    for (size_t i = 0; i < outputs(p, images); i++) {
        size_t at;
        if (inside(p, i, taps[i], &at))
            dx[at] += dy[i];
    }
}

static double divisor(const hwv_pooling *p, size_t y)
{
    size_t count = 0, at;
    for (size_t tap = 0; tap < area(p); tap++)
        count += p->count_pad || inside(p, y, tap, &at);
    return (double)count;
}

void hwv_average_pool_forward_reference(const hwv_pooling *p, size_t images, const double *x, double *y)
{
    for (size_t i = 0; i < outputs(p, images); i++) {
        double sum = 0;
        size_t at;
        for (size_t tap = 0; tap < area(p); tap++)
            if (inside(p, i, tap, &at))
                sum += x[at];
        y[i] = sum / divisor(p, i);
    }
}

void hwv_average_pool_backward_reference(const hwv_pooling *p, size_t images, const double *dy, double *dx)
{
    memset(dx, 0, images * p->height * p->width * p->channels * sizeof *dx);
    for (size_t i = 0; i < outputs(p, images); i++) {
        double share = dy[i] / divisor(p, i);
        size_t at;
        for (size_t tap = 0; tap < area(p); tap++)
            if (inside(p, i, tap, &at))
                dx[at] += share;
    }
}
