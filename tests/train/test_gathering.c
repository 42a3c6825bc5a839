/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What stands between a data set and a step: normalisation that checkpoints keep and give back, and images that are
 * changed at random. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "train/checkpoint.h"

static char checkpoint[300], edited[300];

static int setup(void **state)
{
    (void)state;
    const char *folder = folder_make();
    snprintf(checkpoint, sizeof checkpoint, "%s/a.safetensors", folder);
    snprintf(edited, sizeof edited, "%s/b.safetensors", folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    remove(checkpoint);
    remove(edited);
    *strrchr(checkpoint, '/') = '\0';
    return rmdir(checkpoint);
}

static hwv_data normalized_digits(void)
{
    hwv_data data = digits_open();
    hwv_error error;
    need(hwv_data_normalize(&data, NULL, NULL, &error), &error, "normalize");
    return data;
}

static hwv_train_options short_options(void)
{
    hwv_train_options options = hwv_train_defaults();
    options.epochs = 3;
    return options;
}

/* Runs with a checkpoint at the end, cut after `steps` (0: not at all). */
static hwv_train_result run(const hwv_data *data, hwv_train_options options, size_t steps, const char *resume)
{
    hwv_train_result result;
    hwv_error error;
    options.checkpoint = checkpoint;
    options.max_steps = steps;
    need(train(data, SMALL, HWV_OP_RELU, &options, NULL, resume, &result, &error), &error, "run");
    return result;
}

static void test_normalized_runs(void **state)
{
    (void)state;
    hwv_data plain = digits_open(), data = normalized_digits();
    hwv_train_options options = short_options();
    hwv_train_result whole = run(&data, options, 0, NULL), other = run(&plain, options, 0, NULL);
    assert_string_not_equal(whole.weights_sha256, other.weights_sha256);
    hwv_train_result_free(&other);
    hwv_train_result part = run(&data, options, 60, NULL);
    hwv_train_result_free(&part);

    /* What the checkpoint gives back is what it was trained with, and goes on to the same bits. */
    hwv_error error;
    hwv_data again = digits_open();
    assert_int_equal(hwv_checkpoint_normalize(&again, checkpoint, &error), HWV_OK);
    assert_true(again.mean[0] == data.mean[0] && again.deviation[0] == data.deviation[0]);
    part = run(&again, options, 0, checkpoint);
    assert_string_equal(part.weights_sha256, whole.weights_sha256);
    assert_true(part.test_error == whole.test_error);

    hwv_model model;
    hwv_evaluation evaluation = {0};
    assert_int_equal(hwv_checkpoint_load(&model, checkpoint, &error), HWV_OK);
    assert_int_equal(hwv_evaluate(&model, &again, &again.test, NULL, &evaluation, &error), HWV_OK);
    assert_true(evaluation.error == whole.test_error);
    hwv_model_free(&model);
    hwv_train_result_free(&whole);
    hwv_train_result_free(&part);
    hwv_data_close(&plain);
    hwv_data_close(&data);
    hwv_data_close(&again);
}

static void expect_not_resumed(const hwv_data *data, const char *words)
{
    hwv_train_options options = short_options();
    hwv_train_result result;
    hwv_error error = {0};
    hwv_status status = train(data, SMALL, HWV_OP_RELU, &options, NULL, checkpoint, &result, &error);
    if (status != HWV_ERR_MISMATCH || !strstr(error.text, words))
        fail_msg("%s '%s', expected '%s'", hwv_status_name(status), error.text, words);
}

static void test_other_data_is_not_resumed(void **state)
{
    (void)state;
    hwv_error error;
    hwv_data plain = digits_open(), data = normalized_digits(), other = digits_open();
    const double mean = 0.25, deviation = 0.5;
    need(hwv_data_normalize(&other, &mean, &deviation, &error), &error, "normalize");
    hwv_train_result result = run(&data, short_options(), 10, NULL);
    hwv_train_result_free(&result);
    expect_not_resumed(&plain, "trained on normalised data, given is unnormalised");
    expect_not_resumed(&other, "normalised by other means and deviations");
    result = run(&plain, short_options(), 10, NULL);
    hwv_train_result_free(&result);
    expect_not_resumed(&data, "trained on unnormalised data, given is normalised");
    /* A checkpoint without numbers leaves data as it is. */
    assert_int_equal(hwv_checkpoint_normalize(&plain, checkpoint, &error), HWV_OK);
    assert_null(plain.mean);
    hwv_data_close(&plain);
    hwv_data_close(&data);
    hwv_data_close(&other);
}

/* The checkpoint with one of its tensors in another state, and sums that fit. */
static void rewrite(const char *tensor, size_t count, double value, hwv_tensor_type type)
{
    hwv_safetensors file;
    hwv_error error;
    static double values[100];
    char sha256[65];
    need(hwv_safetensors_read(&file, checkpoint, &error), &error, checkpoint);
    hwv_tensor_entry *tensors = calloc(file.count, sizeof *tensors);
    hwv_metadata *metadata = calloc(file.metadata_count, sizeof *metadata);
    assert_true(tensors && metadata);
    size_t kept = 0;
    for (size_t i = 0; i < file.count; i++) {
        hwv_tensor_entry entry = file.tensors[i];
        if (strcmp(entry.name, tensor) == 0) {
            for (size_t j = 0; j < 100; j++)
                values[j] = value;
            entry.type = type;
            entry.shape[0] = count;
            entry.data = values;
            entry.bytes = 0;
            if (count == 0)
                continue;
        }
        tensors[kept++] = entry;
    }
    hwv_tensors_sha256(tensors, kept, sha256);
    for (size_t i = 0; i < file.metadata_count; i++) {
        metadata[i] = file.metadata[i];
        if (strcmp(metadata[i].key, "sha256") == 0)
            metadata[i].value = sha256;
    }
    need(hwv_safetensors_write(edited, tensors, kept, metadata, file.metadata_count, &error), &error, edited);
    free(tensors);
    free(metadata);
    hwv_safetensors_free(&file);
}

static void expect_unusable(hwv_status wanted, const char *words)
{
    hwv_data data = digits_open();
    hwv_error error = {0};
    size_t live = allocations_live();
    hwv_status status = hwv_checkpoint_normalize(&data, edited, &error);
    if (status != wanted || !strstr(error.text, words) || !strstr(error.text, edited))
        fail_msg("%s '%s', expected '%s'", hwv_status_name(status), error.text, words);
    assert_null(data.mean);
    assert_int_equal(allocations_live(), live);
    hwv_data_close(&data);
}

static void test_damaged_numbers(void **state)
{
    (void)state;
    hwv_data data = normalized_digits();
    hwv_train_result result = run(&data, short_options(), 10, NULL);
    hwv_train_result_free(&result);
    rewrite("data.mean", 0, 0, HWV_TENSOR_F64);
    expect_unusable(HWV_ERR_FORMAT, "tensor 'data.mean' is missing");
    rewrite("data.deviation", 0, 0, HWV_TENSOR_F64);
    expect_unusable(HWV_ERR_FORMAT, "tensor 'data.deviation' is missing");
    rewrite("data.deviation", 2, 1, HWV_TENSOR_F64);
    expect_unusable(HWV_ERR_FORMAT, "tensor 'data.deviation' is missing or is no list of one F64 a channel");
    rewrite("data.deviation", 1, 1, HWV_TENSOR_I64);
    expect_unusable(HWV_ERR_FORMAT, "tensor 'data.deviation' is missing or is no list of one F64 a channel");
    rewrite("data.deviation", 1, -1, HWV_TENSOR_F64);
    expect_unusable(HWV_ERR_FORMAT, "channel 0 has the mean");
    rewrite("data.mean", 1, (double)NAN, HWV_TENSOR_F64);
    expect_unusable(HWV_ERR_FORMAT, "channel 0 has the mean nan");
    assert_int_equal(hwv_checkpoint_normalize(&data, "/none", NULL), HWV_ERR_IO);

    /* Rows instead of images have other channels. */
    data.rank = 1;
    data.dims[0] = 64;
    data.dims[1] = 1;
    hwv_error error;
    assert_int_equal(hwv_checkpoint_normalize(&data, checkpoint, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "normalised data of 1 channels, digits has 64"));
    hwv_data_close(&data);
}

static hwv_train_options augmented_options(void)
{
    hwv_train_options options = short_options();
    options.augment = (hwv_augment){.shift = 1, .flip = true, .cutout = 2};
    return options;
}

static void test_augmented_runs_resume(void **state)
{
    (void)state;
    hwv_data data = normalized_digits();
    hwv_train_options options = augmented_options(), plain = short_options(), read = hwv_train_defaults();
    hwv_train_result whole = run(&data, options, 0, NULL), other = run(&data, plain, 0, NULL);
    assert_string_not_equal(whole.weights_sha256, other.weights_sha256);
    hwv_train_result_free(&other);
    /* Cut in an epoch, at its end, and at the beginning of the next one. */
    const size_t cuts[] = {17, 44, 45};
    for (size_t i = 0; i < 3; i++) {
        hwv_train_result part = run(&data, options, cuts[i], NULL);
        hwv_train_result_free(&part);
        part = run(&data, options, 0, checkpoint);
        assert_string_equal(part.weights_sha256, whole.weights_sha256);
        assert_true(part.train_loss == whole.train_loss && part.test_error == whole.test_error);
        hwv_train_result_free(&part);
    }
    hwv_error error;
    need(hwv_checkpoint_options(&read, checkpoint, &error), &error, "options");
    assert_true(read.augment.shift == 1 && read.augment.flip && read.augment.cutout == 2);
    options.augment.cutout = 3;
    hwv_train_result result;
    assert_int_equal(train(&data, SMALL, HWV_OP_RELU, &options, NULL, checkpoint, &result, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "made with cutout 2, given is 3"));
    options.augment.flip = false;
    assert_int_equal(train(&data, SMALL, HWV_OP_RELU, &options, NULL, checkpoint, &result, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "made with flip on, given is off"));
    hwv_train_result_free(&whole);
    hwv_data_close(&data);
}

/* Files from before these options are of runs without them. */
static void test_older_checkpoints(void **state)
{
    (void)state;
    hwv_data data = digits_open();
    hwv_error error;
    hwv_train_options read = augmented_options();
    hwv_train_result result = run(&data, short_options(), 20, NULL);
    hwv_train_result_free(&result);
    size_t size;
    char *bytes = file_bytes(checkpoint, &size);
    static const char *const names[] = {"\"shift\\\"", "\"flip\\\"", "\"cutout\\\""};
    size_t renamed = 0;
    for (size_t n = 0; n < 3; n++)
        for (size_t i = 0; i + 10 < size; i++)
            if (memcmp(bytes + i, names[n], strlen(names[n])) == 0) {
                bytes[i + 1] = '_';
                renamed++;
            }
    assert_int_equal(renamed, 3);
    file_put(edited, bytes, size);
    free(bytes);
    need(hwv_checkpoint_options(&read, edited, &error), &error, "options");
    assert_true(read.augment.shift == 0 && !read.augment.flip && read.augment.cutout == 0);
    hwv_train_options options = short_options();
    assert_int_equal(train(&data, SMALL, HWV_OP_RELU, &options, NULL, edited, &result, &error), HWV_OK);
    hwv_train_result_free(&result);
    options = augmented_options();
    assert_int_equal(train(&data, SMALL, HWV_OP_RELU, &options, NULL, edited, &result, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "made with shift 0, given is 1"));
    hwv_data_close(&data);
}

static void test_rows_are_not_augmented(void **state)
{
    (void)state;
    hwv_data data = digits_open();
    data.rank = 1;
    data.dims[0] = 64;
    data.dims[1] = 1;
    hwv_error error;
    hwv_train_options options = augmented_options();
    hwv_model model = model_make(&data, SMALL, HWV_OP_RELU);
    hwv_trainer *trainer;
    assert_int_equal(hwv_trainer_create(&trainer, &model, &data, &options, NULL, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "digits has rows of 64 values"));
    hwv_model_free(&model);
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalized_runs),   cmocka_unit_test(test_other_data_is_not_resumed),
        cmocka_unit_test(test_damaged_numbers),   cmocka_unit_test(test_augmented_runs_resume),
        cmocka_unit_test(test_older_checkpoints), cmocka_unit_test(test_rows_are_not_augmented),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
