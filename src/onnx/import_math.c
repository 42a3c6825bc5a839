/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Import of arithmetic: functions of one, two and more values, comparisons, choices, types. Reductions and softmax are in
 * import_reduce.c. */
#include "onnx/import.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "graph/functions.h"

/* The row of a kind's table that has the operator's name. */
static int function_of(const hwv_import *import, hwv_node_kind kind)
{
    const hwv_function *row;
    for (size_t i = 0; (row = hwv_function_get(kind, i)) != NULL; i++)
        if (strcmp(row->onnx, import->row->op) == 0)
            return row->number;
    return 0;
}

static hwv_status node_of_function(hwv_import *import, hwv_node_kind kind, const char *part, int function,
                                   const hwv_id *inputs, size_t count, hwv_id *y)
{
    const hwv_node_attributes attributes = {.function = function};
    return hwv_import_node(import, kind, part, &attributes, inputs, count, y);
}

static hwv_status cast(hwv_import *import, const char *part, hwv_element to, hwv_cast how, hwv_id *id)
{
    const hwv_node_attributes attributes = {.to = to, .function = (int)how};
    const hwv_id x = *id;
    return hwv_import_node(import, HWV_NODE_CAST, part, &attributes, &x, 1, id);
}

static bool is_float(const hwv_import *import, size_t i)
{
    return hwv_import_floating(import->in[i]->type);
}

/* ---- one value -------------------------------------------------------------------------------------- */

/* IsInf that is asked for one sign only. */
static hwv_status infinite(hwv_import *import, hwv_id x, hwv_id *y)
{
    int64_t negative, positive;
    HWV_TRY(hwv_import_int(import, "detect_negative", 1, &negative));
    HWV_TRY(hwv_import_int(import, "detect_positive", 1, &positive));
    if (negative && positive)
        return node_of_function(import, HWV_NODE_UNARY, "", HWV_UNARY_IS_INF, &x, 1, y);
    if (!negative && !positive)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "detects neither sign");
    hwv_id pair[2] = {x, HWV_NO_ID};
    HWV_TRY(hwv_import_graph_float(import, positive ? INFINITY : -INFINITY, &pair[1]));
    return node_of_function(import, HWV_NODE_COMPARE, "", HWV_COMPARE_EQUAL, pair, 2, y);
}

hwv_status hwv_import_unary(hwv_import *import)
{
    const int function = function_of(import, HWV_NODE_UNARY);
    hwv_id x, y;
    bool last;
    HWV_TRY(hwv_import_any(import, 0, &x, &last));
    if (function == HWV_UNARY_IS_INF)
        HWV_TRY(infinite(import, x, &y));
    else
        HWV_TRY(node_of_function(import, HWV_NODE_UNARY, "", function, &x, 1, &y));
    const bool test = hwv_function_row(HWV_NODE_UNARY, function)->types == HWV_TYPES_TEST;
    return hwv_import_result(import, 0, y, test ? HWV_ONNX_BOOL : import->in[0]->type, &import->in[0]->shape, last);
}

/* ---- two values ------------------------------------------------------------------------------------- */

/* Before opset 7 b is repeated only where "broadcast" says so, and its dimensions stand from "axis" on. */
static hwv_status aligned(hwv_import *import, hwv_id ids[2], hwv_shape *shape)
{
    const hwv_shape a = import->in[0]->shape, b = import->in[1]->shape;
    hwv_shape wide = b;
    int64_t axis;
    size_t at;
    HWV_TRY(hwv_import_plain(import, 0, &ids[0]));
    HWV_TRY(hwv_import_plain(import, 1, &ids[1]));
    *shape = a;
    if (b.rank == 0 || a.rank <= b.rank || !hwv_import_has_attribute(import, "axis"))
        return HWV_OK;
    HWV_TRY(hwv_import_int(import, "axis", 0, &axis));
    HWV_TRY(hwv_import_axis(import, axis, a.rank, &at));
    if (at + b.rank > a.rank)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "axis %lld leaves no room for the %zu dimensions of b",
                               (long long)axis, b.rank);
    while (at + wide.rank < a.rank)
        wide.dim[wide.rank++] = 1;
    return hwv_import_reshape(import, ids[1], &wide, &ids[1]);
}

