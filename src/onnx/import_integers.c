/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Folding of integers directly, 64 bits wide: chains such as Shape, Gather, Unsqueeze, Concat that lead to a Reshape.
 * They may hold the batch (HWV_IMPORT_BATCH), which is moved, multiplied by 1 and compared, but never counted. */
#include "onnx/import_state.h"

#include <string.h>

/* Elements of a result; NULL: memory is short. */
static int64_t *ints_take(hwv_import *import, size_t count)
{
    return hwv_import_take(import, count, sizeof(int64_t));
}

static hwv_status give(hwv_import *import, const hwv_shape *shape, const int64_t *ints, bool *done)
{
    *done = true;
    return hwv_import_result_ints(import, 0, import->in[0]->type, shape, ints);
}

/* ---- elementwise ---------------------------------------------------------------------------------- */

typedef enum function { ADD, SUB, MUL, DIV, EQUAL } function;

static bool overflows(function f, int64_t a, int64_t b)
{
    const int64_t most = INT64_C(1) << 62;
    if (a >= most || a <= -most || b >= most || b <= -most)
        return true;
    const int64_t size = a < 0 ? -a : a;
    return f == MUL && size > 0 && (b > most / size || b < -most / size);
}

/* False: not a number that can be known. */
static bool compute(function f, int64_t a, int64_t b, int64_t *y)
{
    bool batch_a = a == HWV_IMPORT_BATCH, batch_b = b == HWV_IMPORT_BATCH;
    if (f == EQUAL) {
        /* The number of samples is positive: it is no -1 and no 0. */
        *y = a == b;
        return batch_a == batch_b || (batch_a ? b : a) <= 0;
    }
    if (batch_a || batch_b) {
        int64_t other = batch_a ? b : a;
        *y = HWV_IMPORT_BATCH;
        if (batch_a && batch_b)
            return false;
        return (f == MUL && other == 1) || (f == ADD && other == 0) || (batch_a && f == DIV && other == 1) ||
               (batch_a && f == SUB && other == 0);
    }
    if (overflows(f, a, b) || (f == DIV && b == 0))
        return false;
    *y = f == ADD ? a + b : f == SUB ? a - b : f == MUL ? a * b : a / b;
    return true;
}

static hwv_status elementwise(hwv_import *import, function f, bool *done)
{
    if (import->in_count != 2)
        return HWV_OK;
    const hwv_import_value *a = import->in[0], *b = import->in[1];
    const hwv_import_value *wide = b->elements > a->elements || b->shape.rank > a->shape.rank ? b : a;
    size_t n = wide->elements;
    if ((a->elements != n && a->elements != 1) || (b->elements != n && b->elements != 1) ||
        a->shape.rank > wide->shape.rank || (a->elements == n && b->elements == n && a->shape.rank != b->shape.rank) ||
        wide->shape.rank > 1)
        return HWV_OK;
    int64_t *y = ints_take(import, n);
    if (y == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < n; i++)
        if (!compute(f, a->ints[a->elements > 1 ? i : 0], b->ints[b->elements > 1 ? i : 0], &y[i]))
            return HWV_OK;
    *done = true;
    return hwv_import_result_ints(import, 0, f == EQUAL ? HWV_ONNX_BOOL : a->type, &wide->shape, y);
}

static hwv_status where(hwv_import *import, bool *done)
{
    size_t n = 1;
    const hwv_import_value *wide = import->in[0];
    if (import->in_count != 3)
        return HWV_OK;
    for (size_t i = 0; i < 3; i++)
        if (import->in[i]->elements > n || import->in[i]->shape.rank > wide->shape.rank) {
            wide = import->in[i];
            n = wide->elements;
        }
    for (size_t i = 0; i < 3; i++)
        if (import->in[i]->elements != n && import->in[i]->elements != 1)
            return HWV_OK;
    if (wide->shape.rank > 1)
        return HWV_OK;
    int64_t *y = ints_take(import, n);
    if (y == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < n; i++) {
        const hwv_import_value *from = import->in[import->in[0]->ints[import->in[0]->elements > 1 ? i : 0] ? 1 : 2];
        y[i] = from->ints[from->elements > 1 ? i : 0];
    }
    *done = true;
    return hwv_import_result_ints(import, 0, import->in[1]->type, &wide->shape, y);
}

/* ---- shape ---------------------------------------------------------------------------------------- */

/* Elements along axis 0 of a list. */
static hwv_status gather(hwv_import *import, bool *done)
{
    const hwv_import_value *list = import->in[0], *at = import->in[1];
    int64_t axis, n = (int64_t)list->elements;
    HWV_TRY(hwv_import_int(import, "axis", 0, &axis));
    if (list->shape.rank != 1 || (axis != 0 && axis != -1))
        return HWV_OK;
    int64_t *y = ints_take(import, at->elements);
    if (y == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < at->elements; i++) {
        int64_t index = at->ints[i];
        if (index < -n || index >= n)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "index %lld into %lld elements", (long long)index,
                                   (long long)n);
        y[i] = list->ints[index < 0 ? index + n : index];
    }
    return give(import, &at->shape, y, done);
}

