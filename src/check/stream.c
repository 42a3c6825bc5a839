/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A network over a stream of samples, in memory that does not grow with their number.
 *
 * Where a run of some MB has several samples, these are cut into smaller runs, a few of which are a piece that a thread
 * takes through all nodes by itself, run by run: what a node wrote is in the cache of the core that reads it, and threads
 * meet once a piece. Else each run is shared out, node by node. Which of the two, and the pieces, follow from the network
 * and from what is asked of it alone. */
#include "check/stream.h"

#include "check/counter.h"
#include "check/runner.h"
#include "graph/structure.h"
#include "halfwave/memory.h"

#include <assert.h>

/* Runs that take the samples of one: what is alive in each is less than what a second-level cache holds. */
#define RUNS ((size_t)8)
/* Runs of a piece, and bytes that its samples may take: what is counted of a piece has memory of its own, which has to come
 * to the cache once a piece, and what is counted of all must be joined. */
#define PIECE_RUNS  ((size_t)16)
#define PIECE_BYTES ((size_t)2 << 20)
/* Lanes at most where nothing is counted. */
#define MOST_LANES ((size_t)64)

/* One piece at a time. */
typedef struct lane {
    hwv_runner runner;
    hwv_counter_lane counted;
    size_t rows;
} lane;

struct hwv_session {
    const hwv_network *network;
    const hwv_executor *executor;
    hwv_counter *counter;
    hwv_id *keep; /* layers that the output does not need, outputs that are asked for */
    size_t keep_count;
    bool *reached; /* by value: the output needs it */
    lane *lanes;
    size_t lane_count;
    bool pieces; /* each taken by one thread through all nodes */
};

typedef struct hwv_session stream;

