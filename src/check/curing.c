/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Cures while training. */
#include <string.h>

#include "check/treatment.h"
#include "halfwave/memory.h"

/* What is saved with a checkpoint: the rate's scale, then a byte for each unit that was dead in the last count. */
typedef struct state {
    double scale;
    uint8_t dead[];
} state;

struct hwv_curing {
    hwv_cure cure;
    hwv_model *model;
    const hwv_train_options *options;
    hwv_network network; /* borrows the graph and the weights of the model */
    size_t units;
    state *state;
    bool *free;         /* prelu: units whose slope is learned */
    float *moments[2];  /* of the trainer; NULL: none, or no step yet */
    hwv_data_part part; /* of the data, what is counted */
    hwv_part_feed feed;
    hwv_cured *events;
    size_t event_count, event_capacity;
};

static hwv_status no_memory(hwv_error *error)
{
    return hwv_fail(error, HWV_ERR_MEMORY, "no memory to cure units");
}

hwv_status hwv_cure_act(hwv_model_act *act, hwv_cure cure, hwv_error *error)
{
    const hwv_act *was = &act->act;
    if (cure != HWV_CURE_PRELU)
        return HWV_OK;
    if (act->gated || (was->op != HWV_OP_RELU && !(was->op == HWV_OP_PRELU && was->param[0] == 0)))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "the cure prelu is for relu; the activation is %s",
                        hwv_model_act_name(act));
    act->act = hwv_act_make(HWV_OP_PRELU);
    act->act.param[0] = 0;
    return HWV_OK;
}

/* ---- life ---- */

static hwv_status borrow(hwv_curing *c, hwv_error *error)
{
    hwv_model copy = *c->model;
    copy.notation = NULL;
    return hwv_network_of_model(&c->network, &copy, "training", error);
}

static const hwv_node *layer_node(const hwv_curing *c, size_t l)
{
    return hwv_graph_node_at(c->network.graph, c->network.layers[l].node);
}

static size_t layer_units(const hwv_curing *c, size_t l)
{
    const hwv_shape *shape = &hwv_graph_value(c->network.graph, layer_node(c, l)->output[0])->shape;
    return shape->dim[shape->rank - 1];
}

static hwv_status prepare(hwv_curing *c, hwv_error *error)
{
    HWV_TRY(borrow(c, error));
    for (size_t l = 0; l < c->network.layer_count; l++) {
        if (c->cure == HWV_CURE_RECYCLE && layer_node(c, l)->kind == HWV_NODE_GATE)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "'%s' is a gated pair, %s, whose units the cure recycle leaves",
                            c->network.layers[l].name, c->network.layers[l].op);
        c->units += layer_units(c, l);
    }
    c->state = hwv_calloc(1, sizeof *c->state + c->units);
    c->free = hwv_calloc(c->units + 1, sizeof *c->free);
    if (c->state == NULL || c->free == NULL)
        return no_memory(error);
    c->state->scale = 1;
    return HWV_OK;
}

hwv_status hwv_curing_create(hwv_curing **curing, hwv_model *model, const hwv_data *data,
                             const hwv_train_options *options, hwv_error *error)
{
    hwv_curing *c = *curing = hwv_calloc(1, sizeof *c);
    if (c == NULL)
        return no_memory(error);
    c->cure = options->cure;
    c->model = model;
    c->part = hwv_data_some(data, &data->train, HWV_CURING_BLOCKS);
    c->feed = (hwv_part_feed){.data = data,
                              .part = &c->part,
                              .count = c->part.count < HWV_CURING_SAMPLES ? c->part.count : HWV_CURING_SAMPLES};
    c->options = options;
    hwv_status status = prepare(c, error);
    if (status != HWV_OK) {
        hwv_curing_destroy(c);
        *curing = NULL;
    }
    return status;
}

void hwv_curing_destroy(hwv_curing *c)
{
    if (c == NULL)
        return;
    c->network.graph = NULL;
    c->network.weights = NULL;
    hwv_network_free(&c->network);
    hwv_free(c->state);
    hwv_free(c->free);
    hwv_free(c->events);
    hwv_free(c);
}

void hwv_curing_attach(hwv_curing *c, hwv_train_hooks *hooks)
{
    hooks->state = c->state;
    hooks->state_size = sizeof *c->state + c->units;
    hooks->rate_scale = &c->state->scale;
}

/* ---- counting ---- */