/* Both inputs, broadcast as the opset has it; their result's layout and shape. */
static hwv_status pair_of(hwv_import *import, hwv_id ids[2], bool *last, hwv_shape *shape)
{
    int64_t legacy = 0;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_need(import, 1));
    if (import->opset < 7)
        HWV_TRY(hwv_import_int(import, "broadcast", 0, &legacy));
    if (!legacy)
        return hwv_import_broadcast(import, 0, 2, ids, last, shape);
    *last = false;
    return aligned(import, ids, shape);
}

/* x^2 is x x, the same number; other powers of mixed types are taken as floats. */
static hwv_status power(hwv_import *import, hwv_id ids[2], hwv_id *y)
{
    const bool base = is_float(import, 0), exponent = is_float(import, 1);
    const hwv_shape *b = &import->in[1]->shape;
    bool one = true;
    for (size_t d = 0; d < b->rank; d++)
        one = one && b->dim[d] == 1;
    if (import->in[1]->constant && one && b->rank <= import->in[0]->shape.rank) {
        double number;
        HWV_TRY(hwv_import_scalar(import, 1, 1, &number));
        if (number == 2 && base)
            return node_of_function(import, HWV_NODE_BINARY, "", HWV_BINARY_MUL, (hwv_id[]){ids[0], ids[0]}, 2, y);
    }
    if (base == exponent)
        return node_of_function(import, HWV_NODE_BINARY, "", HWV_BINARY_POW, ids, 2, y);
    HWV_TRY(cast(import, "cast", HWV_ELEMENT_F32, HWV_CAST_VALUE, &ids[base ? 1 : 0]));
    HWV_TRY(node_of_function(import, HWV_NODE_BINARY, base ? "" : "power", HWV_BINARY_POW, ids, 2, y));
    return base ? HWV_OK : cast(import, "", HWV_ELEMENT_I32, HWV_CAST_VALUE, y);
}

