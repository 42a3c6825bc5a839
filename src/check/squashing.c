/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What an output is before it is squashed. */
#include "model/squashing.h"

#include "halfwave/fix.h"

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
