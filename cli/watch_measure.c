/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What is measured of a network in training after an epoch: units on a part of the data, gradients and attention on the
 * first samples of it. */
#include "halfwave/memory.h"
#include "watch.h"

/* Labels that gradients are measured with at most, and samples that attention is: enough for a mean. */
#define FLOW_LABELS       ((size_t)1024)
#define ATTENTION_SAMPLES ((size_t)16)

typedef struct measuring {
    const hwv_network *network;
    const hwv_data *data;
    const hwv_data_part *part;
    const hwv_executor *executor;
    hwv_error *error;
} measuring;

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static hwv_feed feed_of(const measuring *m, hwv_part_feed *feed, size_t samples)
{
    *feed = (hwv_part_feed){.data = m->data, .part = m->part, .count = least(samples, m->part->count)};
    return hwv_part_feed_open(feed);
}

static hwv_status units(const measuring *m, hwv_cli_measured *measured)
{
    hwv_part_feed part;
    const hwv_feed feed = feed_of(m, &part, m->part->count);
    const hwv_diagnosis_options options = hwv_diagnosis_defaults();
    HWV_TRY(hwv_network_count(&measured->tally, m->network, 1, &feed, m->executor, m->error));
    return hwv_diagnose(&measured->diagnosis, &measured->tally, NULL, &options, m->error);
}

/* Labels of the first samples of a text: the tokens that follow. NULL: no memory. */
static int32_t *text_labels(const measuring *m, size_t samples)
{
    const size_t tokens = samples * m->data->block;
    int32_t *both = hwv_calloc(tokens, 2 * sizeof *both);
    if (both != NULL)
        hwv_data_gather_tokens(m->data, m->part, NULL, 0, samples, both + tokens, both);
    return both;
}

static hwv_status gradients(const measuring *m, hwv_cli_measured *measured)
{
    const size_t labels = hwv_data_labels(m->data), most = labels < FLOW_LABELS ? FLOW_LABELS / labels : 1;
    const size_t samples = least(most, m->part->count);
    hwv_part_feed part;
    const hwv_feed feed = feed_of(m, &part, samples);
    int32_t *owned = m->part->tokens ? text_labels(m, samples) : NULL;
    const int32_t *of = m->part->tokens ? owned : m->part->labels;
    if (of == NULL)
        return hwv_fail(m->error, HWV_ERR_MEMORY, "no memory for the labels of %zu samples", samples);
    const hwv_status status = hwv_flow_measure(&measured->flow, m->network, &feed, of, samples, m->executor, m->error);
    hwv_free(owned);
    return status == HWV_ERR_UNSUPPORTED ? HWV_OK : status;
}

hwv_status hwv_cli_watch_measure(hwv_cli_measured *measured, const hwv_network *network, const hwv_data *data,
                                 const hwv_data_part *part, const hwv_executor *executor, hwv_error *error)
{
    const measuring m = {network, data, part, executor, error};
    hwv_part_feed attending;
    HWV_TRY(units(&m, measured));
    HWV_TRY(gradients(&m, measured));
    const hwv_feed feed = feed_of(&m, &attending, ATTENTION_SAMPLES);
    return hwv_attention_entropy_measure(&measured->attention, &measured->attention_count, network, &feed, executor,
                                         error);
}

void hwv_cli_measured_free(hwv_cli_measured *measured)
{
    hwv_diagnosis_free(&measured->diagnosis);
    hwv_tally_free(&measured->tally);
    hwv_flow_free(&measured->flow);
    hwv_attention_entropy_free(measured->attention, measured->attention_count);
    *measured = (hwv_cli_measured){.attention_count = 0};
}
