/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Operators that only rename, tell shapes, or hold values: Constant, Identity, Dropout, Shape, Size, ConstantOfShape,
 * Range, Flatten. */
#include "onnx/import_state.h"

#include <math.h>
#include <string.h>

static hwv_status constant_number(hwv_import *import, const hwv_onnx_attribute *value)
{
    hwv_shape shape = {.rank = value->type == HWV_ONNX_ATTRIBUTE_INTS || value->type == HWV_ONNX_ATTRIBUTE_FLOATS,
                       .dim = {value->count}};
    switch (value->type) {
    case HWV_ONNX_ATTRIBUTE_INT:
        return hwv_import_result_ints(import, 0, HWV_ONNX_INT64, &shape, &value->i);
    case HWV_ONNX_ATTRIBUTE_INTS:
        return hwv_import_result_ints(import, 0, HWV_ONNX_INT64, &shape, value->ints);
    case HWV_ONNX_ATTRIBUTE_FLOAT:
        return hwv_import_result_floats(import, 0, HWV_ONNX_FLOAT, &shape, &value->f);
    case HWV_ONNX_ATTRIBUTE_FLOATS:
        return hwv_import_result_floats(import, 0, HWV_ONNX_FLOAT, &shape, value->floats);
    default:
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "its attribute '%s' is not supported", value->name);
    }
}

hwv_status hwv_import_constant(hwv_import *import)
{
    const hwv_onnx_node *node = import->node;
    for (size_t i = 0; i < node->attribute_count; i++) {
        const hwv_onnx_attribute *value = &node->attributes[i];
        if (strncmp(value->name, "value", 5) != 0)
            continue;
        if (import->out_count < 1 || import->out[0] == NULL)
            return HWV_OK;
        if (value->type != HWV_ONNX_ATTRIBUTE_TENSOR)
            return constant_number(import, value);
        const hwv_onnx *file = import->state->file;
        hwv_status status = hwv_import_value_tensor(import, import->out[0], value->tensor);
        import->out[0]->from.tensor = (uint32_t)(file->initialiser_count + (size_t)(node - file->nodes));
        if (status == HWV_OK || import->error == NULL)
            return status;
        hwv_error inner = *import->error;
        return hwv_import_fail(import, status, "%s", inner.text);
    }
    return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it has no value that is supported");
}

hwv_status hwv_import_identity(hwv_import *import)
{
    return hwv_import_alias(import, 0, 0);
}

/* The ratio and whether there is training are attributes or inputs. */
static hwv_status dropout_rate(hwv_import *import, double *rate)
{
    float attribute;
    double training;
    HWV_TRY(hwv_import_float(import, "ratio", 0.5f, &attribute));
    *rate = (double)attribute;
    if (import->opset < 12)
        return HWV_OK;
    HWV_TRY(hwv_import_scalar(import, 1, 0.5, rate));
    HWV_TRY(hwv_import_scalar(import, 2, 0, &training));
    if (training != 0 && *rate > 0)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "dropout in training mode is not supported; export the model "
                               "for evaluation");
    return HWV_OK;
}

/* The mask: everything stays. Where samples are many it is nobody's constant. */
static hwv_status dropout_mask(hwv_import *import)
{
    const hwv_shape *shape = &import->in[0]->shape;
    size_t elements = 1;
    if (import->out_count < 2 || import->out[1] == NULL)
        return HWV_OK;
    for (size_t i = 0; i < shape->rank; i++)
        if (shape->dim[i] == HWV_BATCH || !hwv_size_mul(elements, shape->dim[i], &elements))
            return HWV_OK;
    int64_t *ones = hwv_import_take(import, elements, sizeof *ones);
    for (size_t i = 0; ones && i < elements; i++)
        ones[i] = 1;
    return ones ? hwv_import_result_ints(import, 1, HWV_ONNX_BOOL, shape, ones) : hwv_import_memory(import);
}

