/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What an import function adds: graph nodes, parameters, results. */
#include "onnx/trace.h"

#include <stdio.h>
#include <string.h>

/* ---- nodes ---------------------------------------------------------------------------------------- */

hwv_shape hwv_import_shape(const hwv_import *import, hwv_id id)
{
    return hwv_graph_value(import->graph, id)->shape;
}

/* ONNX's name of an activation: the file's operator where it is this one (Clip for relu6), else the table's. */
static const char *layer_op(const hwv_import *import, const hwv_act *act)
{
    const hwv_op_info *row = hwv_op_row(act->op);
    if (import->row && import->row->kind == HWV_NODE_ACTIVATION)
        return import->row->op;
    return row->onnx[0] ? row->onnx : row->name;
}

/* Samples must stay apart: a node that reads the batch gives it, and works along other axes. */
static hwv_status batch_check(const hwv_import *import, hwv_node_kind kind, const hwv_node_attributes *attributes,
                              const hwv_id *inputs, size_t count, hwv_id output)
{
    /* A gather along axis 0 is an embedding: its table is not of the batch, or the node would have refused it. */
    bool batched = false, axis = kind == HWV_NODE_SOFTMAX || kind == HWV_NODE_LAYER_NORM || kind == HWV_NODE_CONCAT;
    for (size_t i = 0; i < count; i++)
        batched = batched || hwv_graph_value(import->graph, inputs[i])->shape.dim[0] == HWV_BATCH;
    if (!batched)
        return HWV_OK;
    if (hwv_graph_value(import->graph, output)->shape.dim[0] != HWV_BATCH || (axis && attributes->axis == 0) ||
        (kind == HWV_NODE_REDUCE && attributes->axes & 1))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "it mixes samples");
    return HWV_OK;
}

/* Elements of a value of one sample; a file that wants more is refused here, by the node, and not by a plan that lacks the
 * memory. */
#define LARGEST ((uint64_t)1 << 34)

static hwv_status size_check(const hwv_import *import, hwv_id output)
{
    const hwv_shape *shape = &hwv_graph_value(import->graph, output)->shape;
    uint64_t elements = 1;
    for (size_t i = 0; i < shape->rank; i++) {
        uint64_t dim = shape->dim[i] == HWV_BATCH ? 1 : shape->dim[i];
        if (dim > LARGEST / elements)
            return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                                   "its output has more than 2^34 elements (64 GiB) a sample");
        elements *= dim;
    }
    return HWV_OK;
}

hwv_status hwv_import_node(hwv_import *import, hwv_node_kind kind, const char *part,
                           const hwv_node_attributes *attributes, const hwv_id *inputs, size_t count, hwv_id *output)
{
    char name[64];
    hwv_id outputs[HWV_MAX_OUTPUTS];
    const char *full = hwv_import_node_name(import->node);
    HWV_TRY(hwv_import_name(import->state, full, part, name));
    hwv_status status = hwv_graph_node(import->graph, kind, name, attributes, inputs, count, outputs, import->error);
    if (status != HWV_OK && import->error && status != HWV_ERR_MEMORY) {
        hwv_error inner = *import->error;
        return hwv_import_fail(import, status == HWV_ERR_SHAPE ? HWV_ERR_FORMAT : HWV_ERR_UNSUPPORTED, "%s",
                               inner.text);
    }
    HWV_TRY(status);
    *output = outputs[0];
    HWV_TRY(hwv_trace_made(import, hwv_graph_value(import->graph, *output)->producer));
    HWV_TRY(size_check(import, *output));
    HWV_TRY(batch_check(import, kind, attributes, inputs, count, *output));
    if (kind != HWV_NODE_ACTIVATION)
        return HWV_OK;
    hwv_id node = hwv_graph_value(import->graph, outputs[0])->producer;
    return hwv_import_layer_add(import->state, node, full, layer_op(import, &attributes->act))
               ? HWV_OK
               : hwv_import_memory(import);
}

