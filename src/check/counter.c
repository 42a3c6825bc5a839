/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A counter: an observer of plans that counts all layers of a network. */
#include "check/counter.h"

#include "check/front.h"
#include "check/tally.h"
#include "graph/structure.h"
#include "halfwave/memory.h"

#include <assert.h>
#include <stdatomic.h>
#include <string.h>

struct hwv_counter {
    const hwv_network *network;
    const hwv_executor *executor;
    hwv_tally tally;
    hwv_layer_count *layers;
    hwv_flat *flats;    /* of the layers' activations */
    size_t *layer_of;   /* by node: activations, SIZE_MAX for the others */
    size_t *first_fed;  /* by node: the first layer whose input is that of this product, SIZE_MAX: none */
    size_t *next_fed;   /* by layer: the next one with the same product */
    size_t rows;        /* samples of the next run */
    size_t pending;     /* rows of a group that is not full */
    size_t pieces;      /* of all lanes */
    size_t unsettled;   /* samples of pieces that are in no tally yet */
    atomic_bool missed; /* a plan showed no z: a misuse */
};

/* ---- watching -------------------------------------------------------------------------------------- */

/* Whether it is of a layer, SIZE_MAX: none, and shows what is to be counted in a run of `rows` samples. */
static size_t layer_seen(hwv_counter *counter, size_t rows, const hwv_observation *seen)
{
    size_t l = counter->layer_of[seen->node];
    if (l == SIZE_MAX)
        return l;
    assert(seen->z != NULL);
    if (seen->z != NULL && seen->rows % rows == 0)
        return l;
    counter->missed = true;
    return SIZE_MAX;
}

static void see_layer(void *self, const hwv_observation *seen)
{
    hwv_counter *counter = self;
    size_t l = layer_seen(counter, counter->rows, seen);
    if (l != SIZE_MAX)
        hwv_layer_count_add(&counter->layers[l], counter->executor, counter->rows, seen->rows / counter->rows, seen->z,
                            seen->y);
}

/* Looks of the input of layer l's product at each of `rows` samples; 0: not what a node shows. */
static size_t input_positions(const hwv_counter *counter, size_t l, size_t rows, const hwv_observation *seen)
{
    if (seen->z == NULL)
        return 0;
    const size_t looks = seen->rows * seen->cols / counter->tally.layers[l].features;
    return looks % rows == 0 ? looks / rows : 0;
}

static bool feeds(void *self, hwv_id node)
{
    return ((const hwv_counter *)self)->first_fed[node] != SIZE_MAX;
}

static void see_node(void *self, const hwv_observation *seen)
{
    hwv_counter *counter = self;
    for (size_t l = counter->first_fed[seen->node]; l != SIZE_MAX; l = counter->next_fed[l]) {
        const size_t positions = input_positions(counter, l, counter->rows, seen);
        if (positions > 0)
            hwv_layer_count_input(&counter->layers[l], counter->executor, counter->rows, positions, seen->z);
    }
}

hwv_observer hwv_counter_observer(hwv_counter *counter)
{
    return (hwv_observer){.self = counter, .forward = see_layer, .node = see_node, .chooses = feeds};
}

void hwv_counter_rows(hwv_counter *counter, size_t rows)
{
    size_t group = counter->tally.group;
    counter->rows = rows;
    counter->tally.rows += rows;
    counter->tally.samples += (counter->pending + rows) / group;
    counter->pending = (counter->pending + rows) % group;
}

/* ---- lanes ----------------------------------------------------------------------------------------- */

static bool lane_activate(void *self, hwv_id node, size_t first, size_t rows, const float *z, float *y)
{
    hwv_counter_lane *lane = self;
    const size_t l = lane->counter->layer_of[node];
    if (l == SIZE_MAX)
        return false;
    if (lane->activation.node != node) {
        lane->activation.node = node;
        lane->activation.next = lane->activation.done = 0;
    }
    return hwv_layer_count_activate(&lane->counter->layers[l], lane->part, lane->before, first, rows, z, y,
                                    &lane->activation);
}