static hwv_status concat(hwv_import *import, bool *done)
{
    size_t n = 0;
    int64_t axis;
    HWV_TRY(hwv_import_int(import, "axis", 1, &axis));
    for (size_t i = 0; i < import->in_count; i++) {
        if (import->in[i]->shape.rank != 1)
            return HWV_OK;
        n += import->in[i]->elements;
    }
    if (axis != 0 && axis != -1)
        return HWV_OK;
    int64_t *y = ints_take(import, n);
    if (y == NULL)
        return hwv_import_memory(import);
    n = 0;
    for (size_t i = 0; i < import->in_count; i++) {
        memcpy(y + n, import->in[i]->ints, import->in[i]->elements * sizeof *y);
        n += import->in[i]->elements;
    }
    return give(import, &(hwv_shape){.rank = 1, .dim = {n}}, y, done);
}

/* Of a number or a list: lists of one stay lists or become numbers. */
static hwv_status squeeze(hwv_import *import, size_t rank, bool *done)
{
    const hwv_import_value *x = import->in[0];
    const int64_t *axes;
    size_t count;
    HWV_TRY(hwv_import_list(import, "axes", 1, 13, &axes, &count));
    if (x->shape.rank + rank != 1 || (rank == 0 && x->elements != 1) || count > 1 ||
        (count == 1 && axes[0] != 0 && axes[0] != -1))
        return HWV_OK;
    return give(import, &(hwv_shape){.rank = rank, .dim = {1}}, x->ints, done);
}

static int64_t clamp(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

/* start, end, step from inputs (opset 10) or attributes. */
static hwv_status slice_read(hwv_import *import, int64_t range[3], bool *simple)
{
    static const char *const names[3] = {"starts", "ends", ""};
    *simple = true;
    for (size_t k = 0; k < 3; k++) {
        const int64_t *ints = NULL;
        size_t count = 0, input = k == 2 ? 4 : 1 + k;
        if (import->opset >= 10) {
            if (hwv_import_has(import, input))
                HWV_TRY(hwv_import_ints(import, input, &ints, &count));
        } else if (k < 2) {
            HWV_TRY(hwv_import_int_list(import, names[k], &ints, &count));
        }
        *simple = *simple && (count == 1 || (k == 2 && count == 0));
        range[k] = count ? ints[0] : 1;
    }
    return HWV_OK;
}

static hwv_status slice(hwv_import *import, bool *done)
{
    const hwv_import_value *x = import->in[0];
    int64_t range[3], n = (int64_t)x->elements;
    bool simple;
    HWV_TRY(slice_read(import, range, &simple));
    if (!simple || x->shape.rank != 1 || range[2] <= 0)
        return HWV_OK;
    int64_t first = clamp(range[0] < 0 ? range[0] + n : range[0], 0, n);
    int64_t last = clamp(range[1] < 0 ? range[1] + n : range[1], 0, n);
    size_t count = 0;
    int64_t *y = ints_take(import, x->elements);
    if (y == NULL)
        return hwv_import_memory(import);
    for (int64_t i = first; i < last; i += clamp(range[2], 1, n + 1))
        y[count++] = x->ints[i];
    return give(import, &(hwv_shape){.rank = 1, .dim = {count}}, y, done);
}

/* To a wide integer. Narrow ones could wrap, and floats are not exact. */
static hwv_status cast(hwv_import *import, bool *done)
{
    int64_t to;
    HWV_TRY(hwv_import_int(import, "to", 0, &to));
    if (to != HWV_ONNX_INT64 && !(to == HWV_ONNX_INT32 && import->in[0]->batch))
        return HWV_OK;
    *done = true;
    return hwv_import_result_ints(import, 0, (int32_t)to, &import->in[0]->shape, import->in[0]->ints);
}

/* A list as a list. */
static hwv_status reshape(hwv_import *import, bool *done)
{
    const hwv_import_value *x = import->in[0];
    if (import->in_count != 2 || import->in[1]->elements != 1 || x->shape.rank > 1 ||
        (import->in[1]->ints[0] != -1 && import->in[1]->ints[0] != (int64_t)x->elements))
        return HWV_OK;
    return give(import, &(hwv_shape){.rank = 1, .dim = {x->elements}}, x->ints, done);
}

hwv_status hwv_import_fold_integers(hwv_import *import, bool *done)
{
    static const char *const functions[] = {"Add", "Sub", "Mul", "Div", "Equal"};
    const char *op = import->row->op;
    *done = false;
    if (import->in_count == 0)
        return HWV_OK;
    for (size_t i = 0; i < import->in_count; i++) {
        if (import->in[i] == NULL) {
            if (i == 0)
                return HWV_OK;
            continue;
        }
        if (!import->in[i]->constant || hwv_import_floating(import->in[i]->type))
            return HWV_OK;
        HWV_TRY(hwv_import_value_load(import, import->in[i]));
    }
    bool full = true;
    for (size_t i = 0; i < import->in_count; i++)
        full = full && import->in[i];
    for (size_t f = 0; full && f < sizeof functions / sizeof functions[0]; f++)
        if (strcmp(op, functions[f]) == 0)
            return elementwise(import, (function)f, done);
    if (strcmp(op, "Slice") == 0)
        return slice(import, done);
    if (!full)
        return HWV_OK;
    if (strcmp(op, "Gather") == 0 && import->in_count == 2)
        return gather(import, done);
    if (strcmp(op, "Concat") == 0)
        return concat(import, done);
    if (strcmp(op, "Unsqueeze") == 0)
        return squeeze(import, 1, done);
    if (strcmp(op, "Squeeze") == 0)
        return squeeze(import, 0, done);
    if (strcmp(op, "Cast") == 0)
        return cast(import, done);
    if (strcmp(op, "Reshape") == 0)
        return reshape(import, done);
    return strcmp(op, "Where") == 0 ? where(import, done) : HWV_OK;
}
