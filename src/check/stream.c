/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A network over a stream of samples, in memory that does not grow with their number. */
#include "check/places.h"
#include "halfwave/check.h"
#include "halfwave/memory.h"

/* Passes that change no bit of z and leave it to be seen. */
#define PASSES (HWV_PASS_REUSE | HWV_PASS_DENSE_BIAS | HWV_PASS_SWEEP | HWV_PASS_VIEW)

typedef struct stream {
    const hwv_network *network;
    hwv_plan *plan;
    size_t batch;
    hwv_id *keep; /* layers that the output does not need, outputs that are asked for */
    size_t keep_count;
    bool *reached; /* by value: the output needs it */
    hwv_places places;
    const void **from; /* where samples of an input are lent */
} stream;

static void stream_free(stream *s)
{
    hwv_places_free(&s->places);
    hwv_free(s->from);
    hwv_free(s->keep);
    hwv_free(s->reached);
    hwv_plan_destroy(s->plan);
}

/* Marks all that a value needs. */
static void reach(stream *s, hwv_id value)
{
    const hwv_graph *graph = s->network->graph;
    s->reached[value] = true;
    for (size_t n = hwv_graph_node_count(graph); n-- > 0;) {
        const hwv_node *node = hwv_graph_node_at(graph, (hwv_id)n);
        bool needed = false;
        for (size_t o = 0; o < node->output_count; o++)
            needed = needed || s->reached[node->output[o]];
        for (size_t i = 0; needed && i < node->input_count; i++)
            s->reached[node->input[i]] = true;
    }
}

static hwv_id layer_output(const hwv_network *network, size_t l)
{
    return hwv_graph_node_at(network->graph, network->layers[l].node)->output[0];
}

static bool computed(const hwv_graph *graph, hwv_id value)
{
    return value != HWV_NO_ID && hwv_graph_value(graph, value)->producer != HWV_NO_ID;
}

/* What the plan is for: an output of the network that is computed, else its last layer; all else is kept beside it. */
static hwv_status targets(stream *s, bool outputs, hwv_id *output, hwv_error *error)
{
    const hwv_network *network = s->network;
    *output = HWV_NO_ID;
    for (size_t o = 0; *output == HWV_NO_ID && o < network->output_count; o++)
        if (computed(network->graph, network->outputs[o].value))
            *output = network->outputs[o].value;
    if (*output == HWV_NO_ID && network->layer_count > 0)
        *output = layer_output(network, network->layer_count - 1);
    if (*output == HWV_NO_ID)
        return hwv_fail(error, HWV_ERR_UNSUPPORTED, "%s: nothing of it can be computed%s%s",
                        network->name ? network->name : "the network", network->unsupported_count ? ": " : "",
                        network->unsupported_count ? network->unsupported[0] : "");
    reach(s, *output);
    for (size_t l = 0; l < network->layer_count; l++)
        if (!s->reached[layer_output(network, l)])
            s->keep[s->keep_count++] = layer_output(network, l);
    for (size_t o = 0; outputs && o < network->output_count; o++)
        if (computed(network->graph, network->outputs[o].value) && network->outputs[o].value != *output)
            s->keep[s->keep_count++] = network->outputs[o].value;
    return HWV_OK;
}

static hwv_status prepare(stream *s, const hwv_feed *feed, const hwv_executor *executor, hwv_error *error)
{
    const hwv_network *network = s->network;
    hwv_id output;
    s->keep = hwv_calloc(network->layer_count + network->output_count + 1, sizeof *s->keep);
    s->reached = hwv_calloc(hwv_graph_value_count(network->graph) + 1, sizeof *s->reached);
    s->from = hwv_calloc(network->input_count + 1, sizeof *s->from);
    if (!s->from || !s->keep || !s->reached)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to run %s", network->name ? network->name : "a network");
    HWV_TRY(targets(s, feed->outputs != NULL, &output, error));
    hwv_plan_options options = {.batch = 1,
                                .passes = PASSES,
                                .executor = executor,
                                .keep = s->keep,
                                .keep_count = s->keep_count,
                                .fixed_weights = true};
    s->batch = 1;
    if (network->batched)
        HWV_TRY(hwv_plan_batch(&s->batch, network->graph, network->weights, output, &options, error));
    options.batch = s->batch;
    HWV_TRY(hwv_plan_create(&s->plan, network->graph, network->weights, output, &options, error));
    return hwv_places_make(&s->places, network, s->plan, s->batch, error);
}

/* Every input that the plan reads, from where it is lent, or from the plan's own memory (NULL). */
static hwv_status inputs_lend(stream *s, const void *const *from, hwv_error *error)
{
    for (size_t i = 0; i < s->network->input_count; i++)
        if (s->places.spare[i] == NULL)
            HWV_TRY(hwv_plan_lend(s->plan, s->network->inputs[i].value, from ? from[i] : NULL, error));
    return HWV_OK;
}

static hwv_status samples_next(stream *s, const hwv_feed *feed, size_t *rows, hwv_error *error)
{
    *rows = 0;
    if (feed->lend) {
        HWV_TRY(feed->lend(feed->self, s->batch, s->from, rows, error));
        HWV_TRY(inputs_lend(s, *rows > 0 ? s->from : NULL, error));
    }
    return *rows > 0 ? HWV_OK : feed->next(feed->self, s->batch, s->places.into, rows, error);
}

static hwv_status shards_run(stream *s, hwv_counter *counter, const hwv_feed *feed, hwv_error *error)
{
    for (;;) {
        size_t rows;
        HWV_TRY(samples_next(s, feed, &rows, error));
        if (rows == 0) {
            if (counter)
                hwv_counter_close(counter);
            if (feed->more == NULL || !feed->more(feed->self))
                return HWV_OK;
            continue;
        }
        hwv_plan_rows(s->plan, rows);
        if (counter)
            hwv_counter_rows(counter, rows);
        hwv_plan_forward(s->plan);
        if (feed->outputs)
            feed->outputs(feed->self, rows, s->plan);
    }
}

hwv_status hwv_network_stream(const hwv_network *network, hwv_counter *counter, const hwv_feed *feed,
                              const hwv_executor *executor, hwv_error *error)
{
    stream s = {.network = network};
    hwv_status status = prepare(&s, feed, executor, error);
    if (status == HWV_OK && counter) {
        hwv_observer observer = hwv_counter_observer(counter);
        status = hwv_plan_observe(s.plan, &observer, error);
    }
    if (status == HWV_OK)
        status = shards_run(&s, counter, feed, error);
    stream_free(&s);
    return status;
}