static bool shapes_equal(const hwv_shape *a, const hwv_shape *b)
{
    return a->rank == b->rank && memcmp(a->dim, b->dim, a->rank * sizeof a->dim[0]) == 0;
}

hwv_status hwv_import_reshape(hwv_import *import, hwv_id x, const hwv_shape *shape, hwv_id *y)
{
    hwv_node_attributes attributes = {.shape = *shape};
    hwv_shape from = hwv_import_shape(import, x);
    if (shape->rank == 0)
        attributes.shape = (hwv_shape){.rank = 1, .dim = {1}};
    *y = x;
    if (shapes_equal(&from, &attributes.shape))
        return HWV_OK;
    return hwv_import_node(import, HWV_NODE_RESHAPE, "shaped", &attributes, &x, 1, y);
}

hwv_status hwv_import_transpose(hwv_import *import, hwv_id x, const size_t *order, hwv_id *y)
{
    hwv_node_attributes attributes = {0};
    memcpy(attributes.order, order, hwv_import_shape(import, x).rank * sizeof *order);
    return hwv_import_node(import, HWV_NODE_TRANSPOSE, "moved", &attributes, &x, 1, y);
}

hwv_status hwv_import_channels_move(hwv_import *import, bool back, hwv_id *x)
{
    size_t order[HWV_MAX_RANK], rank = hwv_import_shape(import, *x).rank;
    for (size_t i = 0; i < rank; i++)
        order[i] = i == 0 ? 0 : back ? (i == 1 ? rank - 1 : i - 1) : (i == rank - 1 ? 1 : i + 1);
    return hwv_import_transpose(import, *x, order, x);
}

/* ---- constants and parameters --------------------------------------------------------------------- */

/* Elements of a shape without the batch; false: too many. */
static bool elements_of(const hwv_shape *shape, size_t *elements)
{
    *elements = 1;
    for (size_t i = 0; i < shape->rank; i++)
        if (shape->dim[i] == HWV_BATCH || !hwv_size_mul(*elements, shape->dim[i], elements))
            return false;
    return true;
}

static hwv_status too_large(const hwv_import *import)
{
    return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "more elements than memory can hold");
}

/* What takes shape and data, whose copy the weights get. */
static hwv_status fill(hwv_import *import, hwv_id id, const void *data, size_t elements)
{
    return hwv_import_fill_add(import->state, id, data, elements) ? HWV_OK : hwv_import_memory(import);
}

hwv_status hwv_import_graph_floats(hwv_import *import, const hwv_shape *shape, const float *data, hwv_id *id)
{
    hwv_shape one = {.rank = 1, .dim = {1}};
    char name[64];
    size_t elements, bytes;
    if (!elements_of(shape, &elements) || !hwv_size_mul(elements, sizeof *data, &bytes))
        return too_large(import);
    float *copy = hwv_import_take(import, elements, sizeof *copy);
    if (copy == NULL)
        return hwv_import_memory(import);
    memcpy(copy, data, bytes);
    HWV_TRY(hwv_import_name(import->state, hwv_import_node_name(import->node), "constant", name));
    HWV_TRY(hwv_graph_constant(import->graph, name, HWV_ELEMENT_F32, shape->rank ? shape : &one, id, import->error));
    return fill(import, *id, copy, elements);
}

hwv_status hwv_import_graph_ints(hwv_import *import, const hwv_shape *shape, const int32_t *data, hwv_id *id)
{
    char name[64];
    size_t elements;
    if (!elements_of(shape, &elements))
        return too_large(import);
    HWV_TRY(hwv_import_name(import->state, hwv_import_node_name(import->node), "constant", name));
    HWV_TRY(hwv_graph_constant(import->graph, name, HWV_ELEMENT_I32, shape, id, import->error));
    return fill(import, *id, data, elements);
}

