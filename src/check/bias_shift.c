/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * bias_shift: a pass over the data makes a histogram of z for each dead unit, and what is added in front of the
 * activation moves by what brings the upper share of it over the threshold. */
#include <math.h>
#include <string.h>

#include "check/counts.h"
#include "check/fold.h"
#include "check/front.h"
#include "check/stream.h"
#include "check/treatment.h"
#include "halfwave/memory.h"

#define BINS ((size_t)1024)

/* What is to be moved of a unit. */
typedef struct shifted {
    size_t layer, unit;
    double min, max;  /* of z */
    double threshold; /* it fires above */
    uint64_t *looks;  /* [BINS] between them */
} shifted;

typedef struct shifting {
    hwv_treating *t;
    shifted *units;
    size_t count;
    size_t *first; /* by node: its units are units[first[n]] .. units[first[n + 1]] */
    uint64_t *looks;
} shifting;

/* ---- where a bias is ------------------------------------------------------------------------------- */

/* The parameter that is added last in front of the activation; HWV_NO_ID: a product without a bias. */
static hwv_id bias_of(const hwv_network *network, const hwv_front *front)
{
    if (front->shift != HWV_NO_ID)
        return front->shift;
    return front->norm != HWV_NO_ID ? hwv_graph_node_at(network->graph, front->norm)->input[2] : front->bias;
}

static bool reads(const hwv_node *node, hwv_id value)
{
    bool found = false;
    for (size_t i = 1; i < node->input_count; i++)
        found = found || node->input[i] == value;
    return found;
}

/* Whether all that the bias moves is read by the activation alone. */
static bool alone(const hwv_network *network, hwv_id activation, const hwv_front *front, hwv_id bias)
{
    hwv_id value = hwv_graph_node_at(network->graph, activation)->input[0];
    for (;;) {
        const hwv_id producer = hwv_graph_value(network->graph, value)->producer;
        const hwv_node *node = hwv_graph_node_at(network->graph, producer);
        if (hwv_value_readers(network, value, NULL) != 1)
            return false;
        if (producer == front->product || producer == front->norm || (bias != HWV_NO_ID && reads(node, bias)))
            return bias == HWV_NO_ID || hwv_value_readers(network, bias, NULL) == 1;
        value = node->input[0];
    }
}

/* Why units of a layer cannot be shifted; NULL: they can. */
static const char *obstacle(const hwv_treating *t, size_t l, const hwv_front *front)
{
    const hwv_node *node = hwv_graph_node_at(t->network->graph, t->network->layers[l].node);
    if (front->product == HWV_NO_ID && front->norm == HWV_NO_ID)
        return "what is in front of it has no bias that is known";
    if (hwv_count_rule_of(&node->attributes.act, -INFINITY, INFINITY).absolute)
        return "it fires on both sides: no bias wakes its units for certain";
    if (!alone(t->network, t->network->layers[l].node, front, bias_of(t->network, front)))
        return "its bias, or what it reads, is read elsewhere too";
    return NULL;
}

/* ---- which units ----------------------------------------------------------------------------------- */

static size_t asked(const hwv_treating *t)
{
    size_t sum = 0;
    for (size_t l = 0; l < t->network->layer_count; l++)
        sum += t->layers[l].asked;
    return sum;
}

static void layer_pick(shifting *s, size_t l)
{
    const hwv_treating *t = s->t;
    const hwv_network_layer *layer = &t->network->layers[l];
    const hwv_layer_tally *tally = t->diagnosis->layers[l].tally;
    const hwv_front front = hwv_front_find(t->network->graph, layer->node);
    const char *wrong = obstacle(t, l, &front);
    size_t constant = 0;
    if (wrong) {
        hwv_treating_refuse(t, l, "%s", wrong);
        return;
    }
    const hwv_act *act = &hwv_graph_node_at(t->network->graph, layer->node)->attributes.act;
    const double threshold = (double)hwv_count_rule_of(act, -INFINITY, INFINITY).threshold;
    for (size_t u = 0; u < tally->units; u++) {
        const double min = (double)tally->unit[u].min, max = (double)tally->unit[u].max;
        if (!hwv_treating_dead(t, l, u))
            continue;
        if (isfinite(min) && isfinite(max) && min < max)
            s->units[s->count++] = (shifted){.layer = l, .unit = u, .min = min, .max = max, .threshold = threshold};
        else
            constant++;
    }
    if (constant > 0)
        hwv_treating_refuse(t, l, "%zu of its dead units never change, or are not finite: they cannot fire in a share",
                            constant);
}

