/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The network runs over the data once, and what is asked for is looked at after each run. */
#include "check/watch.h"

#include <string.h>

#include "check/runner.h"
#include "graph/structure.h"

static bool is_first(const hwv_watch *watch, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (watch->values[k] == watch->values[i])
            return false;
    return true;
}

static void run_see(const hwv_watch *watch, const hwv_runner *runner, size_t rows)
{
    for (size_t i = 0; i < watch->count; i++) {
        size_t fixed, batched, cols;
        const float *x = is_first(watch, i) ? hwv_plan_data(runner->plan, watch->values[i]) : NULL;
        if (x == NULL)
            continue;
        hwv_shape_matrix(&hwv_graph_value(runner->network->graph, watch->values[i])->shape, &fixed, &batched, &cols);
        watch->see(watch->self, watch->values[i], x, fixed + batched * rows, cols);
    }
}

static hwv_status shards_run(const hwv_watch *watch, hwv_runner *runner, const hwv_feed *feed, hwv_error *error)
{
    for (;;) {
        size_t rows;
        HWV_TRY(hwv_runner_next(runner, feed, &rows, NULL, error));
        if (rows == 0 && (feed->more == NULL || !feed->more(feed->self)))
            return HWV_OK;
        if (rows == 0)
            continue;
        hwv_plan_rows(runner->plan, rows);
        hwv_plan_forward(runner->plan);
        run_see(watch, runner, rows);
    }
}

hwv_status hwv_network_watch(const hwv_network *network, const hwv_watch *watch, const hwv_source *source,
                             const hwv_executor *executor, hwv_error *error)
{
    const hwv_targets targets = {.output = watch->values[0], .keep = watch->values, .keep_count = watch->count};
    hwv_runner runner = {0};
    hwv_feed feed = {0};
    size_t batch;
    HWV_TRY(source->open(source->self, &feed, error));
    HWV_TRY(hwv_runner_batch(&batch, network, &targets, executor, error));
    hwv_status status = hwv_runner_make(&runner, network, &targets, batch, executor, error);
    if (status == HWV_OK)
        status = shards_run(watch, &runner, &feed, error);
    hwv_runner_free(&runner);
    return status;
}

/* ---- with other numbers ------------------------------------------------------------------------------ */

/* A copy of the weights with the numbers of the change; the caller's. */
static hwv_status weights_changed(hwv_weights **weights, const hwv_change *change, hwv_error *error)
{
    const hwv_network *network = change->network;
    size_t elements;
    HWV_TRY(hwv_weights_create(weights, network->graph, error));
    float *to = hwv_weights_block(*weights, &elements);
    memcpy(to, hwv_weights_block(network->weights, &elements), elements * sizeof *to);
    hwv_change_write(change, *weights);
    return HWV_OK;
}

hwv_status hwv_network_watch_changed(const hwv_change *change, const hwv_watch *watch, const hwv_source *source,
                                     const hwv_executor *executor, hwv_error *error)
{
    hwv_network changed = *change->network;
    HWV_TRY(weights_changed(&changed.weights, change, error));
    hwv_status status = hwv_network_watch(&changed, watch, source, executor, error);
    hwv_weights_destroy(changed.weights);
    return status;
}
