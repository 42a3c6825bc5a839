/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass SWEEP, of plans without training: a batch norm behind a convolution is computed by the convolution as it stores its
 * sums, and an activation behind either, block by block while they are in the cache. What the activation reads stays, for
 * observers too; the bare sums in front of a batch norm exist nowhere. Runs after FINISH and DENSE_BIAS. */
#include "graph/plan.h"

/* The draft node whose step computes a value, HWV_NONE for a given one. */
static size_t maker(const hwv_draft *draft, hwv_id value)
{
    const size_t producer = hwv_draft_producer(draft, value);
    if (producer == HWV_NONE || !draft->nodes[producer].folded)
        return producer;
    for (size_t n = 0; n < draft->node_count; n++) {
        const hwv_draft_node *entry = &draft->nodes[n];
        if (entry->fused_norm == producer || (entry->fused_bias == producer && entry->bias_follows))
            return n;
    }
    return HWV_NONE;
}

/* Whether a value is there before every node: not computed by one. */
static bool given(const hwv_draft *draft, hwv_id value)
{
    return draft->graph->values[value].producer == HWV_NO_ID;
}

static void fold_norm(hwv_draft *draft, size_t n)
{
    hwv_draft_node *norm = &draft->nodes[n];
    const hwv_node *node = norm->demand.node;
    const size_t conv = maker(draft, node->input[0]);
    if (conv == HWV_NONE || draft->nodes[conv].kind->kind != HWV_NODE_CONV2D || norm->fused_bias != HWV_NONE ||
        draft->nodes[conv].fused_act != HWV_NONE || draft->nodes[conv].fused_norm != HWV_NONE ||
        !hwv_draft_private(draft, node->input[0]))
        return;
    for (size_t i = 1; i < node->input_count; i++)
        if (!given(draft, node->input[i]))
            return;
    draft->nodes[conv].fused_norm = n;
    draft->nodes[conv].fused_act = norm->fused_act;
    norm->folded = true;
}

static void fold_act(hwv_draft *draft, size_t n)
{
    hwv_draft_node *act = &draft->nodes[n];
    const hwv_node *node = act->demand.node;
    const size_t before =
        node->input_count == 1 && act->fused_bias == HWV_NONE ? maker(draft, node->input[0]) : HWV_NONE;
    if (before == HWV_NONE || !draft->nodes[before].demand.finishes || draft->nodes[before].fused_act != HWV_NONE)
        return;
    draft->nodes[before].fused_act = n;
    draft->nodes[before].act_apart = true;
    act->folded = true;
}

void hwv_pass_sweep(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        const hwv_draft_node *entry = &draft->nodes[n];
        if (entry->folded)
            continue;
        if (entry->kind->kind == HWV_NODE_BATCH_NORM)
            fold_norm(draft, n);
        else if (entry->kind->kind == HWV_NODE_ACTIVATION)
            fold_act(draft, n);
    }
}
