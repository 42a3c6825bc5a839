/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the tests of the check share: networks from layer notation, samples from memory. Included after cmocka.h. */
#ifndef TESTS_CHECK_SUPPORT_H
#define TESTS_CHECK_SUPPORT_H

#include <math.h>
#include <string.h>

#include "halfwave/fix.h"
#include "halfwave/memory.h"
#include "halfwave/random.h"

static inline void must(hwv_status status, const hwv_error *error)
{
    if (status != HWV_OK)
        fail_msg("%s: %s", hwv_status_name(status), error->text);
}

static inline void normals(float *x, size_t count, uint64_t seed)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)hwv_random_normal(seed, HWV_STREAM_TEST, 0, i);
}

/* He weights, biases 0, as the model initialises them. */
static inline hwv_network network_of(const char *notation, const char *act, size_t rank, const size_t *dims,
                                     size_t classes, uint64_t seed)
{
    hwv_model_options options = {.rank = rank, .classes = classes};
    hwv_model model;
    hwv_network network;
    hwv_error error;
    must(hwv_model_act_parse(&options.act, act, &error), &error);
    memcpy(options.dims, dims, rank * sizeof *dims);
    must(hwv_model_build(&model, notation, &options, &error), &error);
    hwv_model_initialise(&model, HWV_INIT_HE, seed);
    must(hwv_network_of_model(&network, &model, notation, &error), &error);
    return network;
}

static inline float *parameter(const hwv_network *network, const char *name)
{
    const hwv_id id = hwv_graph_find(network->graph, name);
    assert_true(id != HWV_NO_ID);
    return hwv_weights_data(network->weights, id);
}

/* After nodes were added to the graph: weights with what those before hold. */
static inline void weights_renew(hwv_network *network)
{
    hwv_weights *before = network->weights;
    size_t elements;
    hwv_error error;
    must(hwv_weights_create(&network->weights, network->graph, &error), &error);
    const float *block = hwv_weights_block(before, &elements);
    memcpy(hwv_weights_block(network->weights, &(size_t){0}), block, elements * sizeof *block);
    hwv_weights_destroy(before);
}

/* Samples of one input, `each` floats, in shards that end where `cut` says (ascending, the last is all of them). */
typedef struct sample_feed {
    const float *x;
    size_t each, at, cut_count, shard;
    const size_t *cut;
} sample_feed;

static inline hwv_status samples_next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    sample_feed *s = self;
    const size_t left = s->cut[s->shard] - s->at;
    (void)error;
    *got = left < rows ? left : rows;
    if (*got > 0)
        memcpy(into[0], s->x + s->at * s->each, *got * s->each * sizeof(float));
    s->at += *got;
    return HWV_OK;
}

static inline bool samples_more(void *self)
{
    sample_feed *s = self;
    return ++s->shard < s->cut_count;
}

static inline hwv_feed feed_of(sample_feed *s)
{
    return (hwv_feed){.self = s, .next = samples_next, .more = samples_more};
}

/* The same from the beginning, as often as it is opened. `opened`: how often. */
typedef struct sample_source {
    sample_feed feed;
    size_t opened;
} sample_source;

static inline hwv_status samples_open(void *self, hwv_feed *feed, hwv_error *error)
{
    sample_source *s = self;
    (void)error;
    s->feed.at = s->feed.shard = 0;
    s->opened++;
    *feed = feed_of(&s->feed);
    return HWV_OK;
}

static inline hwv_source source_of(sample_source *s)
{
    return (hwv_source){.self = s, .open = samples_open};
}

/* Counts samples first .. last. */
static inline hwv_tally count_of(const hwv_network *network, const float *x, size_t each, size_t first, size_t last,
                                 size_t group, const hwv_executor *executor)
{
    const size_t cut = last - first;
    sample_feed s = {.x = x + first * each, .each = each, .cut = &cut, .cut_count = 1};
    const hwv_feed feed = feed_of(&s);
    hwv_counter *counter;
    hwv_tally tally;
    hwv_error error;
    must(hwv_counter_create(&counter, network, group, executor, &error), &error);
    must(hwv_network_stream(network, counter, &feed, executor, &error), &error);
    must(hwv_counter_take(counter, &tally, &error), &error);
    hwv_counter_destroy(counter);
    return tally;
}

#endif
