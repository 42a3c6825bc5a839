/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * prelu, leaky: relu becomes an operator that learns where it is off. */
#include "check/treatment.h"

static hwv_status swap(hwv_treating *t, hwv_op op, float slope)
{
    hwv_act act = hwv_act_make(op);
    act.param[0] = slope;
    for (size_t l = 0; l < t->network->layer_count; l++) {
        const hwv_network_layer *layer = &t->network->layers[l];
        const hwv_node *node = hwv_graph_node_at(t->network->graph, layer->node);
        if (!hwv_treating_layer(t, l))
            continue;
        if (node->attributes.act.op != HWV_OP_RELU) {
            hwv_treating_refuse(t, l, "it is %s; relu alone is swapped", hwv_op_row(node->attributes.act.op)->name);
            continue;
        }
        HWV_TRY(hwv_treating_ask(t, l, true));
        HWV_TRY(hwv_change_act(t->change, layer->node, &act, t->error));
        for (size_t u = 0; u < t->layers[l].asked; u++)
            hwv_treating_take(t, l, u);
    }
    return HWV_OK;
}

hwv_status hwv_treat_prelu(hwv_treating *t)
{
    return swap(t, HWV_OP_PRELU, 0);
}

hwv_status hwv_treat_leaky(hwv_treating *t)
{
    return swap(t, HWV_OP_LEAKY_RELU, (float)t->options->slope);
}
