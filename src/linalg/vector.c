/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Vector functions of the set in use. */
#include "linalg/vector.h"

#include <stdint.h>

#include "halfwave/memory.h"
#include "linalg/blocks.h"
#include "linalg/dispatch.h"

static const hwv_row_kernels *rows_in_use(void)
{
    return hwv_linalg_kernels_of(hwv_isa_current())->rows;
}

void hwv_column_sum(size_t rows, size_t cols, const float *x, size_t stride, bool accumulate, float *out)
{
    rows_in_use()->column_sum(rows, cols, x, stride, accumulate, out);
}

typedef struct columns {
    size_t cols, stride, block;
    const float *x;
    float *sums; /* of the blocks */
} columns;

static void block_sum(const void *context, size_t first, size_t rows)
{
    const columns *c = context;
    hwv_column_sum(rows, c->cols, c->x + first * c->stride, c->stride, false, c->sums + first / c->block * c->cols);
}

size_t hwv_column_sum_workspace(size_t rows, size_t cols)
{
    const size_t blocks = hwv_block_count(rows, hwv_sum_block(cols));
    size_t bytes;
    if (blocks < 2)
        return 0;
    return hwv_size_mul(blocks, cols, &bytes) && hwv_size_mul(bytes, sizeof(float), &bytes) ? bytes : SIZE_MAX;
}

void hwv_column_sum_on(const hwv_executor *executor, size_t rows, size_t cols, const float *x, size_t stride,
                       bool accumulate, float *out, void *workspace)
{
    const columns c = {.cols = cols, .stride = stride, .block = hwv_sum_block(cols), .x = x, .sums = workspace};
    const size_t blocks = hwv_block_count(rows, c.block);
    if (blocks < 2) {
        hwv_column_sum(rows, cols, x, stride, accumulate, out);
        return;
    }
    hwv_blocks_run(executor, rows, c.block, block_sum, &c);
    hwv_column_sum(blocks, cols, c.sums, cols, accumulate, out);
}

double hwv_sum_of_squares(size_t n, const float *x)
{
    return rows_in_use()->sum_of_squares(n, x);
}

void hwv_add(size_t n, float *y, const float *x)
{
    rows_in_use()->add(n, y, x);
}

void hwv_axpy(size_t n, float a, float *y, const float *x)
{
    rows_in_use()->axpy(n, a, y, x);
}

void hwv_scale(size_t n, float a, float *y)
{
    rows_in_use()->scale(n, a, y);
}
