/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layer norm: blocks of rows for the kernels of the set in use, and the sums over all rows. */
#include "linalg/layer_norm.h"

#include <stdint.h>
#include <string.h>

#include "halfwave/memory.h"
#include "linalg/blocks.h"
#include "linalg/dispatch.h"

/* Rows at most whose gradients of weight and bias are summed in float. */
#define BLOCK_ROWS ((size_t)128)

static size_t block_rows(size_t cols)
{
    const size_t rows = hwv_sum_block(cols);
    return rows < BLOCK_ROWS ? rows : BLOCK_ROWS;
}

size_t hwv_layer_norm_workspace(size_t rows, size_t cols)
{
    size_t bytes;
    if (!hwv_size_mul(hwv_block_count(rows, block_rows(cols)), cols, &bytes) ||
        !hwv_size_mul(bytes, 2 * sizeof(float), &bytes))
        return SIZE_MAX;
    return bytes;
}

typedef struct job {
    const hwv_layer_norm *norm;
    const hwv_layer_norm_kernels *kernels;
    const float *x, *dy;
    float *y, *dx, *sums; /* sums: of the blocks, of weight and of bias */
    hwv_layer_norm_moments *moments;
    const hwv_layer_norm_moments *given;
    size_t block;
    bool parameters;
} job;

static void forward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const size_t at = first * j->norm->cols;
    j->kernels->forward(j->norm, rows, j->x + at, j->y + at, j->moments ? j->moments + first : NULL);
}

void hwv_layer_norm_forward(const hwv_layer_norm *norm, const hwv_executor *executor, const float *x, float *y,
                            hwv_layer_norm_moments *moments)
{
    const job j = {.norm = norm,
                   .kernels = hwv_linalg_kernels_of(hwv_isa_current())->layer_norm,
                   .x = x,
                   .y = y,
                   .moments = moments};
    hwv_rows_run(executor, norm->rows, norm->cols, forward_rows, &j);
}

static void backward_rows(const void *context, size_t first, size_t rows)
{
    const job *j = context;
    const size_t cols = j->norm->cols, at = first * cols;
    float *weight = j->parameters ? j->sums + first / j->block * 2 * cols : NULL;
    if (weight)
        memset(weight, 0, 2 * cols * sizeof *weight);
    j->kernels->backward(j->norm, rows, j->x + at, j->dy + at, j->given + first, j->dx ? j->dx + at : NULL, weight,
                         weight ? weight + cols : NULL);
}

/* The blocks' sums in their order, in double. */
static void combine(const job *j, size_t from, bool add, float *to)
{
    const size_t cols = j->norm->cols, blocks = hwv_block_count(j->norm->rows, j->block);
    for (size_t c = 0; to && c < cols; c++) {
        double sum = add ? (double)to[c] : 0;
        for (size_t b = 0; b < blocks; b++)
            sum += (double)j->sums[(2 * b + from) * cols + c];
        to[c] = (float)sum;
    }
}

void hwv_layer_norm_backward(const hwv_layer_norm *norm, const hwv_executor *executor, const float *x, const float *dy,
                             const hwv_layer_norm_moments *moments, const hwv_layer_norm_gradients *gradients,
                             void *workspace)
{
    const job j = {.norm = norm,
                   .kernels = hwv_linalg_kernels_of(hwv_isa_current())->layer_norm,
                   .x = x,
                   .dy = dy,
                   .dx = gradients->x,
                   .given = moments,
                   .sums = workspace,
                   .block = block_rows(norm->cols),
                   .parameters = gradients->weight || gradients->bias};
    hwv_blocks_run(executor, norm->rows, j.block, backward_rows, &j);
    combine(&j, 0, gradients->add_weight, gradients->weight);
    combine(&j, 1, gradients->add_bias, gradients->bias);
}
