/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A network over a stream of samples, in memory that does not grow with their number. */
#include "check/stream.h"

#include "check/runner.h"
#include "halfwave/memory.h"

typedef struct stream {
    const hwv_network *network;
    hwv_id *keep; /* layers that the output does not need, outputs that are asked for */
    size_t keep_count;
    bool *reached; /* by value: the output needs it */
    hwv_runner runner;
} stream;

static void stream_free(stream *s)
{
    hwv_runner_free(&s->runner);
    hwv_free(s->keep);
    hwv_free(s->reached);
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
    hwv_targets wanted;
    size_t batch;
    s->keep = hwv_calloc(network->layer_count + network->output_count + 1, sizeof *s->keep);
    s->reached = hwv_calloc(hwv_graph_value_count(network->graph) + 1, sizeof *s->reached);
    if (!s->keep || !s->reached)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to run %s", network->name ? network->name : "a network");
    HWV_TRY(targets(s, feed->outputs != NULL, &wanted.output, error));
    wanted.keep = s->keep;
    wanted.keep_count = s->keep_count;
    HWV_TRY(hwv_runner_batch(&batch, network, &wanted, executor, error));
    return hwv_runner_make(&s->runner, network, &wanted, batch, executor, error);
}

static hwv_status shards_run(stream *s, hwv_counter *counter, const hwv_feed *feed, hwv_error *error)
{
    for (;;) {
        size_t rows;
        HWV_TRY(hwv_runner_next(&s->runner, feed, &rows, NULL, error));
        if (rows == 0) {
            if (counter)
                hwv_counter_close(counter);
            if (feed->more == NULL || !feed->more(feed->self))
                return HWV_OK;
            continue;
        }
        hwv_plan_rows(s->runner.plan, rows);
        if (counter)
            hwv_counter_rows(counter, rows);
        hwv_plan_forward(s->runner.plan);
        if (feed->outputs)
            feed->outputs(feed->self, rows, s->runner.plan);
    }
}

static hwv_status run(const hwv_network *network, hwv_counter *counter, const hwv_observer *observer,
                      const hwv_feed *feed, const hwv_executor *executor, hwv_error *error)
{
    stream s = {.network = network};
    hwv_status status = prepare(&s, feed, executor, error);
    if (status == HWV_OK && observer)
        status = hwv_plan_observe(s.runner.plan, observer, error);
    if (status == HWV_OK)
        status = shards_run(&s, counter, feed, error);
    stream_free(&s);
    return status;
}

hwv_status hwv_network_stream(const hwv_network *network, hwv_counter *counter, const hwv_feed *feed,
                              const hwv_executor *executor, hwv_error *error)
{
    hwv_observer observer;
    if (counter)
        observer = hwv_counter_observer(counter);
    return run(network, counter, counter ? &observer : NULL, feed, executor, error);
}

hwv_status hwv_network_observe(const hwv_network *network, const hwv_observer *observer, const hwv_feed *feed,
                               const hwv_executor *executor, hwv_error *error)
{
    return run(network, NULL, observer, feed, executor, error);
}
