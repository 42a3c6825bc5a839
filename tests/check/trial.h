/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A treatment of a network over samples, and what the network becomes. Included after support.h. */
#ifndef TESTS_CHECK_TRIAL_H
#define TESTS_CHECK_TRIAL_H

#include "check/treatment.h"
#include "sketch.h"

enum { TRIAL_SAMPLES = 64 };

typedef struct trial {
    hwv_network network; /* owned */
    sample_source samples;
    size_t cut;
    hwv_source source;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
    hwv_change change;
    hwv_layer_treatment *layers;
    hwv_error error;
} trial;

/* 64 samples are enough for a bound of 5 %. */
static inline void trial_begin(trial *t, hwv_network network, const float *x)
{
    hwv_diagnosis_options options = hwv_diagnosis_defaults();
    const hwv_shape *shape = &network.inputs[0].shape;
    size_t each = 1;
    for (size_t d = 1; d < shape->rank; d++)
        each *= shape->dim[d];
    *t = (trial){.network = network, .cut = TRIAL_SAMPLES};
    t->samples.feed = (sample_feed){.x = x, .each = each, .cut = &t->cut, .cut_count = 1};
    t->source = source_of(&t->samples);
    t->tally = count_of(&t->network, x, each, 0, TRIAL_SAMPLES, 1, NULL);
    options.bound = 0.05;
    must(hwv_diagnose(&t->diagnosis, &t->tally, &t->network, &options, &t->error), &t->error);
}

static inline hwv_status trial_try(trial *t, hwv_treatment_make *make, const hwv_treatment_options *options)
{
    static const hwv_treatment_options usual = {.seed = 1};
    hwv_treating treating = {.network = &t->network,
                             .diagnosis = &t->diagnosis,
                             .options = options ? options : &usual,
                             .source = &t->source,
                             .change = &t->change,
                             .error = &t->error};
    HWV_TRY(hwv_change_create(&t->change, &t->network, &t->error));
    t->layers = treating.layers = hwv_calloc(t->network.layer_count + 1, sizeof *t->layers);
    if (t->layers == NULL)
        return hwv_fail(&t->error, HWV_ERR_MEMORY, "no memory");
    for (size_t l = 0; l < t->network.layer_count; l++)
        t->layers[l].layer = l;
    return make(&treating);
}

static inline void trial_make(trial *t, hwv_treatment_make *make, const hwv_treatment_options *options)
{
    must(trial_try(t, make, options), &t->error);
}

static inline void trial_unmake(trial *t)
{
    for (size_t l = 0; t->layers && l < t->network.layer_count; l++)
        hwv_free(t->layers[l].units);
    hwv_free(t->layers);
    t->layers = NULL;
    hwv_change_free(&t->change);
}

/* How far the outputs of the network move with the change. */
static inline hwv_output_change trial_move(trial *t)
{
    hwv_network changed = rebuild(&t->change);
    hwv_output_change moved;
    must(hwv_network_compare(&moved, &t->network, &changed, &t->source, NULL, &t->error), &t->error);
    assert_int_equal(moved.samples, TRIAL_SAMPLES);
    hwv_network_free(&changed);
    return moved;
}

static inline void trial_end(trial *t)
{
    trial_unmake(t);
    hwv_diagnosis_free(&t->diagnosis);
    hwv_tally_free(&t->tally);
    hwv_network_free(&t->network);
}

/* Units of a layer that never fire: the bias or batch norm in front of its activation goes far below. */
static inline void trial_kill(const hwv_network *network, size_t layer, size_t unit)
{
    const hwv_graph *graph = network->graph;
    const hwv_node *act = hwv_graph_node_at(graph, network->layers[layer].node);
    const hwv_node *node = hwv_graph_node_at(graph, hwv_graph_value(graph, act->input[0])->producer);
    assert_true(node->kind == HWV_NODE_BIAS || node->kind == HWV_NODE_BATCH_NORM);
    hwv_weights_data(network->weights, node->input[node->kind == HWV_NODE_BIAS ? 1 : 2])[unit] = -1000;
}

#endif
