/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Counting products. */
#include "check/cost.h"

#include "graph/structure.h"

static uint64_t elements_of(const hwv_graph *graph, hwv_id value)
{
    size_t elements = 0;
    hwv_shape_elements(&hwv_graph_value(graph, value)->shape, 1, &elements);
    return elements;
}

uint64_t hwv_network_parameters(const hwv_network *network)
{
    uint64_t sum = 0;
    for (hwv_id v = 0; v < hwv_graph_value_count(network->graph); v++) {
        const hwv_role role = hwv_graph_value(network->graph, v)->role;
        if (role == HWV_ROLE_PARAMETER || role == HWV_ROLE_STATE)
            sum += elements_of(network->graph, v);
    }
    return sum;
}

static bool is_product(const hwv_node *node)
{
    return node->kind == HWV_NODE_DENSE || node->kind == HWV_NODE_CONV2D || node->kind == HWV_NODE_MATMUL;
}

/* Products that an element of the output is the sum of. */
static uint64_t terms(const hwv_graph *graph, const hwv_node *node)
{
    const hwv_shape *x = &hwv_graph_value(graph, node->input[0])->shape;
    const hwv_shape *weight = &hwv_graph_value(graph, node->input[1])->shape;
    if (node->kind == HWV_NODE_CONV2D)
        return (uint64_t)weight->dim[1] * weight->dim[2] * weight->dim[3];
    return x->dim[x->rank - 1];
}

uint64_t hwv_network_flops(const hwv_network *network)
{
    const hwv_graph *graph = network->graph;
    uint64_t sum = 0;
    for (hwv_id n = 0; n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, n);
        const hwv_id front = node->kind == HWV_NODE_BIAS ? hwv_graph_value(graph, node->input[0])->producer : HWV_NO_ID;
        if (is_product(node))
            sum += 2 * terms(graph, node) * elements_of(graph, node->output[0]);
        else if (front != HWV_NO_ID && is_product(hwv_graph_node_at(graph, front)))
            sum += elements_of(graph, node->output[0]);
    }
    return sum;
}
