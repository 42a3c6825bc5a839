/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The walk from an output back to what squashes it. */
#include "check/squashing.h"

#include "halfwave/fix.h"

static const hwv_node *producer(const hwv_graph *graph, hwv_id value, hwv_id *id)
{
    *id = hwv_graph_value(graph, value)->producer;
    return *id == HWV_NO_ID ? NULL : hwv_graph_node_at(graph, *id);
}

static bool shapes(const hwv_node *node)
{
    return node->kind == HWV_NODE_RESHAPE || node->kind == HWV_NODE_FLATTEN || node->kind == HWV_NODE_TRANSPOSE;
}

static bool squashes(const hwv_node *node)
{
    return node->kind == HWV_NODE_SOFTMAX ||
           (node->kind == HWV_NODE_ACTIVATION &&
            (node->attributes.act.op == HWV_OP_SIGMOID || node->attributes.act.op == HWV_OP_TANH));
}

hwv_id hwv_squashing_find(const hwv_graph *graph, hwv_id value)
{
    hwv_id id;
    const hwv_node *node = producer(graph, value, &id);
    while (node != NULL && shapes(node))
        node = producer(graph, node->input[0], &id);
    return node != NULL && squashes(node) ? id : HWV_NO_ID;
}

hwv_id hwv_network_before_squashing(const hwv_network *network, size_t output)
{
    const hwv_graph *graph = network->graph;
    hwv_id value = network->outputs[output].value;
    if (value == HWV_NO_ID)
        return HWV_NO_ID;
    const hwv_id squashing = hwv_squashing_find(graph, value);
    if (squashing != HWV_NO_ID)
        value = hwv_graph_node_at(graph, squashing)->input[0];
    const hwv_value *found = hwv_graph_value(graph, value);
    return found->producer != HWV_NO_ID && found->element == HWV_ELEMENT_F32 ? value : HWV_NO_ID;
}