static void lane_see_layer(void *self, const hwv_observation *seen)
{
    hwv_counter_lane *lane = self;
    const size_t done = lane->activation.node == seen->node ? lane->activation.done : 0;
    lane->activation.node = HWV_NO_ID;
    size_t l = layer_seen(lane->counter, lane->rows, seen);
    if (l != SIZE_MAX)
        hwv_layer_count_part(&lane->counter->layers[l], lane->part, lane->before, lane->rows, done,
                             seen->rows / lane->rows, seen->z, seen->y);
}

static bool lane_feeds(void *self, hwv_id node)
{
    return feeds(((const hwv_counter_lane *)self)->counter, node);
}

/* The layer whose input a node's is, where it is the only one and may come in pieces; SIZE_MAX. */
static size_t layer_of_pieces(const hwv_counter_lane *lane, hwv_id node, size_t rows, size_t columns)
{
    const hwv_counter *counter = lane->counter;
    const size_t l = counter->first_fed[node];
    if (l == SIZE_MAX || counter->next_fed[l] != SIZE_MAX || rows != lane->rows || rows > lane->squares_room ||
        columns != counter->tally.layers[l].features || !hwv_layer_count_pieces(&counter->layers[l], rows))
        return SIZE_MAX;
    return l;
}

static void lane_see_piece(void *self, const hwv_observed_piece *seen)
{
    hwv_counter_lane *lane = self;
    const size_t l = layer_of_pieces(lane, seen->node, seen->all_rows, seen->x_stride);
    if (l == SIZE_MAX)
        return;
    lane->fed = seen->node;
    hwv_layer_count_input_piece(&lane->counter->layers[l], lane->part, seen, lane->squares);
}

static void lane_see_node(void *self, const hwv_observation *seen)
{
    hwv_counter_lane *lane = self;
    hwv_counter *counter = lane->counter;
    if (lane->fed == seen->node) {
        lane->fed = HWV_NO_ID;
        hwv_layer_count_input_whole(&counter->layers[counter->first_fed[seen->node]], lane->part, lane->rows, seen->z,
                                    lane->squares);
        return;
    }
    for (size_t l = counter->first_fed[seen->node]; l != SIZE_MAX; l = counter->next_fed[l]) {
        const size_t positions = input_positions(counter, l, lane->rows, seen);
        if (positions > 0)
            hwv_layer_count_input_part(&counter->layers[l], lane->part, lane->rows, positions, seen->z);
    }
}

bool hwv_counter_has_lanes(const hwv_counter *counter)
{
    return counter->tally.group == 1;
}

hwv_observer hwv_counter_lane_observer(hwv_counter_lane *lane)
{
    return (hwv_observer){.self = lane,
                          .forward = lane_see_layer,
                          .node = lane_see_node,
                          .chooses = lane_feeds,
                          .piece = lane_see_piece,
                          .activate = lane_activate};
}

hwv_status hwv_counter_lane_init(hwv_counter_lane *lane, hwv_counter *counter, size_t rows, hwv_error *error)
{
    *lane = (hwv_counter_lane){.counter = counter, .fed = HWV_NO_ID, .activation.node = HWV_NO_ID};
    size_t states = 0, bytes;
    for (size_t l = 0; l < counter->network->layer_count; l++)
        if (counter->layers[l].activates > 0 && states < hwv_count_states(counter->tally.layers[l].units))
            states = hwv_count_states(counter->tally.layers[l].units);
    if (!hwv_size_mul(rows, sizeof *lane->squares, &bytes) || bytes > SIZE_MAX / 2)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to count runs of %zu samples", rows);
    HWV_TRY(hwv_arena_init(&lane->memory, bytes + states * sizeof *lane->activation.states, error));
    lane->squares = hwv_arena_take(&lane->memory, bytes);
    lane->activation.states = hwv_arena_take(&lane->memory, states * sizeof *lane->activation.states);
    lane->squares_room = rows;
    return HWV_OK;
}

void hwv_counter_lane_free(hwv_counter_lane *lane)
{
    hwv_arena_free(&lane->memory);
    *lane = (hwv_counter_lane){0};
}

