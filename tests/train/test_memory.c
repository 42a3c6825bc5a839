/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Every allocation of creating, running, saving, resuming, loading and counting fails in turn: a status, no leak, no
 * half-written file, and whatever was there before stays. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"

static hwv_data digits;
static char folder[256], checkpoint[300], log_path[300];
static char *stored; /* the checkpoint's bytes */
static size_t stored_size;

static int setup(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "%s", folder_make());
    snprintf(checkpoint, sizeof checkpoint, "%s/a.safetensors", folder);
    snprintf(log_path, sizeof log_path, "%s/log.jsonl", folder);
    digits = digits_open();
    hwv_error error;
    need(hwv_data_normalize(&digits, NULL, NULL, &error), &error, "normalize");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(checkpoint);
    remove(log_path);
    hwv_data_close(&digits);
    return rmdir(folder); /* fails if a temporary file was left */
}

static hwv_train_options options_make(void)
{
    hwv_train_options options = hwv_train_defaults();
    options.epochs = 2;
    options.max_steps = 50;
    options.augment.shift = 1;
    options.checkpoint = checkpoint;
    options.log = log_path;
    return options;
}

typedef hwv_status scene(hwv_model *model, hwv_error *error);

static hwv_status whole_run(hwv_model *model, hwv_error *error)
{
    hwv_trainer *trainer;
    hwv_train_result result;
    hwv_train_options options = options_make();
    HWV_TRY(hwv_trainer_create(&trainer, model, &digits, &options, NULL, error));
    hwv_status status = hwv_trainer_run(trainer, &result, error);
    if (status == HWV_OK)
        hwv_train_result_free(&result);
    else
        assert_true(result.layers == NULL && result.history == NULL);
    hwv_trainer_destroy(trainer);
    return status;
}

static hwv_status resumed_run(hwv_model *model, hwv_error *error)
{
    hwv_trainer *trainer;
    hwv_train_result result;
    hwv_train_options options = options_make();
    options.max_steps = 0;
    HWV_TRY(hwv_trainer_create(&trainer, model, &digits, &options, NULL, error));
    hwv_status status = hwv_trainer_resume(trainer, checkpoint, error);
    if (status == HWV_OK) {
        status = hwv_trainer_run(trainer, &result, error);
        hwv_train_result_free(&result);
    }
    hwv_trainer_destroy(trainer);
    return status;
}

static hwv_status save(hwv_model *model, hwv_error *error)
{
    hwv_trainer *trainer;
    hwv_train_options options = options_make();
    HWV_TRY(hwv_trainer_create(&trainer, model, &digits, &options, NULL, error));
    hwv_status status = hwv_trainer_save(trainer, checkpoint, error);
    hwv_trainer_destroy(trainer);
    return status;
}

static hwv_status load(hwv_model *model, hwv_error *error)
{
    hwv_model loaded;
    hwv_train_options options = hwv_train_defaults();
    (void)model;
    HWV_TRY(hwv_checkpoint_options(&options, checkpoint, error));
    HWV_TRY(hwv_checkpoint_load(&loaded, checkpoint, error));
    hwv_model_free(&loaded);
    return HWV_OK;
}

static hwv_status parse(hwv_model *model, hwv_error *error)
{
    hwv_model parsed;
    (void)model;
    HWV_TRY(hwv_checkpoint_parse(&parsed, "bytes", stored, stored_size, error));
    hwv_model_free(&parsed);
    return HWV_OK;
}

static hwv_status counts(hwv_model *model, hwv_error *error)
{
    hwv_layer_stats *layers;
    size_t count;
    hwv_evaluation evaluation = {0};
    HWV_TRY(hwv_evaluate(model, &digits, &digits.test, NULL, &evaluation, error));
    HWV_TRY(hwv_count_units(model, &digits, &digits.test, NULL, &layers, &count, error));
    hwv_layer_stats_free(layers, count);
    return HWV_OK;
}

/* The run diverges: the diagnosis allocates too, and tells less when it cannot. */
static hwv_status diverging_run(hwv_model *model, hwv_error *error)
{
    hwv_trainer *trainer;
    hwv_train_result result;
    hwv_train_options options = options_make();
    options.optimizer.lr = 1e25;
    HWV_TRY(hwv_trainer_create(&trainer, model, &digits, &options, NULL, error));
    hwv_status status = hwv_trainer_run(trainer, &result, error);
    hwv_train_result_free(&result);
    hwv_trainer_destroy(trainer);
    if (status == HWV_ERR_NUMERIC && strncmp(error->text, "step ", 5) == 0)
        return HWV_OK;
    return status == HWV_OK ? HWV_ERR_INTERNAL : status;
}

static void play(scene *play_scene, bool may_succeed)
{
    hwv_model model = model_make(&digits, "fc 16; act; fc 12; act leaky_relu; fc 10", HWV_OP_RELU);
    hwv_error error;
    size_t live = allocations_live(), failed = 0, size;
    char *before = file_bytes(checkpoint, &size);
    for (size_t n = 1;; n++) {
        if (size > 0)
            file_put(checkpoint, before, size);
        size_t start = allocations_count();
        allocations_fail_at(n);
        hwv_status status = play_scene(&model, &error);
        allocations_fail_at(0);
        assert_int_equal(allocations_live(), live + 1 /* before */);
        if (allocations_count() - start < n) {
            assert_int_equal(status, HWV_OK);
            break;
        }
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_true(strlen(error.text) > 0);
            failed++;
        } else {
            assert_true(may_succeed);
        }
        hwv_model loaded;
        if (size > 0 && status != HWV_OK) {
            assert_int_equal(hwv_checkpoint_load(&loaded, checkpoint, &error), HWV_OK);
            hwv_model_free(&loaded);
        }
    }
    assert_true(failed > 5);
    free(before);
    hwv_model_free(&model);
}

static void test_run(void **state)
{
    (void)state;
    play(whole_run, false);
}

static void test_save_and_load(void **state)
{
    (void)state;
    play(save, false);
    play(load, false);
    stored = file_bytes(checkpoint, &stored_size);
    play(parse, false);
    free(stored);
    play(counts, false);
}

static void test_resume(void **state)
{
    (void)state;
    hwv_error error;
    hwv_model model = model_make(&digits, "fc 16; act; fc 12; act leaky_relu; fc 10", HWV_OP_RELU);
    assert_int_equal(whole_run(&model, &error), HWV_OK);
    hwv_model_free(&model);
    play(resumed_run, false);
}

static void test_divergence(void **state)
{
    (void)state;
    play(diverging_run, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_run),
        cmocka_unit_test(test_save_and_load),
        cmocka_unit_test(test_resume),
        cmocka_unit_test(test_divergence),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
