/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Training with gated pairs: checkpoints say which, a cut run goes on to the same bits, and units are counted by their
 * gates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common.h"

static hwv_data digits;
static char checkpoint[300];

static hwv_model gated(const char *act, const char *notation)
{
    hwv_model_options options = model_options(&digits, HWV_OP_RELU);
    hwv_model model;
    hwv_error error;
    need(hwv_model_act_parse(&options.act, act, &error), &error, act);
    need(hwv_model_build(&model, notation, &options, &error), &error, notation);
    return model;
}

static hwv_train_options options_make(size_t steps)
{
    hwv_train_options options = hwv_train_defaults();
    options.epochs = 2;
    options.max_steps = steps;
    options.checkpoint = checkpoint;
    return options;
}

static hwv_status run(const char *act, size_t steps, bool resume, hwv_train_result *result, hwv_error *error)
{
    const hwv_train_options options = options_make(steps);
    hwv_model model = gated(act, SMALL);
    hwv_trainer *trainer;
    need(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, error), error, "create");
    hwv_status status = resume ? hwv_trainer_resume(trainer, checkpoint, error) : HWV_OK;
    *result = (hwv_train_result){.steps = 0};
    if (status == HWV_OK)
        status = hwv_trainer_run(trainer, result, error);
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    return status;
}

static void test_checkpoints(void **state)
{
    hwv_train_result whole, part;
    hwv_model model;
    hwv_error error;
    (void)state;
    need(run("reglu", 0, false, &whole, &error), &error, "run");
    assert_string_equal(whole.layers[0].name, "act1");
    assert_string_equal(whole.layers[0].act, "reglu");
    assert_int_equal(whole.layers[0].units, 21);
    need(run("reglu", 30, false, &part, &error), &error, "part");
    hwv_train_result_free(&part);
    assert_int_equal(run("swiglu", 0, true, &part, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "made with activation reglu, given is swiglu"));
    assert_int_equal(run("relu", 0, true, &part, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "made with activation reglu, given is relu"));
    need(run("reglu", 0, true, &part, &error), &error, "rest");
    assert_string_equal(part.weights_sha256, whole.weights_sha256);
    need(hwv_checkpoint_load(&model, checkpoint, &error), &error, "load");
    assert_true(model.options.act.gated && model.options.act.gate == HWV_GATE_REGLU);
    hwv_model_free(&model);
    hwv_train_result_free(&part);
    hwv_train_result_free(&whole);
    remove(checkpoint);
}

/* A gate's units fire where those of its f alone do, whose product has the rows of the gate. */
static void test_counts(void **state)
{
    hwv_layer_stats *pair, *alone;
    size_t pairs, singles;
    hwv_error error;
    (void)state;
    hwv_model two = gated("relu", "fc 40; act reglu; fc 10"), one = gated("relu", "fc 20; act; fc 10");
    hwv_model_initialise(&two, HWV_INIT_HE, 3);
    static const char *const names[] = {"fc1.weight", "fc1.bias"};
    for (size_t i = 0; i < 2; i++) {
        const hwv_id from = hwv_graph_find(two.graph, names[i]), to = hwv_graph_find(one.graph, names[i]);
        const size_t half = hwv_weights_elements(one.weights, to);
        assert_int_equal(hwv_weights_elements(two.weights, from), 2 * half);
        memcpy(hwv_weights_data(one.weights, to), hwv_weights_data(two.weights, from) + half, half * sizeof(float));
    }
    hwv_weights_data(two.weights, hwv_graph_find(two.graph, "fc1.bias"))[20 + 4] = -1000; /* never fires */
    hwv_weights_data(one.weights, hwv_graph_find(one.graph, "fc1.bias"))[4] = -1000;
    need(hwv_count_units(&two, &digits, &digits.train, NULL, &pair, &pairs, &error), &error, "pair");
    need(hwv_count_units(&one, &digits, &digits.train, NULL, &alone, &singles, &error), &error, "alone");
    assert_int_equal(pairs, 1);
    assert_int_equal(singles, 1);
    assert_int_equal(pair->units, 20);
    for (size_t u = 0; u < 20; u++)
        assert_int_equal(pair->fired[u], alone->fired[u]);
    assert_int_equal(pair->fired[4], 0);
    assert_true(pair->dead >= 1 && pair->dead == alone->dead);
    assert_true(pair->zeros == alone->zeros && pair->zeros > 0.05);
    hwv_layer_stats_free(pair, pairs);
    hwv_layer_stats_free(alone, singles);
    hwv_model_free(&two);
    hwv_model_free(&one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checkpoints),
        cmocka_unit_test(test_counts),
    };
    const char *folder = folder_make();
    snprintf(checkpoint, sizeof checkpoint, "%s/c.safetensors", folder);
    digits = digits_open();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hwv_data_close(&digits);
    remove(checkpoint);
    rmdir(folder);
    return failed;
}
