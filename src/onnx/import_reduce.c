/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Import of what works along axes: reductions, the place of the largest, softmax. */
#include "onnx/import.h"

#include <string.h>

#include "graph/functions.h"

static bool batched(const hwv_shape *shape)
{
    return shape->rank > 0 && shape->dim[0] == HWV_BATCH;
}

/* ---- reductions ------------------------------------------------------------------------------------- */

static int reduction_of(const char *op)
{
    const hwv_function *row;
    for (size_t i = 0; (row = hwv_function_get(HWV_NODE_REDUCE, i)) != NULL; i++)
        if (strcmp(row->onnx, op) == 0)
            return row->number;
    return 0;
}

/* Axes as bits, of ONNX's order: all where none are given. */
static hwv_status axes_of(hwv_import *import, size_t rank, unsigned *axes, bool *none)
{
    const int64_t since = strcmp(import->row->op, "ReduceSum") == 0 ? 13 : 18;
    const int64_t *list;
    size_t count, at;
    int64_t noop = 0;
    HWV_TRY(hwv_import_list(import, "axes", 1, since, &list, &count));
    HWV_TRY(hwv_import_int(import, "noop_with_empty_axes", 0, &noop));
    *none = count == 0 && noop && import->opset >= since;
    *axes = count == 0 ? (1u << rank) - 1 : 0;
    for (size_t i = 0; i < count; i++) {
        HWV_TRY(hwv_import_axis(import, list[i], rank, &at));
        *axes |= 1u << at;
    }
    return HWV_OK;
}

/* The reduce node and its result of `type`. */
static hwv_status reduced(hwv_import *import, int function, unsigned axes, bool keep, int32_t type)
{
    const hwv_shape x = import->in[0]->shape;
    hwv_node_attributes attributes = {.function = function, .axes = axes, .keep_axes = keep};
    hwv_shape y = {0};
    hwv_id id;
    bool last = false;
    if (batched(&x) && axes & 1)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "reduces the axis of the samples");
    for (size_t d = 0; d < x.rank; d++)
        if (keep || (axes >> d & 1) == 0)
            y.dim[y.rank++] = axes >> d & 1 ? 1 : x.dim[d];
    /* Without axis 1, or with it alone, what is left has the same order in both layouts. */
    const unsigned all = (1u << x.rank) - 1;
    if (keep || axes & 2 || (axes | 3) == (all | 3))
        HWV_TRY(hwv_import_any(import, 0, &id, &last));
    else
        HWV_TRY(hwv_import_plain(import, 0, &id));
    if (x.rank == 0) { /* [1] in the graph */
        attributes.axes = 1;
        attributes.keep_axes = true;
    }
    for (size_t d = 0; last && d < x.rank; d++)
        attributes.axes = (d ? attributes.axes : 0) | (axes >> d & 1) << hwv_import_axis_last(d, x.rank);
    HWV_TRY(hwv_import_node(import, HWV_NODE_REDUCE, "", &attributes, &id, 1, &id));
    return hwv_import_result(import, 0, id, type, &y, last && keep);
}

hwv_status hwv_import_reduce(hwv_import *import)
{
    unsigned axes;
    int64_t keep;
    bool none;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(axes_of(import, import->in[0]->shape.rank, &axes, &none));
    HWV_TRY(hwv_import_int(import, "keepdims", 1, &keep));
    if (none)
        return hwv_import_alias(import, 0, 0);
    return reduced(import, reduction_of(import->row->op), axes, keep != 0, import->in[0]->type);
}

hwv_status hwv_import_arg(hwv_import *import)
{
    const bool most = strcmp(import->row->op, "ArgMax") == 0;
    int64_t axis, keep, last;
    size_t at;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_int(import, "axis", 0, &axis));
    HWV_TRY(hwv_import_int(import, "keepdims", 1, &keep));
    HWV_TRY(hwv_import_int(import, "select_last_index", 0, &last));
    HWV_TRY(hwv_import_axis(import, axis, import->in[0]->shape.rank, &at));
    return reduced(import,
                   most ? (last ? HWV_REDUCTION_ARG_MAX_LAST : HWV_REDUCTION_ARG_MAX)
                        : (last ? HWV_REDUCTION_ARG_MIN_LAST : HWV_REDUCTION_ARG_MIN),
                   1u << at, keep != 0, HWV_ONNX_INT64);
}

/* ---- softmax ---------------------------------------------------------------------------------------- */

/* x with the axis last: as it is, channels last, or transposed by *order. */
typedef struct turned {
    hwv_id id;
    size_t rank, axis;
    bool channels_last, transposed;
    size_t order[HWV_MAX_RANK];
} turned;

