/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass BIAS_ACT: a bias whose sum only an activation reads is added inside that activation's sweep, where
 * backward does not read the sum. The sum then exists nowhere. */
#include "graph/plan.h"

void hwv_pass_bias_act(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        hwv_draft_node *entry = &draft->nodes[n];
        const hwv_node *node = entry->demand.node;
        hwv_id sum = node->input[0];
        size_t bias = hwv_draft_producer(draft, sum);
        if (bias == HWV_NONE || node->kind != HWV_NODE_ACTIVATION || node->input_count != 1 ||
            draft->nodes[bias].kind->kind != HWV_NODE_BIAS || !hwv_draft_private(draft, sum) ||
            (entry->demand.wanted && entry->demand.backward_inputs))
            continue;
        entry->fused_bias = bias;
        draft->nodes[bias].folded = true;
    }
}
