/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Conv on images and on sequences, and batch norm. */
#include "graph/functions.h"
#include "onnx/import_state.h"
#include "onnx/import_window.h"
#include "onnx/trace.h"

#include <math.h>
#include <string.h>

/* ---- convolution ---------------------------------------------------------------------------------- */

/* Filters [out, in, kernel...] with zeros between the taps. */
static hwv_status filters_spread(hwv_import *import, const hwv_import_window *w, const hwv_shape *shape,
                                 const float **floats)
{
    const size_t *kernel = w->window.kernel;
    size_t planes = shape->dim[0] * shape->dim[1], elements;
    if (!hwv_size_mul(planes, kernel[0], &elements) || !hwv_size_mul(elements, kernel[1], &elements) ||
        elements > (size_t)1 << 28)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "dilated filters larger than is supported");
    float *spread = hwv_import_take(import, elements, sizeof *spread);
    if (spread == NULL)
        return hwv_import_memory(import);
    for (size_t p = 0; p < planes; p++)
        for (size_t i = 0; i < w->kernel[0]; i++)
            for (size_t j = 0; j < w->kernel[1]; j++)
                spread[(p * kernel[0] + i * w->dilation[0]) * kernel[1] + j * w->dilation[1]] =
                    (*floats)[(p * w->kernel[0] + i) * w->kernel[1] + j];
    *floats = spread;
    return HWV_OK;
}

/* The filters as a parameter [out, in / groups, height, width]. */
static hwv_status filters_add(hwv_import *import, const hwv_import_window *w, hwv_id *id)
{
    const hwv_import_value *value = import->in[1];
    hwv_shape shape = {.rank = 4,
                       .dim = {value->shape.dim[0], value->shape.dim[1], w->window.kernel[0], w->window.kernel[1]}};
    const float *floats;
    size_t count;
    if (w->dilation[0] == 1 && w->dilation[1] == 1)
        return hwv_import_weight(import, 1, &shape, false, true, id);
    HWV_TRY(hwv_import_floats(import, 1, &floats, &count));
    HWV_TRY(filters_spread(import, w, &shape, &floats));
    HWV_TRY(hwv_import_parameter(import, value->name, &shape, floats, true, id));
    return hwv_trace_spread(import, *id, value, w->kernel, w->dilation);
}

/* Filters that are computed when running: only the shape changes. */
static hwv_status filters_computed(hwv_import *import, const hwv_import_window *w, hwv_id *id)
{
    const hwv_shape *shape = &import->in[1]->shape;
    if (w->dilation[0] != 1 || w->dilation[1] != 1)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "dilations of filters that are computed when running");
    HWV_TRY(hwv_import_plain(import, 1, id));
    return hwv_import_reshape(
        import, *id, &(hwv_shape){.rank = 4, .dim = {shape->dim[0], shape->dim[1], w->kernel[0], w->kernel[1]}}, id);
}

/* Adds input 2, a number a filter. */
static hwv_status bias_add(hwv_import *import, size_t filters, hwv_id x, hwv_id *y)
{
    hwv_id inputs[2] = {x, HWV_NO_ID};
    *y = x;
    if (!hwv_import_has(import, 2))
        return HWV_OK;
    if (import->in[2]->constant)
        HWV_TRY(hwv_import_weight(import, 2, &(hwv_shape){.rank = 1, .dim = {filters}}, false, false, &inputs[1]));
    else
        HWV_TRY(hwv_import_plain(import, 2, &inputs[1]));
    return hwv_import_node(import, HWV_NODE_BIAS, "", NULL, inputs, 2, y);
}

hwv_status hwv_import_conv(hwv_import *import)
{
    hwv_import_window w;
    hwv_node_attributes attributes = {0};
    int64_t kernel[HWV_MAX_RANK] = {0}, groups;
    hwv_id inputs[2], y;
    HWV_TRY(hwv_import_need_float(import, 0));
    HWV_TRY(hwv_import_need_float(import, 1));
    const hwv_shape *weight = &import->in[1]->shape;
    if (weight->rank != import->in[0]->shape.rank)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "its weight has %zu dimensions, its input %zu", weight->rank,
                               import->in[0]->shape.rank);
    for (size_t d = 2; d < weight->rank; d++)
        kernel[d - 2] = (int64_t)weight->dim[d];
    HWV_TRY(hwv_import_window_read(import, kernel, weight->rank - 2, &w));
    HWV_TRY(hwv_import_int(import, "group", 1, &groups));
    HWV_TRY(hwv_import_size(import, "group", groups, &attributes.groups));
    HWV_TRY(hwv_import_images(import, &inputs[0]));
    for (size_t d = 0; d < 2; d++)
        if (w.window.pad_before[d] >= w.window.kernel[d] || w.window.pad_after[d] >= w.window.kernel[d]) {
            HWV_TRY(hwv_import_window_pad(import, &w, 0, &inputs[0]));
            break;
        }
    attributes.window = w.window;
    memcpy(attributes.dilation, w.dilation, sizeof attributes.dilation);
    HWV_TRY(import->in[1]->constant ? filters_add(import, &w, &inputs[1]) : filters_computed(import, &w, &inputs[1]));
    HWV_TRY(hwv_import_node(import, HWV_NODE_CONV2D, hwv_import_has(import, 2) ? "product" : "", &attributes, inputs, 2,
                            &y));
    HWV_TRY(bias_add(import, weight->dim[0], y, &y));
    return hwv_import_images_result(import, y);
}

