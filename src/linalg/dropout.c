/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dropout: words of bits cut into blocks for the kernels of the set in use. */
#include "linalg/dropout.h"

#include "linalg/blocks.h"
#include "linalg/dispatch.h"

typedef struct job {
    const hwv_dropout *dropout;
    const hwv_dropout_kernels *kernels;
    size_t n;
    const float *from;
    float *to;
    uint64_t *drawn; /* forward */
    const uint64_t *kept;
} job;

static void run_words(const void *context, size_t first, size_t words)
{
    const job *j = context;
    size_t at = 64 * first, left = j->n - at, n = left < 64 * words ? left : 64 * words;
    if (j->drawn)
        j->kernels->draw(first, words, hwv_dropout_threshold(j->dropout->rate), j->dropout, j->drawn + first);
    j->kernels->apply(n, 1.0f / (1.0f - j->dropout->rate), j->from + at, j->kept + first, j->to + at);
}

static void run(const hwv_dropout *dropout, const hwv_executor *executor, size_t n, const float *from, float *to,
                uint64_t *drawn, const uint64_t *kept)
{
    const job j = {.dropout = dropout,
                   .kernels = hwv_linalg_kernels_of(hwv_isa_current())->dropout,
                   .n = n,
                   .from = from,
                   .to = to,
                   .drawn = drawn,
                   .kept = kept};
    hwv_rows_run(executor, hwv_dropout_words(n), 64, run_words, &j);
}

void hwv_dropout_forward(const hwv_dropout *dropout, const hwv_executor *executor, size_t n, const float *x, float *y,
                         uint64_t *kept)
{
    run(dropout, executor, n, x, y, kept, kept);
}

void hwv_dropout_backward(const hwv_dropout *dropout, const hwv_executor *executor, size_t n, const float *dy,
                          const uint64_t *kept, float *dx)
{
    run(dropout, executor, n, dy, dx, NULL, kept);
}
