/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Inputs of an import function: as graph values in a layout, as constants. */
#include "onnx/trace.h"

#include <float.h>
#include <math.h>
#include <string.h>

bool hwv_import_floating(int32_t type)
{
    return type == HWV_ONNX_FLOAT || type == HWV_ONNX_DOUBLE || type == HWV_ONNX_FLOAT16 || type == HWV_ONNX_BFLOAT16;
}

/* ---- values --------------------------------------------------------------------------------------- */

hwv_import_value hwv_import_value_make(const char *name)
{
    return (hwv_import_value){.name = name,
                              .plain = HWV_NO_ID,
                              .last = HWV_NO_ID,
                              .parameter = {HWV_NO_ID, HWV_NO_ID},
                              .from = {.tensor = HWV_IMPORT_NO_TENSOR}};
}

hwv_status hwv_import_value_tensor(hwv_import *import, hwv_import_value *value, const hwv_onnx_tensor *tensor)
{
    const char *name = value->name[0] ? value->name : tensor->name;
    if (tensor->data == NULL && tensor->elements > 0)
        return hwv_fail(import->error, HWV_ERR_UNSUPPORTED, "tensor '%.100s': elements of type %s are not supported",
                        name, hwv_onnx_type_name(tensor->type));
    if (hwv_onnx_type_bytes(tensor->type) == 0)
        return hwv_fail(import->error, HWV_ERR_UNSUPPORTED,
                        "tensor '%.100s': elements of type %d (%s) are not "
                        "supported",
                        name, (int)tensor->type, hwv_onnx_type_name(tensor->type));
    if (tensor->rank > HWV_MAX_RANK)
        return hwv_fail(import->error, HWV_ERR_UNSUPPORTED,
                        "tensor '%.100s' has %zu dimensions; up to %d are "
                        "supported",
                        name, tensor->rank, HWV_MAX_RANK);
    value->type = tensor->type;
    value->shape = (hwv_shape){.rank = tensor->rank};
    memcpy(value->shape.dim, tensor->dim, tensor->rank * sizeof tensor->dim[0]);
    value->elements = tensor->elements;
    value->tensor = tensor;
    value->known = value->constant = true;
    return HWV_OK;
}

hwv_status hwv_import_value_load(hwv_import *import, hwv_import_value *value)
{
    size_t n = value->elements;
    if (value->floats || value->ints)
        return HWV_OK;
    if (hwv_import_floating(value->type)) {
        float *floats = hwv_import_take(import, n, sizeof *floats);
        if (floats == NULL)
            return hwv_import_memory(import);
        if (value->type == HWV_ONNX_FLOAT && n > 0)
            memcpy(floats, value->tensor->data, n * sizeof *floats);
        for (size_t i = 0; value->type != HWV_ONNX_FLOAT && i < n; i++) {
            double x = hwv_onnx_tensor_number(value->tensor, i);
            if (isfinite(x) && fabs(x) > (double)FLT_MAX)
                return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                                       "'%.100s' holds %g; numbers of float32 are supported", value->name, x);
            floats[i] = (float)x;
        }
        value->floats = floats;
    } else {
        int64_t *ints = hwv_import_take(import, n, sizeof *ints);
        if (ints == NULL)
            return hwv_import_memory(import);
        for (size_t i = 0; i < n; i++) {
            ints[i] = hwv_onnx_tensor_integer(value->tensor, i);
            if (ints[i] == HWV_IMPORT_BATCH)
                return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "'%.100s' holds %lld, which is not supported",
                                       value->name, (long long)ints[i]);
        }
        value->ints = ints;
    }
    return HWV_OK;
}

/* ---- constants into the graph --------------------------------------------------------------------- */

/* Elements of a constant as the graph keeps them, in ONNX's order. */
static hwv_status constant_elements(hwv_import *import, hwv_import_value *value, const void **data)
{
    HWV_TRY(hwv_import_value_load(import, value));
    *data = value->floats;
    if (value->floats)
        return HWV_OK;
    if (value->batch)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "'%.100s' holds the number of samples, which is known only "
                               "when running",
                               value->name);
    int32_t *ints = hwv_import_take(import, value->elements, sizeof *ints);
    if (ints == NULL)
        return hwv_import_memory(import);
    for (size_t i = 0; i < value->elements; i++) {
        if (value->ints[i] < INT32_MIN || value->ints[i] > INT32_MAX)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                                   "'%.100s' holds %lld; integers of 32 bits are supported", value->name,
                                   (long long)value->ints[i]);
        ints[i] = (int32_t)value->ints[i];
    }
    *data = ints;
    return HWV_OK;
}

