/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A graph in double. */
#include "graph/truth.h"

#include <math.h>

static hwv_status truth_fill(hwv_truth *truth, size_t batch, hwv_error *error)
{
    const hwv_graph *graph = truth->graph;
    size_t total = 0;
    for (size_t v = 0; v < graph->value_count; v++) {
        truth->shape[v] = graph->values[v].shape;
        if (hwv_shape_batched(&truth->shape[v]))
            truth->shape[v].dim[0] = batch;
        if (!hwv_shape_elements(&truth->shape[v], batch, &truth->elements[v]) ||
            !hwv_size_add(total, truth->elements[v], &total))
            return hwv_fail(error, HWV_ERR_MEMORY, "%s is too large for memory", graph->values[v].name);
    }
    truth->block = hwv_calloc(total, sizeof *truth->block);
    if (truth->block == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a graph in double");
    total = 0;
    for (size_t v = 0; v < graph->value_count; v++) {
        truth->value[v] = truth->block + total;
        total += truth->elements[v];
    }
    return HWV_OK;
}

hwv_status hwv_truth_create(hwv_truth *truth, const hwv_graph *graph, size_t batch, hwv_error *error)
{
    size_t count = graph->value_count;
    *truth = (hwv_truth){.graph = graph,
                         .shape = hwv_calloc(count, sizeof *truth->shape),
                         .elements = hwv_calloc(count, sizeof *truth->elements),
                         .value = hwv_calloc(count, sizeof *truth->value)};
    hwv_status status = truth->shape && truth->elements && truth->value
                            ? truth_fill(truth, batch, error)
                            : hwv_fail(error, HWV_ERR_MEMORY, "no memory for a graph in double");
    if (status != HWV_OK)
        hwv_truth_free(truth);
    return status;
}

void hwv_truth_free(hwv_truth *truth)
{
    hwv_free(truth->shape);
    hwv_free(truth->elements);
    hwv_free(truth->value);
    hwv_free(truth->block);
    *truth = (hwv_truth){0};
}

void hwv_truth_run(hwv_truth *truth)
{
    truth->bend = INFINITY;
    for (size_t n = 0; n < truth->graph->node_count; n++) {
        const hwv_node *node = &truth->graph->nodes[n];
        hwv_reference reference = {.node = node, .bend = &truth->bend};
        for (size_t i = 0; i < node->input_count; i++) {
            reference.shape[i] = &truth->shape[node->input[i]];
            reference.input[i] = truth->value[node->input[i]];
            reference.elements[i] = truth->elements[node->input[i]];
        }
        for (size_t o = 0; o < node->output_count; o++) {
            reference.output_shape[o] = &truth->shape[node->output[o]];
            reference.output[o] = truth->value[node->output[o]];
        }
        hwv_kind_row(node->kind)->reference(&reference);
    }
}
