/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What stands between a data set and a step: normalisation that checkpoints keep and give back, images that are
 * changed at random, batches that a thread gathers ahead. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <time.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "train/checkpoint.h"
#include "train/trainer.h"

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

/* ---- gathered ahead -------------------------------------------------------------------------------- */

enum { IMAGES = 200, IMAGE = 32 * 32 * 3 };

/* Images large enough that a thread gathers the batches. */
static hwv_data images_make(void)
{
    static uint8_t bytes[IMAGES * IMAGE];
    static int32_t labels[IMAGES];
    for (size_t i = 0; i < (size_t)IMAGES * IMAGE; i++)
        bytes[i] = (uint8_t)(i * 2654435761u >> 11);
    for (size_t i = 0; i < IMAGES; i++) {
        labels[i] = (int32_t)(i % 10);
        bytes[i * IMAGE] = (uint8_t)(25 * labels[i]);
    }
    return (hwv_data){.name = "made",
                      .rank = 3,
                      .dims = {32, 32, 3},
                      .features = IMAGE,
                      .classes = 10,
                      .scale = 1.0f / 255,
                      .train = {.count = 190, .bytes = bytes, .labels = labels},
                      .test = {.count = 10, .bytes = bytes + 190 * IMAGE, .labels = labels + 190}};
}

static hwv_train_options image_options(const hwv_executor *executor)
{
    hwv_train_options options = hwv_train_defaults();
    options.epochs = 3;
    options.batch = 16;
    options.augment = (hwv_augment){.shift = 4, .flip = true, .cutout = 8};
    options.executor = executor;
    return options;
}

static hwv_pool *pool_make(size_t threads)
{
    hwv_pool *pool;
    hwv_error error;
    need(hwv_pool_create(&pool, threads, &error), &error, "pool");
    return pool;
}

/* A trainer that gathers ahead whatever the machine, or never. */
static hwv_trainer *trainer_make(hwv_model *model, const hwv_data *data, const hwv_train_options *options, bool ahead)
{
    hwv_trainer *trainer;
    hwv_error error;
    need(hwv_trainer_create(&trainer, model, data, options, NULL, &error), &error, "create");
    if (ahead && !trainer->prefetch)
        need(hwv_prefetch_start(&trainer->prefetch, trainer, &error), &error, "prefetch");
    if (!ahead) {
        hwv_prefetch_stop(trainer->prefetch);
        trainer->prefetch = NULL;
    }
    return trainer;
}

static hwv_train_result run_ahead(const hwv_data *data, hwv_train_options options, bool ahead, const char *resume)
{
    hwv_train_result result;
    hwv_error error;
    hwv_model model = model_make(data, SMALL, HWV_OP_RELU);
    options.checkpoint = checkpoint;
    hwv_trainer *trainer = trainer_make(&model, data, &options, ahead);
    if (resume)
        need(hwv_trainer_resume(trainer, resume, &error), &error, "resume");
    need(hwv_trainer_run(trainer, &result, &error), &error, "run");
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
    return result;
}

static void test_ahead_gives_the_same_bits(void **state)
{
    (void)state;
    hwv_data data = images_make();
    hwv_pool *pool = pool_make(2);
    hwv_train_options options = image_options(hwv_pool_executor(pool));
    hwv_train_result alone = run_ahead(&data, image_options(NULL), false, NULL);
    hwv_train_result ahead = run_ahead(&data, options, true, NULL);
    assert_int_equal(ahead.steps, 33); /* 190 / 16 = 11 an epoch */
    assert_string_equal(alone.weights_sha256, ahead.weights_sha256);
    assert_true(alone.train_loss == ahead.train_loss && alone.test_error == ahead.test_error);
    hwv_train_result_free(&ahead);
    const size_t cuts[] = {1, 10, 11, 12};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        options.max_steps = cuts[i];
        ahead = run_ahead(&data, options, i % 2, NULL);
        hwv_train_result_free(&ahead);
        options.max_steps = 0;
        ahead = run_ahead(&data, options, !(i % 2), checkpoint);
        assert_string_equal(alone.weights_sha256, ahead.weights_sha256);
        hwv_train_result_free(&ahead);
    }
    hwv_train_result_free(&alone);
    hwv_pool_destroy(pool);
}

/* Steps in a trainer that has steps behind it, gone on with from a checkpoint at another place; and ended at once
 * while a batch is under way. */