hwv_status hwv_import_graph_float(hwv_import *import, float x, hwv_id *id)
{
    return hwv_import_graph_floats(import, &(hwv_shape){0}, &x, id);
}

hwv_status hwv_import_parameter(hwv_import *import, const char *name, const hwv_shape *shape, const float *data,
                                bool decay, hwv_id *id)
{
    char unique[64];
    size_t elements;
    if (!elements_of(shape, &elements))
        return too_large(import);
    HWV_TRY(hwv_import_name(import->state, name, "", unique));
    HWV_TRY(hwv_graph_parameter(import->graph, unique, shape, decay, id, import->error));
    return fill(import, *id, data, elements);
}

hwv_status hwv_import_state_value(hwv_import *import, const char *name, const hwv_shape *shape, const float *data,
                                  hwv_id *id)
{
    char unique[64];
    size_t elements;
    if (!elements_of(shape, &elements))
        return too_large(import);
    HWV_TRY(hwv_import_name(import->state, name, "", unique));
    HWV_TRY(hwv_graph_state(import->graph, unique, shape, id, import->error));
    return fill(import, *id, data, elements);
}

hwv_status hwv_import_weight(hwv_import *import, size_t i, const hwv_shape *shape, bool transposed, bool decay,
                             hwv_id *id)
{
    const float *floats;
    size_t count, elements;
    HWV_TRY(hwv_import_floats(import, i, &floats, &count));
    hwv_import_value *value = import->in[i];
    if (!elements_of(shape, &elements) || elements != count || count == 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "'%.100s' has %zu elements, which do not fit", value->name,
                               count);
    *id = value->parameter[transposed];
    if (*id != HWV_NO_ID) {
        hwv_shape made = hwv_import_shape(import, *id);
        if (shapes_equal(&made, shape))
            return HWV_OK;
    }
    if (transposed) {
        size_t rows = shape->dim[0], cols = shape->dim[1];
        float *moved = hwv_import_take(import, count, sizeof *moved);
        if (moved == NULL)
            return hwv_import_memory(import);
        for (size_t r = 0; r < rows; r++)
            for (size_t c = 0; c < cols; c++)
                moved[r * cols + c] = floats[c * rows + r];
        floats = moved;
    }
    HWV_TRY(hwv_import_parameter(import, value->name, shape, floats, decay, id));
    HWV_TRY(hwv_trace_keep(import, *id, value, transposed ? HWV_TRACE_TRANSPOSED : HWV_TRACE_SAME));
    value->parameter[transposed] = *id;
    return HWV_OK;
}

hwv_status hwv_import_dense(hwv_import *import, const char *part, hwv_id x, size_t i, bool transposed, hwv_id *y)
{
    HWV_TRY(hwv_import_need(import, i));
    const hwv_shape *matrix = &import->in[i]->shape;
    hwv_shape shape = {.rank = 2};
    hwv_id inputs[2] = {x, HWV_NO_ID};
    if (matrix->rank != 2)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "'%.100s' has %zu dimensions; a matrix is expected",
                               import->in[i]->name, matrix->rank);
    shape.dim[0] = matrix->dim[!transposed];
    shape.dim[1] = matrix->dim[transposed];
    HWV_TRY(hwv_import_weight(import, i, &shape, !transposed, true, &inputs[1]));
    return hwv_import_node(import, HWV_NODE_DENSE, part, NULL, inputs, 2, y);
}

