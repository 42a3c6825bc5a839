/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Treating: a change is made, carried out and measured. Where it cannot be carried out as a whole, or breaks its promise,
 * halves of the layers are tried, and halves of those, until the layers that are to blame are alone; all others are
 * treated together. */
#include "check/treat.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "check/compare.h"
#include "halfwave/memory.h"

/* What one change came to. Owns all of it. */
typedef struct attempt {
    hwv_patient *patient; /* NULL: it failed, or nothing was to be changed */
    hwv_layer_treatment *layers;
    hwv_output_change change;
    bool empty;    /* nothing was to be changed */
    hwv_error why; /* it failed */
} attempt;

/* Of one treatment. */
typedef struct course {
    hwv_treatment_make *make;
    hwv_promise promise;
    const hwv_patient *patient;
    const hwv_network *network;
    const hwv_diagnosis *diagnosis;
    const hwv_source *source;
    const hwv_executor *executor;
    hwv_treatment_options options;
    bool *asked, *now; /* by layer: that were asked for, that an attempt treats */
    size_t *suspects;  /* layers whose part may be to blame */
    size_t suspect_count;
    attempt first, best; /* of all layers; of those that can be treated together */
    hwv_error *error;
} course;

/* ---- one attempt ----------------------------------------------------------------------------------- */

static void layers_free(hwv_layer_treatment *layers, size_t count)
{
    for (size_t l = 0; layers && l < count; l++)
        hwv_free(layers[l].units);
    hwv_free(layers);
}

static void attempt_free(const course *t, attempt *a)
{
    layers_free(a->layers, t->network->layer_count);
    hwv_patient_close(a->patient);
    *a = (attempt){0};
}

/* Failures that say something of the change, and not of the machine or the data. */
static bool of_change(hwv_status status)
{
    return status == HWV_ERR_UNSUPPORTED || status == HWV_ERR_FORMAT || status == HWV_ERR_SHAPE ||
           status == HWV_ERR_MISMATCH || status == HWV_ERR_ARGUMENT || status == HWV_ERR_NAME;
}

/* Carries a change out and measures it. */
static hwv_status carry_out(const course *t, const hwv_change *change, attempt *a)
{
    hwv_error error = {0};
    hwv_status status = hwv_patient_change(&a->patient, t->patient, change, &error);
    if (status == HWV_OK)
        status = hwv_networks_comparable(t->network, hwv_patient_network(a->patient), &error);
    if (of_change(status)) {
        a->why = error;
    } else if (status != HWV_OK) {
        if (t->error)
            *t->error = error;
        return status;
    } else {
        HWV_TRY(hwv_network_compare(&a->change, t->network, hwv_patient_network(a->patient), t->source, t->executor,
                                    t->error));
        if (a->change.samples > 0 && hwv_output_change_keeps(&a->change, t->promise))
            return HWV_OK;
        if (a->change.samples == 0)
            hwv_fail(&a->why, HWV_ERR_UNSUPPORTED, "there are no samples to measure it on");
        else if (t->promise == HWV_PROMISE_EQUAL)
            hwv_fail(&a->why, HWV_ERR_UNSUPPORTED, "an output would move by %.3g, and none may", a->change.largest);
        else
            hwv_fail(&a->why, HWV_ERR_UNSUPPORTED, "an output would move by %.3g, %.3g are allowed", a->change.largest,
                     HWV_EXACT * a->change.scale);
    }
    hwv_patient_close(a->patient);
    a->patient = NULL;
    return HWV_OK;
}

/* The layers of t->now, together. */
static hwv_status attempt_make(const course *t, attempt *a)
{
    const size_t layers = t->network->layer_count;
    hwv_treatment_options options = t->options;
    options.layers = t->now;
    hwv_change change = {0};
    hwv_treating treating = {.network = t->network,
                             .diagnosis = t->diagnosis,
                             .options = &options,
                             .source = t->source,
                             .executor = t->executor,
                             .change = &change,
                             .error = t->error};
    *a = (attempt){.layers = hwv_calloc(layers + 1, sizeof *a->layers)};
    if (a->layers == NULL)
        return hwv_fail(t->error, HWV_ERR_MEMORY, "no memory to treat %zu layers", layers);
    for (size_t l = 0; l < layers; l++)
        a->layers[l].layer = l;
    treating.layers = a->layers;
    hwv_status status = hwv_change_create(&change, t->network, t->error);
    if (status == HWV_OK)
        status = t->make(&treating);
    a->empty = status == HWV_OK && hwv_change_is_empty(&change);
    if (status == HWV_OK && !a->empty)
        status = carry_out(t, &change, a);
    hwv_change_free(&change);
    return status;
}

/* ---- who is to blame ------------------------------------------------------------------------------- */

static void reason_set(hwv_layer_treatment *layer, const hwv_error *why)
{
    snprintf(layer->reason, sizeof layer->reason, "%.199s", why->text);
}

