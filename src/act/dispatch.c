/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The public calls: each fills an hwv_args and runs the row's kernel of the set in use. Small calls are the
 * common ones in training, so there is one indirect call and nothing else on the way. */
#include "act/checked.h"
#include "act/dispatch.h"
#include "base/built.h"

#include <assert.h>
#include <string.h>

#define ENTRY(name) [HWV_ISA_##name] = &hwv_kernels_##name,
static const hwv_kernels *const sets[HWV_ISA_COUNT] = {HWV_BUILT_LIST(ENTRY)};
#undef ENTRY

const hwv_kernels *hwv_kernels_current(void)
{
    return sets[hwv_isa_current()];
}

bool hwv_act_streams(size_t rows, size_t cols, size_t arrays, hwv_dtype dtype)
{
    /* Most calls are far below any last-level cache: do not ask. */
    size_t elements = rows * cols;
    return elements >= ((size_t)1 << 17) && elements > hwv_cache_bytes() / (arrays * hwv_dtype_bytes(dtype));
}

void hwv_args_flatten(hwv_args *a)
{
    if (a->rows != 1 && a->y_stride == a->cols && a->x_stride == a->cols && (!a->dy || a->dy_stride == a->cols)) {
        a->cols *= a->rows;
        a->rows = a->cols != 0;
    }
}

hwv_args hwv_args_part(const hwv_args *a, hwv_dtype dtype, size_t row, size_t col, size_t rows, size_t cols)
{
    hwv_args part = *a;
    const size_t size = hwv_dtype_bytes(dtype);
    part.rows = a->rows - row < rows ? a->rows - row : rows;
    part.cols = a->cols - col < cols ? a->cols - col : cols;
    part.y = (char *)a->y + (row * a->y_stride + col) * size;
    part.x = (const char *)a->x + (row * a->x_stride + col) * size;
    if (a->dy)
        part.dy = (const char *)a->dy + (row * a->dy_stride + col) * size;
    if (a->bias)
        part.bias = (const char *)a->bias + col * size;
    if (a->mask)
        part.mask = a->mask + row * a->mask_stride + col / 64;
    return part;
}

void hwv_act_kernel_params(const hwv_act *act, hwv_dtype dtype, double to[HWV_ACT_PARAMS])
{
    const float *p = act->param;
    switch (act->op) {
#define FIRST_OWN            p[0]
#define FIRST_WITH(a, b)     (a)
#define FIRST_OF(row, a, b)  (a)
#define SECOND_OWN           p[1]
#define SECOND_WITH(a, b)    (b)
#define SECOND_OF(row, a, b) (b)
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, ...)                                         \
    case NUMBER:                                                                                                       \
        to[0] = (double)FIRST_##KERNEL;                                                                                \
        to[1] = (double)SECOND_##KERNEL;                                                                               \
        break;
#include "halfwave/ops.def"
#undef HWV_OP
    case HWV_OP_END_:
        break;
    }
    for (size_t i = 0; i < HWV_ACT_PARAMS && dtype == HWV_F32; i++)
        to[i] = (double)(float)to[i];
}

hwv_kernel *hwv_act_kernel(const hwv_act *act, hwv_dtype dtype, hwv_pass pass, hwv_args *a)
{
    assert((unsigned)dtype < HWV_DTYPES && hwv_op_row(act->op));
    hwv_act_kernel_params(act, dtype, a->param);
    return hwv_kernels_current()->pass[dtype][act->op][pass];
}

static void run(const hwv_act *act, hwv_dtype dtype, hwv_pass pass, hwv_args *a)
{
    hwv_kernel *kernel = hwv_act_kernel(act, dtype, pass, a);
    assert(kernel);
    kernel(a);
}

static void run_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                        const void *x, size_t x_stride)
{
    hwv_args a = {.rows = rows, .cols = cols, .y = y, .y_stride = y_stride, .x = x, .x_stride = x_stride};
    a.stream = y != x && hwv_act_streams(rows, cols, 2, dtype);
    hwv_args_flatten(&a);
    run(act, dtype, hwv_act_forward_pass(act), &a);
}