hwv_status hwv_import_binary(hwv_import *import)
{
    int function = function_of(import, HWV_NODE_BINARY);
    hwv_id ids[2], y;
    hwv_shape shape;
    bool last, done = false;
    int64_t truncated;
    if (function == HWV_BINARY_ADD && import->opset >= 7) {
        HWV_TRY(hwv_import_bias(import, 0, 1, &done));
        if (!done)
            HWV_TRY(hwv_import_bias(import, 1, 0, &done));
        if (done)
            return HWV_OK;
    }
    HWV_TRY(pair_of(import, ids, &last, &shape));
    if (function == HWV_BINARY_MOD) {
        HWV_TRY(hwv_import_int(import, "fmod", 0, &truncated));
        function = truncated ? HWV_BINARY_FMOD : HWV_BINARY_MOD;
    }
    if (function == HWV_BINARY_POW)
        HWV_TRY(power(import, ids, &y));
    else
        HWV_TRY(node_of_function(import, HWV_NODE_BINARY, "", function, ids, 2, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &shape, last);
}

hwv_status hwv_import_compare(hwv_import *import)
{
    hwv_id ids[2], y;
    hwv_shape shape;
    bool last;
    HWV_TRY(pair_of(import, ids, &last, &shape));
    HWV_TRY(node_of_function(import, HWV_NODE_COMPARE, "", function_of(import, HWV_NODE_COMPARE), ids, 2, &y));
    return hwv_import_result(import, 0, y, HWV_ONNX_BOOL, &shape, last);
}

/* ---- any number of values --------------------------------------------------------------------------- */

/* Max, Min, Sum, Mean: one after the other. */
hwv_status hwv_import_variadic(hwv_import *import)
{
    const char *op = import->row->op;
    const bool mean = strcmp(op, "Mean") == 0;
    const int function = mean || strcmp(op, "Sum") == 0 ? HWV_BINARY_ADD : function_of(import, HWV_NODE_BINARY);
    const size_t count = import->in_count;
    hwv_shape shape;
    bool last;
    if (count == 0)
        return hwv_import_need(import, 0);
    if (count == 1)
        return hwv_import_alias(import, 0, 0);
    hwv_id *ids = hwv_import_take(import, count, sizeof *ids);
    if (ids == NULL)
        return hwv_import_memory(import);
    HWV_TRY(hwv_import_broadcast(import, 0, count, ids, &last, &shape));
    for (size_t i = 1; i < count; i++) {
        char part[32];
        const hwv_id pair[2] = {ids[0], ids[i]};
        snprintf(part, sizeof part, "to%zu", i);
        HWV_TRY(
            node_of_function(import, HWV_NODE_BINARY, i + 1 == count && !mean ? "" : part, function, pair, 2, &ids[0]));
    }
    if (mean) {
        hwv_id pair[2] = {ids[0], HWV_NO_ID};
        HWV_TRY(hwv_import_graph_float(import, (float)count, &pair[1]));
        HWV_TRY(node_of_function(import, HWV_NODE_BINARY, "", HWV_BINARY_DIV, pair, 2, &ids[0]));
    }
    return hwv_import_result(import, 0, ids[0], import->in[0]->type, &shape, last);
}

hwv_status hwv_import_where(hwv_import *import)
{
    hwv_id ids[3], y;
    hwv_shape shape;
    bool last;
    HWV_TRY(hwv_import_broadcast(import, 0, 3, ids, &last, &shape));
    HWV_TRY(hwv_import_node(import, HWV_NODE_WHERE, "", NULL, ids, 3, &y));
    return hwv_import_result(import, 0, y, import->in[1]->type, &shape, last);
}

/* ---- types ------------------------------------------------------------------------------------------ */

static hwv_status cast_to(hwv_import *import, int64_t type)
{
    hwv_id x;
    bool last;
    const bool known = type > 0 && type <= HWV_ONNX_BFLOAT16 && hwv_onnx_type_bytes((int32_t)type) > 0 &&
                       type != HWV_ONNX_COMPLEX64 && type != HWV_ONNX_COMPLEX128;
    if (!known)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "casts to %s; numbers and booleans are supported",
                               type > 0 && type < INT32_MAX ? hwv_onnx_type_name((int32_t)type) : "an unknown type");
    if (type == HWV_ONNX_BFLOAT16 && import->in[0]->type != HWV_ONNX_BFLOAT16)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "casts to bfloat16, for which runtimes round differently");
    HWV_TRY(hwv_import_any(import, 0, &x, &last));
    const bool from_float = is_float(import, 0), to_float = hwv_import_floating((int32_t)type);
    if (type == HWV_ONNX_BOOL && import->in[0]->type != HWV_ONNX_BOOL)
        HWV_TRY(cast(import, "", HWV_ELEMENT_I32, HWV_CAST_TRUTH, &x));
    else if (from_float != to_float)
        HWV_TRY(cast(import, "", to_float ? HWV_ELEMENT_F32 : HWV_ELEMENT_I32, HWV_CAST_VALUE, &x));
    else if (type != import->in[0]->type && type == HWV_ONNX_FLOAT16)
        HWV_TRY(cast(import, "", HWV_ELEMENT_F32, HWV_CAST_FLOAT16, &x));
    return hwv_import_result(import, 0, x, (int32_t)type, &import->in[0]->shape, last);
}

hwv_status hwv_import_cast(hwv_import *import)
{
    int64_t to;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_int(import, "to", 0, &to));
    return cast_to(import, to);
}

hwv_status hwv_import_cast_like(hwv_import *import)
{
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(hwv_import_need(import, 1));
    return cast_to(import, import->in[1]->type);
}
