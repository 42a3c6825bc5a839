/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Diagnoses made up for the tests of how a check is shown: exact arithmetic, so that every machine shows the same.
 * Included by the tests of this folder. */
#ifndef TESTS_REPORT_CHECK_MODELS_H
#define TESTS_REPORT_CHECK_MODELS_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/check.h"

/* How many units of a layer are what: the others fire on about half of the looks. */
typedef struct made_layer {
    const char *name, *op;
    size_t units, features, dead, silent, inert, rare, always_on;
    bool picture, nans;
    const char *why;
} made_layer;

typedef struct made_model {
    hwv_tally tally;
    hwv_diagnosis diagnosis;
    hwv_flow flow;
    char names[64][160];
} made_model;

static inline unsigned made_random(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 16;
}

static inline unsigned made_unit_is(const made_layer *l, size_t u)
{
    /* The special ones lie spread over the layer. */
    size_t step = 7;
    while (l->units % step == 0)
        step += 2;
    size_t place = u * step % l->units, end = l->dead;
    if (place < end)
        return HWV_UNIT_SILENT | HWV_UNIT_DEAD | HWV_UNIT_DORMANT;
    if (place < (end += l->silent))
        return HWV_UNIT_SILENT | HWV_UNIT_DORMANT;
    if (place < (end += l->inert))
        return HWV_UNIT_SILENT | HWV_UNIT_INERT;
    if (place < (end += l->rare))
        return HWV_UNIT_RARE;
    if (place < (end += l->always_on))
        return HWV_UNIT_ALWAYS_ON;
    return 0;
}

static inline void made_unit(const made_layer *l, hwv_layer_tally *tally, hwv_layer_diagnosis *d, size_t u,
                             unsigned *state)
{
    hwv_unit_tally *t = &tally->unit[u];
    hwv_unit_diagnosis *q = &d->unit[u];
    double noise = (double)(made_random(state) % 1000) / 1000, n = (double)tally->samples;
    q->is = made_unit_is(l, u);
    bool silent = (q->is & HWV_UNIT_SILENT) != 0;
    double rate = silent                              ? 0
                  : (q->is & HWV_UNIT_RARE) != 0      ? 0.0005 + 0.009 * noise
                  : (q->is & HWV_UNIT_ALWAYS_ON) != 0 ? 1
                                                      : 0.02 + 0.9 * noise;
    t->fired = (uint64_t)(rate * (double)tally->looks);
    t->fired_samples = (uint64_t)fmin(n, rate * n * (tally->looks > tally->samples ? 3 : 1));
    t->zeros = tally->looks - t->fired;
    t->summed = tally->looks;
    q->rate = rate;
    q->std = 8 + 5 * noise;
    q->mean = silent ? -40 - 30 * noise : (rate - 0.5) * 25;
    q->bias = -0.003 + 0.01 * noise;
    q->pull = q->mean - q->bias;
    q->norm = 1.5 + noise;
    t->min = (float)(q->mean - 3 * q->std);
    t->max = (float)(silent ? q->mean + 2.5 * q->std : fmax(q->mean + 3 * q->std, 0.5));
    if (silent && t->max > 0)
        t->max = -1;
    q->margin = (double)t->max / q->std;
    if (l->nans) {
        t->nans = tally->looks;
        t->summed = 0;
        t->min = INFINITY;
        t->max = -INFINITY;
        q->mean = q->std = q->bias = q->pull = q->norm = q->margin = NAN;
    }
    for (size_t i = 0; tally->picture != NULL && i < tally->picture_samples; i++)
        tally->picture[i * tally->units + u] =
            (uint8_t)(rate <= 0 ? 0 : fmin(255, (double)(made_random(state) % 200) * rate * 2));
}

static inline void made_layer_fill(made_model *m, const made_layer *l, size_t index, uint64_t samples)
{
    hwv_layer_tally *t = &m->tally.layers[index];
    hwv_layer_diagnosis *d = &m->diagnosis.layers[index];
    snprintf(m->names[index % 64], sizeof m->names[0], "%s", l->name);
    t->name = m->names[index % 64];
    snprintf(t->op, sizeof t->op, "%s", l->op);
    t->units = l->units;
    t->features = l->features;
    t->samples = samples;
    t->looks = samples * (l->picture ? 36 : 1);
    t->unit = calloc(l->units + 1, sizeof *t->unit);
    d->unit = calloc(l->units + 1, sizeof *d->unit);
    if (l->picture) {
        t->picture_samples = samples < HWV_PICTURE_SAMPLES ? (size_t)samples : HWV_PICTURE_SAMPLES;
        t->picture = calloc(t->picture_samples * l->units + 1, 1);
    }
    unsigned state = (unsigned)index + 1;
    double rates = 0;
    for (size_t u = 0; u < l->units; u++) {
        made_unit(l, t, d, u, &state);
        rates += d->unit[u].rate / (double)l->units;
    }
    d->tally = t;
    d->silent = l->dead + l->silent;
    d->dead = l->dead;
    d->inert = l->inert;
    d->rare = l->rare;
    d->always_on = l->always_on;
    d->dormant = l->dead;
    d->nans = l->nans ? t->looks * l->units : 0;
    d->mean_rate = l->nans ? NAN : rates;
    d->zeros = l->nans ? NAN : 1 - rates;
    d->rate_bound = samples > 0 ? 1 - pow(0.05, 1 / (double)samples) : 1;
    d->joint_bound =
        d->silent > 0 ? samples > 0 ? 1 - pow(0.05 / (double)d->silent, 1 / (double)samples) : 1 : (double)NAN;
    for (uint64_t n = samples / 32; n <= samples && n > 0 && d->rarefaction_count < HWV_RAREFACTION; n *= 2) {
        d->rarefaction[d->rarefaction_count].n = n == samples / 32 * 32 ? samples : n;
        d->rarefaction[d->rarefaction_count++].silent =
            (double)d->silent + (double)l->rare * (n == samples / 32 * 32 ? 0 : (double)samples / 128 / (double)n);
    }
    d->falling = l->rare > 20;
    d->samples_needed = l->silent > 0 ? 299 : 0;
    d->gamma = l->features > 0 ? 1.32 : (double)NAN;
    bool known = l->features > 0 && d->silent > 0;
    d->dead_bias = known ? -0.003 : (double)NAN;
    d->dead_pull = known ? -58.9 : (double)NAN;
    d->dead_spread = known ? 10.3 : (double)NAN;
    d->live_bias = known ? 0.012 : (double)NAN;
    d->live_pull = known ? -1.7 : (double)NAN;
    d->live_spread = known ? 12.1 : (double)NAN;
    snprintf(d->why, sizeof d->why, "%s", l->why != NULL ? l->why : "");
    d->verdict = (double)l->dead > 0.1 * (double)l->units    ? HWV_VERDICT_SICK
                 : l->silent > 0                             ? HWV_VERDICT_CANNOT_TELL
                 : (double)l->dead > 0.01 * (double)l->units ? HWV_VERDICT_LOOK
                                                             : HWV_VERDICT_HEALTHY;
}