static hwv_status constant_add(hwv_import *import, hwv_import_value *value)
{
    char name[64];
    const void *data;
    hwv_shape shape = value->shape;
    hwv_element element = hwv_import_floating(value->type) ? HWV_ELEMENT_F32 : HWV_ELEMENT_I32;
    if (value->elements == 0)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "'%.100s' is empty: only shapes may be", value->name);
    HWV_TRY(constant_elements(import, value, &data));
    if (shape.rank == 0)
        shape = (hwv_shape){.rank = 1, .dim = {1}};
    HWV_TRY(hwv_import_name(import->state, value->name, "", name));
    HWV_TRY(hwv_graph_constant(import->graph, name, element, &shape, &value->plain, import->error));
    HWV_TRY(hwv_trace_keep(import, value->plain, value, HWV_TRACE_SAME));
    return hwv_import_fill_add(import->state, value->plain, data, value->elements) ? HWV_OK : hwv_import_memory(import);
}

/* ---- layouts -------------------------------------------------------------------------------------- */

/* Whether only one axis besides the first has more than one element: then every order of them is the same numbers. */
static bool one_wide(const hwv_shape *shape)
{
    size_t wide = 0;
    for (size_t i = 1; i < shape->rank; i++)
        wide += shape->dim[i] != 1;
    return wide <= 1;
}

/* Named after the value, not after the node that asks. */
static hwv_status relayout(hwv_import *import, const hwv_import_value *value, hwv_id x, const char *part,
                           const size_t *order, hwv_id *y)
{
    hwv_node_attributes attributes = {0};
    hwv_shape from = hwv_import_shape(import, x);
    char name[64];
    bool same = one_wide(&from);
    attributes.shape.rank = from.rank;
    for (size_t i = 0; i < from.rank; i++) {
        attributes.order[i] = order[i];
        attributes.shape.dim[i] = from.dim[order[i]];
    }
    HWV_TRY(hwv_import_name(import->state, value->name, part, name));
    return hwv_graph_node(import->graph, same ? HWV_NODE_RESHAPE : HWV_NODE_TRANSPOSE, name, &attributes, &x, 1, y,
                          import->error);
}

hwv_status hwv_import_value_plain(hwv_import *import, hwv_import_value *value, hwv_id *id)
{
    static const size_t order[2][4] = {{0, 2, 1}, {0, 3, 1, 2}};
    if (value->plain == HWV_NO_ID) {
        if (value->constant)
            HWV_TRY(constant_add(import, value));
        else
            HWV_TRY(relayout(import, value, value->last, "plain", order[value->shape.rank == 4], &value->plain));
    }
    *id = value->plain;
    return HWV_OK;
}

hwv_status hwv_import_value_last(hwv_import *import, hwv_import_value *value, hwv_id *id)
{
    static const size_t order[2][4] = {{0, 2, 1}, {0, 2, 3, 1}};
    if (value->shape.rank != 3 && value->shape.rank != 4)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "'%.100s' has %zu dimensions; [batch, channels, length] and "
                               "[batch, channels, height, width] are supported",
                               value->name, value->shape.rank);
    if (value->last == HWV_NO_ID) {
        hwv_id plain;
        HWV_TRY(hwv_import_value_plain(import, value, &plain));
        HWV_TRY(relayout(import, value, plain, "last", order[value->shape.rank == 4], &value->last));
    }
    *id = value->last;
    return HWV_OK;
}

hwv_status hwv_import_plain(hwv_import *import, size_t i, hwv_id *id)
{
    HWV_TRY(hwv_import_need(import, i));
    return hwv_import_value_plain(import, import->in[i], id);
}

hwv_status hwv_import_last(hwv_import *import, size_t i, hwv_id *id)
{
    HWV_TRY(hwv_import_need(import, i));
    return hwv_import_value_last(import, import->in[i], id);
}