static void stream_free(stream *s)
{
    for (size_t i = s->lane_count; i-- > 0;) {
        hwv_runner_free(&s->lanes[i].runner);
        hwv_counter_lane_free(&s->lanes[i].counted);
    }
    hwv_free(s->lanes);
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

/* Outputs are taken after each piece, which is a run then. */
static size_t piece_runs(const stream *s, bool outputs, size_t batch)
{
    size_t bytes = 1;
    for (size_t i = 0; i < s->network->input_count; i++) {
        size_t elements = 0;
        if (!hwv_shape_elements(&s->network->inputs[i].shape, batch, &elements) || elements > PIECE_BYTES)
            return 1;
        bytes += elements * sizeof(float);
    }
    const size_t runs = PIECE_BYTES / bytes;
    return outputs || !s->pieces || runs == 0 ? 1 : runs < PIECE_RUNS ? runs : PIECE_RUNS;
}

static hwv_status lane_make(stream *s, size_t i, const hwv_targets *wanted, size_t batch, size_t runs,
                            const hwv_observer *observer, hwv_error *error)
{
    lane *l = &s->lanes[i];
    s->lane_count = i + 1;
    HWV_TRY(i > 0 ? hwv_runner_make_like(&l->runner, &s->lanes[0].runner, wanted, error)
                  : hwv_runner_make(&l->runner, s->network, wanted, batch, s->executor, error));
    HWV_TRY(hwv_runner_runs(&l->runner, runs, error));
    if (observer)
        return hwv_plan_observe(l->runner.plan, observer, error);
    if (s->counter == NULL)
        return HWV_OK;
    if (s->pieces)
        HWV_TRY(hwv_counter_lane_init(&l->counted, s->counter, batch, error));
    const hwv_observer counting = s->pieces ? hwv_counter_lane_observer(&l->counted) : hwv_counter_observer(s->counter);
    return hwv_plan_observe(l->runner.plan, &counting, error);
}

static size_t lanes_of(const stream *s)
{
    const size_t workers = hwv_executor_workers(s->executor), most = s->counter ? HWV_COUNT_PARTS : MOST_LANES;
    return !s->pieces ? 1 : workers < most ? workers : most;
}

static hwv_status prepare(stream *s, const hwv_observer *observer, bool outputs, hwv_error *error)
{
    const hwv_network *network = s->network;
    hwv_targets wanted;
    size_t batch;
    s->keep = hwv_calloc(network->layer_count + network->output_count + 1, sizeof *s->keep);
    s->reached = hwv_calloc(hwv_graph_value_count(network->graph) + 1, sizeof *s->reached);
    if (!s->keep || !s->reached)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to run %s", network->name ? network->name : "a network");
    HWV_TRY(targets(s, outputs, &wanted.output, error));
    wanted.keep = s->keep;
    wanted.keep_count = s->keep_count;
    HWV_TRY(hwv_runner_batch(&batch, network, &wanted, s->executor, error));
    s->pieces = batch >= RUNS && observer == NULL && (s->counter == NULL || hwv_counter_has_lanes(s->counter));
    if (s->pieces)
        batch /= RUNS;
    const size_t count = lanes_of(s), runs = piece_runs(s, outputs, batch);
    s->lanes = hwv_calloc(count, sizeof *s->lanes);
    if (s->lanes == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to run %s", network->name ? network->name : "a network");
    for (size_t i = 0; i < count; i++)
        HWV_TRY(lane_make(s, i, &wanted, batch, runs, observer, error));
    return HWV_OK;
}

static void lane_task(void *context, size_t task, size_t worker)
{
    const stream *s = context;
    lane *l = &s->lanes[task];
    (void)worker;
    for (size_t first = 0; first < l->rows; first += l->runner.batch) {
        const size_t left = l->rows - first, rows = left < l->runner.batch ? left : l->runner.batch;
        hwv_runner_take(&l->runner, first, rows);
        if (s->counter && s->pieces)
            hwv_counter_run(&l->counted, rows);
        hwv_plan_forward(l->runner.plan);
    }
}

/* The next samples for as many lanes as there are; fewer at the end of a shard, and before an error. */
static hwv_status lanes_fill(stream *s, const hwv_feed *feed, size_t *filled, bool *ended, hwv_error *error)
{
    *ended = false;
    for (*filled = 0; *filled < s->lane_count; ++*filled) {
        lane *l = &s->lanes[*filled];
        if (s->pieces && s->counter && *filled > 0 && hwv_counter_round_ends(s->counter))
            break;
        HWV_TRY(hwv_runner_piece(&l->runner, feed, &l->rows, error));
        *ended = l->rows == 0;
        if (*ended)
            break;
        if (s->counter && s->pieces)
            hwv_counter_piece(&l->counted, l->rows);
        else if (s->counter)
            hwv_counter_rows(s->counter, l->rows);
    }
    return HWV_OK;
}

/* A single piece is shared out by its nodes. */
static void lanes_run(stream *s, const hwv_feed *feed, size_t filled)
{
    hwv_plan_alone(s->lanes[0].runner.plan, filled > 1);
    hwv_executor_run(filled > 1 ? s->executor : NULL, filled, lane_task, s);
    assert(feed->outputs == NULL || s->lanes[0].runner.runs == 1);
    for (size_t i = 0; feed->outputs && i < filled; i++)
        feed->outputs(feed->self, s->lanes[i].rows, s->lanes[i].runner.plan);
}

static hwv_status shards_run(stream *s, const hwv_feed *feed, hwv_error *error)
{
    for (;;) {
        size_t filled;
        bool ended;
        const hwv_status status = lanes_fill(s, feed, &filled, &ended, error);
        lanes_run(s, feed, filled);
        HWV_TRY(status);
        if (!ended)
            continue;
        if (s->counter)
            hwv_counter_close(s->counter);
        if (feed->more == NULL || !feed->more(feed->self))
            return HWV_OK;
    }
}

static hwv_status run(const hwv_network *network, hwv_counter *counter, const hwv_observer *observer,
                      const hwv_feed *feed, const hwv_executor *executor, hwv_error *error)
{
    stream s = {.network = network, .executor = executor, .counter = counter};
    hwv_status status = prepare(&s, observer, feed->outputs != NULL, error);
    if (status == HWV_OK)
        status = shards_run(&s, feed, error);
    stream_free(&s);
    return status;
}

hwv_status hwv_network_stream(const hwv_network *network, hwv_counter *counter, const hwv_feed *feed,
                              const hwv_executor *executor, hwv_error *error)
{
    return run(network, counter, NULL, feed, executor, error);
}

hwv_status hwv_network_observe(const hwv_network *network, const hwv_observer *observer, const hwv_feed *feed,
                               const hwv_executor *executor, hwv_error *error)
{
    return run(network, NULL, observer, feed, executor, error);
}

hwv_status hwv_session_create(hwv_session **out, const hwv_network *network, hwv_counter *counter, bool outputs,
                              const hwv_executor *executor, hwv_error *error)
{
    *out = NULL;
    stream *s = hwv_calloc(1, sizeof *s);
    if (s == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to run %s", network->name ? network->name : "a network");
    s->network = network;
    s->executor = executor;
    s->counter = counter;
    const hwv_status status = prepare(s, NULL, outputs, error);
    if (status != HWV_OK)
        hwv_session_destroy(s);
    else
        *out = s;
    return status;
}

hwv_status hwv_session_run(hwv_session *session, const hwv_feed *feed, hwv_error *error)
{
    /* What the feed before lent may be gone. */
    for (size_t i = 0; i < session->lane_count; i++)
        HWV_TRY(hwv_runner_lend(&session->lanes[i].runner, NULL, error));
    return shards_run(session, feed, error);
}

void hwv_session_destroy(hwv_session *session)
{
    if (session == NULL)
        return;
    stream_free(session);
    hwv_free(session);
}
