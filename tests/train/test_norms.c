/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Checkpoints of models with a bare norm say which; those of older versions, which do not, had layer norm. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common.h"

static hwv_data digits;
static char checkpoint[300];

/* From the checkpoint on where `resume` says so. */
static hwv_status run(hwv_norm norm, const char *notation, size_t steps, bool resume, hwv_error *error)
{
    hwv_model_options options = model_options(&digits, HWV_OP_RELU);
    hwv_train_options training = hwv_train_defaults();
    hwv_train_result result = {.steps = 0};
    hwv_trainer *trainer;
    hwv_model model;
    options.norm = norm;
    training.checkpoint = checkpoint;
    training.max_steps = steps;
    need(hwv_model_build(&model, notation, &options, error), error, notation);
    need(hwv_trainer_create(&trainer, &model, &digits, &training, NULL, error), error, "create");
    hwv_status status = resume ? hwv_trainer_resume(trainer, checkpoint, error) : HWV_OK;
    if (status == HWV_OK)
        status = hwv_trainer_run(trainer, &result, error);
    hwv_trainer_destroy(trainer);
    hwv_train_result_free(&result);
    hwv_model_free(&model);
    return status;
}

static void expect_loaded(hwv_norm norm)
{
    hwv_model model;
    hwv_error error;
    need(hwv_checkpoint_load(&model, checkpoint, &error), &error, "load");
    assert_int_equal(model.options.norm, norm);
    hwv_model_free(&model);
}

/* The same file with other letters. */
static void replace(const char *from, const char *to)
{
    size_t size;
    char *bytes = file_bytes(checkpoint, &size), *at = bytes;
    while (at + strlen(from) < bytes + size && memcmp(at, from, strlen(from)) != 0)
        at++;
    assert_true(at + strlen(from) < bytes + size);
    memcpy(at, to, strlen(to));
    file_put(checkpoint, bytes, size);
    free(bytes);
}

static void test_checkpoints(void **state)
{
    hwv_error error;
    (void)state;
    for (int norm = 0; norm < HWV_NORM_COUNT; norm++) {
        need(run((hwv_norm)norm, "norm; fc 8; norm; act; fc 10", 3, false, &error), &error, "run");
        expect_loaded((hwv_norm)norm);
        need(run((hwv_norm)norm, "norm; fc 8; norm; act; fc 10", 6, true, &error), &error, "resume");
    }
    assert_int_equal(run(HWV_NORM_LAYER, "norm; fc 8; norm; act; fc 10", 9, true, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "the checkpoint was made with norm none, given is layer"));
    need(run(HWV_NORM_RMS, "fc 10", 3, false, &error), &error, "without");
    need(run(HWV_NORM_LAYER, "fc 10", 6, true, &error), &error, "a norm that says nothing may be another");
}

static void test_older(void **state)
{
    hwv_model model;
    hwv_error error;
    (void)state;
    need(run(HWV_NORM_LAYER, "norm; fc 8; norm; act; fc 10", 3, false, &error), &error, "run");
    replace("\\\"norm\\\"", "\\\"nerm\\\"");
    expect_loaded(HWV_NORM_LAYER);
    replace("\\\"nerm\\\": \\\"layer", "\\\"norm\\\": \\\"lager");
    assert_int_equal(hwv_checkpoint_load(&model, checkpoint, &error), HWV_ERR_FORMAT);
    assert_non_null(strstr(error.text, "norm has a value that cannot be used"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_checkpoints),
        cmocka_unit_test(test_older),
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
