/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Real models, and models with units that are known to be dead, from file to changed file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "check/cost.h"
#include "halfwave/inputs.h"
#include "halfwave/json.h"
#include "support.h"

#include "check/treatment.h"

#define PLANTED  HWV_SHARED_DATA "/planted/"
#define WAKEWORD HWV_SHARED_DATA "/wakeword/"

typedef struct model {
    hwv_onnx *file;
    hwv_onnx_trace *trace;
    hwv_network network;
    hwv_inputs *inputs;
    hwv_source source;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
    hwv_change change;
    hwv_layer_treatment *layers;
    hwv_error error;
} model;

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    return hwv_inputs_read(self, rows, into, NULL, got, error);
}

static hwv_status open(void *self, hwv_feed *feed, hwv_error *error)
{
    *feed = (hwv_feed){.self = self, .next = next};
    return hwv_inputs_rewind(self, error);
}

static void count(model *m)
{
    hwv_counter *counter;
    hwv_feed feed;
    must(hwv_counter_create(&counter, &m->network, 1, NULL, &m->error), &m->error);
    must(m->source.open(m->source.self, &feed, &m->error), &m->error);
    must(hwv_network_stream(&m->network, counter, &feed, NULL, &m->error), &m->error);
    must(hwv_counter_take(counter, &m->tally, &m->error), &m->error);
    hwv_counter_destroy(counter);
}

static void begin(model *m, const char *path, const char *data, double bound)
{
    const char *name = "x";
    hwv_onnx_import_options options = {.batched = true, .trace = &m->trace};
    hwv_diagnosis_options judged = hwv_diagnosis_defaults();
    FILE *there = fopen(path, "rb");
    if (there == NULL)
        skip();
    (void)fclose(there);
    *m = (model){0};
    judged.bound = bound;
    must(hwv_onnx_open(&m->file, path, &m->error), &m->error);
    must(hwv_onnx_import(&m->network, m->file, &options, &m->error), &m->error);
    must(hwv_inputs_open(&m->inputs, &data, 1, &name, 1, NULL, &m->error), &m->error);
    m->source = (hwv_source){m->inputs, open};
    count(m);
    must(hwv_diagnose(&m->diagnosis, &m->tally, &m->network, &judged, &m->error), &m->error);
}

static void make(model *m, hwv_treatment_make *how)
{
    const hwv_treatment_options options = {.seed = 1};
    hwv_treating treating = {.network = &m->network,
                             .diagnosis = &m->diagnosis,
                             .options = &options,
                             .source = &m->source,
                             .change = &m->change,
                             .error = &m->error};
    must(hwv_change_create(&m->change, &m->network, &m->error), &m->error);
    m->layers = treating.layers = hwv_calloc(m->network.layer_count + 1, sizeof *m->layers);
    assert_non_null(m->layers);
    must(how(&treating), &m->error);
}

static void unmake(model *m)
{
    for (size_t l = 0; m->layers && l < m->network.layer_count; l++)
        hwv_free(m->layers[l].units);
    hwv_free(m->layers);
    m->layers = NULL;
    hwv_change_free(&m->change);
}

static void end(model *m)
{
    hwv_diagnosis_free(&m->diagnosis);
    hwv_tally_free(&m->tally);
    hwv_inputs_close(m->inputs);
    hwv_network_free(&m->network);
    hwv_onnx_trace_free(m->trace);
    hwv_onnx_close(m->file);
}

/* Through the bytes of the changed file. */
static uint64_t carried_out(model *m, hwv_promise promise)
{
    const hwv_onnx_import_options options = {.batched = true};
    hwv_text bytes = {0};
    hwv_onnx *file;
    hwv_network network;
    hwv_output_change moved;
    must(hwv_onnx_change(&bytes, m->file, m->trace, &m->change, false, &m->error), &m->error);
    must(hwv_onnx_parse(&file, "changed", bytes.data, bytes.length, &m->error), &m->error);
    must(hwv_onnx_import(&network, file, &options, &m->error), &m->error);
    must(hwv_network_compare(&moved, &m->network, &network, &m->source, NULL, &m->error), &m->error);
    assert_true(hwv_output_change_keeps(&moved, promise));
    const uint64_t parameters = hwv_network_parameters(&network);
    hwv_network_free(&network);
    hwv_onnx_close(file);
    hwv_text_free(&bytes);
    return parameters;
}

static double number(const hwv_json_value *object, const char *key)
{
    const hwv_json_value *value = hwv_json_get(object, key);
    assert_true(value && value->type == HWV_JSON_NUMBER);
    return value->number;
}

