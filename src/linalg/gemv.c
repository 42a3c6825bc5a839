/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Products of one vector with a matrix: columns cut into blocks for the kernels of the set in use. */
#include "linalg/gemv.h"

#include "halfwave/memory.h"
#include "linalg/blocks.h"
#include "linalg/dispatch.h"
#include "linalg/transpose.h"

/* Columns that a thread takes at a time. */
#define BLOCK HWV_GEMV_WIDE
/* Weights below which threads cost more than they save. */
#define MANY_WEIGHTS ((size_t)256 << 10)
/* Rows are whole lines of the cache. */
#define LINE ((size_t)16)

static const hwv_gemv_kernels *kernels(void)
{
    return hwv_linalg_kernels_of(hwv_isa_current())->gemv;
}

hwv_gemv hwv_gemv_plain(size_t rows, size_t cols, const float *w, size_t stride)
{
    return (hwv_gemv){rows, cols, w, HWV_GEMV_NARROW, stride, HWV_GEMV_NARROW};
}

hwv_gemv hwv_gemv_turned(size_t rows, size_t cols, bool listed)
{
    const size_t width = listed && cols > HWV_GEMV_NARROW ? HWV_GEMV_WIDE : HWV_GEMV_NARROW;
    const size_t stride = cols < width ? (cols + LINE - 1) / LINE * LINE : width;
    return (hwv_gemv){rows, cols, NULL, width, stride, rows * stride};
}

size_t hwv_gemv_floats(const hwv_gemv *gemv)
{
    const size_t sizes[] = {hwv_block_count(gemv->cols, gemv->width), gemv->stride, gemv->rows};
    return hwv_size_product(sizes, 3);
}

bool hwv_gemv_turn(const hwv_gemv *gemv, const float *weight, float *to)
{
    bool finite = true;
    for (size_t c = 0; c < gemv->cols; c += gemv->width) {
        const size_t cols = gemv->cols - c < gemv->width ? gemv->cols - c : gemv->width;
        float *panel = to + c / gemv->width * gemv->panel;
        hwv_transpose(cols, gemv->rows, weight + c * gemv->rows, gemv->rows, panel, gemv->stride);
        for (size_t r = 0; r < gemv->rows && finite; r++)
            finite = kernels()->finite(cols, panel + r * gemv->stride);
    }
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

size_t hwv_gemv_run_nonzero(const hwv_gemv *gemv, const hwv_executor *executor, const float *x, const float *bias,
                            int32_t *rows, float *y)
{
    const size_t found = hwv_gemv_nonzero(gemv->rows, x, rows);
    const bool few = found <= gemv->rows - gemv->rows / 8;
    const size_t count = few ? found : gemv->rows;
    hwv_gemv_run(gemv, executor, x, few ? rows : NULL, count, bias, y);
    return count;
}
