/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Convolution by plain loops in double. */
#include "linalg/conv.h"

#include <string.h>

/* One product of the sum: positions in x, y and the weight. */
typedef void visit(void *context, size_t x, size_t y, size_t weight);

/* Position of tap k of output o along one dimension; false outside. */
static bool inside(const hwv_conv *c, size_t dimension, size_t size, size_t o, size_t k, size_t *at)
{
    size_t padded = o * c->stride[dimension] + k;
    *at = padded - c->pad_before[dimension];
    return padded >= c->pad_before[dimension] && *at < size;
}

/* Every product, for each output in turn. */
static void each_product(const hwv_conv *c, size_t images, visit *use, void *context)
{
    size_t height = hwv_conv_height(c), width = hwv_conv_width(c), depth = c->channels / c->groups;
    for (size_t y = 0; y < images * height * width * c->filters; y++) {
        size_t filter = y % c->filters, pixel = y / c->filters, image = pixel / (height * width), row, column;
        size_t channel = filter / (c->filters / c->groups) * depth;
        for (size_t tap = 0; tap < c->kernel[0] * c->kernel[1]; tap++) {
            if (!inside(c, 0, c->height, pixel / width % height, tap / c->kernel[1], &row) ||
                !inside(c, 1, c->width, pixel % width, tap % c->kernel[1], &column))
                continue;
            for (size_t d = 0; d < depth; d++)
                use(context, ((image * c->height + row) * c->width + column) * c->channels + channel + d, y,
                    (filter * depth + d) * c->kernel[0] * c->kernel[1] + tap);
        }
    }
}

typedef struct sums {
    const double *a, *b;
    double *to;
} sums;

static void to_y(void *context, size_t x, size_t y, size_t weight)
{
    const sums *s = context;
    s->to[y] += s->a[x] * s->b[weight];
}

static void to_x(void *context, size_t x, size_t y, size_t weight)
{
    const sums *s = context;
    s->to[x] += s->a[y] * s->b[weight];
}

static void to_weight(void *context, size_t x, size_t y, size_t weight)
{
    const sums *s = context;
    s->to[weight] += s->a[x] * s->b[y];
}

void hwv_conv_forward_reference(const hwv_conv *c, size_t images, const double *x, const double *weight,
                                const double *bias, double *y)
{
    for (size_t i = 0; i < images * hwv_conv_height(c) * hwv_conv_width(c) * c->filters; i++)
        y[i] = bias ? bias[i % c->filters] : 0;
    each_product(c, images, to_y, &(sums){x, weight, y});
}

void hwv_conv_backward_data_reference(const hwv_conv *c, size_t images, const double *dy, const double *weight,
                                      double *dx)
{
    memset(dx, 0, images * c->height * c->width * c->channels * sizeof *dx);
    each_product(c, images, to_x, &(sums){dy, weight, dx});
}

void hwv_conv_backward_weight_reference(const hwv_conv *c, size_t images, const double *x, const double *dy,
                                        double *dweight)
{
    memset(dweight, 0, c->filters * (c->channels / c->groups) * c->kernel[0] * c->kernel[1] * sizeof *dweight);
    each_product(c, images, to_weight, &(sums){x, dy, dweight});
}