void hwv_act_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                     const void *x, size_t x_stride)
{
    HWV_ASSERT_ACT(0, HWV_ROWS_OF(y), HWV_ROWS_OF(x));
    run_forward(act, dtype, rows, cols, y, y_stride, x, x_stride);
}

/* From x or from y: `from` is what the pass reads beside dy. */
static void run_backward(const hwv_act *act, hwv_dtype dtype, hwv_pass pass, size_t rows, size_t cols, void *dx,
                         size_t dx_stride, const void *dy, size_t dy_stride, const void *from, size_t from_stride)
{
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .y = dx,
                  .y_stride = dx_stride,
                  .x = from,
                  .x_stride = from_stride,
                  .dy = dy,
                  .dy_stride = dy_stride};
    a.stream = dx != dy && dx != from && hwv_act_streams(rows, cols, 3, dtype);
    hwv_args_flatten(&a);
    run(act, dtype, pass, &a);
}

void hwv_act_backward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride,
                      const void *dy, size_t dy_stride, const void *x, size_t x_stride)
{
    HWV_ASSERT_ACT(0, HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_ROWS_OF(x));
    run_backward(act, dtype, HWV_PASS_backward, rows, cols, dx, dx_stride, dy, dy_stride, x, x_stride);
}

void hwv_act_backward_y(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride,
                        const void *dy, size_t dy_stride, const void *y, size_t y_stride)
{
    HWV_ASSERT_ACT(HWV_GRADIENT_FROM_Y, HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_ROWS_OF(y));
    run_backward(act, dtype, HWV_PASS_backward_y, rows, cols, dx, dx_stride, dy, dy_stride, y, y_stride);
}

/* Mask rows start on a word: rows make one long row only where they fill their words. */
static void flatten_masked(hwv_args *a)
{
    if (a->cols % 64 == 0 && a->mask_stride == a->cols / 64 && !a->bias)
        hwv_args_flatten(a);
}

static void run_forward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                             const void *x, size_t x_stride, uint64_t *mask, size_t mask_stride)
{
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .y = y,
                  .y_stride = y_stride,
                  .x = x,
                  .x_stride = x_stride,
                  .mask = mask,
                  .mask_stride = mask_stride};
    flatten_masked(&a);
    run(act, dtype, HWV_PASS_forward_mask, &a);
}

void hwv_act_forward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                          const void *x, size_t x_stride, uint64_t *mask, size_t mask_stride)
{
    HWV_ASSERT_ACT(HWV_PIECEWISE, HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_WORDS_OF(mask));
    run_forward_mask(act, dtype, rows, cols, y, y_stride, x, x_stride, mask, mask_stride);
}

void hwv_act_backward_mask(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride,
                           const void *dy, size_t dy_stride, const uint64_t *mask, size_t mask_stride)
{
    HWV_ASSERT_ACT(HWV_PIECEWISE, HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_WORDS_OF(mask));
    /* The kernel does not write a mask it reads; x only stands in for the check of gaps. */
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .y = dx,
                  .y_stride = dx_stride,
                  .x_stride = dy_stride,
                  .dy = dy,
                  .dy_stride = dy_stride,
                  .mask = (uint64_t *)(uintptr_t)mask,
                  .mask_stride = mask_stride};
    flatten_masked(&a);
    run(act, dtype, HWV_PASS_backward_mask, &a);
}

/* Bytes of a block that stays in the first-level cache between two passes over it. */
#define BIAS_BLOCK ((size_t)1 << 14)

/* A row without a kernel for x + bias: the sums of a block go to y, and f is taken there. */
static void bias_in_blocks(const hwv_act *act, hwv_dtype dtype, hwv_args *a)
{
    hwv_kernel *add = hwv_kernels_current()->bias_add[dtype];
    size_t block = BIAS_BLOCK / hwv_dtype_bytes(dtype), cols = a->cols < block ? a->cols : block;
    size_t rows = cols ? block / cols : 1;
    for (size_t row = 0; row < a->rows; row += rows)
        for (size_t col = 0; col < a->cols; col += cols) {
            hwv_args part = hwv_args_part(a, dtype, row, col, rows, cols);
            add(&part);
            if (a->mask)
                run_forward_mask(act, dtype, part.rows, part.cols, part.y, part.y_stride, part.y, part.y_stride,
                                 part.mask, part.mask_stride);
            else
                run_forward(act, dtype, part.rows, part.cols, part.y, part.y_stride, part.y, part.y_stride);
        }
}