/* Adds layers to those that are treated; those that cannot be have a reason in `first` then. */
static hwv_status blame(course *t, const size_t *layers, size_t count)
{
    attempt a;
    if (count == 0)
        return HWV_OK;
    for (size_t i = 0; i < count; i++)
        t->now[layers[i]] = true;
    const hwv_status status = attempt_make(t, &a);
    if (status == HWV_OK && (a.patient || a.empty)) {
        attempt_free(t, &t->best);
        t->best = a;
        return HWV_OK;
    }
    for (size_t i = 0; i < count; i++)
        t->now[layers[i]] = false;
    if (status == HWV_OK && count == 1) {
        reason_set(&t->first.layers[layers[0]], &a.why);
    }
    attempt_free(t, &a);
    if (status != HWV_OK || count == 1)
        return status;
    HWV_TRY(blame(t, layers, count / 2));
    return blame(t, layers + count / 2, count - count / 2);
}

static hwv_status all_try(course *t)
{
    const size_t layers = t->network->layer_count;
    memcpy(t->now, t->asked, layers * sizeof *t->now);
    HWV_TRY(attempt_make(t, &t->first));
    if (t->first.patient || t->first.empty)
        return HWV_OK;
    for (size_t l = 0; l < layers; l++)
        if (t->asked[l] && t->first.layers[l].count > 0) {
            t->suspects[t->suspect_count++] = l;
            t->now[l] = false;
        }
    if (t->suspect_count == 1) {
        reason_set(&t->first.layers[t->suspects[0]], &t->first.why);
        return HWV_OK;
    }
    HWV_TRY(blame(t, t->suspects, t->suspect_count / 2));
    return blame(t, t->suspects + t->suspect_count / 2, t->suspect_count - t->suspect_count / 2);
}

/* ---- what came of it ------------------------------------------------------------------------------- */

/* What became of each layer in the end: what the best attempt says, but for the reasons of those that were left out. */
static void layers_settle(course *t)
{
    for (size_t l = 0; l < t->network->layer_count; l++) {
        hwv_layer_treatment *layer = &t->first.layers[l];
        const bool left = t->asked[l] && !t->now[l];
        hwv_layer_treatment best = t->best.layers ? t->best.layers[l] : (hwv_layer_treatment){0};
        hwv_free(layer->units);
        if (left || t->best.layers == NULL) {
            layer->units = best.units;
            layer->count = best.count;
        } else {
            *layer = best;
        }
        if (t->best.layers)
            t->best.layers[l].units = NULL;
    }
}

static bool worth_saying(const course *t, const hwv_layer_treatment *layer)
{
    return layer->count > 0 || (t->asked[layer->layer] && (t->options.layers != NULL || layer->asked > 0 ||
                                                           layer->unsure > 0 || layer->near > 0));
}

/* The layers go from the attempt to the caller. */
static void layers_hand_over(course *t, hwv_treated *treated)
{
    treated->layers = t->first.layers;
    t->first.layers = NULL;
    for (size_t l = 0; l < t->network->layer_count; l++) {
        hwv_layer_treatment *layer = &treated->layers[l];
        if (worth_saying(t, layer)) {
            treated->units += layer->count;
            treated->layers[treated->layer_count++] = *layer;
        } else {
            hwv_free(layer->units);
        }
    }
}

/* Why nothing was done. */
static void reason_find(const course *t, hwv_treated *treated)
{
    size_t asked = 0, unsure = 0, spared = 0;
    const hwv_layer_treatment *first = NULL;
    for (size_t l = 0; l < t->network->layer_count; l++) {
        const hwv_layer_treatment *layer = &t->first.layers[l];
        asked += layer->asked;
        unsure += layer->unsure;
        spared += layer->near;
        if (first == NULL && layer->reason[0] != '\0')
            first = layer;
    }
    if (first)
        snprintf(treated->reason, sizeof treated->reason, "%.60s: %.130s", t->network->layers[first->layer].name,
                 first->reason);
    else if (t->first.why.text[0] != '\0')
        snprintf(treated->reason, sizeof treated->reason, "%.199s", t->first.why.text);
    else if (spared > 0)
        snprintf(treated->reason, sizeof treated->reason, "its %zu dead units nearly fired, and are kept", spared);
    else if (unsure > 0)
        snprintf(treated->reason, sizeof treated->reason,
                 "%zu units are silent, but %llu samples are needed to call them dead", unsure,
                 (unsigned long long)hwv_samples_needed(t->diagnosis->options.bound));
    else
        snprintf(treated->reason, sizeof treated->reason, "%s",
                 asked                                          ? "no unit can be treated"
                 : t->network->layer_count == 0                 ? "it has no activations"
                 : memchr(t->asked, 1, t->network->layer_count) ? "no unit is dead"
                                                                : "no layer is asked for");
}

