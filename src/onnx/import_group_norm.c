/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * InstanceNormalization and GroupNormalization: groups of channels of a sample are normalised together, then each channel
 * has its scale and bias. */
#include "graph/functions.h"
#include "onnx/import_state.h"

/* Input i, a number for each channel or group, as [count, 1]. */
static hwv_status column(hwv_import *import, size_t i, size_t count, hwv_id *id)
{
    const hwv_shape shape = {.rank = 2, .dim = {count, 1}};
    HWV_TRY(hwv_import_need_float(import, i));
    if (import->in[i]->constant)
        return hwv_import_weight(import, i, &shape, false, false, id);
    HWV_TRY(hwv_import_plain(import, i, id));
    return hwv_import_reshape(import, *id, &shape, id);
}

/* Of x [samples, channels, ...] in `groups`; scale and bias have `scales` numbers. */
static hwv_status normalise(hwv_import *import, size_t groups, size_t scales)
{
    static const int functions[] = {HWV_BINARY_MUL, HWV_BINARY_ADD};
    const hwv_shape *x = &import->in[0]->shape;
    hwv_node_attributes norm = {.axis = 2};
    hwv_shape split = {.rank = 3, .dim = {x->dim[0], groups, 1}};
    size_t elements = 1;
    hwv_id inputs[3], y;
    HWV_TRY(hwv_import_float(import, "epsilon", 1e-5f, &norm.epsilon));
    for (size_t i = 1; i < x->rank; i++)
        if (!hwv_size_mul(elements, x->dim[i], &elements))
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "more elements than memory can hold");
    split.dim[2] = elements / groups;
    HWV_TRY(hwv_import_plain(import, 0, &inputs[0]));
    HWV_TRY(hwv_import_reshape(import, inputs[0], &split, &inputs[0]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_LAYER_NORM, "normalised", &norm, inputs, 1, &y));
    split.dim[1] = scales;
    split.dim[2] = elements / scales;
    HWV_TRY(hwv_import_reshape(import, y, &split, &y));
    for (size_t i = 0; i < 2; i++) {
        inputs[0] = y;
        HWV_TRY(column(import, 1 + i, scales, &inputs[1]));
        HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, i ? "" : "scaled",
                                &(hwv_node_attributes){.function = functions[i]}, inputs, 2, &y));
    }
    const hwv_shape shape = *x;
    HWV_TRY(hwv_import_reshape(import, y, &shape, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &shape, false);
}

hwv_status hwv_import_instance_normalization(hwv_import *import)
{
    HWV_TRY(hwv_import_need_float(import, 0));
    const hwv_shape *x = &import->in[0]->shape;
    if (x->rank < 3)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu dimensions; 3 or more are expected", x->rank);
    return normalise(import, x->dim[1], x->dim[1]);
}

hwv_status hwv_import_group_normalization(hwv_import *import)
{
    int64_t groups;
    HWV_TRY(hwv_import_need_float(import, 0));
    const hwv_shape *x = &import->in[0]->shape;
    HWV_TRY(hwv_import_int(import, "num_groups", 0, &groups));
    if (x->rank < 2 || groups < 1 || (uint64_t)groups > x->dim[1] || x->dim[1] % (size_t)groups != 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%lld groups of channels", (long long)groups);
    return normalise(import, (size_t)groups, import->opset < 21 ? (size_t)groups : x->dim[1]);
}