static void settle_task(void *context, size_t l, size_t worker)
{
    (void)worker;
    hwv_layer_count_settle(&((hwv_counter *)context)->layers[l]);
}

static void settle(hwv_counter *counter)
{
    hwv_executor_run(counter->executor, counter->tally.layer_count, settle_task, counter);
    counter->unsettled = 0;
}

void hwv_counter_piece(hwv_counter_lane *lane, size_t rows)
{
    hwv_counter *counter = lane->counter;
    bool full = false;
    for (size_t l = 0; hwv_counter_round_ends(counter) && l < counter->tally.layer_count; l++)
        full = full || hwv_layer_count_full(&counter->layers[l]);
    if (full)
        settle(counter);
    lane->part = counter->pieces++ % HWV_COUNT_PARTS;
    lane->rows = 0;
    lane->before = counter->unsettled;
    counter->unsettled += rows;
    hwv_counter_rows(counter, rows);
}

void hwv_counter_run(hwv_counter_lane *lane, size_t rows)
{
    lane->before += lane->rows;
    lane->rows = rows;
}

bool hwv_counter_round_ends(const hwv_counter *counter)
{
    return counter->pieces % HWV_COUNT_PARTS == 0;
}

/* ---- ends ------------------------------------------------------------------------------------------ */

static void close_task(void *context, size_t l, size_t worker)
{
    (void)worker;
    hwv_layer_count_close(&((hwv_counter *)context)->layers[l]);
}

void hwv_counter_close(hwv_counter *counter)
{
    counter->pieces = counter->unsettled = 0;
    counter->tally.samples += counter->pending > 0;
    counter->pending = 0;
    hwv_executor_run(counter->executor, counter->tally.layer_count, close_task, counter);
}

/* ---- life ------------------------------------------------------------------------------------------ */

static hwv_status layer_init(hwv_counter *counter, size_t l, hwv_error *error)
{
    const hwv_network *network = counter->network;
    const hwv_network_layer *layer = &network->layers[l];
    const hwv_node *node = hwv_graph_node_at(network->graph, layer->node);
    const hwv_shape *shape = &hwv_graph_value(network->graph, node->output[0])->shape;
    const size_t units = shape->dim[shape->rank - 1];
    size_t elements;
    hwv_act act;
    hwv_front front = hwv_front_find(network->graph, layer->node);
    (void)hwv_node_activates(node, &act);
    HWV_TRY(
        hwv_layer_tally_init(&counter->tally.layers[l], layer->name, layer->op, &act, units, front.features, error));
    counter->tally.layer_count = l + 1;
    counter->layer_of[layer->node] = l;
    HWV_TRY(hwv_layer_count_init(&counter->layers[l], &counter->tally.layers[l], counter->flats[l],
                                 counter->tally.group, error));
    if (!hwv_shape_elements(shape, 1, &elements))
        return hwv_fail(error, HWV_ERR_MEMORY, "%s is too large to be counted", layer->name);
    const size_t positions = elements / units;
    if (node->kind == HWV_NODE_GATE)
        return hwv_layer_count_gate(&counter->layers[l], positions, error);
    /* A few looks are worth no state. On any set: another one may be in force when it comes to it. */
    if (hwv_shape_batched(shape) && positions >= 16 && positions < 65536 && counter->layers[l].rule.by_z)
        counter->layers[l].activates = positions;
    return positions == 1 && hwv_counter_has_lanes(counter) ? hwv_layer_count_wait(&counter->layers[l], error) : HWV_OK;
}

/* Empty layers for the next counts. */
static hwv_status layers_init(hwv_counter *counter, hwv_error *error)
{
    size_t count = counter->network->layer_count, group = counter->tally.group;
    counter->tally = (hwv_tally){.group = group};
    counter->tally.model = hwv_strdup(counter->network->name ? counter->network->name : "");
    counter->tally.layers = hwv_calloc(count ? count : 1, sizeof *counter->tally.layers);
    if (!counter->tally.model || !counter->tally.layers)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu layers", count);
    for (size_t l = 0; l < count; l++)
        HWV_TRY(layer_init(counter, l, error));
    return HWV_OK;
}

