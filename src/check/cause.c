/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Why units of a layer are silent: mean z = b + w.mu is known from the counts, and b from the weights, so the pull of the
 * input's mean, w.mu, is what is left. */
#include "check/cause.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "halfwave/memory.h"

/* |mean| / |std| of the layer's input, over all features. */
static double gamma_of(const hwv_layer_tally *tally)
{
    double mean = 0, looks = (double)tally->input_looks;
    if (tally->features == 0 || tally->input_looks == 0)
        return (double)NAN;
    for (size_t f = 0; f < tally->features; f++) {
        double m = tally->input[f].hi / looks;
        mean += m * m;
    }
    double variance = tally->input_square.hi / looks - mean;
    return sqrt(mean) / sqrt(variance > 0 ? variance : 0);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
    if (count == 0)
        return (double)NAN;
    qsort(values, count, sizeof *values, ascending);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

typedef enum hwv_number { BIAS, PULL, SPREAD } hwv_number;

/* Median over the silent units or the others. */
static double median_of(const hwv_layer_diagnosis *layer, hwv_number what, bool silent, double *scratch)
{
    size_t count = 0;
    for (size_t u = 0; u < layer->tally->units; u++) {
        const hwv_unit_diagnosis *unit = &layer->unit[u];
        double value = what == BIAS ? unit->bias : what == PULL ? unit->pull : unit->std;
        if (((unit->is & HWV_UNIT_SILENT) != 0) == silent && !(unit->is & HWV_UNIT_INERT) && !isnan(value))
            scratch[count++] = value;
    }
    return median(scratch, count);
}

static void units_fill(hwv_layer_diagnosis *layer, const hwv_network *network, const hwv_front *front, double *scales)
{
    for (size_t u = 0; u < layer->tally->units; u++) {
        hwv_unit_diagnosis *unit = &layer->unit[u];
        unit->bias = unit->pull = unit->norm = (double)NAN;
        unit->margin = unit->std > 0 ? (double)layer->tally->unit[u].max / unit->std : (double)NAN;
        scales[u] = 1;
        if (network == NULL || (front->product == HWV_NO_ID && front->norm == HWV_NO_ID))
            continue;
        hwv_front_unit of = hwv_front_unit_of(network, front, u);
        unit->bias = of.bias;
        unit->norm = of.norm;
        unit->pull = unit->mean - of.bias;
        scales[u] = of.scale;
    }
}

static hwv_cause cause_of(const hwv_layer_diagnosis *layer, size_t u, bool normed, double scale)
{
    const hwv_unit_diagnosis *unit = &layer->unit[u];
    bool centred = !(layer->gamma > 1);
    if (isnan(unit->pull))
        return !centred && unit->mean < -2 * unit->std ? HWV_CAUSE_INPUT : HWV_CAUSE_UNKNOWN;
    if (normed && fabs(scale) < 1e-30)
        return HWV_CAUSE_NORM;
    if (!(unit->norm > 0))
        return HWV_CAUSE_ZERO_ROW;
    if (unit->is & HWV_UNIT_CONSTANT)
        return HWV_CAUSE_UPSTREAM;
    if (unit->bias < 0 && -unit->bias > fabs(unit->pull))
        return normed ? HWV_CAUSE_NORM : HWV_CAUSE_BIAS;
    if (!centred && unit->pull < 0 && -unit->pull > unit->std)
        return HWV_CAUSE_INPUT;
    return HWV_CAUSE_WEIGHTS;
}

/* The commonest cause of the silent units. */
static hwv_cause vote(const hwv_layer_diagnosis *layer, bool normed, const double *scales)
{
    size_t votes[HWV_CAUSE_WEIGHTS + 1] = {0};
    hwv_cause best = HWV_CAUSE_UNKNOWN;
    for (size_t u = 0; u < layer->tally->units; u++)
        if ((layer->unit[u].is & HWV_UNIT_SILENT) && !(layer->unit[u].is & HWV_UNIT_INERT))
            votes[cause_of(layer, u, normed, scales[u])]++;
    for (int c = HWV_CAUSE_UNKNOWN; c <= HWV_CAUSE_WEIGHTS; c++)
        if (votes[c] > votes[best])
            best = (hwv_cause)c;
    return best;
}

static void explain(hwv_layer_diagnosis *layer)
{
    static const char *const sentences[] = {
        [HWV_CAUSE_UNKNOWN] = "what is in front of the layer does not tell why",
        [HWV_CAUSE_UPSTREAM] = "what it reads never changes: the units it depends on are dead themselves",
        [HWV_CAUSE_ZERO_ROW] = "the weights of its silent units are all zero: what is left is the bias",
        [HWV_CAUSE_BIAS] = "negative biases outweigh all that its inputs bring",
        [HWV_CAUSE_NORM] = "the norm in front scales to nothing, or shifts below zero by more than the inputs bring",
        [HWV_CAUSE_WEIGHTS] =
            "the weights of its silent units point away from the data, whose mean pulls them below zero",
    };
    if (layer->cause == HWV_CAUSE_INPUT)
        snprintf(layer->why, sizeof layer->why, "its input is not centred: |mean|/|std| = %.2f (over 1 is risky)",
                 layer->gamma);
    else
        snprintf(layer->why, sizeof layer->why, "%s", sentences[layer->cause]);
}

hwv_status hwv_cause_find(hwv_layer_diagnosis *layer, const hwv_network *network, const hwv_front *front,
                          hwv_error *error)
{
    size_t units = layer->tally->units;
    double *scratch = hwv_calloc(units, sizeof *scratch), *scales = hwv_calloc(units, sizeof *scales);
    if (!scratch || !scales) {
        hwv_free(scratch);
        hwv_free(scales);
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for the causes of %zu units", units);
    }
    bool normed = network != NULL && front->norm != HWV_NO_ID;
    layer->gamma = gamma_of(layer->tally);
    units_fill(layer, network, front, scales);
    layer->dead_bias = median_of(layer, BIAS, true, scratch);
    layer->dead_pull = median_of(layer, PULL, true, scratch);
    layer->dead_spread = median_of(layer, SPREAD, true, scratch);
    layer->live_bias = median_of(layer, BIAS, false, scratch);
    layer->live_pull = median_of(layer, PULL, false, scratch);
    layer->live_spread = median_of(layer, SPREAD, false, scratch);
    layer->cause = HWV_CAUSE_NONE;
    layer->why[0] = '\0';
    if (layer->silent > 0) {
        layer->cause = vote(layer, normed, scales);
        explain(layer);
    }
    hwv_free(scratch);
    hwv_free(scales);
    return HWV_OK;
}