void hwv_act_bias_forward(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride,
                          const void *x, size_t x_stride, const void *bias, uint64_t *mask, size_t mask_stride)
{
    HWV_ASSERT_ACT(mask ? HWV_PIECEWISE : 0, HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_ONE_OF(bias), HWV_IF_WORDS_OF(mask));
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .y = y,
                  .y_stride = y_stride,
                  .x = x,
                  .x_stride = x_stride,
                  .bias = bias,
                  .mask = mask,
                  .mask_stride = mask_stride};
    hwv_kernel *kernel = hwv_act_kernel(act, dtype, mask ? HWV_PASS_bias_mask : HWV_PASS_bias, &a);
    if (kernel)
        kernel(&a);
    else
        bias_in_blocks(act, dtype, &a);
}

void hwv_act_fires(const hwv_act *act, hwv_dtype dtype, size_t rows, size_t cols, const void *x, size_t x_stride,
                   uint64_t *mask, size_t mask_stride, uint64_t *nans)
{
    static const unsigned char predicate[] = {
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, REQUIRE, FAMILY, KERNEL, FROM_Y, PASS, FIRES, ...)                    \
    [NUMBER] = HWV_PREDICATE_##FIRES,
#include "halfwave/ops.def"
#undef HWV_OP
    };
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .x = x,
                  .x_stride = x_stride,
                  .mask = mask,
                  .mask_stride = mask_stride,
                  .nans = nans};
    HWV_ASSERT_ACT(0, HWV_ROWS_OF(x), HWV_WORDS_OF(mask));
    hwv_act_kernel_params(act, dtype, a.param);
    hwv_kernels_current()->fires[dtype][predicate[act->op]](&a);
}

/* The activation that a PReLU with one slope is, for floats. */
static bool prelu_shared(hwv_act *act, hwv_dtype dtype, const void *slope, hwv_slope_axis axis)
{
    if (dtype != HWV_F32 || axis != HWV_SLOPE_SHARED)
        return false;
    *act = (hwv_act){.op = HWV_OP_PRELU, .param = {*(const float *)slope, 0}};
    return true;
}

void hwv_prelu_forward(hwv_dtype dtype, size_t rows, size_t cols, void *y, size_t y_stride, const void *x,
                       size_t x_stride, const void *slope, hwv_slope_axis axis, size_t slopes, uint64_t *mask,
                       size_t mask_stride)
{
    hwv_act act;
    assert(hwv_check_prelu(dtype, axis, slopes,
                           HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(x), HWV_ONE_OF(slope), HWV_IF_WORDS_OF(mask)),
                           NULL) == HWV_OK);
    if (rows == 0 || cols == 0)
        return;
    if (prelu_shared(&act, dtype, slope, axis)) {
        if (mask)
            run_forward_mask(&act, dtype, rows, cols, y, y_stride, x, x_stride, mask, mask_stride);
        else
            run_forward(&act, dtype, rows, cols, y, y_stride, x, x_stride);
        return;
    }
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .y = y,
                  .y_stride = y_stride,
                  .x = x,
                  .x_stride = x_stride,
                  .bias = slope,
                  .slopes = slopes,
                  .mask = mask,
                  .mask_stride = mask_stride};
    const hwv_kernels *kernels = hwv_kernels_current();
    if (axis == HWV_SLOPE_COLUMNS)
        hwv_prelu_columns_run(kernels->prelu_columns[dtype], dtype, &a);
    else
        kernels->prelu_rows[dtype](&a);
}

