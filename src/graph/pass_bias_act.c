/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass BIAS_ACT: a bias whose sum only an activation reads is added inside that activation's sweep, where
 * backward does not read the sum. The sum then exists nowhere. */
#include "graph/plan.h"

static bool kept(const hwv_draft *draft, hwv_id value)
{
    for (size_t k = 0; k < draft->options->keep_count; k++)
        if (draft->options->keep[k] == value)
            return true;
    return value == draft->output;
}

/* The draft's node that produces a value, HWV_NONE for a given one. */
static size_t producer(const hwv_draft *draft, size_t before, hwv_id value)
{
    hwv_id node = draft->graph->values[value].producer;
    for (size_t n = before; n-- > 0;)
        if (draft->nodes[n].node == node)
            return n;
    return HWV_NONE;
}

void hwv_pass_bias_act(hwv_draft *draft)
{
    hwv_id output_node = draft->graph->values[draft->output].producer;
    for (size_t n = 0; n < draft->node_count; n++) {
        hwv_draft_node *entry = &draft->nodes[n];
        const hwv_node *node = entry->demand.node;
        hwv_id sum = node->input[0];
        size_t bias = producer(draft, n, sum);
        /* The inputs of the output's own node stay readable (keep in draft.c). */
        if (bias == HWV_NONE || node->kind != HWV_NODE_ACTIVATION || node->input_count != 1 ||
            draft->nodes[bias].kind->kind != HWV_NODE_BIAS || draft->uses[sum] != 1 || kept(draft, sum) ||
            entry->node == output_node || (entry->demand.wanted && entry->demand.backward_inputs))
            continue;
        entry->fused_bias = bias;
        draft->nodes[bias].folded = true;
    }
}
