/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The walk from an activation back to its product, and the numbers of a unit there. */
#include "check/front.h"

#include <math.h>

static bool kept(const hwv_graph *graph, hwv_id value)
{
    hwv_role role = hwv_graph_value(graph, value)->role;
    return role == HWV_ROLE_PARAMETER || role == HWV_ROLE_STATE || role == HWV_ROLE_CONSTANT;
}

size_t hwv_front_row(const hwv_shape *weight)
{
    size_t elements = 1;
    for (size_t d = 1; d < weight->rank; d++)
        elements *= weight->dim[d];
    return elements;
}

hwv_front hwv_front_find(const hwv_graph *graph, hwv_id activation)
{
    const hwv_front none = {HWV_NO_ID, HWV_NO_ID, HWV_NO_ID, HWV_NO_ID, 0, 0};
    const hwv_node *gate = hwv_graph_node_at(graph, activation);
    hwv_front front = none;
    hwv_id value = gate->input[0];
    if (gate->kind == HWV_NODE_GATE) {
        const hwv_shape *shape = &hwv_graph_value(graph, gate->output[0])->shape;
        front.first = shape->dim[shape->rank - 1];
    }
    for (;;) {
        hwv_id id = hwv_graph_value(graph, value)->producer;
        const hwv_node *node = id == HWV_NO_ID ? NULL : hwv_graph_node_at(graph, id);
        if (node == NULL)
            return none;
        if (node->kind == HWV_NODE_BIAS && kept(graph, node->input[1])) {
            hwv_id *place = front.norm == HWV_NO_ID ? &front.shift : &front.bias;
            if (*place != HWV_NO_ID)
                return none;
            *place = node->input[1];
        } else if (node->kind == HWV_NODE_BATCH_NORM && front.norm == HWV_NO_ID && kept(graph, node->input[1])) {
            front.norm = id;
        } else if ((node->kind == HWV_NODE_DENSE || node->kind == HWV_NODE_CONV2D) && kept(graph, node->input[1])) {
            const hwv_shape *x = &hwv_graph_value(graph, node->input[0])->shape;
            front.product = id;
            front.features = x->dim[x->rank - 1];
            if (front.norm == HWV_NO_ID) {
                front.bias = front.shift;
                front.shift = HWV_NO_ID;
            }
            return front;
        } else if (node->kind == HWV_NODE_LAYER_NORM && front.norm == HWV_NO_ID && front.shift == HWV_NO_ID &&
                   node->input_count == 3 && kept(graph, node->input[1]) && kept(graph, node->input[2]) &&
                   hwv_graph_value(graph, node->input[1])->shape.rank == 1) {
            front.norm = id; /* the statistics are those of each sample: nothing in front of it can be folded in */
            return front;
        } else if (node->kind != HWV_NODE_DROPOUT) {
            return none;
        }
        value = node->input[0];
    }
}

/* z = weight * normalised + bias, where the squares of a sample's normalised features sum up to their number. */
static hwv_front_unit layer_norm_unit(const hwv_network *network, const hwv_node *norm, size_t unit)
{
    const hwv_shape *shape = &hwv_graph_value(network->graph, norm->input[1])->shape;
    double weight = (double)hwv_weights_data(network->weights, norm->input[1])[unit];
    return (hwv_front_unit){.bias = (double)hwv_weights_data(network->weights, norm->input[2])[unit],
                            .norm = fabs(weight) * sqrt((double)shape->dim[0]),
                            .scale = weight};
}

hwv_front_unit hwv_front_unit_of(const hwv_network *network, const hwv_front *front, size_t unit)
{
    const hwv_graph *graph = network->graph;
    hwv_front_unit u = {.bias = 0, .scale = 1};
    unit += front->first;
    if (front->product == HWV_NO_ID)
        return layer_norm_unit(network, hwv_graph_node_at(graph, front->norm), unit);
    hwv_id weight = hwv_graph_node_at(graph, front->product)->input[1];
    const hwv_shape *shape = &hwv_graph_value(graph, weight)->shape;
    const float *w = hwv_weights_data(network->weights, weight);
    const size_t row = hwv_front_row(shape);
    for (size_t i = 0; i < row; i++)
        u.norm += (double)w[unit * row + i] * (double)w[unit * row + i];
    u.norm = sqrt(u.norm);
    if (front->bias != HWV_NO_ID)
        u.bias = (double)hwv_weights_data(network->weights, front->bias)[unit];
    if (front->norm != HWV_NO_ID) {
        const hwv_node *norm = hwv_graph_node_at(graph, front->norm);
        const float *of[5] = {NULL};
        for (size_t i = 1; i < 5; i++)
            of[i] = hwv_weights_data(network->weights, norm->input[i]);
        if (of[1] && of[2] && of[3] && of[4]) {
            u.scale = (double)of[1][unit] / sqrt((double)of[4][unit] + (double)norm->attributes.epsilon);
            u.bias = (u.bias - (double)of[3][unit]) * u.scale + (double)of[2][unit];
            u.norm *= fabs(u.scale);
        }
    }
    if (front->shift != HWV_NO_ID)
        u.bias += (double)hwv_weights_data(network->weights, front->shift)[unit];
    return u;
}
