/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * RReLU in training: slopes are drawn for a block of columns, which is then a PReLU with a slope a column. */
#include "act/checked.h"
#include "act/dispatch.h"

/* Columns of a block: whole words of the mask. */
enum { BLOCK = 256 };

/* The slopes of a block, in the type of the data. */
typedef struct block {
    float f32[BLOCK];
    double f64[BLOCK];
} block;

static const void *draw(block *b, hwv_dtype dtype, const hwv_draws *draws, uint64_t word, size_t cols, float lower,
                        float upper)
{
    hwv_kernels_current()->rrelu_slopes(draws, word, hwv_mask_words(cols), lower, upper, b->f32);
    for (size_t i = 0; dtype == HWV_F64 && i < cols; i++)
        b->f64[i] = (double)b->f32[i];
    return dtype == HWV_F64 ? (const void *)b->f64 : b->f32;
}

void hwv_rrelu_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride, const void *x,
                       size_t x_stride, float lower, float upper, const hwv_draws *draws, uint64_t *mask,
                       size_t mask_stride)
{
    const hwv_args all = {.rows = rows,
                          .cols = cols,
                          .y = y,
                          .y_stride = y_stride,
                          .x = x,
                          .x_stride = x_stride,
                          .mask = mask,
                          .mask_stride = mask_stride};
    const uint64_t words = hwv_mask_words(cols);
    block slopes;
    assert(hwv_check_rrelu(dtype, lower, upper, draws,
                           HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_IF_WORDS_OF(mask)), NULL) == HWV_OK);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < cols; i += BLOCK) {
            hwv_args a = hwv_args_part(&all, dtype, r, i, 1, BLOCK);
            a.bias = draw(&slopes, dtype, draws, (draws->row + r) * words + i / 64, a.cols, lower, upper);
            hwv_kernels_current()->prelu_columns[dtype](&a);
        }
}

/* As good as x: 1 where the mask's bit is set, 0 elsewhere. */
static const void *stand_in(block *b, hwv_dtype dtype, const uint64_t *mask, size_t cols)
{
    for (size_t i = 0; i < cols; i++)
        if (dtype == HWV_F64)
            b->f64[i] = (double)(mask[i / 64] >> i % 64 & 1);
        else
            b->f32[i] = (float)(mask[i / 64] >> i % 64 & 1);
    return dtype == HWV_F64 ? (const void *)b->f64 : b->f32;
}

void hwv_rrelu_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride, const void *dy,
                        size_t dy_stride, const void *x, size_t x_stride, const uint64_t *mask, size_t mask_stride,
                        float lower, float upper, const hwv_draws *draws)
{
    const hwv_args all = {.rows = rows,
                          .cols = cols,
                          .y = dx,
                          .y_stride = dx_stride,
                          .x = x ? x : dy,
                          .x_stride = x ? x_stride : dy_stride,
                          .dy = dy,
                          .dy_stride = dy_stride};
    const uint64_t words = hwv_mask_words(cols);
    block slopes, from;
    assert(hwv_check_rrelu(dtype, lower, upper, draws, HWV_ARRAYS(HWV_ROWS_OF(dx), HWV_ROWS_OF(dy)), NULL) == HWV_OK);
    assert(x || mask || rows == 0 || cols == 0);
    for (size_t r = 0; r < rows; r++)
        for (size_t i = 0; i < cols; i += BLOCK) {
            hwv_args a = hwv_args_part(&all, dtype, r, i, 1, BLOCK);
            a.bias = draw(&slopes, dtype, draws, (draws->row + r) * words + i / 64, a.cols, lower, upper);
            if (!x)
                a.x = stand_in(&from, dtype, mask + r * mask_stride + i / 64, a.cols);
            hwv_kernels_current()->prelu_backward_columns[dtype](&a);
        }
}
