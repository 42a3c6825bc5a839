/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * res { layers }: what the layers give is added to what they got. Where its shape differs, the shortcut is a 1 x 1
 * convolution with batch norm (He et al. 2016, option B), with the stride that the sizes ask for. */
#include "model/builder.h"
#include "model/notation.h"

#include <stdio.h>

/* Most blocks within each other. */
#define DEPTH 8

/* The stride that makes `got` out of `size`, 0 when there is none. */
static size_t stride_between(size_t size, size_t got)
{
    for (size_t stride = 1; stride <= size; stride++)
        if ((size - 1) / stride + 1 == got)
            return stride;
    return 0;
}

/* "32 values", "9 x 9 x 3" */
static const char *shape_print(char text[64], const hwv_shape *shape)
{
    if (shape->rank == 4)
        snprintf(text, 64, "%zu x %zu x %zu", shape->dim[1], shape->dim[2], shape->dim[3]);
    else
        snprintf(text, 64, "%zu value%s", shape->dim[shape->rank - 1], shape->dim[shape->rank - 1] == 1 ? "" : "s");
    return text;
}

/* The shortcut from `start` to the shape of `end`; its value becomes the current one. */
static hwv_status shortcut_add(hwv_builder *builder, size_t at, hwv_id start, hwv_id end)
{
    const hwv_graph *graph = builder->model->graph;
    const hwv_shape from = hwv_graph_value(graph, start)->shape, to = hwv_graph_value(graph, end)->shape;
    bool same = from.rank == to.rank;
    for (size_t d = 0; same && d < from.rank; d++)
        same = from.dim[d] == to.dim[d];
    builder->value = start;
    if (same)
        return HWV_OK;
    hwv_window window = {.kernel = {1, 1}};
    bool images = from.rank == 4 && to.rank == 4;
    for (size_t d = 0; images && d < 2; d++)
        window.stride[d] = stride_between(from.dim[1 + d], to.dim[1 + d]);
    if (!images || window.stride[0] == 0 || window.stride[1] == 0) {
        char got[64], given[64];
        return hwv_builder_fail(
            builder, HWV_ERR_SHAPE, at,
            "res gets %s, its layers give %s; accepted are layers that keep the shape, or of images "
            "those that divide the size by a stride",
            shape_print(got, &from), shape_print(given, &to));
    }
    HWV_TRY(hwv_builder_conv(builder, &window, to.dim[3], 1, false));
    return hwv_builder_bn(builder);
}

hwv_status hwv_layer_res(hwv_builder *builder)
{
    size_t at = builder->at, layer = builder->layer, last;
    hwv_id start = builder->value, end;
    char name[64];
    if (!hwv_builder_character(builder, '{'))
        return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, builder->at,
                                "res is followed by layers in braces: res { conv 3 16; act; conv 3 16 }");
    if (++builder->depth > DEPTH)
        return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, at, "more than %d blocks within each other", DEPTH);
    HWV_TRY(hwv_notation_read(builder));
    if (!hwv_builder_character(builder, '}'))
        return hwv_builder_fail(builder, HWV_ERR_ARGUMENT, builder->at, "the brace of res is not closed with '}'");
    builder->depth--;
    end = builder->value;
    last = builder->layer;
    builder->layer = layer; /* messages are about the block */
    HWV_TRY(shortcut_add(builder, at, start, end));
    builder->layer = last;
    hwv_builder_name(builder, HWV_NODE_ADD, "res", name);
    return hwv_builder_node_of(builder, HWV_NODE_ADD, name, NULL, (hwv_id[]){end, builder->value}, 2);
}