/* Free with made_free. */
static inline void made_make(made_model *m, const made_layer *layers, size_t count, uint64_t samples)
{
    memset(m, 0, sizeof *m);
    m->tally.group = 1;
    m->tally.rows = m->tally.samples = samples;
    m->tally.layer_count = m->diagnosis.layer_count = count;
    m->tally.layers = calloc(count + 1, sizeof *m->tally.layers);
    m->diagnosis.layers = calloc(count + 1, sizeof *m->diagnosis.layers);
    m->diagnosis.tally = &m->tally;
    m->diagnosis.options = (hwv_diagnosis_options){.bound = 0.01, .fail_over = 0.10};
    for (size_t i = 0; i < count; i++) {
        made_layer_fill(m, &layers[i], i, samples);
        hwv_layer_diagnosis *d = &m->diagnosis.layers[i];
        m->diagnosis.units += layers[i].units;
        m->diagnosis.silent += d->silent;
        m->diagnosis.dead += d->dead;
        m->diagnosis.inert += d->inert;
        if (d->verdict > m->diagnosis.verdict)
            m->diagnosis.verdict = d->verdict;
        if (d->samples_needed > m->diagnosis.samples_needed)
            m->diagnosis.samples_needed = d->samples_needed;
    }
}

static inline void made_flow(made_model *m)
{
    m->flow.layer_count = m->tally.layer_count;
    m->flow.samples = 512;
    m->flow.loss = 0.5213;
    m->flow.layers = calloc(m->flow.layer_count + 1, sizeof *m->flow.layers);
    double value = 0.01;
    for (size_t i = m->flow.layer_count; i-- > 0; value *= 0.8)
        m->flow.layers[i] = (hwv_layer_flow){.name = m->tally.layers[i].name,
                                             .gradient = value,
                                             .signal = 1 + (double)i,
                                             .zero = 0.5 + 0.01 * (double)(i % 40),
                                             .theory = i == 0 ? NAN : value * 1.1};
}

static inline void made_free(made_model *m)
{
    for (size_t i = 0; i < m->tally.layer_count; i++) {
        free(m->tally.layers[i].unit);
        free(m->tally.layers[i].picture);
        free(m->diagnosis.layers[i].unit);
    }
    free(m->tally.layers);
    free(m->diagnosis.layers);
    free(m->flow.layers);
    memset(m, 0, sizeof *m);
}

#define MADE_WHY_INPUT                                                                                                 \
    "its input is not centred: |mean|/|std| = 1.32 (over 1 is risky), and the pull of that mean outweighs the spread."

static const made_layer made_alexa[] = {
    {.name = "Relu__12:0", .op = "Relu", .units = 128, .features = 1536, .dead = 87, .rare = 26, .why = MADE_WHY_INPUT},
    {.name = "Relu__15:0",
     .op = "Relu",
     .units = 128,
     .features = 128,
     .dead = 4,
     .rare = 3,
     .always_on = 1,
     .why = "their weights point away from the data, whose mean is not to blame."}};

static const made_layer made_conv[] = {
    {.name = "backbone/stage_1/conv_bn_relu_0/Relu", .op = "Relu", .units = 16, .features = 3, .picture = true},
    {.name = "backbone/stage_1/conv_bn_relu_1/HardSwish",
     .op = "HardSwish",
     .units = 48,
     .features = 16,
     .silent = 9,
     .rare = 4,
     .picture = true,
     .why = "batch norm scales them to almost nothing."},
    {.name = "backbone/stage_2/excite/LeakyRelu",
     .op = "LeakyRelu",
     .units = 24,
     .inert = 3,
     .always_on = 2,
     .picture = true}};

static const made_layer made_healthy[] = {{.name = "fc1", .op = "Relu", .units = 64, .features = 784},
                                          {.name = "fc2", .op = "Relu", .units = 32, .features = 64}};

#endif
