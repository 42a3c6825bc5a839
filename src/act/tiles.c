/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Forward and backward on an executor. Elementwise work has no sums, so any cut gives the same bits; tiles are
 * cut by shape alone all the same, as everywhere. */
#include "act/checked.h"
#include "act/dispatch.h"

#include <assert.h>

/* Elements of a tile: a few microseconds of work, and whole cache lines. */
#define TILE ((size_t)1 << 15)

typedef struct tiles {
    hwv_args all;
    hwv_dtype dtype;
    hwv_kernel *kernel;
    size_t rows_each, cols_each, across; /* tiles in a row */
} tiles;

static void tile_run(void *context, size_t task, size_t worker)
{
    (void)worker;
    const tiles *t = context;
    size_t row = task / t->across * t->rows_each, col = task % t->across * t->cols_each;
    hwv_args a = hwv_args_part(&t->all, t->dtype, row, col, t->rows_each, t->cols_each);
    t->kernel(&a);
}

static void run_on(const hwv_executor *executor, const hwv_act *act, hwv_dtype dtype, hwv_pass pass, hwv_args *a)
{
    tiles t = {.dtype = dtype, .kernel = hwv_act_kernel(act, dtype, pass, a)};
    assert(t.kernel);
    t.all = *a;
    hwv_args_flatten(&t.all);
    if (t.all.rows == 0 || t.all.cols == 0)
        return;
    t.cols_each = t.all.cols < TILE ? t.all.cols : TILE;
    t.rows_each = TILE / t.cols_each;
    t.across = (t.all.cols + t.cols_each - 1) / t.cols_each;
    size_t down = (t.all.rows + t.rows_each - 1) / t.rows_each;
    if (t.across * down == 1)
        t.kernel(&t.all);
    else
        hwv_executor_run(executor, t.across * down, tile_run, &t);
}

void hwv_act_forward_on(const hwv_executor *executor, const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols,
                        void *y, size_t y_stride, const void *x, size_t x_stride)
{
    HWV_ASSERT_ACT(0, HWV_ROWS_OF(y), HWV_ROWS_OF(x));
    hwv_args a = {.rows = rows, .cols = cols, .y = y, .y_stride = y_stride, .x = x, .x_stride = x_stride};
    a.stream = y != x && hwv_act_streams(rows, cols, 2, dtype);
    run_on(executor, act, dtype, hwv_act_forward_pass(act), &a);
}

void hwv_act_backward_on(const hwv_executor *executor, const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols,
                         void *dx, size_t dx_stride, const void *dy, size_t dy_stride, const void *x, size_t x_stride)
{
    HWV_ASSERT_ACT(0, HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_ROWS_OF(x));
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .y = dx,
                  .y_stride = dx_stride,
                  .x = x,
                  .x_stride = x_stride,
                  .dy = dy,
                  .dy_stride = dy_stride};
    a.stream = dx != dy && dx != x && hwv_act_streams(rows, cols, 3, dtype);
    run_on(executor, act, dtype, HWV_PASS_backward, &a);
}
