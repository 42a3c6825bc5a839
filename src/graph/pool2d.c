/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the pooling nodes share. */
#include "graph/pool2d.h"

#include <stdio.h>
#include <string.h>

hwv_status hwv_pool2d_infer(hwv_shaping *shaping, size_t most)
{
    const hwv_window *window = &shaping->node->attributes.window;
    const hwv_shape *x = &shaping->input[0]->shape;
    hwv_shape *y = &shaping->output[0];
    char accepts[96];
    size_t taps;
    if (x->rank != 4 || shaping->input[0]->element != HWV_ELEMENT_F32)
        return hwv_shaping_fail(shaping, "x [batch, height, width, channels]");
    if (!hwv_window_slides(window, &x->dim[1], &y->dim[1]))
        return hwv_shaping_fail(shaping, HWV_WINDOW_ACCEPTS);
    snprintf(accepts, sizeof accepts, "windows of at most %zu elements", most);
    if (!hwv_size_mul(window->kernel[0], window->kernel[1], &taps) || taps > most)
        return hwv_shaping_fail(shaping, accepts);
    y->rank = 4;
    y->dim[0] = x->dim[0];
    y->dim[3] = x->dim[3];
    return HWV_OK;
}

hwv_status hwv_pool2d_plan(hwv_demand *demand, size_t *y_elements)
{
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[0])->shape;
    const hwv_shape *y = &hwv_graph_value(demand->graph, demand->node->output[0])->shape;
    demand->geometry[HWV_POOL2D_HEIGHT] = x->dim[1];
    demand->geometry[HWV_POOL2D_WIDTH] = x->dim[2];
    if (!hwv_shape_elements(y, demand->batch, y_elements))
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too large for memory", demand->node->name);
    return HWV_OK;
}

hwv_pooling hwv_pool2d_of(const hwv_node *node, size_t height, size_t width, size_t channels)
{
    const hwv_window *window = &node->attributes.window;
    hwv_pooling pooling = {
        .height = height, .width = width, .channels = channels, .count_pad = node->attributes.count_pad};
    memcpy(pooling.kernel, window->kernel, sizeof pooling.kernel);
    memcpy(pooling.stride, window->stride, sizeof pooling.stride);
    memcpy(pooling.pad_before, window->pad_before, sizeof pooling.pad_before);
    memcpy(pooling.pad_after, window->pad_after, sizeof pooling.pad_after);
    return pooling;
}

hwv_pooling hwv_pool2d_record(const hwv_record *record)
{
    const size_t *geometry = record->geometry;
    return hwv_pool2d_of(record->node, geometry[HWV_POOL2D_HEIGHT], geometry[HWV_POOL2D_WIDTH], record->cols);
}

size_t hwv_pool2d_images(const hwv_record *record, const hwv_run *run)
{
    const size_t *geometry = record->geometry;
    return hwv_record_rows(record, run) / (geometry[HWV_POOL2D_HEIGHT] * geometry[HWV_POOL2D_WIDTH]);
}

hwv_pooling hwv_pool2d_reference(const hwv_reference *reference)
{
    const size_t *dim = reference->shape[0]->dim;
    return hwv_pool2d_of(reference->node, dim[1], dim[2], dim[3]);
}

hwv_status hwv_pool2d_example(hwv_example *example, hwv_node_kind kind, size_t shape, bool count_pad)
{
    static const struct {
        hwv_shape x;
        hwv_window window;
    } shapes[HWV_POOL2D_VARIANTS] = {
        {{4, {2, 5, 7, 3}}, {{2, 2}, {2, 2}, {0, 0}, {0, 0}}},
        {{4, {2, 6, 5, 2}}, {{3, 3}, {2, 1}, {1, 2}, {1, 0}}},
        {{4, {1, 5, 6, 5}}, {{2, 1}, {3, 2}, {1, 0}, {0, 0}}},
    };
    hwv_node_attributes attributes = {.window = shapes[shape].window, .count_pad = count_pad};
    hwv_id x;
    example->sums = 9 + 6; /* taps, and windows over an element */
    HWV_TRY(hwv_example_parameter_shaped(example, "x", &shapes[shape].x, &x));
    return hwv_example_node(example, kind, "pool", &attributes, x, HWV_NO_ID);
}
