/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * How long two networks take for the same samples, in turn. */
#include "fix.h"

#include <math.h>
#include <string.h>

#include "halfwave/clock.h"
#include "halfwave/memory.h"

#define ROUNDS        21
#define ROUND_SECONDS 0.002

typedef struct runner {
    const hwv_network *network;
    hwv_plan *plan;
    void **into; /* where the samples of each input go */
} runner;

static hwv_id first_output(const hwv_network *network)
{
    for (size_t o = 0; o < network->output_count; o++) {
        hwv_id value = network->outputs[o].value;
        if (value != HWV_NO_ID && hwv_graph_value(network->graph, value)->producer != HWV_NO_ID)
            return value;
    }
    return HWV_NO_ID;
}

/* Bytes of `rows` samples of an input. */
static size_t input_bytes(const hwv_port *input, size_t rows)
{
    size_t bytes = sizeof(float);
    for (size_t i = 0; i < input->shape.rank; i++)
        if (!hwv_size_mul(bytes, input->shape.dim[i] == HWV_BATCH ? rows : input->shape.dim[i], &bytes))
            return SIZE_MAX;
    return bytes;
}

static hwv_status runner_plan(runner *r, hwv_plan_options *options, hwv_error *error)
{
    const hwv_network *network = r->network;
    hwv_id output = first_output(network);
    if (options->batch == 0) {
        options->batch = 1;
        if (network->batched)
            HWV_TRY(hwv_plan_batch(&options->batch, network->graph, network->weights, output, options, error));
    }
    HWV_TRY(hwv_plan_create(&r->plan, network->graph, network->weights, output, options, error));
    r->into = hwv_calloc(network->input_count + 1, sizeof *r->into);
    for (size_t i = 0; r->into != NULL && i < network->input_count; i++) {
        const hwv_port *input = &network->inputs[i];
        size_t bytes = input_bytes(input, options->batch);
        r->into[i] = hwv_calloc(bytes < SIZE_MAX ? bytes : SIZE_MAX, 1);
        if (r->into[i] == NULL)
            return hwv_fail(error, HWV_ERR_MEMORY, "no memory for samples of '%.80s'", input->name);
        /* An input that the output does not need cannot be lent. */
        if (hwv_plan_data(r->plan, input->value) != NULL)
            HWV_TRY(hwv_plan_lend(r->plan, input->value, r->into[i], error));
    }
    return r->into != NULL ? HWV_OK : hwv_fail(error, HWV_ERR_MEMORY, "no memory to time a network");
}

static void runner_free(runner *r)
{
    for (size_t i = 0; r->into != NULL && i < r->network->input_count; i++)
        hwv_free(r->into[i]);
    hwv_free(r->into);
    hwv_plan_destroy(r->plan);
}

static void run(void *context, size_t repeats)
{
    const runner *r = context;
    for (size_t i = 0; i < repeats; i++)
        hwv_plan_forward(r->plan);
}

static hwv_status measure(hwv_cli_times *times, hwv_cli_samples *samples, runner *a, runner *b, hwv_error *error)
{
    hwv_plan_options options = {.passes = HWV_PASS_ALL, .executor = samples->cli->executor, .fixed_weights = true};
    hwv_feed feed;
    HWV_TRY(runner_plan(a, &options, error));
    HWV_TRY(runner_plan(b, &options, error));
    HWV_TRY(hwv_cli_samples_feed(samples, &feed, error));
    HWV_TRY(feed.next(feed.self, options.batch, a->into, &times->rows, error));
    for (size_t i = 0; i < a->network->input_count; i++)
        memcpy(b->into[i], a->into[i], input_bytes(&a->network->inputs[i], options.batch));
    hwv_plan_rows(a->plan, times->rows);
    hwv_plan_rows(b->plan, times->rows);
    hwv_candidate candidates[2] = {{.name = "before", .run = run, .context = a},
                                   {.name = "after", .run = run, .context = b}};
    times->rounds = ROUNDS;
    HWV_TRY(hwv_rounds(candidates, 2, ROUNDS, ROUND_SECONDS, error));
    times->before = candidates[0].seconds;
    times->after = candidates[1].seconds;
    return HWV_OK;
}

hwv_status hwv_cli_fix_time(hwv_cli_times *times, hwv_cli_samples *samples, const hwv_network *before,
                            const hwv_network *after, hwv_error *error)
{
    runner a = {.network = before}, b = {.network = after};
    if (first_output(before) == HWV_NO_ID || first_output(after) == HWV_NO_ID)
        return HWV_OK;
    hwv_status status = measure(times, samples, &a, &b, error);
    runner_free(&a);
    runner_free(&b);
    return status;
}