static hwv_status open_feed(void *self, hwv_feed *feed, hwv_error *error)
{
    hwv_curing *c = self;
    (void)error;
    *feed = hwv_part_feed_open(&c->feed);
    return HWV_OK;
}

static hwv_status count(hwv_curing *c, hwv_tally *tally, hwv_diagnosis *diagnosis, hwv_error *error)
{
    const hwv_diagnosis_options options = hwv_diagnosis_defaults();
    const hwv_feed feed = hwv_part_feed_open(&c->feed);
    HWV_TRY(hwv_network_count(tally, &c->network, 1, &feed, c->options->executor, error));
    return hwv_diagnose(diagnosis, tally, &c->network, &options, error);
}

/* Is a unit dead? One of a prelu that is held at 0 is what one of relu is. */
static bool is_dead(const hwv_curing *c, const hwv_layer_diagnosis *layer, size_t unit, size_t all)
{
    bool held = c->cure == HWV_CURE_PRELU && !c->free[all];
    unsigned is = layer->unit[unit].is;
    return (is & HWV_UNIT_DEAD) ||
           (held && (is & HWV_UNIT_SILENT) && layer->tally->samples >= hwv_samples_needed(0.01));
}

/* ---- acting ---- */

static hwv_status remember(hwv_curing *c, size_t epoch, size_t layer, size_t units, hwv_error *error)
{
    if (units == 0)
        return HWV_OK;
    if (c->event_count == c->event_capacity) {
        size_t larger = c->event_capacity > 0 ? 2 * c->event_capacity : 16;
        hwv_cured *events = hwv_realloc(c->events, larger, sizeof *events);
        if (events == NULL)
            return no_memory(error);
        c->events = events;
        c->event_capacity = larger;
    }
    c->events[c->event_count++] =
        (hwv_cured){.epoch = epoch, .layer = layer, .name = c->network.layers[layer].name, .units = units};
    return HWV_OK;
}

/* Weights and, where they are fresh, moments, in place. */
static void carry_out(hwv_curing *c, const hwv_change *change)
{
    hwv_change_write(change, c->network.weights);
    for (size_t v = 0; v < change->value_count; v++) {
        const uint8_t *fresh = change->values[v].fresh;
        const size_t offset = hwv_weights_offset(c->network.weights, (hwv_id)v);
        const size_t elements = hwv_weights_elements(c->network.weights, (hwv_id)v);
        for (size_t m = 0; m < 2; m++)
            for (size_t e = 0; fresh && c->moments[m] && e < elements; e++)
                if (fresh[e])
                    c->moments[m][offset + e] = 0;
    }
}

static hwv_status recycle(hwv_curing *c, const hwv_diagnosis *diagnosis, size_t epoch, hwv_error *error)
{
    hwv_treatment_options options = hwv_treatment_defaults();
    const hwv_source source = {.self = c, .open = open_feed};
    const size_t layers = c->network.layer_count;
    hwv_change change;
    options.seed = c->options->seed + epoch * UINT64_C(0x9e3779b97f4a7c15);
    HWV_TRY(hwv_change_create(&change, &c->network, error));
    hwv_treating treating = {.network = &c->network,
                             .diagnosis = diagnosis,
                             .options = &options,
                             .source = &source,
                             .executor = c->options->executor,
                             .change = &change,
                             .layers = hwv_calloc(layers + 1, sizeof *treating.layers),
                             .error = error};
    hwv_status status = treating.layers ? HWV_OK : no_memory(error);
    for (size_t l = 0; status == HWV_OK && l < layers; l++)
        treating.layers[l].layer = l;
    if (status == HWV_OK)
        status = hwv_treat_recycle(&treating);
    if (status == HWV_OK)
        carry_out(c, &change);
    for (size_t l = 0; treating.layers && l < layers; l++) {
        if (status == HWV_OK)
            status = remember(c, epoch, l, treating.layers[l].count, error);
        hwv_free(treating.layers[l].units);
    }
    hwv_free(treating.layers);
    hwv_change_free(&change);
    return status;
}

/* The slopes of a layer; NULL: it has none. */
static float *slopes_of(const hwv_curing *c, size_t l, size_t *offset)
{
    const hwv_node *node = layer_node(c, l);
    if (node->attributes.act.op != HWV_OP_PRELU || node->attributes.act.param[0] != 0)
        return NULL;
    *offset = hwv_weights_offset(c->network.weights, node->input[1]);
    return hwv_weights_data(c->network.weights, node->input[1]);
}