hwv_status hwv_import_bias(hwv_import *import, size_t a, size_t b, bool *done)
{
    *done = false;
    HWV_TRY(hwv_import_need(import, a));
    HWV_TRY(hwv_import_need(import, b));
    const hwv_import_value *x = import->in[a], *bias = import->in[b];
    size_t rank = x->shape.rank, axis = x->channels_last ? 1 : rank - 1;
    if (x->constant || !bias->constant || rank < 2 || bias->shape.rank > rank || !hwv_import_floating(bias->type) ||
        !hwv_import_floating(x->type) || x->shape.dim[axis] == HWV_BATCH || bias->elements != x->shape.dim[axis] ||
        bias->shape.rank + axis < rank || bias->shape.dim[bias->shape.rank + axis - rank] != bias->elements)
        return HWV_OK;
    hwv_shape shape = {.rank = 1, .dim = {bias->elements}};
    hwv_id inputs[2], y;
    bool channels_last;
    HWV_TRY(hwv_import_any(import, a, &inputs[0], &channels_last));
    HWV_TRY(hwv_import_weight(import, b, &shape, false, false, &inputs[1]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_BIAS, "", NULL, inputs, 2, &y));
    *done = true;
    return hwv_import_result(import, 0, y, x->type, NULL, channels_last);
}

/* ---- results -------------------------------------------------------------------------------------- */

static hwv_import_value *wanted(const hwv_import *import, size_t o)
{
    return o < import->out_count ? import->out[o] : NULL;
}

hwv_status hwv_import_result(hwv_import *import, size_t o, hwv_id id, int32_t type, const hwv_shape *shape,
                             bool channels_last)
{
    hwv_import_value *value = wanted(import, o);
    if (value == NULL)
        return HWV_OK;
    value->known = true;
    value->type = type;
    value->channels_last = channels_last;
    if (channels_last)
        value->last = id;
    else
        value->plain = id;
    if (shape) {
        value->shape = *shape;
        return HWV_OK;
    }
    hwv_shape made = hwv_import_shape(import, id);
    value->shape = made;
    if (channels_last) {
        value->shape.dim[1] = made.dim[made.rank - 1];
        memcpy(&value->shape.dim[2], &made.dim[1], (made.rank - 2) * sizeof made.dim[0]);
    }
    return HWV_OK;
}

/* What both kinds of constants have in common; *copy gets the data. */
static hwv_status constant_result(hwv_import *import, hwv_import_value *value, int32_t type, const hwv_shape *shape,
                                  const void *data, size_t size, void **copy)
{
    size_t elements;
    if (!elements_of(shape, &elements))
        return too_large(import);
    *copy = hwv_import_take(import, elements, size);
    if (*copy == NULL)
        return hwv_import_memory(import);
    if (elements > 0)
        memcpy(*copy, data, elements * size);
    value->known = value->constant = true;
    value->type = type;
    value->shape = *shape;
    value->elements = elements;
    return HWV_OK;
}

hwv_status hwv_import_result_ints(hwv_import *import, size_t o, int32_t type, const hwv_shape *shape,
                                  const int64_t *ints)
{
    hwv_import_value *value = wanted(import, o);
    void *copy;
    if (value == NULL)
        return HWV_OK;
    HWV_TRY(constant_result(import, value, type, shape, ints, sizeof *ints, &copy));
    value->ints = copy;
    for (size_t i = 0; i < value->elements; i++)
        value->batch = value->batch || ints[i] == HWV_IMPORT_BATCH;
    return HWV_OK;
}

hwv_status hwv_import_result_floats(hwv_import *import, size_t o, int32_t type, const hwv_shape *shape,
                                    const float *floats)
{
    hwv_import_value *value = wanted(import, o);
    void *copy;
    if (value == NULL)
        return HWV_OK;
    HWV_TRY(constant_result(import, value, type, shape, floats, sizeof *floats, &copy));
    value->floats = copy;
    return HWV_OK;
}

hwv_status hwv_import_alias(hwv_import *import, size_t o, size_t i)
{
    hwv_import_value *value = wanted(import, o);
    HWV_TRY(hwv_import_need(import, i));
    if (value == NULL)
        return HWV_OK;
    const char *name = value->name;
    *value = *import->in[i];
    if (value->constant && value->tensor == NULL)
        value->name = name;
    return HWV_OK;
}
