/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products of one vector with a matrix: columns cut into blocks for the kernels of the set in use. */
#include "linalg/gemv.h"

#include "halfwave/memory.h"
#include "linalg/blocks.h"
#include "linalg/dispatch.h"
#include "linalg/transpose.h"

/* Columns whose sums stay in the first-level cache while rows go by. */
#define BLOCK ((size_t)1024)
/* Weights below which threads cost more than they save. */
#define MANY_WEIGHTS ((size_t)256 << 10)
/* Rows that begin so many elements apart begin in the same set of a cache: one line more. */
#define LINE  ((size_t)16)
#define APART ((size_t)512)

static const hwv_gemv_kernels *kernels(void)
{
    return hwv_linalg_kernels_of(hwv_isa_current())->gemv;
}

size_t hwv_gemv_stride(size_t cols)
{
    if (cols > SIZE_MAX - 2 * LINE)
        return SIZE_MAX;
    const size_t whole = (cols + LINE - 1) / LINE * LINE;
    return whole % APART == 0 && whole > 0 ? whole + LINE : whole;
}

bool hwv_gemv_turn(const hwv_gemv *gemv, const float *weight, float *to)
{
    bool finite = true;
    hwv_transpose(gemv->cols, gemv->rows, weight, gemv->rows, to, gemv->stride);
    for (size_t r = 0; r < gemv->rows && finite; r++)
        finite = kernels()->finite(gemv->cols, to + r * gemv->stride);
    return finite;
}

typedef struct job {
    const hwv_gemv *gemv;
    const hwv_gemv_kernels *kernels;
    const float *x, *bias;
    const int32_t *rows;
    size_t count;
    float *y;
} job;

static void run_columns(const void *context, size_t first, size_t cols)
{
    const job *j = context;
    j->kernels->run(j->gemv, j->x, j->rows, j->count, first, cols, j->bias ? j->bias + first : NULL, j->y + first);
}

void hwv_gemv_run(const hwv_gemv *gemv, const hwv_executor *executor, const float *x, const int32_t *rows, size_t count,
                  const float *bias, float *y)
{
    const job j = {.gemv = gemv, .kernels = kernels(), .x = x, .bias = bias, .rows = rows, .count = count, .y = y};
    const bool large = gemv->cols > 0 && gemv->rows >= MANY_WEIGHTS / gemv->cols;
    hwv_blocks_run(large ? executor : NULL, gemv->cols, BLOCK, run_columns, &j);
}

size_t hwv_gemv_nonzero(size_t n, const float *x, int32_t *rows)
{
    return kernels()->nonzero(n, x, rows);
}
