/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Copies of graphs. */
#include "model/copy.h"

#include <string.h>

#include "graph/structure.h"

void hwv_graph_mark(const hwv_graph *graph, hwv_id value, bool *take)
{
    take[value] = true;
    /* inputs of a node are older than its outputs */
    for (size_t v = (size_t)value + 1; v-- > 0;) {
        const hwv_id producer = hwv_graph_value(graph, (hwv_id)v)->producer;
        const hwv_node *node = take[v] && producer != HWV_NO_ID ? hwv_graph_node_at(graph, producer) : NULL;
        for (size_t i = 0; node && i < node->input_count; i++)
            take[node->input[i]] = true;
    }
}

static hwv_status node_copy(hwv_graph *graph, const hwv_node *node, bool evaluation, hwv_id *map, hwv_error *error)
{
    hwv_node_attributes attributes = node->attributes;
    hwv_id inputs[HWV_MAX_INPUTS], outputs[HWV_MAX_OUTPUTS];
    if (evaluation) {
        attributes.frozen = attributes.frozen || node->kind == HWV_NODE_BATCH_NORM;
        attributes.rate = 0;
    }
    for (size_t i = 0; i < node->input_count; i++)
        inputs[i] = map[node->input[i]];
    HWV_TRY(hwv_graph_node(graph, node->kind, node->name, &attributes, inputs, node->input_count, outputs, error));
    for (size_t o = 0; o < node->output_count; o++)
        map[node->output[o]] = outputs[o];
    return HWV_OK;
}

static hwv_status value_copy(hwv_graph *graph, const hwv_graph *from, hwv_id id, bool evaluation, hwv_id *map,
                             hwv_error *error)
{
    const hwv_value *value = hwv_graph_value(from, id);
    switch (value->role) {
    case HWV_ROLE_INPUT:
        return hwv_graph_input(graph, value->name, value->element, &value->shape, &map[id], error);
    case HWV_ROLE_PARAMETER:
        return hwv_graph_parameter(graph, value->name, &value->shape, value->decay, &map[id], error);
    case HWV_ROLE_STATE:
        return hwv_graph_state(graph, value->name, &value->shape, &map[id], error);
    case HWV_ROLE_CONSTANT:
        return hwv_graph_constant(graph, value->name, value->element, &value->shape, &map[id], error);
    case HWV_ROLE_ACTIVATION:
    default: /* outputs come with their node, at the first of them */
        return node_copy(graph, hwv_graph_node_at(from, value->producer), evaluation, map, error);
    }
}

hwv_status hwv_graph_copy(hwv_graph *graph, const hwv_graph *from, const bool *take, bool evaluation, hwv_id *map,
                          hwv_error *error)
{
    for (hwv_id id = 0; id < hwv_graph_value_count(from); id++)
        if (map[id] == HWV_NO_ID && (take == NULL || take[id]))
            HWV_TRY(value_copy(graph, from, id, evaluation, map, error));
    return HWV_OK;
}

void hwv_weights_copy(hwv_weights *weights, const hwv_graph *from, hwv_weights *numbers, const hwv_id *map)
{
    for (hwv_id id = 0; id < hwv_graph_value_count(from); id++) {
        const hwv_value *value = hwv_graph_value(from, id);
        size_t elements = 0;
        if (map[id] != HWV_NO_ID && hwv_role_kept(value->role) && hwv_shape_elements(&value->shape, 1, &elements))
            memcpy(hwv_weights_data(weights, map[id]), hwv_weights_data(numbers, id), elements * sizeof(float));
    }
}