hwv_status hwv_import_any(hwv_import *import, size_t i, hwv_id *id, bool *channels_last)
{
    HWV_TRY(hwv_import_need(import, i));
    *channels_last = import->in[i]->channels_last;
    return *channels_last ? hwv_import_last(import, i, id) : hwv_import_plain(import, i, id);
}

/* An input of the value's own shape, or HWV_NO_ID. */
static hwv_id same_input(const hwv_import *import, const hwv_node *node)
{
    const hwv_shape shape = hwv_import_shape(import, node->output[0]);
    for (size_t k = 0; k < node->input_count; k++) {
        const hwv_shape given = hwv_import_shape(import, node->input[k]);
        if (given.rank == shape.rank && memcmp(given.dim, shape.dim, shape.rank * sizeof shape.dim[0]) == 0)
            return node->input[k];
    }
    return HWV_NO_ID;
}

/* Whether a plain value of rank 4 comes from a dense layer or a norm along the last axis, element by element: images that
 * a file itself holds channels last. */
static bool units_stand_last(const hwv_import *import, hwv_id id)
{
    for (size_t steps = 0; steps < 8 && id != HWV_NO_ID; steps++) {
        const hwv_node *node = hwv_graph_node_at(import->graph, hwv_graph_value(import->graph, id)->producer);
        if (node == NULL)
            return false;
        if (node->kind == HWV_NODE_DENSE || node->kind == HWV_NODE_BIAS || node->kind == HWV_NODE_LAYER_NORM)
            return true;
        if (node->kind != HWV_NODE_ADD && node->kind != HWV_NODE_BINARY && node->kind != HWV_NODE_UNARY &&
            node->kind != HWV_NODE_ACTIVATION && node->kind != HWV_NODE_DROPOUT)
            return false;
        id = same_input(import, node);
    }
    return false;
}

hwv_status hwv_import_units(hwv_import *import, size_t i, hwv_id *id, bool *channels_last)
{
    HWV_TRY(hwv_import_any(import, i, id, channels_last));
    if (import->in[i]->shape.rank != 4 || *channels_last || units_stand_last(import, *id))
        return HWV_OK;
    *channels_last = true;
    return hwv_import_last(import, i, id);
}

/* ---- broadcasting --------------------------------------------------------------------------------- */

/* One dimension of the result; false: they do not fit. */
static bool dimension_join(size_t *dim, size_t other)
{
    if (other == 1 || other == *dim)
        return true;
    if (*dim != 1)
        return false;
    *dim = other;
    return true;
}

static hwv_status shape_join(hwv_import *import, size_t first, size_t count, hwv_shape *shape)
{
    *shape = (hwv_shape){0};
    for (size_t k = 0; k < count; k++) {
        HWV_TRY(hwv_import_need(import, first + k));
        if (import->in[first + k]->shape.rank > shape->rank)
            shape->rank = import->in[first + k]->shape.rank;
    }
    for (size_t i = 0; i < shape->rank; i++)
        shape->dim[i] = 1;
    for (size_t k = 0; k < count; k++) {
        const hwv_shape *one = &import->in[first + k]->shape;
        for (size_t i = 0; i < one->rank; i++)
            if (!dimension_join(&shape->dim[shape->rank - one->rank + i], one->dim[i]))
                return hwv_import_fail(import, HWV_ERR_FORMAT,
                                       "its inputs have shapes that do not broadcast "
                                       "(dimension %zu of '%.100s')",
                                       i, import->in[first + k]->name);
    }
    return HWV_OK;
}

/* An input of a lower rank, channels last: ones in front, then the transpose. A vector along one axis is only
 * reshaped. */
static hwv_status lower_last(hwv_import *import, hwv_import_value *value, size_t rank, hwv_id *id)
{
    hwv_shape shape = {.rank = rank}, moved = {.rank = rank};
    static const size_t orders[2][4] = {{0, 2, 1}, {0, 2, 3, 1}};
    const size_t *order = orders[rank == 4];
    size_t wide = 0, first = rank - value->shape.rank;
    for (size_t i = 0; i < rank; i++)
        shape.dim[i] = i < first ? 1 : value->shape.dim[i - first];
    for (size_t i = 0; i < rank; i++) {
        moved.dim[i] = shape.dim[order[i]];
        wide += shape.dim[i] != 1;
    }
    HWV_TRY(hwv_import_value_plain(import, value, id));
    if (wide <= 1)
        return hwv_import_reshape(import, *id, &moved, id);
    HWV_TRY(hwv_import_reshape(import, *id, &shape, id));
    return hwv_import_transpose(import, *id, order, id);
}

