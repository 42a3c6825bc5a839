/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Real and planted models, treated: what is known to be dead goes, the outputs stay. Skipped where they are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "halfwave/inputs.h"
#include "halfwave/json.h"
#include "patients.h"

#define PLANTED  HWV_SHARED_DATA "/planted/"
#define WAKEWORD HWV_SHARED_DATA "/wakeword/"

/* ---- a model and its inputs ------------------------------------------------------------------------ */

typedef struct clinic {
    hwv_patient *patient;
    hwv_inputs *inputs;
    hwv_source source;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
} clinic;

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    return hwv_inputs_read(self, rows, into, NULL, got, error);
}

static hwv_status begin(void *self, hwv_feed *feed, hwv_error *error)
{
    *feed = (hwv_feed){.self = self, .next = next};
    return hwv_inputs_rewind(self, error);
}

static void look(clinic *c, double bound)
{
    const hwv_network *network = hwv_patient_network(c->patient);
    const hwv_diagnosis_options options = {.bound = bound, .fail_over = 0.1};
    hwv_counter *counter;
    hwv_feed feed;
    hwv_error error;
    must(c->source.open(c->source.self, &feed, &error), &error);
    must(hwv_counter_create(&counter, network, 1, NULL, &error), &error);
    must(hwv_network_stream(network, counter, &feed, NULL, &error), &error);
    must(hwv_counter_take(counter, &c->tally, &error), &error);
    hwv_counter_destroy(counter);
    must(hwv_diagnose(&c->diagnosis, &c->tally, network, &options, &error), &error);
}

static void admit(clinic *c, const char *model, const char *data, double bound)
{
    const char *name = "x";
    hwv_error error;
    if (access(model, R_OK) != 0)
        skip();
    *c = (clinic){.patient = onnx_patient(model)};
    must(hwv_inputs_open(&c->inputs, &data, 1, &name, 1, NULL, &error), &error);
    c->source = (hwv_source){.self = c->inputs, .open = begin};
    look(c, bound);
}

static void discharge(clinic *c)
{
    hwv_diagnosis_free(&c->diagnosis);
    hwv_tally_free(&c->tally);
    hwv_inputs_close(c->inputs);
    hwv_patient_close(c->patient);
}

static hwv_patient *treat(clinic *c, hwv_treatment treatment, hwv_treated *treated)
{
    hwv_patient *cured;
    hwv_error error;
    must(hwv_patient_treat(&cured, treated, c->patient, &c->diagnosis, treatment, NULL, &c->source, NULL, &error),
         &error);
    return cured;
}

/* What is written is what was measured. */
static void stays(clinic *c, const hwv_patient *cured, const hwv_treated *treated)
{
    const char *path = scratch_path("cured.onnx");
    hwv_output_change change;
    hwv_error error;
    must(hwv_patient_write(cured, path, &error), &error);
    hwv_patient *written = onnx_patient(path);
    must(hwv_network_compare(&change, hwv_patient_network(c->patient), hwv_patient_network(written), &c->source, NULL,
                             &error),
         &error);
    assert_true(change.largest == treated->change.largest && change.samples == hwv_inputs_count(c->inputs));
    assert_true(change.largest <= 1e-5 * change.scale);
    assert_true(hwv_patient_cost(written).parameters == treated->after.parameters);
    hwv_patient_close(written);
    scratch_empty();
}

/* The same treatment again finds nothing more to do. */
static void settled(clinic *c, hwv_patient *cured, double bound, hwv_treatment treatment)
{
    clinic after = {.patient = cured, .source = c->source};
    hwv_treated treated;
    look(&after, bound);
    assert_null(treat(&after, treatment, &treated));
    hwv_treated_free(&treated);
    hwv_diagnosis_free(&after.diagnosis);
    hwv_tally_free(&after.tally);
}

/* ---- planted --------------------------------------------------------------------------------------- */

static hwv_json_value *expectations(void)
{
    hwv_json_value *root;
    hwv_error error;
    size_t size;
    if (access(PLANTED "expected.json", R_OK) != 0)
        skip();
    char *text = bytes_of(PLANTED "expected.json", &size);
    must(hwv_json_parse(&root, text, size, &error), &error);
    hwv_free(text);
    return root;
}

/* The units of each layer that are known to be dead, and no others. */
static void units_fit(const hwv_treated *treated, const hwv_json_value *model)
{
    size_t l = 0, at = 0;
    for (const hwv_json_value *layer = hwv_json_get(model, "layers")->first; layer; layer = layer->next, l++) {
        const hwv_json_value *dead = hwv_json_get(layer, "dead_units");
        const hwv_layer_treatment *got = at < treated->layer_count && treated->layers[at].layer == l
                                             ? &treated->layers[at++]
                                             : &(hwv_layer_treatment){0};
        size_t u = 0;
        assert_int_equal(got->count, dead ? dead->count : 0);
        for (const hwv_json_value *unit = dead ? dead->first : NULL; unit; unit = unit->next)
            assert_int_equal(got->units[u++], unit->integer);
    }
}

