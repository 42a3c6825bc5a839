/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Networks: what a model and a file from elsewhere become. */
#include "halfwave/network.h"

/* One port in a fresh array; HWV_ERR_MEMORY leaves what is there to hwv_network_free. */
static hwv_status port_add(hwv_port **ports, size_t *count, const hwv_graph *graph, hwv_id value, const char *name,
                           hwv_error *error)
{
    *ports = hwv_calloc(1, sizeof **ports);
    char *copy = hwv_strdup(name);
    if (*ports == NULL || copy == NULL) {
        hwv_free(copy);
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a network");
    }
    **ports = (hwv_port){.name = copy, .value = value, .shape = hwv_graph_value(graph, value)->shape};
    *count = 1;
    return HWV_OK;
}

/* ONNX's name of an activation, or its own where ONNX has none, as for gated pairs. */
static const char *op_name(const hwv_node *node)
{
    if (node->kind == HWV_NODE_GATE)
        return hwv_gate_get((size_t)node->attributes.gate)->name;
    const hwv_op_info *row = hwv_op_row(node->attributes.act.op);
    return row->onnx[0] ? row->onnx : row->name;
}

static hwv_status layers_add(hwv_network *network, const hwv_graph *graph, hwv_error *error)
{
    size_t count = 0;
    for (size_t n = 0; n < hwv_graph_node_count(graph); n++)
        count += hwv_node_activates(hwv_graph_node_at(graph, (hwv_id)n), NULL);
    network->layers = hwv_calloc(count + 1, sizeof *network->layers);
    for (size_t n = 0; network->layers && n < hwv_graph_node_count(graph); n++) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        if (!hwv_node_activates(node, NULL))
            continue;
        char *name = hwv_strdup(node->name);
        if (name == NULL)
            break;
        network->layers[network->layer_count++] =
            (hwv_network_layer){.node = (hwv_id)n, .name = name, .op = op_name(node)};
    }
    return network->layers && network->layer_count == count
               ? HWV_OK
               : hwv_fail(error, HWV_ERR_MEMORY, "no memory for the layers of a network");
}

static hwv_status describe(hwv_network *network, const hwv_model *model, const char *name, hwv_error *error)
{
    network->batched = true;
    network->name = hwv_strdup(name);
    if (network->name == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a network");
    HWV_TRY(port_add(&network->inputs, &network->input_count, model->graph, model->input, "x", error));
    HWV_TRY(port_add(&network->outputs, &network->output_count, model->graph, model->logits, "logits", error));
    return layers_add(network, model->graph, error);
}

hwv_status hwv_network_of_model(hwv_network *network, hwv_model *model, const char *name, hwv_error *error)
{
    hwv_network made = {0};
    hwv_status status = describe(&made, model, name, error);
    if (status != HWV_OK) {
        hwv_network_free(&made);
        return status;
    }
    made.graph = model->graph;
    made.weights = model->weights;
    model->graph = NULL;
    model->weights = NULL;
    hwv_model_free(model);
    *network = made;
    return HWV_OK;
}

static void ports_free(hwv_port *ports, size_t count)
{
    for (size_t i = 0; i < count; i++)
        hwv_free(ports[i].name);
    hwv_free(ports);
}

void hwv_network_free(hwv_network *network)
{
    hwv_weights_destroy(network->weights);
    hwv_graph_destroy(network->graph);
    ports_free(network->inputs, network->input_count);
    ports_free(network->outputs, network->output_count);
    for (size_t i = 0; i < network->layer_count; i++)
        hwv_free(network->layers[i].name);
    hwv_free(network->layers);
    for (size_t i = 0; i < network->unsupported_count; i++)
        hwv_free(network->unsupported[i]);
    hwv_free(network->unsupported);
    hwv_free(network->name);
    *network = (hwv_network){0};
}