static size_t wide_dimensions(const hwv_shape *shape)
{
    size_t wide = 0;
    for (size_t i = 0; i < shape->rank; i++)
        wide += shape->dim[i] != 1;
    return wide;
}

hwv_status hwv_import_broadcast(hwv_import *import, size_t first, size_t count, hwv_id *ids, bool *channels_last,
                                hwv_shape *shape)
{
    HWV_TRY(shape_join(import, first, count, shape));
    *channels_last = false;
    for (size_t k = 0; k < count; k++)
        *channels_last = *channels_last ||
                         (import->in[first + k]->channels_last && import->in[first + k]->shape.rank == shape->rank);
    for (size_t k = 0; k < count; k++) {
        hwv_import_value *value = import->in[first + k];
        if (!*channels_last || value->elements == 1)
            HWV_TRY(hwv_import_value_plain(import, value, &ids[k]));
        else if (value->last != HWV_NO_ID && value->shape.rank == shape->rank)
            ids[k] = value->last;
        else if (value->shape.rank < shape->rank || wide_dimensions(&value->shape) <= 1)
            HWV_TRY(lower_last(import, value, shape->rank, &ids[k]));
        else
            HWV_TRY(hwv_import_value_last(import, value, &ids[k]));
    }
    return HWV_OK;
}

/* ---- constants as numbers ------------------------------------------------------------------------- */

bool hwv_import_has(const hwv_import *import, size_t i)
{
    return i < import->in_count && import->in[i] != NULL;
}

hwv_status hwv_import_need(const hwv_import *import, size_t i)
{
    if (hwv_import_has(import, i))
        return HWV_OK;
    return hwv_import_fail(import, HWV_ERR_FORMAT, "its input %zu is missing", i);
}

hwv_status hwv_import_need_float(const hwv_import *import, size_t i)
{
    HWV_TRY(hwv_import_need(import, i));
    if (hwv_import_floating(import->in[i]->type))
        return HWV_OK;
    return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "its input '%.100s' is of type %s; floats are supported",
                           import->in[i]->name, hwv_onnx_type_name(import->in[i]->type));
}

static hwv_status constant(hwv_import *import, size_t i)
{
    HWV_TRY(hwv_import_need(import, i));
    if (!import->in[i]->constant)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "its input '%.100s' is computed when running; a constant is "
                               "supported",
                               import->in[i]->name);
    return hwv_import_value_load(import, import->in[i]);
}

hwv_status hwv_import_dims(hwv_import *import, size_t i, const int64_t **dims, size_t *count)
{
    HWV_TRY(constant(import, i));
    if (import->in[i]->ints == NULL)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "its input '%.100s' is of type %s; integers are expected",
                               import->in[i]->name, hwv_onnx_type_name(import->in[i]->type));
    *dims = import->in[i]->ints;
    *count = import->in[i]->elements;
    return HWV_OK;
}

hwv_status hwv_import_ints(hwv_import *import, size_t i, const int64_t **ints, size_t *count)
{
    HWV_TRY(hwv_import_dims(import, i, ints, count));
    if (import->in[i]->batch)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "its input '%.100s' holds the number of samples",
                               import->in[i]->name);
    return HWV_OK;
}

hwv_status hwv_import_floats(hwv_import *import, size_t i, const float **floats, size_t *count)
{
    HWV_TRY(constant(import, i));
    HWV_TRY(hwv_import_need_float(import, i));
    *floats = import->in[i]->floats;
    *count = import->in[i]->elements;
    return HWV_OK;
}

hwv_status hwv_import_scalar(hwv_import *import, size_t i, double absent, double *x)
{
    *x = absent;
    if (!hwv_import_has(import, i))
        return HWV_OK;
    HWV_TRY(constant(import, i));
    const hwv_import_value *value = import->in[i];
    if (value->elements != 1 || value->batch)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "its input '%.100s' has %zu elements; one number is "
                               "supported",
                               value->name, value->elements);
    *x = value->floats ? (double)value->floats[0] : (double)value->ints[0];
    return HWV_OK;
}
