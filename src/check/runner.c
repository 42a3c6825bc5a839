/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A plan of a network, and samples brought to it. */
#include "check/runner.h"

#include "graph/structure.h"
#include "halfwave/memory.h"

/* Passes that change no bit of z and leave it to be seen. */
#define PASSES (HWV_PASS_REUSE | HWV_PASS_DENSE_BIAS | HWV_PASS_SWEEP | HWV_PASS_VIEW)

static hwv_plan_options options_of(const hwv_targets *targets, size_t batch, const hwv_executor *executor)
{
    return (hwv_plan_options){.batch = batch,
                              .passes = PASSES,
                              .executor = executor,
                              .keep = targets->keep,
                              .keep_count = targets->keep_count,
                              .fixed_weights = true};
}

hwv_status hwv_runner_batch(size_t *batch, const hwv_network *network, const hwv_targets *targets,
                            const hwv_executor *executor, hwv_error *error)
{
    const hwv_plan_options options = options_of(targets, 1, executor);
    *batch = 1;
    return network->batched ? hwv_plan_batch(batch, network->graph, network->weights, targets->output, &options, error)
                            : HWV_OK;
}

static hwv_status make(hwv_runner *runner, const hwv_network *network, const hwv_targets *targets,
                       const hwv_plan_options *options, hwv_error *error)
{
    *runner = (hwv_runner){.network = network, .batch = options->batch, .runs = 1};
    runner->from = hwv_calloc(network->input_count + 1, sizeof *runner->from);
    if (runner->from == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to run %s", network->name ? network->name : "a network");
    HWV_TRY(hwv_plan_create(&runner->plan, network->graph, network->weights, targets->output, options, error));
    return hwv_places_make(&runner->places, network, runner->plan, options->batch, error);
}

hwv_status hwv_runner_make(hwv_runner *runner, const hwv_network *network, const hwv_targets *targets, size_t batch,
                           const hwv_executor *executor, hwv_error *error)
{
    const hwv_plan_options options = options_of(targets, batch, executor);
    return make(runner, network, targets, &options, error);
}

hwv_status hwv_runner_make_like(hwv_runner *runner, const hwv_runner *first, const hwv_targets *targets,
                                hwv_error *error)
{
    hwv_plan_options options = options_of(targets, first->batch, NULL);
    options.like = first->plan;
    return make(runner, first->network, targets, &options, error);
}

void hwv_runner_free(hwv_runner *runner)
{
    hwv_places_free(&runner->places);
    hwv_places_free(&runner->piece);
    hwv_free(runner->from);
    hwv_plan_destroy(runner->plan);
    *runner = (hwv_runner){0};
}

/* Samples from `first` on of what lies at `from`; NULL: of the plan's own memory. */
static hwv_status lend(hwv_runner *runner, const void *const *from, size_t first, hwv_error *error)
{
    const hwv_network *network = runner->network;
    for (size_t i = 0; i < network->input_count; i++) {
        size_t elements = 0;
        if (runner->places.spare[i] != NULL)
            continue;
        if (hwv_shape_batched(&network->inputs[i].shape))
            (void)hwv_shape_elements(&network->inputs[i].shape, first, &elements);
        const float *data = from ? from[i] : NULL;
        HWV_TRY(hwv_plan_lend(runner->plan, network->inputs[i].value, data ? data + elements : NULL, error));
    }
    return HWV_OK;
}

hwv_status hwv_runner_lend(hwv_runner *runner, const void *const *from, hwv_error *error)
{
    return lend(runner, from, 0, error);
}

hwv_status hwv_runner_next(hwv_runner *runner, const hwv_feed *feed, size_t *rows, const void *const **lent,
                           hwv_error *error)
{
    *rows = 0;
    if (feed->lend) {
        HWV_TRY(feed->lend(feed->self, runner->batch, runner->from, rows, error));
        HWV_TRY(hwv_runner_lend(runner, *rows > 0 ? runner->from : NULL, error));
    }
    if (lent)
        *lent = *rows > 0 ? runner->from : (const void *const *)runner->places.into;
    return *rows > 0 ? HWV_OK : feed->next(feed->self, runner->batch, runner->places.into, rows, error);
}

hwv_status hwv_runner_runs(hwv_runner *runner, size_t runs, hwv_error *error)
{
    runner->runs = runs;
    return runs > 1 ? hwv_places_make(&runner->piece, runner->network, NULL, runs * runner->batch, error) : HWV_OK;
}

hwv_status hwv_runner_piece(hwv_runner *runner, const hwv_feed *feed, size_t *rows, hwv_error *error)
{
    if (runner->runs == 1)
        return hwv_runner_next(runner, feed, rows, NULL, error);
    const size_t most = runner->runs * runner->batch;
    *rows = 0;
    if (feed->lend)
        HWV_TRY(feed->lend(feed->self, most, runner->from, rows, error));
    if (*rows > 0)
        return HWV_OK;
    for (size_t i = 0; i < runner->network->input_count; i++)
        runner->from[i] = runner->piece.into[i];
    return feed->next(feed->self, most, runner->piece.into, rows, error);
}

void hwv_runner_take(hwv_runner *runner, size_t first, size_t rows)
{
    hwv_plan_rows(runner->plan, rows);
    if (runner->runs > 1)
        (void)lend(runner, runner->from, first, NULL); /* inputs that the plan reads, which it does not refuse */
}
