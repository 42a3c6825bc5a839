/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The walk from an output back to what squashes it. */
#include "model/squashing.h"

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
