/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A bias or a norm behind a product takes a constant where nobody else reads either of them. */
#include "check/fold.h"

size_t hwv_value_readers(const hwv_network *network, hwv_id value, hwv_id *node)
{
    size_t count = 0;
    hwv_id first = HWV_NO_ID;
    for (size_t n = 0; n < hwv_graph_node_count(network->graph); n++) {
        const hwv_node *reader = hwv_graph_node_at(network->graph, (hwv_id)n);
        for (size_t i = 0; i < reader->input_count; i++) {
            if (reader->input[i] != value)
                continue;
            count++;
            first = first == HWV_NO_ID ? (hwv_id)n : first;
        }
    }
    for (size_t o = 0; o < network->output_count; o++)
        count += network->outputs[o].value == value;
    if (node)
        *node = first;
    return count;
}

static bool kept(const hwv_network *network, hwv_id value)
{
    return hwv_weights_data(network->weights, value) != NULL;
}

hwv_fold hwv_fold_find(const hwv_network *network, hwv_id product)
{
    const hwv_fold added = {HWV_FOLD_NEW, HWV_NO_ID}, none = {HWV_FOLD_NONE, HWV_NO_ID};
    const hwv_id y = hwv_graph_node_at(network->graph, product)->output[0];
    hwv_id reader;
    if (hwv_value_readers(network, y, &reader) != 1 || reader == HWV_NO_ID)
        return added;
    const hwv_node *node = hwv_graph_node_at(network->graph, reader);
    if (node->kind == HWV_NODE_BIAS && node->input[0] == y) {
        const bool own = kept(network, node->input[1]) && hwv_value_readers(network, node->input[1], NULL) == 1;
        return own ? (hwv_fold){HWV_FOLD_BIAS, node->input[1]} : none;
    }
    if (node->kind == HWV_NODE_BATCH_NORM && node->input[0] == y && kept(network, node->input[3]) &&
        hwv_value_readers(network, node->input[3], NULL) == 1)
        return (hwv_fold){HWV_FOLD_MEAN, node->input[3]};
    return added;
}

hwv_status hwv_fold_add(hwv_change *change, hwv_id product, const double *delta, size_t units, hwv_error *error)
{
    const hwv_fold fold = hwv_fold_find(change->network, product);
    const double sign = fold.kind == HWV_FOLD_MEAN ? -1 : 1;
    float *to =
        fold.kind == HWV_FOLD_NEW ? hwv_change_bias(change, product, units) : hwv_change_data(change, fold.value);
    if (to == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a bias of %zu units", units);
    for (size_t u = 0; u < units; u++)
        to[u] = (float)((double)to[u] + sign * delta[u]);
    return HWV_OK;
}
