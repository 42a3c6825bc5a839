/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The global gradient norm, what clips it, and means of gradients. */
#include "train/clip.h"

#include <assert.h>
#include <math.h>

#include "linalg/vector.h"

typedef struct pieces {
    const float *read;
    float *write;
    size_t n;
    double *sums;
    float factor;
} pieces;

static void sum_piece(void *context, size_t task, size_t worker)
{
    const pieces *p = context;
    (void)worker;
    p->sums[task] = hwv_sum_of_squares(hwv_piece_size(p->n, task), p->read + task * HWV_PIECE);
}

static void scale_piece(void *context, size_t task, size_t worker)
{
    const pieces *p = context;
    (void)worker;
    hwv_scale(hwv_piece_size(p->n, task), p->factor, p->write + task * HWV_PIECE);
}

double hwv_gradient_norm(const hwv_executor *executor, double *sums, const float *gradients, size_t n)
{
    size_t count = hwv_piece_count(n);
    if (count <= 1)
        return sqrt(hwv_sum_of_squares(n, gradients));
    assert(sums != NULL);
    pieces p = {.read = gradients, .n = n, .sums = sums};
    hwv_executor_run(executor, count, sum_piece, &p);
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += sums[i];
    return sqrt(sum);
}

float hwv_gradient_factor(double norm, double most)
{
    const double factor = most / (norm + 1e-6);
    return factor < 1 ? (float)factor : 1.0f;
}

void hwv_gradient_scale(const hwv_executor *executor, float *gradients, size_t n, double factor)
{
    pieces p = {.write = gradients, .n = n, .factor = (float)factor};
    if (hwv_piece_count(n) <= 1)
        hwv_scale(n, p.factor, gradients);
    else
        hwv_executor_run(executor, hwv_piece_count(n), scale_piece, &p);
}