/* The search is worth doing once for all layers of an activation. */
static void flats_find(hwv_counter *counter)
{
    const hwv_network *network = counter->network;
    for (size_t l = 0; l < network->layer_count; l++) {
        hwv_act act, other;
        size_t same = 0;
        (void)hwv_node_activates(hwv_graph_node_at(network->graph, network->layers[l].node), &act);
        while (same < l) {
            (void)hwv_node_activates(hwv_graph_node_at(network->graph, network->layers[same].node), &other);
            if (other.op == act.op && memcmp(other.param, act.param, sizeof act.param) == 0)
                break;
            same++;
        }
        counter->flats[l] = same < l ? counter->flats[same] : hwv_flat_find(&act);
    }
}

/* From the last layer on, so that chains are in order. */
static void products_find(hwv_counter *counter)
{
    const hwv_network *network = counter->network;
    for (size_t l = network->layer_count; l-- > 0;) {
        const hwv_id product = hwv_front_find(network->graph, network->layers[l].node).product;
        if (product == HWV_NO_ID)
            continue;
        counter->next_fed[l] = counter->first_fed[product];
        counter->first_fed[product] = l;
    }
}

static hwv_status init(hwv_counter *counter, hwv_error *error)
{
    size_t nodes = hwv_graph_node_count(counter->network->graph), count = counter->network->layer_count;
    counter->layer_of = hwv_calloc(nodes ? nodes : 1, sizeof *counter->layer_of);
    counter->first_fed = hwv_calloc(nodes ? nodes : 1, sizeof *counter->first_fed);
    counter->layers = hwv_calloc(count ? count : 1, sizeof *counter->layers);
    counter->next_fed = hwv_calloc(count ? count : 1, sizeof *counter->next_fed);
    counter->flats = hwv_calloc(count ? count : 1, sizeof *counter->flats);
    if (!counter->layer_of || !counter->first_fed || !counter->layers || !counter->next_fed || !counter->flats)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to count %zu layers", count);
    for (size_t n = 0; n < nodes; n++)
        counter->layer_of[n] = counter->first_fed[n] = SIZE_MAX;
    flats_find(counter);
    products_find(counter);
    return layers_init(counter, error);
}

hwv_status hwv_counter_create(hwv_counter **out, const hwv_network *network, size_t group, const hwv_executor *executor,
                              hwv_error *error)
{
    *out = NULL;
    if (group == 0)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "groups of 0 samples; 1 or more are accepted");
    hwv_counter *counter = hwv_calloc(1, sizeof *counter);
    if (counter == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a counter");
    counter->network = network;
    counter->executor = executor;
    counter->tally.group = group;
    counter->rows = 1;
    hwv_status status = init(counter, error);
    if (status != HWV_OK)
        hwv_counter_destroy(counter);
    else
        *out = counter;
    return status;
}

static void layers_free(hwv_counter *counter)
{
    for (size_t l = 0; counter->layers && l < counter->network->layer_count; l++)
        hwv_layer_count_free(&counter->layers[l]);
}

void hwv_counter_destroy(hwv_counter *counter)
{
    if (counter == NULL)
        return;
    layers_free(counter);
    hwv_tally_free(&counter->tally);
    hwv_free(counter->layers);
    hwv_free(counter->next_fed);
    hwv_free(counter->flats);
    hwv_free(counter->layer_of);
    hwv_free(counter->first_fed);
    hwv_free(counter);
}

hwv_status hwv_counter_take(hwv_counter *counter, hwv_tally *tally, hwv_error *error)
{
    hwv_counter_close(counter);
    if (counter->missed)
        return hwv_fail(error, HWV_ERR_INTERNAL, "a plan did not show the pre-activations that were to be counted");
    hwv_tally whole = counter->tally;
    layers_free(counter);
    hwv_status status = layers_init(counter, error);
    if (status != HWV_OK) {
        hwv_tally_free(&whole);
        return status;
    }
    *tally = whole;
    return HWV_OK;
}
