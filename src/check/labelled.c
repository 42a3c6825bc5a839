/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The copy of a graph with a loss behind its logits. Values are added in the order that they have, so that all ids and
 * the places of all weights stay what they are. */
#include "check/labelled.h"

#include <string.h>

static hwv_status given_add(hwv_graph *graph, const hwv_value *value, hwv_error *error)
{
    hwv_id id;
    switch (value->role) {
    case HWV_ROLE_PARAMETER:
        return hwv_graph_parameter(graph, value->name, &value->shape, value->decay, &id, error);
    case HWV_ROLE_STATE:
        return hwv_graph_state(graph, value->name, &value->shape, &id, error);
    case HWV_ROLE_CONSTANT:
        return hwv_graph_constant(graph, value->name, value->element, &value->shape, &id, error);
    default:
        return hwv_graph_input(graph, value->name, value->element, &value->shape, &id, error);
    }
}

static hwv_status node_add(hwv_graph *graph, const hwv_node *node, hwv_error *error)
{
    hwv_id outputs[HWV_MAX_OUTPUTS];
    hwv_node_attributes attributes = node->attributes;
    if (node->kind == HWV_NODE_BATCH_NORM)
        attributes.frozen = true;
    if (node->kind == HWV_NODE_DROPOUT)
        attributes.rate = 0;
    return hwv_graph_node(graph, node->kind, node->name, &attributes, node->input, node->input_count, outputs, error);
}

static hwv_status graph_copy(hwv_labelled *labelled, const hwv_graph *from, hwv_error *error)
{
    hwv_id node = 0;
    HWV_TRY(hwv_graph_create(&labelled->graph, error));
    for (size_t v = 0; v < hwv_graph_value_count(from); v++) {
        const hwv_value *value = hwv_graph_value(from, (hwv_id)v);
        if (v < hwv_graph_value_count(labelled->graph))
            continue; /* a further output of a node */
        if (value->producer == HWV_NO_ID)
            HWV_TRY(given_add(labelled->graph, value, error));
        else
            HWV_TRY(node_add(labelled->graph, hwv_graph_node_at(from, node++), error));
    }
    return HWV_OK;
}

/* The value behind which the loss goes. */
static hwv_status logits_find(hwv_labelled *labelled, const hwv_network *network, hwv_error *error)
{
    hwv_id value = network->output_count ? network->outputs[0].value : HWV_NO_ID;
    if (value == HWV_NO_ID || hwv_graph_value(labelled->graph, value)->producer == HWV_NO_ID)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "gradients need a first output that is computed");
    const hwv_node *node = hwv_graph_node_at(labelled->graph, hwv_graph_value(labelled->graph, value)->producer);
    if (node->kind == HWV_NODE_SOFTMAX_CROSS_ENTROPY) {
        labelled->loss = value;
        value = node->input[0];
        labelled->labels = node->input[1];
    } else if (node->kind == HWV_NODE_SOFTMAX) {
        value = node->input[0];
    }
    const hwv_shape *shape = &hwv_graph_value(labelled->graph, value)->shape;
    if (shape->rank != 2 || shape->dim[1] < 2)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                        "gradients need logits [samples, classes] of two classes or more; the first output has %zu "
                        "dimensions, the last of %zu",
                        shape->rank, shape->rank ? shape->dim[shape->rank - 1] : 0);
    labelled->logits = value;
    labelled->classes = shape->dim[1];
    return HWV_OK;
}

static hwv_status loss_add(hwv_labelled *labelled, hwv_error *error)
{
    hwv_graph *graph = labelled->graph;
    if (labelled->loss != HWV_NO_ID)
        return HWV_OK;
    const hwv_shape *logits = &hwv_graph_value(graph, labelled->logits)->shape;
    hwv_shape shape = {.rank = 1, .dim = {logits->dim[0]}};
    HWV_TRY(hwv_graph_input(graph, "check.labels", HWV_ELEMENT_I32, &shape, &labelled->labels, error));
    hwv_id inputs[2] = {labelled->logits, labelled->labels};
    return hwv_graph_node(graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "check.loss", NULL, inputs, 2, &labelled->loss, error);
}

static hwv_status make(hwv_labelled *labelled, const hwv_network *network, hwv_error *error)
{
    size_t had, have;
    HWV_TRY(graph_copy(labelled, network->graph, error));
    HWV_TRY(logits_find(labelled, network, error));
    HWV_TRY(loss_add(labelled, error));
    HWV_TRY(hwv_weights_create(&labelled->weights, labelled->graph, error));
    const float *from = hwv_weights_block(network->weights, &had);
    float *to = hwv_weights_block(labelled->weights, &have);
    if (had != have)
        return hwv_fail(error, HWV_ERR_INTERNAL, "a copied graph has %zu elements of weights instead of %zu", have,
                        had);
    if (have)
        memcpy(to, from, have * sizeof *to);
    return HWV_OK;
}

hwv_status hwv_labelled_make(hwv_labelled *labelled, const hwv_network *network, hwv_error *error)
{
    *labelled = (hwv_labelled){.labels = HWV_NO_ID, .logits = HWV_NO_ID, .loss = HWV_NO_ID};
    hwv_status status = make(labelled, network, error);
    if (status != HWV_OK)
        hwv_labelled_free(labelled);
    return status;
}

void hwv_labelled_free(hwv_labelled *labelled)
{
    hwv_weights_destroy(labelled->weights);
    hwv_graph_destroy(labelled->graph);
    *labelled = (hwv_labelled){0};
}