static void planted(const char *name, hwv_treatment treatment)
{
    char model[400], data[400];
    hwv_json_value *root = expectations();
    const hwv_json_value *expected = hwv_json_get(hwv_json_get(root, "models"), name);
    clinic c;
    hwv_treated treated;
    (void)snprintf(model, sizeof model, PLANTED "%s.onnx", name);
    (void)snprintf(data, sizeof data, PLANTED "%s_inputs.npy", name);
    admit(&c, model, data, 0.1);
    hwv_patient *cured = treat(&c, treatment, &treated);
    if (cured == NULL)
        fail_msg("%s: %s", name, treated.reason);
    units_fit(&treated, expected);
    assert_int_equal(treated.before.parameters, hwv_json_get(expected, "params_before")->integer);
    if (treatment == HWV_TREATMENT_PRUNE)
        assert_int_equal(treated.after.parameters,
                         hwv_json_get(hwv_json_get(expected, "exact_pruning"), "params_after")->integer);
    else
        assert_true(treated.change.equal && treated.after.parameters == treated.before.parameters);
    stays(&c, cured, &treated);
    if (treatment == HWV_TREATMENT_PRUNE)
        settled(&c, cured, 0.1, treatment);
    hwv_patient_close(cured);
    hwv_treated_free(&treated);
    discharge(&c);
    hwv_json_free(root);
}

static const char *const names[] = {"mlp_sparse", "conv_residual", "ffn_block"};

static void test_planted_pruned(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        planted(names[i], HWV_TREATMENT_PRUNE);
}

static void test_planted_recycled(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        planted(names[i], HWV_TREATMENT_RECYCLE);
}

/* 48 inputs say less than a bound of 1 % asks for. */
static void test_short_of_evidence(void **state)
{
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, PLANTED "conv_residual.onnx", PLANTED "conv_residual_inputs.npy", 0.01);
    assert_null(treat(&c, HWV_TREATMENT_PRUNE, &treated));
    assert_true(treated.layer_count == 1 && treated.layers[0].layer == 1 && treated.layers[0].unsure == 3);
    assert_non_null(strstr(treated.reason, "3 units are silent, but 299 samples"));
    hwv_treated_free(&treated);
    discharge(&c);
}

/* ---- wake words ------------------------------------------------------------------------------------ */

static void test_alexa(void **state)
{
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, WAKEWORD "alexa_v0.1.onnx", WAKEWORD "alexa_inputs.npy", 0.01);
    hwv_patient *cured = treat(&c, HWV_TREATMENT_PRUNE, &treated);
    assert_non_null(cured);
    assert_true(treated.before.parameters == 213377 && treated.after.parameters <= 213377 / 2);
    assert_true(treated.after.flops <= treated.before.flops / 2 && treated.after.bytes < treated.before.bytes / 2);
    assert_true(treated.change.scale > 1); /* logits, and not what the sigmoid makes of them */
    stays(&c, cured, &treated);
    settled(&c, cured, 0.01, HWV_TREATMENT_PRUNE);
    hwv_patient_close(cured);
    hwv_treated_free(&treated);
    discharge(&c);
}

/* Units in front of a norm over all of them stay. */
static void test_mycroft(void **state)
{
    clinic c;
    hwv_treated treated;
    (void)state;
    admit(&c, WAKEWORD "hey_mycroft_v0.1.onnx", WAKEWORD "alexa_inputs.npy", 0.01);
    hwv_patient *cured = treat(&c, HWV_TREATMENT_PRUNE, &treated);
    for (size_t i = 0; i < treated.layer_count; i++)
        assert_true(treated.layers[i].count == treated.layers[i].asked || strstr(treated.layers[i].reason, "norm"));
    if (cured)
        stays(&c, cured, &treated);
    hwv_patient_close(cured);
    hwv_treated_free(&treated);
    discharge(&c);
}

/* A prelu of slope 0 is a relu, on both. */
static void test_prelu(void **state)
{
    static const char *const models[] = {WAKEWORD "alexa_v0.1.onnx", WAKEWORD "hey_mycroft_v0.1.onnx"};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        clinic c;
        hwv_treated treated;
        admit(&c, models[i], WAKEWORD "alexa_inputs.npy", 0.01);
        hwv_patient *cured = treat(&c, HWV_TREATMENT_PRELU, &treated);
        assert_true(cured && treated.change.equal && treated.change.samples == 2877);
        stays(&c, cured, &treated);
        hwv_patient_close(cured);
        hwv_treated_free(&treated);
        discharge(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted_pruned),    cmocka_unit_test(test_planted_recycled),
        cmocka_unit_test(test_short_of_evidence), cmocka_unit_test(test_alexa),
        cmocka_unit_test(test_mycroft),           cmocka_unit_test(test_prelu),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