static hwv_status settle(course *t, hwv_patient **cured, hwv_treated *treated)
{
    attempt *done = t->best.layers ? &t->best : &t->first;
    const bool whole = t->first.patient || t->first.empty;
    *cured = done->patient;
    done->patient = NULL;
    if (*cured) {
        treated->change = done->change;
        treated->after = hwv_patient_cost(*cured);
    }
    if (!whole)
        layers_settle(t);
    if (*cured == NULL)
        reason_find(t, treated);
    layers_hand_over(t, treated);
    return HWV_OK;
}

/* ---- asking ---------------------------------------------------------------------------------------- */

static hwv_status options_check(const hwv_treatment_options *options, hwv_error *error)
{
    hwv_act leaky = hwv_act_make(HWV_OP_LEAKY_RELU);
    if (!(options->keep_margin >= 0 && isfinite(options->keep_margin)))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a margin of %g; 0 or more is accepted", options->keep_margin);
    if (!(options->share > 0 && options->share < 1))
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a share of %g; above 0 and below 1 (100 %%) is accepted",
                        options->share);
    leaky.param[0] = (float)options->slope;
    return hwv_act_check(&leaky, error);
}

static hwv_status begin(course *t, const hwv_diagnosis *diagnosis, hwv_error *error)
{
    const size_t layers = t->network->layer_count;
    HWV_TRY(options_check(&t->options, error));
    if (diagnosis->layer_count != layers)
        return hwv_fail(error, HWV_ERR_ARGUMENT, "a diagnosis of %zu layers, the network has %zu",
                        diagnosis->layer_count, layers);
    t->asked = hwv_calloc(layers + 1, sizeof *t->asked);
    t->now = hwv_calloc(layers + 1, sizeof *t->now);
    t->suspects = hwv_calloc(layers + 1, sizeof *t->suspects);
    if (!t->asked || !t->now || !t->suspects)
        return hwv_fail(error, HWV_ERR_MEMORY, "no memory to treat %zu layers", layers);
    for (size_t l = 0; l < layers; l++)
        t->asked[l] = t->options.layers == NULL || t->options.layers[l];
    return HWV_OK;
}

/* Whether what becomes of all outputs can be measured; else why not. */
static bool measurable(const hwv_network *network, char *reason, size_t size)
{
    hwv_error error = {0};
    for (size_t o = 0; o < network->output_count; o++)
        if (network->outputs[o].value == HWV_NO_ID) {
            snprintf(reason, size, "output '%.60s' cannot be computed%s%.100s", network->outputs[o].name,
                     network->unsupported_count ? ": " : "", network->unsupported_count ? network->unsupported[0] : "");
            return false;
        }
    const bool can = hwv_networks_comparable(network, network, &error) == HWV_OK;
    if (!can)
        snprintf(reason, size, "%.199s", error.text);
    return can;
}

static hwv_status treat(course *t, hwv_patient **cured, hwv_treated *treated)
{
    HWV_TRY(begin(t, t->diagnosis, t->error));
    if (!measurable(t->network, treated->reason, sizeof treated->reason))
        return HWV_OK;
    HWV_TRY(all_try(t));
    return settle(t, cured, treated);
}

hwv_status hwv_patient_treat_by(hwv_treatment_make *make, hwv_patient **cured, hwv_treated *treated,
                                const hwv_patient *patient, const hwv_diagnosis *diagnosis, hwv_treatment treatment,
                                const hwv_treatment_options *options, const hwv_source *source,
                                const hwv_executor *executor, hwv_error *error)
{
    const hwv_cost cost = hwv_patient_cost(patient);
    course t = {.make = make,
                .promise = hwv_treatment_promise(treatment),
                .patient = patient,
                .network = hwv_patient_network(patient),
                .diagnosis = diagnosis,
                .source = source,
                .executor = executor,
                .options = options ? *options : hwv_treatment_defaults(),
                .error = error};
    *cured = NULL;
    *treated = (hwv_treated){.treatment = treatment,
                             .before = cost,
                             .after = cost,
                             .change = {.scale = 1, .equal = true, .decided = (double)NAN}};
    const hwv_status status = treat(&t, cured, treated);
    attempt_free(&t, &t.first);
    attempt_free(&t, &t.best);
    hwv_free(t.asked);
    hwv_free(t.now);
    hwv_free(t.suspects);
    if (status != HWV_OK)
        hwv_treated_free(treated);
    return status;
}

hwv_status hwv_patient_treat(hwv_patient **cured, hwv_treated *treated, const hwv_patient *patient,
                             const hwv_diagnosis *diagnosis, hwv_treatment treatment,
                             const hwv_treatment_options *options, const hwv_source *source,
                             const hwv_executor *executor, hwv_error *error)
{
    return hwv_patient_treat_by(hwv_treatment_maker(treatment), cured, treated, patient, diagnosis, treatment, options,
                                source, executor, error);
}

void hwv_treated_free(hwv_treated *treated)
{
    layers_free(treated->layers, treated->layer_count);
    *treated = (hwv_treated){0};
}