static void test_ahead_of_a_resume(void **state)
{
    (void)state;
    hwv_data data = images_make();
    hwv_train_options options = image_options(NULL);
    hwv_error error;
    double loss[2][14];
    hwv_model model = model_make(&data, SMALL, HWV_OP_RELU);
    for (size_t round = 0; round < 2; round++) {
        hwv_trainer *trainer = trainer_make(&model, &data, &options, true);
        size_t allocations = allocations_count();
        for (size_t i = 0; i < 4; i++)
            need(hwv_trainer_step(trainer, &loss[round][0], &error), &error, "step");
        assert_int_equal(allocations_count(), allocations);
        if (round == 0)
            need(hwv_trainer_save(trainer, checkpoint, &error), &error, "save");
        for (size_t i = 0; round == 1 && i < 9; i++) /* into the second epoch */
            need(hwv_trainer_step(trainer, &loss[round][0], &error), &error, "step");
        if (round == 1)
            need(hwv_trainer_resume(trainer, checkpoint, &error), &error, "resume");
        for (size_t i = 0; i < 14; i++)
            need(hwv_trainer_step(trainer, &loss[round][i], &error), &error, "step");
        hwv_trainer_destroy(trainer);
    }
    assert_memory_equal(loss[0], loss[1], sizeof loss[0]);
    for (size_t i = 0; i < 20; i++) {
        hwv_trainer *trainer = trainer_make(&model, &data, &options, true);
        for (size_t n = 0; n < i % 3; n++)
            need(hwv_trainer_step(trainer, &loss[0][0], &error), &error, "step");
        hwv_trainer_destroy(trainer);
    }
    hwv_model_free(&model);
}

/* The thread itself: what was asked for is there, other things are not. */
static void test_ahead_alone(void **state)
{
    (void)state;
    static float x[16 * IMAGE], wanted[16 * IMAGE];
    int32_t labels[16], wanted_labels[16];
    hwv_data data = images_make();
    hwv_train_options options = image_options(NULL);
    hwv_model model = model_make(&data, SMALL, HWV_OP_RELU);
    hwv_trainer *trainer = trainer_make(&model, &data, &options, true);
    hwv_trainer_shuffle(trainer, 2);
    size_t taken = 0;
    const struct timespec pause = {.tv_nsec = 300000};
    for (size_t i = 0; i < 200 || (taken == 0 && i < 20000); i++) {
        hwv_prefetch_ask(trainer->prefetch, 2, i % 11);
        if (i % 2)
            nanosleep(&pause, NULL); /* it may have begun, or not */
        bool other = i % 5 == 4;
        if (!hwv_prefetch_take(trainer->prefetch, 2, (i + other) % 11, x, labels))
            continue;
        assert_false(other);
        taken++;
        hwv_batch_gather(trainer, 2, i % 11, wanted, wanted_labels);
        assert_memory_equal(x, wanted, sizeof x);
        assert_memory_equal(labels, wanted_labels, sizeof labels);
    }
    assert_true(taken > 0);
    hwv_prefetch_ask(trainer->prefetch, 2, 0);
    hwv_prefetch_forget(trainer->prefetch);
    assert_false(hwv_prefetch_take(trainer->prefetch, 2, 0, x, labels));
    assert_false(hwv_prefetch_take(NULL, 2, 0, x, labels));
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

/* Only where it pays; and where it cannot be had, that is said. */
static void test_ahead_where_it_pays(void **state)
{
    (void)state;
    assert_true(hwv_prefetch_pays(2, 3, 32768));
    assert_false(hwv_prefetch_pays(1, 3, 32768));
    assert_false(hwv_prefetch_pays(2, 2, 32768));
    assert_false(hwv_prefetch_pays(2, 3, 32767));
    hwv_data data = images_make();
    hwv_train_options options = image_options(NULL);
    hwv_model model = model_make(&data, SMALL, HWV_OP_RELU);
    hwv_trainer *trainer = trainer_make(&model, &data, &options, false);
    size_t live = allocations_live(), n = 1;
    for (hwv_status status = HWV_ERR_MEMORY; status != HWV_OK; n++) {
        hwv_prefetch *prefetch;
        allocations_fail_at(n);
        status = hwv_prefetch_start(&prefetch, trainer, NULL);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || (status == HWV_ERR_MEMORY && prefetch == NULL));
        hwv_prefetch_stop(prefetch);
        assert_int_equal(allocations_live(), live);
    }
    assert_int_equal(n, 6); /* itself, two buffers, the thread; then none fails */
    hwv_trainer_destroy(trainer);
    hwv_model_free(&model);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_normalized_runs),
        cmocka_unit_test(test_other_data_is_not_resumed),
        cmocka_unit_test(test_damaged_numbers),
        cmocka_unit_test(test_augmented_runs_resume),
        cmocka_unit_test(test_older_checkpoints),
        cmocka_unit_test(test_rows_are_not_augmented),
        cmocka_unit_test(test_ahead_gives_the_same_bits),
        cmocka_unit_test(test_ahead_of_a_resume),
        cmocka_unit_test(test_ahead_alone),
        cmocka_unit_test(test_ahead_where_it_pays),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