static hwv_json_value *expected(void)
{
    static char text[1 << 18];
    hwv_json_value *root;
    hwv_error error;
    FILE *file = fopen(PLANTED "expected.json", "rb");
    if (file == NULL)
        skip();
    const size_t length = fread(text, 1, sizeof text, file);
    (void)fclose(file);
    must(hwv_json_parse(&root, text, length, &error), &error);
    return root;
}

/* All that is dead is cut, inert units stay, and as many parameters go as the folder's own account says. */
static void test_planted(void **state)
{
    static const char *const names[] = {"mlp_sparse", "conv_residual", "ffn_block"};
    hwv_json_value *root = expected();
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        const hwv_json_value *truth = hwv_json_get(hwv_json_get(root, "models"), names[i]);
        const double less =
            number(truth, "params_before") - number(hwv_json_get(truth, "exact_pruning"), "params_after");
        char path[400], data[400];
        model m;
        snprintf(path, sizeof path, PLANTED "%s.onnx", names[i]);
        snprintf(data, sizeof data, PLANTED "%s_inputs.npy", names[i]);
        begin(&m, path, data, 0.1);
        make(&m, hwv_treat_prune);
        for (size_t l = 0; l < m.network.layer_count; l++) {
            assert_int_equal(m.layers[l].count, m.diagnosis.layers[l].dead);
            assert_string_equal(m.layers[l].reason, "");
            assert_int_equal(m.layers[l].unsure, 0);
        }
        const uint64_t before = hwv_network_parameters(&m.network), after = carried_out(&m, HWV_PROMISE_EXACT);
        assert_true((double)(before - after) == less);
        unmake(&m);
        make(&m, hwv_treat_recycle);
        for (size_t l = 0; l < m.network.layer_count; l++)
            assert_int_equal(m.layers[l].count, m.diagnosis.layers[l].dead);
        assert_int_equal(carried_out(&m, HWV_PROMISE_EQUAL), before);
        unmake(&m);
        end(&m);
    }
    hwv_json_free(root);
}

/* Few samples: silent units are short of evidence, and stay. */
static void test_unsure(void **state)
{
    model m;
    (void)state;
    begin(&m, PLANTED "conv_residual.onnx", PLANTED "conv_residual_inputs.npy", 0.01);
    make(&m, hwv_treat_prune);
    size_t unsure = 0;
    for (size_t l = 0; l < m.network.layer_count; l++) {
        assert_int_equal(m.layers[l].unsure, m.diagnosis.layers[l].silent);
        assert_int_equal(m.layers[l].asked, 0);
        unsure += m.layers[l].unsure;
    }
    assert_true(unsure == m.diagnosis.silent && unsure > 0 && hwv_change_is_empty(&m.change));
    unmake(&m);
    end(&m);
}

static void test_alexa(void **state)
{
    model m;
    (void)state;
    begin(&m, WAKEWORD "alexa_v0.1.onnx", WAKEWORD "alexa_inputs.npy", 0.01);
    make(&m, hwv_treat_prune);
    const uint64_t before = hwv_network_parameters(&m.network), after = carried_out(&m, HWV_PROMISE_EXACT);
    assert_true(before == 213377 && after <= before / 2);
    unmake(&m);
    make(&m, hwv_treat_recycle);
    assert_true(m.layers[0].count > 0);
    carried_out(&m, HWV_PROMISE_EQUAL);
    unmake(&m);
    end(&m);
}

/* Units behind a layer norm stay, with the reason. */
static void test_mycroft(void **state)
{
    static hwv_treatment_make *const each[] = {hwv_treat_prune, hwv_treat_recycle};
    static const char why[] = "a layer norm over its channels needs them all: ";
    model m;
    (void)state;
    begin(&m, WAKEWORD "hey_mycroft_v0.1.onnx", WAKEWORD "alexa_inputs.npy", 0.01);
    for (size_t i = 0; i < 2; i++) {
        make(&m, each[i]);
        for (size_t l = 0; l < 2; l++) {
            assert_true(m.layers[l].asked > 0 && m.layers[l].count == 0);
            assert_memory_equal(m.layers[l].reason, why, strlen(why));
        }
        assert_true(hwv_change_is_empty(&m.change));
        unmake(&m);
    }
    end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_unsure),
        cmocka_unit_test(test_alexa),
        cmocka_unit_test(test_mycroft),
    };
    return cmocka_run_group_tests_name("files", tests, NULL, NULL);
}