static hwv_status turned_make(hwv_import *import, size_t axis, turned *t)
{
    const size_t rank = import->in[0]->shape.rank;
    *t = (turned){.rank = rank, .axis = rank - 1};
    if (axis == 1 && rank > 2 && rank <= 4) {
        t->channels_last = true;
        return hwv_import_last(import, 0, &t->id);
    }
    HWV_TRY(hwv_import_plain(import, 0, &t->id));
    if (axis + 1 == rank)
        return HWV_OK;
    for (size_t d = 0; d < rank; d++)
        t->order[d] = d == axis ? rank - 1 : d == rank - 1 ? axis : d; /* its own inverse */
    t->transposed = true;
    return hwv_import_transpose(import, t->id, t->order, &t->id);
}

static hwv_status turned_result(hwv_import *import, const turned *t, hwv_id y)
{
    if (t->transposed)
        HWV_TRY(hwv_import_transpose(import, y, t->order, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &import->in[0]->shape, t->channels_last);
}

/* 1 at the place of the first largest along the axis and behind, 0 elsewhere; x is of that many dimensions. */
static hwv_status hardmax(hwv_import *import, hwv_id x, size_t axis, hwv_id *y)
{
    const hwv_shape shape = hwv_import_shape(import, x);
    hwv_node_attributes attributes = {.function = HWV_REDUCTION_ARG_MAX, .axes = 1u << axis, .keep_axes = true};
    hwv_shape row = {.rank = 1, .dim = {1}}, flat = {.rank = axis + 1};
    hwv_id pair[2], flattened;
    for (size_t d = 0; d < shape.rank; d++) {
        if (d < axis)
            flat.dim[d] = shape.dim[d];
        else
            row.dim[0] *= shape.dim[d];
    }
    flat.dim[axis] = row.dim[0];
    if (row.dim[0] > 1u << 24)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%zu elements along the axis; up to 2^24 are supported",
                               row.dim[0]);
    float *numbers = hwv_import_take(import, row.dim[0], sizeof *numbers);
    if (numbers == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < row.dim[0]; i++)
        numbers[i] = (float)i;
    HWV_TRY(hwv_import_reshape(import, x, &flat, &flattened));
    HWV_TRY(hwv_import_node(import, HWV_NODE_REDUCE, "place", &attributes, &flattened, 1, &pair[0]));
    attributes = (hwv_node_attributes){.to = HWV_ELEMENT_F32};
    HWV_TRY(hwv_import_node(import, HWV_NODE_CAST, "number", &attributes, &pair[0], 1, &pair[0]));
    HWV_TRY(hwv_import_graph_floats(import, &row, numbers, &pair[1]));
    attributes.function = HWV_COMPARE_EQUAL;
    HWV_TRY(hwv_import_node(import, HWV_NODE_COMPARE, "there", &attributes, pair, 2, y));
    attributes.function = HWV_CAST_VALUE;
    HWV_TRY(hwv_import_node(import, HWV_NODE_CAST, "", &attributes, y, 1, y));
    return hwv_import_reshape(import, *y, &shape, y);
}

static hwv_status softened(hwv_import *import, hwv_id x, size_t axis, hwv_id *y)
{
    const hwv_node_attributes attributes = {.axis = axis, .logarithm = strcmp(import->row->op, "LogSoftmax") == 0};
    if (strcmp(import->row->op, "Hardmax") == 0)
        return hardmax(import, x, axis, y);
    return hwv_import_node(import, HWV_NODE_SOFTMAX, "", &attributes, &x, 1, y);
}

/* Softmax, LogSoftmax, Hardmax: along one axis; before opset 13 over it and all behind it. */
hwv_status hwv_import_softmax(hwv_import *import)
{
    const bool together = import->opset < 13;
    int64_t axis;
    size_t at;
    turned t;
    hwv_id x, y;
    HWV_TRY(hwv_import_need_float(import, 0));
    HWV_TRY(hwv_import_int(import, "axis", together ? 1 : -1, &axis));
    HWV_TRY(hwv_import_axis(import, axis, import->in[0]->shape.rank, &at));
    if (at == 0 && batched(&import->in[0]->shape))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "runs along the axis of the samples");
    if (together) {
        HWV_TRY(hwv_import_plain(import, 0, &x));
        HWV_TRY(softened(import, x, at, &y));
        return hwv_import_result(import, 0, y, import->in[0]->type, &import->in[0]->shape, false);
    }
    HWV_TRY(turned_make(import, at, &t));
    HWV_TRY(softened(import, t.id, t.axis, &y));
    return turned_result(import, &t, y);
}