/* ---- batch norm ----------------------------------------------------------------------------------- */

static hwv_status binary(hwv_import *import, int function, const char *part, hwv_id a, hwv_id b, hwv_id *y)
{
    hwv_id inputs[2] = {a, b};
    return hwv_import_node(import, HWV_NODE_BINARY, part, &(hwv_node_attributes){.function = function}, inputs, 2, y);
}

/* With statistics or weights that are computed when running. */
static hwv_status norm_composed(hwv_import *import, hwv_id x, float epsilon, hwv_id *y)
{
    hwv_id id[4], e;
    for (size_t i = 0; i < 4; i++)
        HWV_TRY(hwv_import_plain(import, 1 + i, &id[i]));
    HWV_TRY(hwv_import_graph_float(import, epsilon, &e));
    HWV_TRY(binary(import, HWV_BINARY_ADD, "variance", id[3], e, &e));
    HWV_TRY(hwv_import_node(import, HWV_NODE_UNARY, "deviation", &(hwv_node_attributes){.function = HWV_UNARY_SQRT},
                            &(hwv_id){e}, 1, &e));
    HWV_TRY(binary(import, HWV_BINARY_SUB, "centred", x, id[2], y));
    HWV_TRY(binary(import, HWV_BINARY_DIV, "normalised", *y, e, y));
    HWV_TRY(binary(import, HWV_BINARY_MUL, "scaled", *y, id[0], y));
    return binary(import, HWV_BINARY_ADD, "", *y, id[1], y);
}

static hwv_status norm_node(hwv_import *import, hwv_id x, const hwv_node_attributes *attributes, hwv_id *y)
{
    const hwv_shape channels = {.rank = 1, .dim = {import->in[0]->shape.dim[1]}};
    hwv_id inputs[5] = {x};
    for (size_t i = 1; i <= 4; i++) {
        const float *floats;
        size_t count;
        HWV_TRY(hwv_import_floats(import, i, &floats, &count));
        if (count != channels.dim[0])
            return hwv_import_fail(import, HWV_ERR_FORMAT, "'%.80s' has %zu elements for %zu channels",
                                   import->in[i]->name, count, channels.dim[0]);
        if (i <= 2) {
            HWV_TRY(hwv_import_weight(import, i, &channels, false, false, &inputs[i]));
        } else {
            HWV_TRY(hwv_import_state_value(import, import->in[i]->name, &channels, floats, &inputs[i]));
            HWV_TRY(hwv_trace_keep(import, inputs[i], import->in[i], HWV_TRACE_SAME));
        }
    }
    return hwv_import_node(import, HWV_NODE_BATCH_NORM, "", attributes, inputs, 5, y);
}

/* ONNX's momentum is the share of the running statistics that stays. Seven digits: 1 - 0.9f is not 0.1f. */
static hwv_status norm_momentum(const hwv_import *import, float *momentum)
{
    float stays;
    HWV_TRY(hwv_import_float(import, "momentum", 0.9f, &stays));
    stays = stays > 0 ? (stays < 1 ? stays : 1) : 0;
    *momentum = (float)(round((1 - (double)stays) * 1e7) / 1e7);
    return HWV_OK;
}

hwv_status hwv_import_batch_normalization(hwv_import *import)
{
    hwv_node_attributes attributes = {0};
    int64_t training, spatial;
    bool channels_last, constant = true;
    hwv_id x, y;
    HWV_TRY(hwv_import_need_float(import, 0));
    for (size_t i = 1; i <= 4; i++) {
        HWV_TRY(hwv_import_need_float(import, i));
        constant = constant && import->in[i]->constant;
    }
    HWV_TRY(norm_momentum(import, &attributes.momentum));
    HWV_TRY(hwv_import_float(import, "epsilon", 1e-5f, &attributes.epsilon));
    HWV_TRY(hwv_import_int(import, "training_mode", 0, &training));
    HWV_TRY(hwv_import_int(import, "spatial", 1, &spatial));
    if (training != 0)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "training mode is not supported; export the model for "
                               "evaluation");
    size_t rank = import->in[0]->shape.rank;
    if (spatial == 0 && rank > 2)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "statistics of single positions (spatial 0)");
    if (rank < 2)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "%zu dimensions; [batch, channels, ...] is expected", rank);
    channels_last = rank == 3 || rank == 4;
    HWV_TRY(channels_last ? hwv_import_last(import, 0, &x) : hwv_import_plain(import, 0, &x));
    if (rank > 4)
        HWV_TRY(hwv_import_channels_move(import, false, &x));
    HWV_TRY(constant && attributes.epsilon > 0 ? norm_node(import, x, &attributes, &y)
                                               : norm_composed(import, x, attributes.epsilon, &y));
    if (rank > 4)
        HWV_TRY(hwv_import_channels_move(import, true, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &import->in[0]->shape, channels_last);
}