/* Layers in the order of their nodes, so that units of a node are together. */
static hwv_status pick(shifting *s)
{
    hwv_treating *t = s->t;
    const size_t nodes = hwv_graph_node_count(t->network->graph);
    for (size_t l = 0; l < t->network->layer_count; l++)
        if (hwv_treating_layer(t, l))
            HWV_TRY(hwv_treating_ask(t, l, false));
    const size_t most = asked(t);
    s->units = hwv_calloc(most + 1, sizeof *s->units);
    s->first = hwv_calloc(nodes + 1, sizeof *s->first);
    if (!s->units || !s->first)
        return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory to shift %zu units", most);
    size_t node = 0;
    for (size_t l = 0; l < t->network->layer_count; l++) {
        while (node <= t->network->layers[l].node)
            s->first[node++] = s->count;
        if (t->layers[l].asked > 0)
            layer_pick(s, l);
    }
    while (node <= nodes)
        s->first[node++] = s->count;
    s->looks = hwv_calloc(s->count * BINS + 1, sizeof *s->looks);
    if (!s->looks)
        return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory for the histograms of %zu units", s->count);
    for (size_t i = 0; i < s->count; i++)
        s->units[i].looks = s->looks + i * BINS;
    return HWV_OK;
}

/* ---- looking --------------------------------------------------------------------------------------- */

static void see(void *self, const hwv_observation *seen)
{
    const shifting *s = self;
    for (size_t i = s->first[seen->node]; i < s->first[seen->node + 1]; i++) {
        const shifted *of = &s->units[i];
        const double bins = (double)BINS / (of->max - of->min);
        for (size_t r = 0; r < seen->rows; r++) {
            const double at = ((double)seen->z[r * seen->z_stride + of->unit] - of->min) * bins;
            if (!isnan(at))
                of->looks[at < 0 ? 0 : at < (double)BINS ? (size_t)at : BINS - 1]++;
        }
    }
}

static hwv_status look(shifting *s)
{
    const hwv_observer observer = {.self = s, .forward = see};
    hwv_feed feed;
    HWV_TRY(s->t->source->open(s->t->source->self, &feed, s->t->error));
    return hwv_network_observe(s->t->network, &observer, &feed, s->t->executor, s->t->error);
}

/* ---- moving ---------------------------------------------------------------------------------------- */

/* A z that at least the share of the looks is above: the lower end of a bin. */
static double quantile(const shifted *of, double share)
{
    uint64_t all = 0, above = 0;
    size_t bin = BINS;
    for (size_t b = 0; b < BINS; b++)
        all += of->looks[b];
    while (bin > 0 && (double)above < share * (double)all)
        above += of->looks[--bin];
    return of->min + (of->max - of->min) * (double)bin / (double)BINS;
}

static float *bias_data(const hwv_treating *t, size_t l, uint8_t **fresh)
{
    const hwv_front front = hwv_front_find(t->network->graph, t->network->layers[l].node);
    const hwv_id bias = bias_of(t->network, &front);
    *fresh = NULL;
    if (bias == HWV_NO_ID)
        return hwv_change_bias(t->change, front.product, t->diagnosis->layers[l].tally->units);
    *fresh = hwv_change_fresh(t->change, bias);
    return *fresh ? hwv_change_data(t->change, bias) : NULL;
}

static hwv_status move(shifting *s)
{
    const hwv_treating *t = s->t;
    float *bias = NULL;
    uint8_t *fresh = NULL;
    for (size_t i = 0; i < s->count; i++) {
        const shifted *of = &s->units[i];
        if (i == 0 || of->layer != of[-1].layer)
            bias = bias_data(t, of->layer, &fresh);
        if (bias == NULL)
            return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory for the biases of %s",
                            t->network->layers[of->layer].name);
        bias[of->unit] = (float)((double)bias[of->unit] + of->threshold - quantile(of, t->options->share));
        if (fresh)
            fresh[of->unit] = 1;
        hwv_treating_take(t, of->layer, of->unit);
    }
    return HWV_OK;
}

hwv_status hwv_treat_bias_shift(hwv_treating *t)
{
    shifting s = {.t = t};
    hwv_status status = pick(&s);
    if (status == HWV_OK && s.count > 0)
        status = look(&s);
    if (status == HWV_OK)
        status = move(&s);
    hwv_free(s.units);
    hwv_free(s.first);
    hwv_free(s.looks);
    return status;
}
