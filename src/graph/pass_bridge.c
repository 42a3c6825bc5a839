/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass BRIDGE, in training: a batch norm of images, the ReLU behind it and a maximum pool of 2 x 2 behind that are one step,
 * where nobody else reads what lies between. Only the batch norm's input z and the gradient d of the last one's output are
 * kept. A convolution in front that gives images to whoever wants them, and one behind that makes its images, take the
 * rest of the work along while an image is in the cache; then neither the output nor dL/dz exists. Runs before FINISH. */
#include "graph/bridge.h"
#include "graph/plan.h"
#include "linalg/pooling.h"

/* The draft node that alone reads a value, if it is of this kind and reads it as input 0; else HWV_NONE. */
static size_t reader(const hwv_draft *draft, hwv_id value, hwv_node_kind kind)
{
    if (!hwv_draft_private(draft, value))
        return HWV_NONE;
    for (size_t n = 0; n < draft->node_count; n++) {
        const hwv_node *node = draft->nodes[n].demand.node;
        for (size_t i = 0; i < node->input_count; i++)
            if (node->input[i] == value)
                return node->kind == kind && i == 0 ? n : HWV_NONE;
    }
    return HWV_NONE;
}

/* Windows of 2 x 2 that cover x. */
static bool pools_evenly(const hwv_draft *draft, const hwv_node *pool)
{
    const hwv_window *w = &pool->attributes.window;
    const hwv_shape *x = &draft->graph->values[pool->input[0]].shape;
    bool even = true;
    for (size_t d = 0; d < 2; d++)
        even = even && w->kernel[d] == 2 && w->stride[d] == 2 && w->pad_before[d] + w->pad_after[d] == 0 &&
               x->dim[1 + d] % 2 == 0;
    return even;
}

/* Convolutions that take part. */
static void link_convolutions(hwv_draft *draft, size_t n)
{
    hwv_draft_node *norm = &draft->nodes[n];
    const hwv_id z = norm->demand.node->input[0];
    const size_t from = hwv_draft_private(draft, z) ? hwv_draft_producer(draft, z) : HWV_NONE;
    const size_t to = reader(draft, hwv_draft_bridged_output(draft, norm), HWV_NODE_CONV2D);
    if (from != HWV_NONE && draft->nodes[from].demand.makes_images) {
        norm->bridge_from = from;
        draft->nodes[from].behind = n;
    }
    if (to != HWV_NONE && draft->nodes[to].demand.makes_images) {
        norm->bridge_to = to;
        draft->nodes[to].before = n;
    }
}

static void bridge(hwv_draft *draft, size_t n)
{
    hwv_draft_node *norm = &draft->nodes[n];
    const hwv_node *node = norm->demand.node;
    const size_t bytes = hwv_bridging_bytes(&norm->demand);
    const size_t act = reader(draft, node->output[0], HWV_NODE_ACTIVATION);
    if (act == HWV_NONE || bytes == SIZE_MAX || !hwv_bridge_suits(&draft->nodes[act].demand.node->attributes.act))
        return;
    const size_t pool = reader(draft, draft->nodes[act].demand.node->output[0], HWV_NODE_MAX_POOL2D);
    norm->demand.saved = bytes;
    norm->bridge_act = act;
    draft->nodes[act].folded = draft->nodes[act].bridged = true;
    if (pool != HWV_NONE && pools_evenly(draft, draft->nodes[pool].demand.node)) {
        norm->bridge_pool = pool;
        draft->nodes[pool].folded = draft->nodes[pool].bridged = true;
    }
    link_convolutions(draft, n);
}

void hwv_pass_bridge(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        const hwv_demand *demand = &draft->nodes[n].demand;
        if (demand->node->kind == HWV_NODE_BATCH_NORM && !demand->node->attributes.frozen && demand->wanted &&
            draft->graph->values[demand->node->input[0]].shape.rank == 4)
            bridge(draft, n);
    }
}