hwv_status hwv_import_dropout(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    bool channels_last;
    double rate;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    HWV_TRY(dropout_rate(import, &rate));
    HWV_TRY(dropout_mask(import));
    if (!hwv_import_floating(import->in[0]->type) || import->in[0]->constant || !(rate >= 0 && rate < 1))
        return hwv_import_alias(import, 0, 0);
    attributes.rate = (float)rate;
    attributes.stream = (uint32_t)(hwv_graph_node_count(import->graph) & 0xFFFFFF);
    HWV_TRY(hwv_import_any(import, 0, &x, &channels_last));
    HWV_TRY(hwv_import_node(import, HWV_NODE_DROPOUT, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &import->in[0]->shape, channels_last);
}

/* ---- shapes --------------------------------------------------------------------------------------- */

/* start and end of opset 15, clamped. */
static hwv_status shape_range(const hwv_import *import, size_t rank, size_t *first, size_t *last)
{
    int64_t start, end, r = (int64_t)rank;
    HWV_TRY(hwv_import_int(import, "start", 0, &start));
    HWV_TRY(hwv_import_int(import, "end", r, &end));
    start = start < -r ? 0 : start < 0 ? start + r : start > r ? r : start;
    end = end < -r ? 0 : end < 0 ? end + r : end > r ? r : end;
    *first = (size_t)start;
    *last = (size_t)(end < start ? start : end);
    return HWV_OK;
}

hwv_status hwv_import_shape_of(hwv_import *import)
{
    int64_t dims[HWV_MAX_RANK];
    size_t first, last;
    HWV_TRY(hwv_import_need(import, 0));
    const hwv_shape *shape = &import->in[0]->shape;
    HWV_TRY(shape_range(import, shape->rank, &first, &last));
    for (size_t i = first; i < last; i++)
        dims[i - first] = shape->dim[i] == HWV_BATCH ? HWV_IMPORT_BATCH : (int64_t)shape->dim[i];
    return hwv_import_result_ints(import, 0, HWV_ONNX_INT64, &(hwv_shape){.rank = 1, .dim = {last - first}}, dims);
}

hwv_status hwv_import_size_of(hwv_import *import)
{
    int64_t elements = 1;
    HWV_TRY(hwv_import_need(import, 0));
    const hwv_shape *shape = &import->in[0]->shape;
    for (size_t i = 0; i < shape->rank; i++) {
        if (shape->dim[i] == HWV_BATCH)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                                   "it counts the samples, which are known only when running");
        elements *= (int64_t)shape->dim[i];
    }
    return hwv_import_result_ints(import, 0, HWV_ONNX_INT64, &(hwv_shape){0}, &elements);
}

/* Constants that nobody stored should not be larger than what a model holds. */
#define MOST_ELEMENTS ((size_t)1 << 24)

/* With the batch in the shape: one number, repeated when running. */
static hwv_status repeated(hwv_import *import, const int64_t *dims, size_t count, const hwv_onnx_attribute *value)
{
    hwv_node_attributes attributes = {.shape = {.rank = count}};
    hwv_id x, y;
    if (value && !hwv_import_floating(value->tensor->type))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "integers for every sample");
    for (size_t i = 0; i < count; i++) {
        if (i > 0 || dims[i] != HWV_IMPORT_BATCH)
            HWV_TRY(hwv_import_size(import, "a dimension", dims[i], &attributes.shape.dim[i]));
        else
            attributes.shape.dim[i] = HWV_BATCH;
    }
    HWV_TRY(hwv_import_graph_float(import, value ? (float)hwv_onnx_tensor_number(value->tensor, 0) : 0, &x));
    HWV_TRY(hwv_import_node(import, HWV_NODE_EXPAND, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, value ? value->tensor->type : HWV_ONNX_FLOAT, NULL, false);
}