static hwv_status let_go(hwv_curing *c, const hwv_diagnosis *d, size_t epoch, hwv_error *error)
{
    for (size_t l = 0, first = 0; l < d->layer_count; first += d->layers[l++].tally->units) {
        size_t offset, units = 0;
        float *slopes = slopes_of(c, l, &offset);
        for (size_t u = 0; slopes && u < d->layers[l].tally->units; u++)
            if (!c->free[first + u] && is_dead(c, &d->layers[l], u, first + u)) {
                c->free[first + u] = true;
                slopes[u] = HWV_CURING_SLOPE;
                units++;
            }
        HWV_TRY(remember(c, epoch, l, units, error));
    }
    return HWV_OK;
}

static hwv_status slow_down(hwv_curing *c, const hwv_diagnosis *d, size_t epoch, hwv_error *error)
{
    bool died = false;
    for (size_t l = 0, first = 0; l < d->layer_count; first += d->layers[l++].tally->units) {
        size_t units = 0;
        for (size_t u = 0; u < d->layers[l].tally->units; u++)
            units += is_dead(c, &d->layers[l], u, first + u) && !c->state->dead[first + u];
        died = died || units > 0;
        HWV_TRY(remember(c, epoch, l, units, error));
    }
    if (died)
        c->state->scale /= 2;
    return HWV_OK;
}

static void mark(hwv_curing *c, const hwv_diagnosis *d)
{
    for (size_t l = 0, all = 0; l < d->layer_count; l++)
        for (size_t u = 0; u < d->layers[l].tally->units; u++, all++)
            c->state->dead[all] = is_dead(c, &d->layers[l], u, all);
}

static hwv_status act(hwv_curing *c, const hwv_diagnosis *diagnosis, size_t epoch, hwv_error *error)
{
    if (c->cure == HWV_CURE_RECYCLE)
        HWV_TRY(recycle(c, diagnosis, epoch, error));
    else if (c->cure == HWV_CURE_PRELU)
        HWV_TRY(let_go(c, diagnosis, epoch, error));
    else
        HWV_TRY(slow_down(c, diagnosis, epoch, error));
    mark(c, diagnosis);
    return HWV_OK;
}

/* act_on false: only what is dead is noted. */
static hwv_status look(hwv_curing *c, bool act_on, size_t epoch, hwv_error *error)
{
    hwv_tally tally = {0};
    hwv_diagnosis diagnosis = {0};
    hwv_status status = count(c, &tally, &diagnosis, error);
    if (status == HWV_OK && act_on)
        status = act(c, &diagnosis, epoch, error);
    else if (status == HWV_OK)
        mark(c, &diagnosis);
    hwv_diagnosis_free(&diagnosis);
    hwv_tally_free(&tally);
    return status;
}

hwv_status hwv_curing_begin(hwv_curing *c, bool resumed, hwv_error *error)
{
    for (size_t l = 0, first = 0; l < c->network.layer_count; first += layer_units(c, l++)) {
        size_t offset;
        const float *slopes = slopes_of(c, l, &offset);
        for (size_t u = 0; slopes && u < layer_units(c, l); u++)
            c->free[first + u] = slopes[u] != 0;
    }
    return resumed || c->cure != HWV_CURE_RATE ? HWV_OK : look(c, false, 0, error);
}

void hwv_curing_step(hwv_curing *c, const hwv_step *step)
{
    c->moments[0] = step->moment1;
    c->moments[1] = step->moment2;
    if (c->cure != HWV_CURE_PRELU)
        return;
    for (size_t l = 0, first = 0; l < c->network.layer_count; first += layer_units(c, l++)) {
        size_t offset;
        float *slopes = slopes_of(c, l, &offset);
        for (size_t u = 0; slopes && u < layer_units(c, l); u++) {
            if (c->free[first + u])
                continue;
            slopes[u] = 0;
            for (size_t m = 0; m < 2; m++)
                if (c->moments[m])
                    c->moments[m][offset + u] = 0;
        }
    }
}

hwv_status hwv_curing_epoch(hwv_curing *c, size_t epoch, hwv_error *error)
{
    return look(c, true, epoch, error);
}

size_t hwv_curing_events(const hwv_curing *c, const hwv_cured **events)
{
    *events = c->events;
    return c->event_count;
}

double hwv_curing_rate_scale(const hwv_curing *c)
{
    return c->state->scale;
}
