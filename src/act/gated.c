/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gated pairs: the rows of gates.def as data, and the calls. A pass goes over the arrays once, in blocks that stay in
 * the first-level cache, with the kernels of the activation and a product: no formula is written out twice. */
#include "act/checked.h"
#include "act/dispatch.h"
#include "halfwave/text.h"

#include <string.h>

/* Bytes of a block of one array: all that a pass works with fits the first-level cache. */
enum { BLOCK = 4096 };

static const hwv_gate_info pairs[] = {
#define HWV_GATE(NUMBER, NAME, name_, OP, TORCH, FORMULA, SOURCE)                                                      \
    [NUMBER] = {.gate = HWV_GATE_##NAME,                                                                               \
                .name = #name_,                                                                                        \
                .op = HWV_OP_##OP,                                                                                     \
                .torch = TORCH,                                                                                        \
                .formula = FORMULA,                                                                                    \
                .source = SOURCE},
#include "halfwave/gates.def"
#undef HWV_GATE
};

const hwv_gate_info *hwv_gate_get(size_t i)
{
    return i < HWV_GATE_END_ ? &pairs[i] : NULL;
}

hwv_status hwv_gate_find(hwv_gate *gate, const char *name, hwv_error *error)
{
    const char *names[HWV_GATE_END_];
    for (size_t i = 0; i < HWV_GATE_END_; i++)
        names[i] = pairs[i].name;
    size_t position;
    HWV_TRY(hwv_name_find(&position, "gated pair", name, names, HWV_GATE_END_, error));
    *gate = pairs[position].gate;
    return HWV_OK;
}

/* A block of an array: rows that are `stride` elements apart. */
typedef struct part {
    const void *data;
    size_t stride;
} part;

static part part_of(const void *array, size_t stride, hwv_dtype dtype, size_t row, size_t col)
{
    return (part){(const char *)array + (row * stride + col) * hwv_dtype_bytes(dtype), stride};
}

static hwv_args block_args(size_t rows, size_t cols, part to, part x, part dy)
{
    return (hwv_args){.rows = rows,
                      .cols = cols,
                      .y = (void *)(uintptr_t)to.data,
                      .y_stride = to.stride,
                      .x = x.data,
                      .x_stride = x.stride,
                      .dy = dy.data,
                      .dy_stride = dy.stride};
}

static void block_act(const hwv_act *act, hwv_dtype dtype, hwv_pass pass, hwv_args a)
{
    hwv_act_kernel(act, dtype, pass, &a)(&a);
}

static void block_product(hwv_dtype dtype, hwv_args a)
{
    hwv_kernels_current()->gated_product[dtype](&a);
}

/* Rows and columns of a block. */
static void block_shape(hwv_dtype dtype, size_t all_cols, size_t *rows, size_t *cols)
{
    size_t elements = BLOCK / hwv_dtype_bytes(dtype);
    *cols = all_cols < elements ? all_cols : elements;
    *rows = *cols ? elements / *cols : 1;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

void hwv_gated_forward(hwv_gate kind, hwv_tier tier, hwv_dtype dtype, size_t rows, size_t cols, void *y,
                       size_t y_stride, const void *value, size_t value_stride, const void *gate, size_t gate_stride)
{
    assert(hwv_check_gated(kind, tier, dtype, HWV_ARRAYS(HWV_ROWS_OF(y), HWV_ROWS_OF(value), HWV_ROWS_OF(gate)),
                           NULL) == HWV_OK);
    hwv_act act = hwv_act_make(pairs[kind].op);
    double f[BLOCK / sizeof(double)];
    size_t rows_each, cols_each;
    act.tier = tier;
    block_shape(dtype, cols, &rows_each, &cols_each);
    for (size_t r = 0; r < rows; r += rows_each)
        for (size_t i = 0; i < cols; i += cols_each) {
            const size_t m = least(rows_each, rows - r), n = least(cols_each, cols - i);
            const part none = {0}, of_f = {f, n}, of_gate = part_of(gate, gate_stride, dtype, r, i);
            const part of_value = part_of(value, value_stride, dtype, r, i);
            block_act(&act, dtype, hwv_act_forward_pass(&act), block_args(m, n, of_f, of_gate, none));
            block_product(dtype, block_args(m, n, part_of(y, y_stride, dtype, r, i), of_f, of_value));
        }
}

void hwv_gated_backward(hwv_gate kind, hwv_dtype dtype, size_t rows, size_t cols, void *dvalue, size_t dvalue_stride,
                        void *dgate, size_t dgate_stride, const void *dy, size_t dy_stride, const void *value,
                        size_t value_stride, const void *gate, size_t gate_stride)
{
    assert(hwv_check_gated(kind, HWV_ACCURATE, dtype,
                           HWV_ARRAYS(HWV_ROWS_OF(dvalue), HWV_ROWS_OF(dgate), HWV_ROWS_OF(dy), HWV_ROWS_OF(value),
                                      HWV_ROWS_OF(gate)),
                           NULL) == HWV_OK);
    const hwv_act act = hwv_act_make(pairs[kind].op);
    const size_t bytes = hwv_dtype_bytes(dtype);
    double f[BLOCK / sizeof(double)], g[BLOCK / sizeof(double)];
    size_t rows_each, cols_each;
    block_shape(dtype, cols, &rows_each, &cols_each);
    for (size_t r = 0; r < rows; r += rows_each)
        for (size_t i = 0; i < cols; i += cols_each) {
            const size_t m = least(rows_each, rows - r), n = least(cols_each, cols - i);
            const part none = {0}, of_f = {f, n}, of_g = {g, n}, of_dy = part_of(dy, dy_stride, dtype, r, i);
            const part of_gate = part_of(gate, gate_stride, dtype, r, i);
            const part of_value = part_of(value, value_stride, dtype, r, i);
            /* Both gradients are there before either is written: they may lie where dy, value or gate do. */
            block_product(dtype, block_args(m, n, of_g, of_value, of_dy));
            block_act(&act, dtype, HWV_PASS_backward, block_args(m, n, of_g, of_gate, of_g));
            block_act(&act, dtype, HWV_PASS_forward, block_args(m, n, of_f, of_gate, none));
            block_product(dtype, block_args(m, n, part_of(dvalue, dvalue_stride, dtype, r, i), of_f, of_dy));
            for (size_t k = 0; k < m; k++)
                memcpy((char *)dgate + ((r + k) * dgate_stride + i) * bytes, (const char *)g + k * n * bytes,
                       n * bytes);
        }
}
