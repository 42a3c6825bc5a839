/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A loss behind logits. */
#include "model/loss.h"

#include <stdio.h>

#include "graph/structure.h"
#include "model/squashing.h"

/* ---- where the logits are ------------------------------------------------------------------------- */

static hwv_status refuse(const hwv_network *network, const char *purpose, const char *why, hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_UNSUPPORTED,
                    "%s: %s: its first output %s; logits [batch, classes] or [batch, tokens, classes] are accepted",
                    network->name ? network->name : "the network", purpose, why);
}

/* The one dimension behind the first that is not 1, the last where all are; 0: there are two, or no first. */
static size_t class_axis(const hwv_shape *shape)
{
    size_t axis = 0;
    for (size_t d = 1; d < shape->rank; d++) {
        if (shape->dim[d] != 1 && axis != 0)
            return 0;
        axis = shape->dim[d] != 1 ? d : axis;
    }
    return axis != 0 || shape->rank < 2 ? axis : shape->rank - 1;
}

/* [batch, tokens, classes] */
static bool is_sequence(const hwv_shape *shape)
{
    return shape->rank == 3 && shape->dim[1] > 1 && shape->dim[2] > 1;
}

hwv_status hwv_logits_find(hwv_logits *logits, const hwv_network *network, const char *purpose, hwv_error *error)
{
    const hwv_graph *graph = network->graph;
    *logits =
        (hwv_logits){.value = network->output_count > 0 ? network->outputs[0].value : HWV_NO_ID, .beyond = HWV_NO_ID};
    if (logits->value == HWV_NO_ID)
        return refuse(network, purpose, "depends on a node that is not supported", error);
    if (hwv_graph_value(graph, logits->value)->producer == HWV_NO_ID)
        return refuse(network, purpose, "is an input or a constant", error);
    const hwv_id id = hwv_squashing_find(graph, logits->value);
    const hwv_node *node = id == HWV_NO_ID ? NULL : hwv_graph_node_at(graph, id);
    const bool sigmoid = node && node->kind == HWV_NODE_ACTIVATION && node->attributes.act.op == HWV_OP_SIGMOID;
    if (sigmoid)
        logits->beyond = id;
    if (sigmoid || (node && node->kind == HWV_NODE_SOFTMAX))
        logits->value = node->input[0];
    const hwv_value *value = hwv_graph_value(graph, logits->value);
    const bool sequence = is_sequence(&value->shape);
    const size_t axis = sequence ? 2 : class_axis(&value->shape);
    if (axis == 0 || value->element != HWV_ELEMENT_F32 || value->shape.dim[0] != (network->batched ? HWV_BATCH : 1))
        return refuse(network, purpose, "has another shape", error);
    logits->outputs = value->shape.dim[axis];
    logits->rows = sequence ? value->shape.dim[1] : 1;
    return HWV_OK;
}

/* ---- names ----------------------------------------------------------------------------------------- */

typedef struct free_name {
    char text[64];
} free_name;

/* One that the graph does not have: what is made of a model has a loss already. */
static free_name name_of(const hwv_graph *graph, const char *word)
{
    free_name name;
    snprintf(name.text, sizeof name.text, "halfwave:%s", word);
    for (size_t n = 2; hwv_graph_find(graph, name.text) != HWV_NO_ID; n++)
        snprintf(name.text, sizeof name.text, "halfwave:%s%zu", word, n);
    return name;
}

/* ---- the loss -------------------------------------------------------------------------------------- */

hwv_status hwv_loss_add(hwv_loss *loss, hwv_graph *graph, const hwv_logits *logits, float smoothing, hwv_error *error)
{
    const hwv_shape shape = hwv_graph_value(graph, logits->value)->shape, pair = {.rank = 2, .dim = {2, 1}};
    const bool sequence = is_sequence(&shape);
    const hwv_shape labels = {.rank = sequence ? 2 : 1, .dim = {shape.dim[0], shape.dim[1]}};
    const hwv_node_attributes attributes = {.smoothing = smoothing};
    hwv_id inputs[2] = {logits->value, HWV_NO_ID};
    *loss = (hwv_loss){.classes = logits->outputs, .pair = HWV_NO_ID};
    if (shape.rank > 2 && !sequence)
        HWV_TRY(hwv_graph_node(graph, HWV_NODE_FLATTEN, name_of(graph, "logits").text, NULL, inputs, 1, inputs, error));
    if (logits->outputs == 1) {
        HWV_TRY(hwv_graph_constant(graph, name_of(graph, "yes").text, HWV_ELEMENT_F32, &pair, &loss->pair, error));
        inputs[1] = loss->pair;
        HWV_TRY(hwv_graph_node(graph, HWV_NODE_DENSE, name_of(graph, "pair").text, NULL, inputs, 2, inputs, error));
        loss->classes = 2;
    }
    loss->logits = inputs[0];
    HWV_TRY(hwv_graph_input(graph, name_of(graph, "labels").text, HWV_ELEMENT_I32, &labels, &loss->labels, error));
    inputs[1] = loss->labels;
    return hwv_graph_node(graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, name_of(graph, "loss").text, &attributes, inputs, 2,
                          &loss->value, error);
}

void hwv_loss_fill(const hwv_loss *loss, hwv_weights *weights)
{
    if (loss->pair != HWV_NO_ID)
        hwv_weights_data(weights, loss->pair)[1] = 1;
}