hwv_status hwv_import_constant_of_shape(hwv_import *import)
{
    const hwv_onnx_attribute *value = hwv_onnx_attribute_find(import->node, "value");
    const int64_t *dims;
    hwv_shape shape = {0};
    size_t elements = 1, count;
    HWV_TRY(hwv_import_dims(import, 0, &dims, &count));
    if (count > HWV_MAX_RANK)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "%zu dimensions; up to %d are supported", count,
                               HWV_MAX_RANK);
    if (value && (value->type != HWV_ONNX_ATTRIBUTE_TENSOR || value->tensor->elements != 1 || !value->tensor->data))
        return hwv_import_fail(import, HWV_ERR_FORMAT, "its attribute 'value' is not a tensor of one number");
    if (import->in[0]->batch)
        return repeated(import, dims, count, value);
    shape.rank = count;
    for (size_t i = 0; i < count; i++) {
        shape.dim[i] = (size_t)dims[i];
        if (dims[i] < 0 || !hwv_size_mul(elements, shape.dim[i], &elements) || elements > MOST_ELEMENTS)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a constant of more elements than are supported");
    }
    int32_t type = value ? value->tensor->type : HWV_ONNX_FLOAT;
    if (hwv_import_floating(type)) {
        float *floats = hwv_import_take(import, elements, sizeof *floats);
        for (size_t i = 0; floats && i < elements; i++)
            floats[i] = value ? (float)hwv_onnx_tensor_number(value->tensor, 0) : 0;
        return floats ? hwv_import_result_floats(import, 0, type, &shape, floats) : hwv_import_memory(import);
    }
    int64_t *ints = hwv_import_take(import, elements, sizeof *ints);
    for (size_t i = 0; ints && i < elements; i++)
        ints[i] = hwv_onnx_tensor_integer(value->tensor, 0);
    return ints ? hwv_import_result_ints(import, 0, type, &shape, ints) : hwv_import_memory(import);
}

/* How many numbers from start to before limit. */
static hwv_status range_count(const hwv_import *import, double count, hwv_shape *shape)
{
    if (!(count <= (double)MOST_ELEMENTS))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a range of more elements than are supported");
    *shape = (hwv_shape){.rank = 1, .dim = {count > 0 ? (size_t)count : 0}};
    return HWV_OK;
}

hwv_status hwv_import_range(hwv_import *import)
{
    double number[3];
    hwv_shape shape;
    for (size_t i = 0; i < 3; i++) {
        HWV_TRY(hwv_import_need(import, i));
        HWV_TRY(hwv_import_scalar(import, i, 0, &number[i]));
    }
    int32_t type = import->in[0]->type;
    if (number[2] == 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "a step of 0");
    HWV_TRY(range_count(import, ceil((number[1] - number[0]) / number[2]), &shape));
    if (hwv_import_floating(type)) {
        float *floats = hwv_import_take(import, shape.dim[0], sizeof *floats);
        for (size_t i = 0; floats && i < shape.dim[0]; i++)
            floats[i] = (float)(number[0] + (double)i * number[2]);
        return floats ? hwv_import_result_floats(import, 0, type, &shape, floats) : hwv_import_memory(import);
    }
    int64_t *ints = hwv_import_take(import, shape.dim[0], sizeof *ints);
    for (size_t i = 0; ints && i < shape.dim[0]; i++)
        ints[i] = (int64_t)number[0] + (int64_t)i * (int64_t)number[2];
    return ints ? hwv_import_result_ints(import, 0, type, &shape, ints) : hwv_import_memory(import);
}

/* [rows, columns], with the axes before `axis` as rows. */
hwv_status hwv_import_flatten(hwv_import *import)
{
    hwv_shape shape = {.rank = 2, .dim = {1, 1}};
    int64_t axis;
    hwv_id x, y;
    HWV_TRY(hwv_import_need(import, 0));
    const hwv_shape *from = &import->in[0]->shape;
    HWV_TRY(hwv_import_int(import, "axis", 1, &axis));
    int64_t rank = (int64_t)from->rank;
    if (axis < -rank || axis > rank)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "axis %lld of a value with %zu dimensions", (long long)axis,
                               from->rank);
    axis = axis < 0 ? axis + rank : axis;
    for (size_t i = 0; i < from->rank; i++) {
        size_t *dim = &shape.dim[(int64_t)i >= axis];
        if (from->dim[i] == HWV_BATCH ? axis != 1 : !hwv_size_mul(*dim, from->dim[i], dim))
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "flattening over the batch is not supported");
        if (from->dim[i] == HWV_BATCH)
            *dim = HWV_BATCH;
    }
    HWV_TRY(hwv_import_plain(import, 0, &x));
    HWV_TRY(hwv_import_reshape(import, x, &shape, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &shape, false);
}
