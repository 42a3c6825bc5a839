/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A private copy of a network with a loss behind its logits. The network's own graph may have plans, and then nothing may
 * be added to it. */
#include "check/labelled.h"

#include <assert.h>
#include <string.h>

#include "check/squashing.h"
#include "graph/structure.h"
#include "halfwave/memory.h"

/* ---- the copy -------------------------------------------------------------------------------------- */

static hwv_status node_copy(hwv_graph *graph, const hwv_node *node, hwv_error *error)
{
    hwv_node_attributes attributes = node->attributes;
    hwv_id outputs[HWV_MAX_OUTPUTS];
    attributes.frozen = attributes.frozen || node->kind == HWV_NODE_BATCH_NORM;
    attributes.rate = node->kind == HWV_NODE_DROPOUT ? 0 : attributes.rate;
    HWV_TRY(hwv_graph_node(graph, node->kind, node->name, &attributes, node->input, node->input_count, outputs, error));
    assert(outputs[0] == node->output[0]);
    return HWV_OK;
}

static hwv_status value_copy(hwv_graph *graph, const hwv_graph *from, hwv_id id, hwv_error *error)
{
    const hwv_value *value = hwv_graph_value(from, id);
    hwv_id made = id;
    switch (value->role) {
    case HWV_ROLE_INPUT:
        return hwv_graph_input(graph, value->name, value->element, &value->shape, &made, error);
    case HWV_ROLE_PARAMETER:
        return hwv_graph_parameter(graph, value->name, &value->shape, value->decay, &made, error);
    case HWV_ROLE_STATE:
        return hwv_graph_state(graph, value->name, &value->shape, &made, error);
    case HWV_ROLE_CONSTANT:
        return hwv_graph_constant(graph, value->name, value->element, &value->shape, &made, error);
    case HWV_ROLE_ACTIVATION:
    default:
        /* outputs come with their node, at the first of them */
        return id < hwv_graph_value_count(graph) ? HWV_OK
                                                 : node_copy(graph, hwv_graph_node_at(from, value->producer), error);
    }
}

static hwv_status weights_copy(hwv_labelled *copy, const hwv_network *network, hwv_error *error)
{
    HWV_TRY(hwv_weights_create(&copy->weights, copy->graph, error));
    for (hwv_id id = 0; id < hwv_graph_value_count(network->graph); id++) {
        const hwv_value *value = hwv_graph_value(network->graph, id);
        size_t elements = 0;
        if (hwv_role_kept(value->role) && hwv_shape_elements(&value->shape, 1, &elements))
            memcpy(hwv_weights_data(copy->weights, id), hwv_weights_data(network->weights, id),
                   elements * sizeof(float));
    }
    return HWV_OK;
}

/* ---- the loss -------------------------------------------------------------------------------------- */

static hwv_status refuse(const hwv_network *network, const char *why, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                    "%s: gradients: its first output %s; logits [batch, classes] are accepted",
                    network->name ? network->name : "the network", why);
}

static hwv_status logits_find(hwv_labelled *copy, const hwv_network *network, hwv_error *error)
{
    const hwv_id value = network->output_count > 0 ? network->outputs[0].value : HWV_NO_ID;
    copy->beyond = HWV_NO_ID;
    if (value == HWV_NO_ID)
        return refuse(network, "depends on a node that is not supported", error);
    if (hwv_graph_value(copy->graph, value)->producer == HWV_NO_ID)
        return refuse(network, "is an input or a constant", error);
    const hwv_id id = hwv_squashing_find(copy->graph, value);
    const hwv_node *node = id == HWV_NO_ID ? NULL : hwv_graph_node_at(copy->graph, id);
    copy->logits = value;
    if (node != NULL && (node->kind == HWV_NODE_SOFTMAX || node->attributes.act.op == HWV_OP_SIGMOID))
        copy->logits = node->input[0];
    if (node != NULL && node->kind == HWV_NODE_ACTIVATION && copy->logits != value)
        copy->beyond = id;
    const hwv_value *logits = hwv_graph_value(copy->graph, copy->logits);
    const hwv_shape *shape = &logits->shape;
    copy->classes = shape->dim[shape->rank - 1];
    bool plain =
        shape->rank >= 2 && logits->element == HWV_ELEMENT_F32 && shape->dim[0] == (network->batched ? HWV_BATCH : 1);
    for (size_t d = 1; plain && d + 1 < shape->rank; d++)
        plain = shape->dim[d] == 1;
    return plain ? HWV_OK : refuse(network, "has another shape", error);
}

/* One number a sample is the logit of yes against no: the logits become [0, z]. */
static hwv_status pair_make(hwv_labelled *copy, hwv_id *logits, hwv_error *error)
{
    const hwv_shape shape = {.rank = 2, .dim = {2, 1}};
    hwv_id inputs[2] = {*logits, 0};
    HWV_TRY(hwv_graph_parameter(copy->graph, "halfwave:yes", &shape, false, &inputs[1], error));
    return hwv_graph_node(copy->graph, HWV_NODE_DENSE, "halfwave:pair", NULL, inputs, 2, logits, error);
}

static hwv_status loss_add(hwv_labelled *copy, hwv_error *error)
{
    const hwv_shape shape = hwv_graph_value(copy->graph, copy->logits)->shape;
    const hwv_shape labels = {.rank = 1, .dim = {shape.dim[0]}};
    hwv_id inputs[2] = {copy->logits, 0};
    if (shape.rank > 2)
        HWV_TRY(hwv_graph_node(copy->graph, HWV_NODE_FLATTEN, "halfwave:logits", NULL, inputs, 1, inputs, error));
    if (copy->classes == 1) {
        HWV_TRY(pair_make(copy, inputs, error));
        copy->classes = 2;
    }
    HWV_TRY(hwv_graph_input(copy->graph, "halfwave:labels", HWV_ELEMENT_I32, &labels, &copy->labels, error));
    inputs[1] = copy->labels;
    return hwv_graph_node(copy->graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "halfwave:loss", NULL, inputs, 2, &copy->loss,
                          error);
}

static hwv_status make(hwv_labelled *copy, const hwv_network *network, hwv_error *error)
{
    HWV_TRY(hwv_graph_create(&copy->graph, error));
    for (hwv_id id = 0; id < hwv_graph_value_count(network->graph); id++)
        HWV_TRY(value_copy(copy->graph, network->graph, id, error));
    HWV_TRY(logits_find(copy, network, error));
    HWV_TRY(loss_add(copy, error));
    HWV_TRY(weights_copy(copy, network, error));
    const hwv_id yes = hwv_graph_find(copy->graph, "halfwave:yes");
    if (yes != HWV_NO_ID)
        hwv_weights_data(copy->weights, yes)[1] = 1;
    return HWV_OK;
}

hwv_status hwv_labelled_make(hwv_labelled *copy, const hwv_network *network, hwv_error *error)
{
    *copy = (hwv_labelled){0};
    hwv_status status = make(copy, network, error);
    if (status != HWV_OK)
        hwv_labelled_free(copy);
    return status;
}

void hwv_labelled_free(hwv_labelled *copy)
{
    hwv_weights_destroy(copy->weights);
    hwv_graph_destroy(copy->graph);
    *copy = (hwv_labelled){0};
}
