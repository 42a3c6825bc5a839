/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gemm: y = alpha A' B' + beta C. Constant B and C become the parameters of a dense layer. */
#include "graph/functions.h"
#include "onnx/import_state.h"

/* y = factor * x, nothing for 1. */
static hwv_status scale(hwv_import *import, const char *part, hwv_id x, float factor, hwv_id *y)
{
    hwv_node_attributes attributes = {.function = HWV_BINARY_MUL};
    hwv_id inputs[2] = {x, HWV_NO_ID};
    *y = x;
    if (factor == 1)
        return HWV_OK;
    HWV_TRY(hwv_import_graph_float(import, factor, &inputs[1]));
    return hwv_import_node(import, HWV_NODE_BINARY, part, &attributes, inputs, 2, y);
}

static hwv_status product(hwv_import *import, bool a_transposed, bool b_transposed, const char *part, hwv_id *y)
{
    static const size_t swap[2] = {1, 0};
    hwv_id inputs[2];
    HWV_TRY(hwv_import_plain(import, 0, &inputs[0]));
    if (a_transposed)
        HWV_TRY(hwv_import_transpose(import, inputs[0], swap, &inputs[0]));
    if (import->in[1]->constant && !import->in[0]->constant)
        return hwv_import_dense(import, part, inputs[0], 1, b_transposed, y);
    HWV_TRY(hwv_import_plain(import, 1, &inputs[1]));
    if (b_transposed)
        HWV_TRY(hwv_import_transpose(import, inputs[1], swap, &inputs[1]));
    return hwv_import_node(import, HWV_NODE_MATMUL, part, NULL, inputs, 2, y);
}

/* Adds beta C; `last` is the part of the sum's name. */
static hwv_status add(hwv_import *import, hwv_id x, float beta, hwv_id *y)
{
    const hwv_import_value *c = import->in[2];
    hwv_shape shape = hwv_import_shape(import, x);
    size_t out = shape.dim[shape.rank - 1];
    hwv_id inputs[2] = {x, HWV_NO_ID};
    if (c->constant && beta == 1 && c->elements == out && c->shape.rank >= 1 &&
        c->shape.dim[c->shape.rank - 1] == out && hwv_import_floating(c->type)) {
        HWV_TRY(hwv_import_weight(import, 2, &(hwv_shape){.rank = 1, .dim = {out}}, false, false, &inputs[1]));
        return hwv_import_node(import, HWV_NODE_BIAS, "", NULL, inputs, 2, y);
    }
    HWV_TRY(hwv_import_plain(import, 2, &inputs[1]));
    HWV_TRY(scale(import, "scaled", inputs[1], beta, &inputs[1]));
    return hwv_import_node(import, HWV_NODE_BINARY, "", &(hwv_node_attributes){.function = HWV_BINARY_ADD}, inputs, 2,
                           y);
}

hwv_status hwv_import_gemm(hwv_import *import)
{
    float alpha, beta;
    int64_t a_transposed, b_transposed;
    hwv_id y;
    for (size_t i = 0; i < 2; i++) {
        HWV_TRY(hwv_import_need_float(import, i));
        if (import->in[i]->shape.rank != 2)
            return hwv_import_fail(import, HWV_ERR_FORMAT, "'%.100s' has %zu dimensions; matrices are expected",
                                   import->in[i]->name, import->in[i]->shape.rank);
    }
    HWV_TRY(hwv_import_float(import, "alpha", 1, &alpha));
    HWV_TRY(hwv_import_float(import, "beta", 1, &beta));
    HWV_TRY(hwv_import_int(import, "transA", 0, &a_transposed));
    HWV_TRY(hwv_import_int(import, "transB", 0, &b_transposed));
    bool sums = hwv_import_has(import, 2) && beta != 0, scales = alpha != 1;
    HWV_TRY(product(import, a_transposed != 0, b_transposed != 0, sums || scales ? "product" : "", &y));
    HWV_TRY(scale(import, sums ? "alpha" : "", y, alpha, &y));
    if (sums)
        HWV_TRY(add(import, y, beta, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, NULL, false);
}

/* ---- MatMul --------------------------------------------------------------------------------------- */

/* A vector in front of a matrix is a row, behind it a column. */
static hwv_status as_matrix(hwv_import *import, size_t i, hwv_id *id)
{
    const hwv_shape *shape = &import->in[i]->shape;
    HWV_TRY(hwv_import_plain(import, i, id));
    if (shape->rank != 1)
        return HWV_OK;
    hwv_shape matrix = {.rank = 2, .dim = {1, 1}};
    matrix.dim[i == 0] = shape->dim[0];
    return hwv_import_reshape(import, *id, &matrix, id);
}

/* The result without the row or column that vectors became. */
static hwv_status as_result(hwv_import *import, hwv_id y)
{
    hwv_shape made = hwv_import_shape(import, y), shape = {0};
    size_t without_row = import->in[0]->shape.rank == 1, without_column = import->in[1]->shape.rank == 1;
    for (size_t i = 0; i < made.rank; i++)
        if (!(without_row && i + 2 == made.rank) && !(without_column && i + 1 == made.rank))
            shape.dim[shape.rank++] = made.dim[i];
    if (without_row || without_column)
        HWV_TRY(hwv_import_reshape(import, y, &shape, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &shape, false);
}

hwv_status hwv_import_matmul(hwv_import *import)
{
    hwv_id inputs[2], y;
    HWV_TRY(hwv_import_need_float(import, 0));
    HWV_TRY(hwv_import_need_float(import, 1));
    HWV_TRY(as_matrix(import, 0, &inputs[0]));
    if (import->in[1]->constant && import->in[1]->shape.rank == 2 && !import->in[0]->constant) {
        HWV_TRY(hwv_import_dense(import, "", inputs[0], 1, false, &y));
        return as_result(import, y);
    }
    HWV_TRY(as_matrix(import, 1, &inputs[1]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_MATMUL, "", NULL, inputs, 2, &y));
    return as_result(import, y);
}