void hwv_prelu_backward(hwv_dtype dtype, size_t rows, size_t cols, void *dx, size_t dx_stride, const void *dy,
                        size_t dy_stride, const void *x, size_t x_stride, const void *slope, hwv_slope_axis axis,
                        size_t slopes, void *dslope)
{
    hwv_act act;
    assert(hwv_check_prelu(dtype, axis, slopes,
                           HWV_ARRAYS(HWV_ROWS_OF(dx), HWV_ROWS_OF(dy), HWV_ROWS_OF(x), HWV_ONE_OF(slope)),
                           NULL) == HWV_OK);
    if (rows == 0 || cols == 0)
        return;
    if (!dslope && prelu_shared(&act, dtype, slope, axis)) {
        run_backward(&act, dtype, HWV_PASS_backward, rows, cols, dx, dx_stride, dy, dy_stride, x, x_stride);
        return;
    }
    hwv_args a = {.rows = rows,
                  .cols = cols,
                  .y = dx,
                  .y_stride = dx_stride,
                  .x = x,
                  .x_stride = x_stride,
                  .dy = dy,
                  .dy_stride = dy_stride,
                  .bias = slope,
                  .slopes = slopes,
                  .dslope = dslope};
    const hwv_kernels *kernels = hwv_kernels_current();
    if (axis == HWV_SLOPE_COLUMNS)
        hwv_prelu_columns_run(kernels->prelu_backward_columns[dtype], dtype, &a);
    else
        kernels->prelu_backward_rows[dtype](&a);
}

void hwv_mask_count(size_t rows, size_t cols, const uint64_t *mask, size_t mask_stride, uint64_t *counts)
{
    hwv_kernels_current()->mask_count(rows, cols, mask, mask_stride, counts);
}

uint64_t hwv_mask_total(size_t rows, size_t cols, const uint64_t *mask, size_t mask_stride)
{
    uint64_t total = 0;
    for (size_t r = 0; r < rows; r++) {
        const uint64_t *row = mask + r * mask_stride;
        for (size_t i = 0; i < hwv_mask_words(cols); i++) {
            uint64_t w = row[i];
            w -= w >> 1 & UINT64_C(0x5555555555555555);
            w = (w & UINT64_C(0x3333333333333333)) + (w >> 2 & UINT64_C(0x3333333333333333));
            w = (w + (w >> 4)) & UINT64_C(0x0f0f0f0f0f0f0f0f);
            total += w * UINT64_C(0x0101010101010101) >> 56;
        }
    }
    return total;
}

void hwv_copy_f32(int method, float *y, const float *x, const float *x2, size_t n)
{
    hwv_args a = {.rows = 1, .cols = n, .y = y, .x = x, .dy = x2, .stream = method == 2};
    if (method == 0 && !x2)
        memcpy(y, x, n * sizeof *y);
    else
        hwv_kernels_current()->copy(&a);
}

/* The names that are exported functions. */
#define DEFINE_inline(NAME, name, PARAMS)
#define DEFINE_symbol(NAME, name, PARAMS)                                                                              \
    void hwv_##name##_f32(float *y, const float *x, size_t n SIGNATURE_##PARAMS)                                       \
    {                                                                                                                  \
        const hwv_act act = {.op = HWV_OP_##NAME, .param = {VALUES_##PARAMS}};                                         \
        hwv_act_forward(&act, HWV_F32, 1, n, y, n, x, n);                                                              \
    }                                                                                                                  \
    void hwv_##name##_backward_f32(float *dx, const float *dy, const float *x, size_t n SIGNATURE_##PARAMS)            \
    {                                                                                                                  \
        const hwv_act act = {.op = HWV_OP_##NAME, .param = {VALUES_##PARAMS}};                                         \
        hwv_act_backward(&act, HWV_F32, 1, n, dx, n, dy, n, x, n);                                                     \
    }
#define SIGNATURE_P0
#define SIGNATURE_P1(a, ...)                          , float a
#define SIGNATURE_P2(a, ai, al, ah, b, ...)           , float a, float b
#define VALUES_P0                                     0, 0
#define VALUES_P1(a, ...)                             a, 0
#define VALUES_P2(a, ai, al, ah, b, ...)              a, b
#define HWV_OP(NUMBER, NAME, name, LINK, PARAMS, ...) DEFINE_##LINK(NAME, name, PARAMS)
#include "halfwave/ops.def"
