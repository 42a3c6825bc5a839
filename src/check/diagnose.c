/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Verdicts: the states of units, what is known of layers, and the model. */
#include <math.h>
#include <string.h>

#include "check/cause.h"
#include "check/flat.h"
#include "halfwave/check.h"
#include "halfwave/memory.h"

#define RARE      0.01
#define LOOK      0.01
#define SATURATED 0.95
#define DORMANT   0.025

hwv_diagnosis_options hwv_diagnosis_defaults(void)
{
    return (hwv_diagnosis_options){.bound = 0.01, .fail_over = 0.10};
}

/* ---- units ----------------------------------------------------------------------------------------- */

/* What is the same for all units of a layer. */
typedef struct hwv_setting {
    hwv_silence silence;
    bool enough;      /* samples to call a silent unit dead */
    double magnitude; /* mean of |h| over the layer */
} hwv_setting;

static unsigned silence_of(const hwv_layer_tally *layer, const hwv_unit_tally *unit, const hwv_setting *setting)
{
    if (unit->fired_samples > 0 || setting->silence == HWV_SILENCE_NONE || layer->samples == 0)
        return 0;
    bool flat = setting->silence == HWV_SILENCE_FLAT ||
                (setting->silence == HWV_SILENCE_JUDGED && unit->low + unit->high + unit->nans == layer->looks);
    if (!flat)
        return HWV_UNIT_SILENT | HWV_UNIT_INERT;
    return HWV_UNIT_SILENT | (setting->enough ? HWV_UNIT_DEAD : 0u);
}

static hwv_unit_diagnosis unit_judge(const hwv_layer_tally *layer, const hwv_unit_tally *unit,
                                     const hwv_setting *setting)
{
    hwv_unit_diagnosis d = {.is = silence_of(layer, unit, setting)};
    double looks = (double)layer->looks, summed = (double)unit->summed;
    d.rate = layer->looks ? (double)unit->fired / looks : (double)NAN;
    d.mean = unit->z.hi / summed;
    double variance = unit->square.hi / summed - d.mean * d.mean;
    d.std = variance > 0 ? sqrt(variance) : isnan(variance) ? (double)NAN : 0;
    if (layer->looks == 0)
        return d;
    if (unit->fired > 0 && d.rate < RARE)
        d.is |= HWV_UNIT_RARE;
    if (unit->fired == layer->looks)
        d.is |= HWV_UNIT_ALWAYS_ON;
    if (unit->min == unit->max) {
        d.is |= HWV_UNIT_CONSTANT;
        d.std = 0;
    }
    if (unit->summed > 0 && !(unit->magnitude.hi / summed > DORMANT * setting->magnitude))
        d.is |= HWV_UNIT_DORMANT;
    if ((double)unit->low / looks > SATURATED)
        d.is |= HWV_UNIT_SATURATED_LOW;
    if ((double)unit->high / looks > SATURATED)
        d.is |= HWV_UNIT_SATURATED_HIGH;
    return d;
}

/* ---- layers ---------------------------------------------------------------------------------------- */

static void counts_fill(hwv_layer_diagnosis *layer)
{
    const hwv_layer_tally *tally = layer->tally;
    uint64_t fired = 0, zeros = 0;
    for (size_t u = 0; u < tally->units; u++) {
        unsigned is = layer->unit[u].is;
        layer->inert += (is & HWV_UNIT_INERT) != 0;
        layer->silent += (is & HWV_UNIT_SILENT) && !(is & HWV_UNIT_INERT);
        layer->dead += (is & HWV_UNIT_DEAD) != 0;
        layer->rare += (is & HWV_UNIT_RARE) != 0;
        layer->always_on += (is & HWV_UNIT_ALWAYS_ON) != 0;
        layer->constant += (is & HWV_UNIT_CONSTANT) != 0;
        layer->dormant += (is & HWV_UNIT_DORMANT) != 0;
        layer->saturated += (is & (HWV_UNIT_SATURATED_LOW | HWV_UNIT_SATURATED_HIGH)) != 0;
        layer->nans += tally->unit[u].nans;
        fired += tally->unit[u].fired;
        zeros += tally->unit[u].zeros;
    }
    double all = (double)tally->looks * (double)tally->units;
    layer->mean_rate = (double)fired / all;
    layer->zeros = (double)zeros / all;
}

/* Expected silent units had only m samples been seen; inert ones do not count. */
static double expected_silent(const hwv_layer_diagnosis *layer, const hwv_setting *setting, uint64_t m)
{
    const hwv_layer_tally *tally = layer->tally;
    double sum = 0;
    if (setting->silence == HWV_SILENCE_NONE || setting->silence == HWV_SILENCE_SLOPED)
        return 0;
    for (size_t u = 0; u < tally->units; u++)
        if (!(layer->unit[u].is & HWV_UNIT_INERT))
            sum += hwv_silent_chance(tally->samples, tally->unit[u].fired_samples, m);
    return sum;
}

static void rarefy(hwv_layer_diagnosis *layer, const hwv_setting *setting)
{
    uint64_t n = layer->tally->samples;
    for (int shift = HWV_RAREFACTION - 1; shift >= 0; shift--) {
        uint64_t m = n >> shift;
        if (m == 0 || (layer->rarefaction_count && layer->rarefaction[layer->rarefaction_count - 1].n == m))
            continue;
        layer->rarefaction[layer->rarefaction_count].n = m;
        layer->rarefaction[layer->rarefaction_count++].silent = expected_silent(layer, setting, m);
    }
    size_t count = layer->rarefaction_count;
    layer->falling = count >= 2 && layer->rarefaction[count - 2].silent - layer->rarefaction[count - 1].silent > 0.5;
}

