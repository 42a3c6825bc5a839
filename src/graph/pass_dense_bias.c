/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass DENSE_BIAS: a bias behind a dense layer or a convolution is added by the product itself, as its last term, where
 * nobody else reads the product. The bare product then exists nowhere. Biases in front of activations are left to BIAS_ACT,
 * and FINISH, which run first: their sum is needed nowhere either. */
#include "graph/plan.h"

static bool adds_bias(const hwv_draft_node *product)
{
    return product->kind->kind == HWV_NODE_DENSE || product->kind->kind == HWV_NODE_CONV2D;
}

void hwv_pass_dense_bias(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        hwv_draft_node *entry = &draft->nodes[n];
        hwv_id product = entry->demand.node->input[0];
        size_t dense = hwv_draft_producer(draft, product);
        if (dense == HWV_NONE || entry->kind->kind != HWV_NODE_BIAS || entry->folded ||
            !adds_bias(&draft->nodes[dense]) || !hwv_draft_private(draft, product) ||
            draft->graph->values[entry->demand.node->input[1]].producer != HWV_NO_ID) /* may come after the product */
            continue;
        draft->nodes[dense].fused_bias = n;
        draft->nodes[dense].bias_follows = true;
        entry->folded = true;
    }
}
