/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * LayerNormalization, with its mean and inverse deviation where somebody asks for them. */
#include "graph/functions.h"
#include "onnx/import_state.h"

/* A weight or bias of as many numbers as are normalised, as a vector; absent: all `same`. */
static hwv_status vector(hwv_import *import, size_t i, size_t size, float same, hwv_id *id)
{
    const hwv_shape shape = {.rank = 1, .dim = {size}};
    if (hwv_import_has(import, i)) {
        if (import->in[i]->constant)
            return hwv_import_weight(import, i, &shape, false, false, id);
        HWV_TRY(hwv_import_plain(import, i, id));
        return hwv_import_reshape(import, *id, &shape, id);
    }
    float *numbers = hwv_import_take(import, size, sizeof *numbers);
    if (numbers == NULL)
        return hwv_import_memory(import);
    for (size_t k = 0; k < size; k++)
        numbers[k] = same;
    return hwv_import_graph_floats(import, &shape, numbers, id);
}

static bool wanted(const hwv_import *import, size_t o)
{
    return o < import->out_count && import->out[o] != NULL;
}

/* 1 / sqrt(mean((x - mean)^2) + epsilon) */
static hwv_status inverse_deviation(hwv_import *import, hwv_id x, hwv_id mean, const hwv_node_attributes *reduce,
                                    float epsilon, hwv_id *y)
{
    static const int unary[2] = {HWV_UNARY_SQRT, HWV_UNARY_RECIPROCAL};
    hwv_id e;
    HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, "centred", &(hwv_node_attributes){.function = HWV_BINARY_SUB},
                            (hwv_id[]){x, mean}, 2, y));
    HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, "squared", &(hwv_node_attributes){.function = HWV_BINARY_MUL},
                            (hwv_id[]){*y, *y}, 2, y));
    HWV_TRY(hwv_import_node(import, HWV_NODE_REDUCE, "variance", reduce, (hwv_id[]){*y}, 1, y));
    HWV_TRY(hwv_import_graph_float(import, epsilon, &e));
    HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, "shifted", &(hwv_node_attributes){.function = HWV_BINARY_ADD},
                            (hwv_id[]){*y, e}, 2, y));
    for (size_t i = 0; i < 2; i++)
        HWV_TRY(hwv_import_node(import, HWV_NODE_UNARY, i ? "inverse" : "deviation",
                                &(hwv_node_attributes){.function = unary[i]}, (hwv_id[]){*y}, 1, y));
    return HWV_OK;
}

static hwv_status moments(hwv_import *import, hwv_id x, const hwv_node_attributes *norm)
{
    hwv_node_attributes reduce = {.function = HWV_REDUCTION_MEAN, .keep_axes = true};
    hwv_id mean, inverse;
    for (size_t i = norm->axis; i < import->in[0]->shape.rank; i++)
        reduce.axes |= 1u << i;
    HWV_TRY(hwv_import_node(import, HWV_NODE_REDUCE, "mean", &reduce, &x, 1, &mean));
    HWV_TRY(hwv_import_result(import, 1, mean, HWV_ONNX_FLOAT, NULL, false));
    if (!wanted(import, 2))
        return HWV_OK;
    HWV_TRY(inverse_deviation(import, x, mean, &reduce, norm->epsilon, &inverse));
    return hwv_import_result(import, 2, inverse, HWV_ONNX_FLOAT, NULL, false);
}

hwv_status hwv_import_layer_normalization(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    int64_t axis;
    size_t size = 1;
    hwv_id inputs[3], y;
    HWV_TRY(hwv_import_need_float(import, 0));
    HWV_TRY(hwv_import_need_float(import, 1));
    const hwv_shape *shape = &import->in[0]->shape;
    HWV_TRY(hwv_import_int(import, "axis", -1, &axis));
    HWV_TRY(hwv_import_axis(import, axis, shape->rank, &attributes.axis));
    HWV_TRY(hwv_import_float(import, "epsilon", 1e-5f, &attributes.epsilon));
    for (size_t i = attributes.axis; i < shape->rank; i++)
        if (shape->dim[i] == HWV_BATCH || !hwv_size_mul(size, shape->dim[i], &size))
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it mixes samples");
    HWV_TRY(hwv_import_plain(import, 0, &inputs[0]));
    HWV_TRY(vector(import, 1, size, 1, &inputs[1]));
    HWV_TRY(vector(import, 2, size, 0, &inputs[2]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_LAYER_NORM, "", &attributes, inputs, 3, &y));
    HWV_TRY(hwv_import_result(import, 0, y, import->in[0]->type, shape, false));
    return wanted(import, 1) || wanted(import, 2) ? moments(import, inputs[0], &attributes) : HWV_OK;
}
