/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How many rows a run over many should take at once. */
#include "halfwave/graph.h"

/* Activations of a batch: small enough for the caches, large enough for every thread to have work in every node. */
#define BYTES ((size_t)6 << 20)
#define MOST  ((size_t)1024)

hwv_status hwv_plan_batch(size_t *batch, const hwv_graph *graph, hwv_weights *weights, hwv_id output,
                          const hwv_plan_options *options, hwv_error *error)
{
    hwv_plan_options one = *options;
    hwv_plan *plan;
    one.batch = 1;
    one.executor = NULL;
    one.like = NULL;
    one.fixed_weights = false; /* nothing is prepared for it */
    HWV_TRY(hwv_plan_create(&plan, graph, weights, output, &one, error));
    const hwv_plan_memory memory = hwv_plan_memory_use(plan);
    hwv_plan_destroy(plan);
    const size_t bytes = memory.activations + memory.masks, fit = BYTES / (bytes > 0 ? bytes : 1);
    *batch = 1;
    while (*batch < MOST && 2 * *batch <= fit)
        *batch *= 2;
    return HWV_OK;
}