static hwv_verdict verdict_of(const hwv_layer_diagnosis *layer, const hwv_diagnosis_options *options, bool enough)
{
    /* 29 of 100 rounds to the same double as 29 % does; 0.29 * 100 is less than 29 */
    const double dead = (double)layer->dead / (double)layer->tally->units;
    if (layer->tally->samples == 0)
        return HWV_VERDICT_CANNOT_TELL;
    if (dead > options->fail_over)
        return HWV_VERDICT_SICK;
    if (layer->silent > 0 && !enough)
        return HWV_VERDICT_CANNOT_TELL;
    return dead > LOOK ? HWV_VERDICT_LOOK : HWV_VERDICT_HEALTHY;
}

static hwv_status layer_judge(hwv_layer_diagnosis *layer, const hwv_layer_tally *tally, const hwv_network *network,
                              hwv_id node, const hwv_diagnosis_options *options, hwv_error *error)
{
    uint64_t needed = hwv_samples_needed(options->bound);
    hwv_setting setting = {.silence = hwv_silence_of(&tally->act), .enough = tally->samples >= needed};
    hwv_front front = {0};
    layer->tally = tally;
    layer->unit = hwv_calloc(tally->units, sizeof *layer->unit);
    if (layer->unit == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to judge %zu units", tally->units);
    for (size_t u = 0; u < tally->units; u++)
        if (tally->unit[u].summed > 0)
            setting.magnitude += tally->unit[u].magnitude.hi / (double)tally->unit[u].summed;
    setting.magnitude /= (double)tally->units;
    for (size_t u = 0; u < tally->units; u++)
        layer->unit[u] = unit_judge(tally, &tally->unit[u], &setting);
    counts_fill(layer);
    rarefy(layer, &setting);
    layer->rate_bound = hwv_rate_bound(tally->samples, 1);
    layer->joint_bound = layer->silent ? hwv_rate_bound(tally->samples, layer->silent) : (double)NAN;
    layer->verdict = verdict_of(layer, options, setting.enough);
    layer->samples_needed = layer->verdict == HWV_VERDICT_CANNOT_TELL ? needed : 0;
    if (network)
        front = hwv_front_find(network->graph, node);
    return hwv_cause_find(layer, network, &front, error);
}

/* ---- the model ------------------------------------------------------------------------------------- */

static hwv_status request_check(const hwv_tally *tally, const hwv_network *network,
                                const hwv_diagnosis_options *options, hwv_error *error)
{
    if (!(options->bound > 0 && options->bound < 1))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a bound of %g; above 0 and below 1 (100 %%) is accepted",
                        options->bound);
    if (!(options->fail_over >= 0 && options->fail_over <= 1))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "fail over %g; 0 to 1 (100 %%) is accepted", options->fail_over);
    if (network == NULL)
        return HWV_OK;
    if (network->layer_count != tally->layer_count)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "statistics of %zu layers, the network has %zu", tally->layer_count,
                        network->layer_count);
    for (size_t l = 0; l < tally->layer_count; l++) {
        const hwv_node *node = hwv_graph_node_at(network->graph, network->layers[l].node);
        const hwv_shape *shape = &hwv_graph_value(network->graph, node->output[0])->shape;
        if (shape->dim[shape->rank - 1] != tally->layers[l].units)
            return hwv_fail(error, HWV_ERR_ARGUMENT, "statistics of %zu units of %s, the network has %zu",
                            tally->layers[l].units, tally->layers[l].name, shape->dim[shape->rank - 1]);
    }
    return HWV_OK;
}

static hwv_status diagnose(hwv_diagnosis *diagnosis, const hwv_network *network, hwv_error *error)
{
    const hwv_tally *tally = diagnosis->tally;
    diagnosis->layers = hwv_calloc(tally->layer_count ? tally->layer_count : 1, sizeof *diagnosis->layers);
    if (diagnosis->layers == NULL)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory for a diagnosis of %zu layers", tally->layer_count);
    for (size_t l = 0; l < tally->layer_count; l++) {
        hwv_layer_diagnosis *layer = &diagnosis->layers[l];
        diagnosis->layer_count = l + 1;
        HWV_TRY(layer_judge(layer, &tally->layers[l], network, network ? network->layers[l].node : 0,
                            &diagnosis->options, error));
        diagnosis->units += tally->layers[l].units;
        diagnosis->silent += layer->silent;
        diagnosis->dead += layer->dead;
        diagnosis->inert += layer->inert;
        if (layer->verdict > diagnosis->verdict)
            diagnosis->verdict = layer->verdict;
        if (layer->samples_needed > diagnosis->samples_needed)
            diagnosis->samples_needed = layer->samples_needed;
    }
    return HWV_OK;
}

hwv_status hwv_diagnose(hwv_diagnosis *diagnosis, const hwv_tally *tally, const hwv_network *network,
                        const hwv_diagnosis_options *options, hwv_error *error)
{
    *diagnosis = (hwv_diagnosis){.tally = tally, .options = *options};
    HWV_TRY(request_check(tally, network, options, error));
    hwv_status status = diagnose(diagnosis, network, error);
    if (status != HWV_OK)
        hwv_diagnosis_free(diagnosis);
    return status;
}

void hwv_diagnosis_free(hwv_diagnosis *diagnosis)
{
    for (size_t l = 0; l < diagnosis->layer_count; l++)
        hwv_free(diagnosis->layers[l].unit);
    hwv_free(diagnosis->layers);
    *diagnosis = (hwv_diagnosis){0};
}
