/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass WINOGRAD, in training: convolutions that it suits (their kind says which) take Winograd's filtering, which is twice
 * as fast or more and rounds differently. Whoever asks which units fire, or compares with another program, runs plans
 * without training, which convolve directly: an exact zero stays one. */
#include "graph/plan.h"

void hwv_pass_winograd(hwv_draft *draft)
{
    for (size_t n = 0; n < draft->node_count; n++) {
        hwv_demand *demand = &draft->nodes[n].demand;
        demand->winograd = demand->training && demand->node->kind == HWV_NODE_CONV2D;
    }
}
