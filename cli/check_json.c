/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A check as JSON (docs/json.md). */
#include "check.h"

#include <math.h>

static void units_of(hwv_json_writer *json, const char *key, const hwv_layer_diagnosis *layer, unsigned is,
                     unsigned is_not)
{
    hwv_json_key(json, key);
    hwv_json_begin_array(json);
    for (size_t u = 0; u < layer->tally->units; u++)
        if ((layer->unit[u].is & is) && !(layer->unit[u].is & is_not))
            hwv_json_integer(json, (int64_t)u);
    hwv_json_end(json);
}

static void evidence(hwv_json_writer *json, const hwv_layer_diagnosis *layer)
{
    hwv_cli_json_number(json, "rate_bound", layer->rate_bound);
    hwv_cli_json_number(json, "joint_bound", layer->joint_bound);
    hwv_json_key(json, "rarefaction");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < layer->rarefaction_count; i++) {
        hwv_json_begin_array(json);
        hwv_json_integer(json, (int64_t)layer->rarefaction[i].n);
        hwv_json_number(json, layer->rarefaction[i].silent);
        hwv_json_end(json);
    }
    hwv_json_end(json);
    hwv_cli_json_bool(json, "falling", layer->falling);
    hwv_cli_json_count(json, "samples_needed", layer->samples_needed);
}

static void causes(hwv_json_writer *json, const hwv_layer_diagnosis *layer)
{
    hwv_cli_json_number(json, "gamma", layer->gamma);
    hwv_cli_json_text(json, "cause", hwv_cause_name(layer->cause));
    hwv_cli_json_text(json, "why", layer->why);
    hwv_json_key(json, "medians");
    hwv_json_begin_object(json);
    hwv_cli_json_number(json, "dead_bias", layer->dead_bias);
    hwv_cli_json_number(json, "dead_pull", layer->dead_pull);
    hwv_cli_json_number(json, "dead_spread", layer->dead_spread);
    hwv_cli_json_number(json, "live_bias", layer->live_bias);
    hwv_cli_json_number(json, "live_pull", layer->live_pull);
    hwv_cli_json_number(json, "live_spread", layer->live_spread);
    hwv_json_end(json);
}

static void gradients(hwv_json_writer *json, const hwv_layer_flow *flow)
{
    hwv_json_key(json, "gradient");
    hwv_json_begin_object(json);
    hwv_cli_json_number(json, "rms", flow->gradient);
    hwv_cli_json_number(json, "theory", flow->theory);
    hwv_cli_json_number(json, "zero", flow->zero);
    hwv_cli_json_number(json, "signal_rms", flow->signal);
    hwv_json_end(json);
}

static void one_layer(hwv_json_writer *json, const hwv_layer_diagnosis *layer, const hwv_layer_flow *flow)
{
    const hwv_layer_tally *tally = layer->tally;
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", tally->name);
    hwv_cli_json_text(json, "op", tally->op);
    hwv_cli_json_text(json, "verdict", hwv_verdict_name(layer->verdict));
    hwv_cli_json_count(json, "units", tally->units);
    hwv_cli_json_count(json, "looks", tally->looks);
    hwv_cli_json_count(json, "samples", tally->samples);
    hwv_cli_json_count(json, "silent", layer->silent);
    units_of(json, "silent_units", layer, HWV_UNIT_SILENT, HWV_UNIT_INERT);
    hwv_cli_json_count(json, "dead", layer->dead);
    units_of(json, "dead_units", layer, HWV_UNIT_DEAD, 0);
    hwv_cli_json_count(json, "rare", layer->rare);
    units_of(json, "rare_units", layer, HWV_UNIT_RARE, 0);
    hwv_cli_json_count(json, "always_on", layer->always_on);
    units_of(json, "always_on_units", layer, HWV_UNIT_ALWAYS_ON, 0);
    hwv_cli_json_count(json, "dormant", layer->dormant);
    hwv_cli_json_count(json, "inert", layer->inert);
    units_of(json, "inert_units", layer, HWV_UNIT_INERT, 0);
    hwv_cli_json_count(json, "constant", layer->constant);
    hwv_cli_json_count(json, "saturated", layer->saturated);
    hwv_cli_json_count(json, "nans", layer->nans);
    hwv_cli_json_number(json, "mean_rate", layer->mean_rate);
    hwv_cli_json_number(json, "zeros", layer->zeros);
    evidence(json, layer);
    causes(json, layer);
    if (flow != NULL)
        gradients(json, flow);
    hwv_json_end(json);
}

