/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass MASK: in training, a piecewise linear activation keeps one bit an element for its backward run
 * instead of its input. Both select the same gradients, so the bits of the result are the same. */
#include "graph/plan.h"

void hwv_pass_mask(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        hwv_demand *demand = &draft->nodes[n].demand;
        const hwv_node *node = demand->node;
        demand->use_mask = demand->training && demand->wanted && node->kind == HWV_NODE_ACTIVATION &&
                           node->input_count == 1 && hwv_act_claims(&node->attributes.act) & HWV_PIECEWISE;
    }
}
