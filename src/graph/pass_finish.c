/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass FINISH: an activation whose input only it reads, behind a node that can finish its output (a convolution, a
 * batch norm), is computed there, block by block, with the bias between them and with its mask. What lies between
 * then exists nowhere. Only where backward does not read the activation's input. */
#include "graph/plan.h"

void hwv_pass_finish(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        hwv_draft_node *act = &draft->nodes[n];
        const hwv_node *node = act->demand.node;
        if (act->bridged || node->kind != HWV_NODE_ACTIVATION || node->input_count != 1 ||
            (act->demand.wanted && act->demand.backward_inputs))
            continue;
        hwv_id between = node->input[0];
        if (act->fused_bias != HWV_NONE) { /* pass BIAS_ACT has looked at the sum already */
            const hwv_node *bias = draft->nodes[act->fused_bias].demand.node;
            if (draft->graph->values[bias->input[1]].producer != HWV_NO_ID) /* may come after the product */
                continue;
            between = bias->input[0];
        }
        size_t producer = hwv_draft_producer(draft, between);
        if (producer == HWV_NONE || !draft->nodes[producer].demand.finishes || !hwv_draft_private(draft, between))
            continue;
        draft->nodes[producer].fused_act = n;
        draft->nodes[producer].fused_bias = act->fused_bias;
        draft->nodes[producer].bias_follows = true;
        act->folded = true;
    }
}