static void one_unit(hwv_json_writer *json, const hwv_cli_checked *c)
{
    const hwv_layer_diagnosis *layer = &c->diagnosis.layers[c->layer];
    const hwv_unit_diagnosis *unit = &layer->unit[c->unit];
    const hwv_unit_tally *tally = &layer->tally->unit[c->unit];
    static const struct {
        unsigned bit;
        const char *name;
    } words[] = {{HWV_UNIT_SILENT, "silent"},
                 {HWV_UNIT_DEAD, "dead"},
                 {HWV_UNIT_INERT, "inert"},
                 {HWV_UNIT_RARE, "rare"},
                 {HWV_UNIT_ALWAYS_ON, "always_on"},
                 {HWV_UNIT_CONSTANT, "constant"},
                 {HWV_UNIT_DORMANT, "dormant"},
                 {HWV_UNIT_SATURATED_LOW, "saturated_low"},
                 {HWV_UNIT_SATURATED_HIGH, "saturated_high"}};
    hwv_json_key(json, "unit");
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "layer", layer->tally->name);
    hwv_cli_json_count(json, "index", c->unit);
    hwv_json_key(json, "is");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (unit->is & words[i].bit)
            hwv_json_string(json, words[i].name);
    hwv_json_end(json);
    hwv_cli_json_count(json, "fired", tally->fired);
    hwv_cli_json_count(json, "fired_samples", tally->fired_samples);
    hwv_cli_json_number(json, "rate", unit->rate);
    hwv_cli_json_count(json, "nans", tally->nans);
    hwv_cli_json_number(json, "min", (double)tally->min);
    hwv_cli_json_number(json, "max", (double)tally->max);
    hwv_cli_json_number(json, "mean", unit->mean);
    hwv_cli_json_number(json, "std", unit->std);
    hwv_cli_json_number(json, "bias", unit->bias);
    hwv_cli_json_number(json, "pull", unit->pull);
    hwv_cli_json_number(json, "norm", unit->norm);
    hwv_cli_json_number(json, "margin", unit->margin);
    hwv_json_end(json);
}

static void one_treatment(hwv_json_writer *json, const hwv_cli_tried *tried)
{
    const hwv_check_treatment *t = &tried->shown;
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", hwv_treatment_name(tried->treatment));
    hwv_cli_json_text(json, "command", t->command);
    hwv_cli_json_bool(json, "advised", t->advised);
    hwv_cli_json_text(json, "reason", t->reason);
    hwv_cli_json_bool(json, "done", t->done);
    hwv_json_key(json, "exact");
    if (t->done)
        hwv_json_bool(json, hwv_output_change_keeps(&t->change, HWV_PROMISE_EXACT));
    else
        hwv_json_null(json);
    hwv_json_key(json, "max_output_change");
    if (t->done)
        hwv_json_number(json, t->change.largest);
    else
        hwv_json_null(json);
    hwv_cli_json_number(json, "decided", t->done ? t->change.decided : (double)NAN);
    hwv_cli_json_count(json, "samples", t->change.samples);
    hwv_cli_json_count(json, "params_before", t->parameters_before);
    hwv_cli_json_count(json, "params_after", t->parameters_after);
    hwv_json_end(json);
}

static const hwv_layer_flow *flow_of(const hwv_cli_checked *c, size_t layer)
{
    return c->has_flow && layer < c->flow.layer_count ? &c->flow.layers[layer] : NULL;
}

void hwv_cli_check_json(const hwv_cli_checked *c, hwv_json_writer *json)
{
    const hwv_diagnosis *d = &c->diagnosis;
    hwv_cli_json_text(json, "verdict", hwv_verdict_name(d->verdict));
    hwv_cli_json_text(json, "model", c->tally.model != NULL ? c->tally.model : "");
    hwv_cli_json_text(json, "data", c->data);
    hwv_cli_json_count(json, "samples", d->tally->samples);
    hwv_cli_json_count(json, "rows", d->tally->rows);
    hwv_cli_json_count(json, "group", d->tally->group);
    hwv_cli_json_count(json, "units", d->units);
    hwv_cli_json_count(json, "silent", d->silent);
    hwv_cli_json_count(json, "dead", d->dead);
    hwv_cli_json_count(json, "inert", d->inert);
    hwv_cli_json_count(json, "samples_needed", d->samples_needed);
    hwv_json_key(json, "layers");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < d->layer_count; i++)
        one_layer(json, &d->layers[i], flow_of(c, i));
    hwv_json_end(json);
    if (c->shows_unit)
        one_unit(json, c);
    hwv_json_key(json, "treatments");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < c->tried_count; i++)
        one_treatment(json, &c->tried[i]);
    hwv_json_end(json);
    hwv_json_key(json, "gradients");
    if (c->has_flow) {
        hwv_json_begin_object(json);
        hwv_cli_json_count(json, "samples", c->flow.samples);
        hwv_cli_json_number(json, "loss", c->flow.loss);
        hwv_json_end(json);
    } else {
        hwv_json_null(json);
    }
    hwv_json_key(json, "not_checked");
    hwv_json_begin_array(json);
    if (!c->has_flow)
        hwv_json_string(json, "gradients");
    hwv_json_string(json, "other data");
    hwv_json_end(json);
    hwv_json_key(json, "unsupported");
    hwv_json_begin_array(json);
    for (size_t i = 0; c->subject.network != NULL && i < c->subject.network->unsupported_count; i++)
        hwv_json_string(json, c->subject.network->unsupported[i]);
    hwv_json_end(json);
}
