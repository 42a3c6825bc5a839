/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changes made by hand: units of a product are cut, with everything of a chain behind it that is tied to them. */
#ifndef TESTS_CUT_UNITS_H
#define TESTS_CUT_UNITS_H

#include <stdlib.h>
#include <string.h>

#include "halfwave/change.h"

static inline void cut_axis(hwv_change *change, hwv_id value, size_t axis, const uint8_t *marks)
{
    const hwv_shape *shape = &hwv_graph_value(change->network->graph, value)->shape;
    uint8_t *cut = hwv_change_cut(change, value, axis);
    if (!cut)
        abort();
    for (size_t i = 0; i < shape->dim[axis]; i++)
        cut[i] |= marks[i];
}

static inline void cut_last(hwv_change *change, hwv_id value, const uint8_t *marks)
{
    cut_axis(change, value, hwv_graph_value(change->network->graph, value)->shape.rank - 1, marks);
}

/* A value's last axis, and what follows from it up to the next products. A sum passes on what is cut of either side. */
static inline void cut_value(hwv_change *change, hwv_id value, const uint8_t *marks)
{
    const hwv_graph *graph = change->network->graph;
    const hwv_shape *shape = &hwv_graph_value(graph, value)->shape;
    size_t units = shape->dim[shape->rank - 1];
    cut_last(change, value, marks);
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        size_t at = 0;
        while (at < node->input_count && node->input[at] != value)
            at++;
        if (at == node->input_count)
            continue;
        if (node->kind == HWV_NODE_DENSE) {
            cut_axis(change, node->input[1], 1, marks);
        } else if (node->kind == HWV_NODE_CONV2D && node->attributes.groups == 1) {
            cut_axis(change, node->input[1], 1, marks);
        } else if (node->kind == HWV_NODE_CONV2D) { /* depthwise */
            cut_axis(change, node->input[1], 0, marks);
            cut_value(change, node->output[0], marks);
        } else if (node->kind == HWV_NODE_FLATTEN) { /* [h, w, c] */
            size_t columns = hwv_graph_value(graph, node->output[0])->shape.dim[1];
            uint8_t *wide = calloc(columns, 1);
            for (size_t i = 0; i < columns; i++)
                wide[i] = marks[i % units];
            cut_value(change, node->output[0], wide);
            free(wide);
        } else if (node->kind != HWV_NODE_SOFTMAX_CROSS_ENTROPY) {
            for (size_t i = 1; i < node->input_count; i++)
                if (node->kind != HWV_NODE_ADD)
                    cut_last(change, node->input[i], marks);
            cut_value(change, node->output[0], marks);
        }
    }
}

static inline hwv_id node_named(const hwv_change *change, const char *name)
{
    const hwv_graph *graph = change->network->graph;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++)
        if (strcmp(hwv_graph_node_at(graph, (hwv_id)n)->name, name) == 0)
            return (hwv_id)n;
    abort();
}

/* Every `step`-th unit of a product from `first` on. */
static inline void cut_units(hwv_change *change, const char *product, size_t first, size_t step)
{
    const hwv_node *node = hwv_graph_node_at(change->network->graph, node_named(change, product));
    size_t units = hwv_graph_value(change->network->graph, node->input[1])->shape.dim[0];
    uint8_t *marks = calloc(units, 1);
    for (size_t i = first; i < units; i += step)
        marks[i] = 1;
    cut_axis(change, node->input[1], 0, marks);
    cut_value(change, node->output[0], marks);
    free(marks);
}

#endif
