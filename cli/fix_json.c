/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A fix as JSON (docs/json.md): on stdout and in the file of --report. */
#include "fix.h"

#include <math.h>

static const char *const promises[] = {
    [HWV_PROMISE_NONE] = "none", [HWV_PROMISE_EXACT] = "exact", [HWV_PROMISE_EQUAL] = "equal"};

static void null(hwv_json_writer *json, const char *key)
{
    hwv_json_key(json, key);
    hwv_json_null(json);
}

static void numbers(hwv_json_writer *json, const char *key, const size_t *units, size_t count)
{
    hwv_json_key(json, key);
    hwv_json_begin_array(json);
    for (size_t i = 0; i < count; i++)
        hwv_json_integer(json, (int64_t)units[i]);
    hwv_json_end(json);
}

/* Units that are so and were not treated. */
static void others(hwv_json_writer *json, const char *key, const hwv_layer_treatment *layer,
                   const hwv_layer_diagnosis *counted, unsigned is, unsigned is_not)
{
    size_t next = 0;
    hwv_json_key(json, key);
    hwv_json_begin_array(json);
    for (size_t u = 0; u < counted->tally->units; u++) {
        while (next < layer->count && layer->units[next] < u)
            next++;
        bool treated = next < layer->count && layer->units[next] == u;
        if (!treated && (counted->unit[u].is & is) && !(counted->unit[u].is & is_not))
            hwv_json_integer(json, (int64_t)u);
    }
    hwv_json_end(json);
}

static void one_layer(hwv_json_writer *json, const hwv_cli_step *step, const hwv_layer_treatment *layer)
{
    const hwv_layer_diagnosis *counted = &step->stage->diagnosis.layers[layer->layer];
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", step->stage->network->layers[layer->layer].name);
    hwv_cli_json_count(json, "number", layer->layer + 1);
    hwv_cli_json_count(json, "units", counted->tally->units);
    hwv_cli_json_count(json, "asked", layer->asked);
    hwv_cli_json_count(json, "treated", step->done ? layer->count : 0);
    hwv_cli_json_count(json, "unsure", layer->unsure);
    hwv_cli_json_count(json, "near", layer->near);
    hwv_cli_json_text(json, "reason", layer->reason);
    hwv_cli_json_count(json, "samples_needed", counted->samples_needed);
    numbers(json, "treated_units", layer->units, step->done ? layer->count : 0);
    others(json, "dead_left", layer, counted, HWV_UNIT_DEAD, 0);
    others(json, "silent_left", layer, counted, HWV_UNIT_SILENT, HWV_UNIT_DEAD | HWV_UNIT_INERT);
    hwv_json_end(json);
}

static void change(hwv_json_writer *json, const hwv_output_change *change)
{
    hwv_cli_json_number(json, "max_output_change", change->largest);
    hwv_cli_json_number(json, "allowed", hwv_cli_fix_allowed(change));
    hwv_cli_json_bool(json, "equal", change->equal);
    hwv_cli_json_number(json, "decided", change->decided);
}

static void one_step(hwv_json_writer *json, const hwv_cli_step *step)
{
    const hwv_treated *t = &step->treated;
    hwv_promise promise = hwv_treatment_promise(t->treatment);
    hwv_json_begin_object(json);
    hwv_cli_json_text(json, "name", hwv_treatment_name(t->treatment));
    hwv_cli_json_text(json, "promise", promises[promise]);
    hwv_cli_json_bool(json, "done", step->done);
    if (step->done) {
        hwv_cli_json_bool(
            json, "exact",
            hwv_output_change_keeps(&t->change, promise > HWV_PROMISE_EXACT ? promise : HWV_PROMISE_EXACT));
        change(json, &t->change);
    } else {
        null(json, "exact");
        null(json, "max_output_change");
    }
    hwv_cli_json_count(json, "units", step->done ? t->units : 0);
    hwv_cli_json_count(json, "params_before", t->before.parameters);
    hwv_cli_json_count(json, "params_after", step->done ? t->after.parameters : t->before.parameters);
    hwv_cli_json_text(json, "reason", t->reason);
    hwv_json_key(json, "layers");
    hwv_json_begin_array(json);
    for (size_t l = 0; l < t->layer_count; l++)
        one_layer(json, step, &t->layers[l]);
    hwv_json_end(json);
    hwv_json_end(json);
}

static void milliseconds(hwv_json_writer *json, const char *key, double seconds)
{
    hwv_cli_json_number(json, key, 1e3 * seconds);
}

static void hash(hwv_json_writer *json, const char *key, const char *hex)
{
    if (hex[0] != '\0')
        hwv_cli_json_text(json, key, hex);
    else
        null(json, key);
}

void hwv_cli_fix_json(const hwv_cli_fixed *fix, hwv_json_writer *json)
{
    const hwv_cli_stage *first = &fix->stages[0], *last = &fix->stages[fix->stage_count - 1];
    hwv_cost before = hwv_patient_cost(first->patient), after = hwv_patient_cost(last->patient);
    hwv_cli_json_text(json, "file", fix->cli->operands[0]);
    hwv_cli_json_text(json, "model", first->network->name != NULL ? first->network->name : "");
    hwv_cli_json_text(json, "data", fix->subject.samples.description);
    hwv_cli_json_count(json, "samples", first->tally.samples);
    hwv_cli_json_count(json, "rows", first->tally.rows);
    hwv_cli_json_count(json, "group", first->tally.group);
    if (fix->out != NULL)
        hwv_cli_json_text(json, "out", fix->out);
    else
        null(json, "out");
    hwv_cli_json_bool(json, "written", fix->written);
    hash(json, "sha256_before", fix->hash_before);
    hash(json, "sha256_after", fix->hash_after);
    hwv_cli_json_bool(json, "exact", hwv_output_change_keeps(&fix->change, HWV_PROMISE_EXACT));
    change(json, &fix->change);
    hwv_cli_json_count(json, "units_before", first->diagnosis.units);
    hwv_cli_json_count(json, "units_after", last->diagnosis.units);
    hwv_cli_json_count(json, "silent_before", first->diagnosis.silent);
    hwv_cli_json_count(json, "silent_after", last->diagnosis.silent);
    hwv_cli_json_count(json, "dead_before", first->diagnosis.dead);
    hwv_cli_json_count(json, "dead_after", last->diagnosis.dead);
    hwv_cli_json_count(json, "params_before", before.parameters);
    hwv_cli_json_count(json, "params_after", after.parameters);
    hwv_cli_json_count(json, "bytes_before", before.bytes);
    hwv_cli_json_count(json, "bytes_after", after.bytes);
    hwv_cli_json_count(json, "flops_before", before.flops);
    hwv_cli_json_count(json, "flops_after", after.flops);
    milliseconds(json, "ms_before", fix->times.before);
    milliseconds(json, "ms_after", fix->times.after);
    hwv_cli_json_count(json, "ms_samples", fix->times.rows);
    hwv_json_key(json, "treatments");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < fix->step_count; i++)
        one_step(json, &fix->steps[i]);
    hwv_json_end(json);
    hwv_json_key(json, "unsupported");
    hwv_json_begin_array(json);
    for (size_t i = 0; i < first->network->unsupported_count; i++)
        hwv_json_string(json, first->network->unsupported[i]);
    hwv_json_end(json);
}
