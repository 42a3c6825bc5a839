/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models of text with units that were killed on purpose, from file to pruned file; and what of them is never cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "patients.h"
#include "trial.h"

#include "check/treatment.h"

enum { BLOCK = 8, SAMPLES = 80, LETTERS = 11, WIDTH = 8 };

static float x[SAMPLES * BLOCK]; /* token ids, 32 bits each */

static int setup(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) {
        const int32_t token = (int32_t)hwv_random_below(7, HWV_STREAM_TEST, 0, i, LETTERS);
        memcpy(&x[i], &token, sizeof token);
    }
    return 0;
}

/* ---- files ----------------------------------------------------------------------------------------- */

/* A model as a trainer begins with it, units killed, as a checkpoint and as ONNX. */
static void files_write(const char *notation, const killed *dead, size_t count, const char *checkpoint,
                        const char *onnx)
{
    static const char letters[LETTERS + 1] = "0123456789\n";
    char text[800], spec[500];
    hwv_train_options options = hwv_train_defaults();
    hwv_model_options of = {.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {BLOCK}};
    hwv_trainer *trainer;
    hwv_model model;
    hwv_data data;
    hwv_error error;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = letters[i % LETTERS];
    (void)snprintf(spec, sizeof spec, "text:%s", scratch_write("text.txt", text, sizeof text));
    must(hwv_data_open(&data, spec, &error), &error);
    must(hwv_data_block_set(&data, BLOCK, &error), &error);
    assert_int_equal(data.classes, LETTERS);
    of.classes = data.classes;
    must(hwv_model_build(&model, notation, &of, &error), &error);
    must(hwv_trainer_create(&trainer, &model, &data, &options, NULL, &error), &error);
    units_kill(model.graph, model.weights, dead, count);
    must(hwv_trainer_save(trainer, checkpoint, &error), &error);
    must(hwv_onnx_export(&model, &data.vocabulary, onnx, &error), &error);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

typedef struct clinic {
    hwv_patient *patient;
    size_t cut;
    sample_source samples;
    hwv_source source;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
} clinic;

/* 80 samples are enough for a bound of 5 %. */
static void admit(clinic *c, hwv_patient *patient)
{
    hwv_diagnosis_options options = hwv_diagnosis_defaults();
    hwv_error error;
    *c = (clinic){.patient = patient, .cut = SAMPLES};
    c->samples.feed = (sample_feed){.x = x, .each = BLOCK, .cut = &c->cut, .cut_count = 1};
    c->source = source_of(&c->samples);
    c->tally = count_of(hwv_patient_network(patient), x, BLOCK, 0, SAMPLES, 1, NULL);
    options.bound = 0.05;
    must(hwv_diagnose(&c->diagnosis, &c->tally, hwv_patient_network(patient), &options, &error), &error);
}

static void discharge(clinic *c)
{
    hwv_diagnosis_free(&c->diagnosis);
    hwv_tally_free(&c->tally);
    hwv_patient_close(c->patient);
}

/* These units of a layer never fire, and all others do. */
static void finds(const clinic *c, size_t layer, const killed *dead)
{
    const hwv_layer_tally *tally = &c->tally.layers[layer];
    size_t found = 0;
    assert_int_equal(tally->looks, SAMPLES * BLOCK);
    for (size_t u = 0; u < tally->units; u++)
        if (c->diagnosis.layers[layer].unit[u].is & HWV_UNIT_SILENT) {
            assert_true(found < dead->count && dead->units[found] == u);
            assert_true(c->diagnosis.layers[layer].unit[u].is & HWV_UNIT_DEAD);
            found++;
        }
    assert_int_equal(found, dead->count);
}

static hwv_patient *prune(clinic *c, hwv_treated *treated)
{
    hwv_patient *cured;
    hwv_error error;
    must(hwv_patient_treat(&cured, treated, c->patient, &c->diagnosis, HWV_TREATMENT_PRUNE, NULL, &c->source, NULL,
                           &error),
         &error);
    return cured;
}

/* ---- feed-forward layers --------------------------------------------------------------------------- */

static const killed fed[] = {{"fc1.bias", {3, 11, 20}, 3}, {"fc3.bias", {0}, 1}};

static void is_pruned(clinic *c, hwv_patient *(*reopen)(const char *path), const char *path)
{
    hwv_treated treated;
    hwv_output_change change;
    hwv_error error;
    for (size_t l = 0; l < 2; l++)
        finds(c, l, &fed[l]);
    hwv_patient *cured = prune(c, &treated);
    assert_non_null(cured);
    assert_int_equal(treated.layer_count, 2);
    for (size_t l = 0; l < 2; l++) {
        assert_int_equal(treated.layers[l].count, fed[l].count);
        assert_memory_equal(treated.layers[l].units, fed[l].units, fed[l].count * sizeof(size_t));
    }
    assert_true(treated.change.equal && treated.change.tokens && treated.change.decided == 1);
    /* a unit has a row of weights, a bias and a column of weights */
    assert_int_equal(treated.before.parameters - treated.after.parameters, 4 * (2 * WIDTH + 1));
    must(hwv_patient_write(cured, path, &error), &error);
    hwv_patient_close(cured);
    clinic after;
    admit(&after, reopen(path));
    must(hwv_network_compare(&change, hwv_patient_network(c->patient), hwv_patient_network(after.patient), &c->source,
                             NULL, &error),
         &error);
    assert_true(change.equal && change.tokens && change.decided == 1 && change.samples == SAMPLES);
    assert_true(after.diagnosis.dead == 0 && after.tally.layers[0].units == 24 - 3 &&
                after.tally.layers[1].units == 15);
    discharge(&after);
    hwv_treated_free(&treated);
}

static void test_feed_forward(void **state)
{
    const char *checkpoint = scratch_path("m.safetensors"), *onnx = scratch_path("m.onnx");
    clinic c;
    (void)state;
    files_write("embed 8; pos; res { ln; attn 2 causal }; res { ln; fc 24; act; fc 8 }; "
                "res { rms; fc 16; act; fc 8 }; ln; unembed",
                fed, 2, checkpoint, onnx);
    admit(&c, checkpoint_patient(checkpoint));
    is_pruned(&c, checkpoint_patient, scratch_path("cured.safetensors"));
    discharge(&c);
    admit(&c, onnx_patient(onnx));
    is_pruned(&c, onnx_patient, scratch_path("cured.onnx"));
    discharge(&c);
    scratch_empty();
}

/* ---- what is left ---------------------------------------------------------------------------------- */

static void is_left(clinic *c, const killed *dead, const char *reason)
{
    hwv_treated treated;
    finds(c, 0, dead);
    assert_null(prune(c, &treated));
    assert_true(treated.layer_count == 1 && treated.layers[0].asked == dead->count && treated.layers[0].count == 0);
    if (strstr(treated.layers[0].reason, reason) == NULL)
        fail_msg("'%s', expected is '%s'", treated.layers[0].reason, reason);
    hwv_treated_free(&treated);
    discharge(c);
}

/* Units of the residual stream, which norms read as a whole. */
static void test_stream(void **state)
{
    static const killed dead = {"fc1.bias", {2}, 1};
    const char *checkpoint = scratch_path("m.safetensors"), *onnx = scratch_path("m.onnx");
    clinic c;
    (void)state;
    files_write("embed 8; pos; fc 8; act; res { ln; attn 2 causal }; ln; unembed", &dead, 1, checkpoint, onnx);
    admit(&c, checkpoint_patient(checkpoint));
    is_left(&c, &dead, "norm over its channels needs them all");
    admit(&c, onnx_patient(onnx));
    is_left(&c, &dead, "norm over its channels needs them all");
    scratch_empty();
}

/* Queries, keys and values, whose columns belong to heads. */
static void test_attention(void **state)
{
    static float numbers[TRIAL_SAMPLES * 4 * 5];
    const hwv_node_attributes heads = {.heads = 2};
    sketch s = sketch_begin(3);
    trial t;
    (void)state;
    normals(numbers, sizeof numbers / sizeof *numbers, 4);
    const hwv_id in = sketch_input(&s, (hwv_shape){3, {HWV_BATCH, 4, 5}});
    hwv_id y = sketch_act(&s, sketch_bias(&s, sketch_dense(&s, in, 3 * WIDTH)), HWV_OP_RELU);
    y = sketch_dense(&s, sketch_one(&s, HWV_NODE_ATTENTION, &heads, y), 6);
    hwv_network network = sketch_network(&s, in, &y, 1);
    trial_kill(&network, 0, 1);
    trial_begin(&t, network, numbers);
    trial_make(&t, hwv_treat_prune, NULL);
    assert_true(t.layers[0].asked == 1 && t.layers[0].count == 0);
    assert_non_null(strstr(t.layers[0].reason, "(attention) is not known to treat channels apart"));
    trial_end(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_feed_forward),
        cmocka_unit_test(test_stream),
        cmocka_unit_test(test_attention),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
