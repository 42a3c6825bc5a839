/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling: rows of images cut into blocks for the kernels of the set in use. */
#include "linalg/pooling.h"

#include <assert.h>

#include "linalg/blocks.h"
#include "linalg/dispatch.h"

typedef struct job {
    const hwv_pooling *pooling;
    const hwv_pooling_kernels *kernels;
    const float *from;
    float *to;
    uint8_t *taps; /* written forward */
    const uint8_t *winners;
} job;

static const hwv_pooling_kernels *in_use(void)
{
    return hwv_linalg_kernels_of(hwv_isa_current())->pooling;
}

static void max_forward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    j->kernels->max_forward(j->pooling, first, rows, j->from, j->to, j->taps);
}

static void max_backward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    j->kernels->max_backward(j->pooling, first, rows, j->from, j->winners, j->to);
}

static void average_forward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    j->kernels->average_forward(j->pooling, first, rows, j->from, j->to);
}

static void average_backward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    j->kernels->average_backward(j->pooling, first, rows, j->from, j->to);
}

/* Blocks of rows of y, each of as many elements as the rows of x that belong to it; or of rows of x. */
static void run(const job *j, const hwv_executor *executor, size_t images, bool of_y, hwv_rows_function *function)
{
    const hwv_pooling *p = j->pooling;
    const size_t row = p->width * p->channels;
    if (of_y)
        hwv_rows_run(executor, images * hwv_pooling_height(p), row * p->stride[0], function, j);
    else
        hwv_rows_run(executor, images * p->height, row, function, j);
}

void hwv_max_pool_forward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *x,
                          float *y, uint8_t *taps)
{
    assert(taps == NULL || pooling->kernel[0] * pooling->kernel[1] <= HWV_POOLING_MOST_TAPS);
    const job j = {.pooling = pooling, .kernels = in_use(), .from = x, .to = y, .taps = taps};
    run(&j, executor, images, true, max_forward_rows);
}

void hwv_max_pool_backward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *dy,
                           const uint8_t *taps, float *dx)
{
    const job j = {.pooling = pooling, .kernels = in_use(), .from = dy, .to = dx, .winners = taps};
    run(&j, executor, images, hwv_pooling_apart(pooling), max_backward_rows);
}

void hwv_average_pool_forward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *x,
                              float *y)
{
    const job j = {.pooling = pooling, .kernels = in_use(), .from = x, .to = y};
    run(&j, executor, images, true, average_forward_rows);
}

void hwv_average_pool_backward(const hwv_pooling *pooling, const hwv_executor *executor, size_t images, const float *dy,
                               float *dx)
{
    const job j = {.pooling = pooling, .kernels = in_use(), .from = dy, .to = dx};
    run(&j, executor, images, hwv_pooling_apart(pooling), average_backward_rows);
}

/* ---- over whole images ---------------------------------------------------------------------------- */

typedef struct whole {
    const hwv_row_kernels *kernels;
    size_t pixels, channels;
    const float *x;
    float *y;
} whole;

static void whole_forward(const void *context, size_t first, size_t images)
{
    const whole *w = context;
    const size_t channels = w->channels;
    for (size_t image = first; image < first + images; image++) {
        float *y = w->y + image * channels;
        w->kernels->column_sum(w->pixels, channels, w->x + image * w->pixels * channels, channels, false, y);
        for (size_t c = 0; c < channels; c++)
            y[c] /= (float)w->pixels;
    }
}

void hwv_global_average_forward(const hwv_executor *executor, size_t images, size_t pixels, size_t channels,
                                const float *x, float *y)
{
    const whole w = {hwv_linalg_kernels_of(hwv_isa_current())->rows, pixels, channels, x, y};
    hwv_rows_run(executor, images, pixels * channels, whole_forward, &w);
}

void hwv_global_average_backward(const hwv_executor *executor, size_t images, size_t pixels, size_t channels,
                                 const float *dy, float *dx)
{
    const hwv_pooling all = {
        .height = 1, .width = pixels, .channels = channels, .kernel = {1, pixels}, .stride = {1, pixels}};
    hwv_average_pool_backward(&all, executor, images, dy, dx);
}
