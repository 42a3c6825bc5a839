/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Training with Winograd's filtering beside direct convolution: loss curves of 300 steps lie on each other; runs that are
 * cut go on with the same bits, threads change none; checkpoints tell how a run convolves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "common.h"

#define STEPS 300
#define NET   "conv 3 16; act; conv 3 16; bn; act; pool 2; conv 5 16; act; fc 10"

static hwv_data digits;
static char checkpoint[300], edited[300];

typedef struct curve {
    double loss[STEPS];
} curve;

static void note(void *self, const hwv_step *step)
{
    curve *c = self;
    if (step->step <= STEPS)
        c->loss[step->step - 1] = step->loss;
}

static hwv_train_options options_of(hwv_convolution convolution)
{
    hwv_train_options options = hwv_train_defaults();
    options.optimizer.lr = 0.01;
    options.epochs = 0;
    options.max_steps = STEPS;
    options.convolution = convolution;
    return options;
}

static hwv_train_result run(hwv_train_options options, curve *c, const char *resume)
{
    hwv_error error;
    hwv_train_result result;
    const hwv_train_hooks hooks = {.self = c, .step = note};
    need(train(&digits, NET, HWV_OP_RELU, &options, c ? &hooks : NULL, resume, &result, &error), &error, "run");
    return result;
}

/* Gradients differ by some 1e-6 of their size, so do the losses of the first steps. Later a pre-activation may be so close
 * to 0, or two of a window to each other, that rounding decides, as it does between instruction sets: the curves part,
 * but stay much closer than those of two seeds. */
static void test_curves_lie_on_each_other(void **state)
{
    static curve direct, winograd, seeded;
    (void)state;
    double first = 0, apart = 0, seeds = 0;
    hwv_train_options other = options_of(HWV_CONVOLUTION_DIRECT);
    other.seed++;
    hwv_train_result a = run(options_of(HWV_CONVOLUTION_DIRECT), &direct, NULL);
    hwv_train_result b = run(options_of(HWV_CONVOLUTION_AUTO), &winograd, NULL);
    hwv_train_result c = run(other, &seeded, NULL);
    for (size_t i = 0; i < STEPS; i++) {
        const double off = fabs(direct.loss[i] - winograd.loss[i]);
        first = i < 10 ? fmax(first, off) : first;
        apart += off / STEPS;
        seeds += fabs(direct.loss[i] - seeded.loss[i]) / STEPS;
    }
    printf(
        "%d steps, losses from %.4f to %.4f: the curves are %.2g apart in the first 10, %.2g on average, those of two "
        "seeds %.2g\n",
        STEPS, direct.loss[0], direct.loss[STEPS - 1], first, apart, seeds);
    assert_true(first <= 1e-5 && apart <= 0.1 * seeds);
    assert_true(direct.loss[STEPS - 1] < 0.2 * direct.loss[0]);
    assert_string_not_equal(a.weights_sha256, b.weights_sha256);
    hwv_train_result_free(&a);
    hwv_train_result_free(&b);
    hwv_train_result_free(&c);
}

static void test_threads_cuts_and_files(void **state)
{
    hwv_error error;
    hwv_pool *pool;
    hwv_train_options options = options_of(HWV_CONVOLUTION_AUTO), read = options_of(HWV_CONVOLUTION_DIRECT);
    (void)state;
    options.max_steps = 60;
    hwv_train_result whole = run(options, NULL, NULL), part;
    for (size_t threads = 1; threads <= 3; threads++) {
        assert_int_equal(hwv_pool_create(&pool, threads, &error), HWV_OK);
        options.executor = hwv_pool_executor(pool);
        part = run(options, NULL, NULL);
        assert_string_equal(part.weights_sha256, whole.weights_sha256);
        hwv_train_result_free(&part);
        hwv_pool_destroy(pool);
    }
    options.executor = NULL;
    options.checkpoint = checkpoint;
    options.max_steps = 23;
    part = run(options, NULL, NULL);
    hwv_train_result_free(&part);
    need(hwv_checkpoint_options(&read, checkpoint, &error), &error, "options");
    assert_int_equal(read.convolution, HWV_CONVOLUTION_AUTO);
    options.max_steps = 60;
    options.convolution = HWV_CONVOLUTION_DIRECT;
    assert_int_equal(train(&digits, NET, HWV_OP_RELU, &options, NULL, checkpoint, &part, &error), HWV_ERR_MISMATCH);
    assert_non_null(strstr(error.text, "made with conv auto, given is direct"));
    options.convolution = HWV_CONVOLUTION_AUTO;
    part = run(options, NULL, checkpoint);
    assert_string_equal(part.weights_sha256, whole.weights_sha256);
    hwv_train_result_free(&part);
    hwv_train_result_free(&whole);
}

/* Files from before there was a choice are of runs that convolved directly, and go on so. */
static void test_older_checkpoints(void **state)
{
    (void)state;
    hwv_error error;
    hwv_train_options options = options_of(HWV_CONVOLUTION_DIRECT), read = options_of(HWV_CONVOLUTION_AUTO);
    options.max_steps = 40;
    hwv_train_result whole = run(options, NULL, NULL);
    options.checkpoint = checkpoint;
    options.max_steps = 17;
    hwv_train_result part = run(options, NULL, NULL);
    hwv_train_result_free(&part);
    static const char name[] = "\"conv\\\"";
    size_t size, renamed = 0;
    char *bytes = file_bytes(checkpoint, &size);
    for (size_t i = 0; i + sizeof name < size; i++)
        if (memcmp(bytes + i, name, sizeof name - 1) == 0) {
            bytes[i + 1] = '_';
            renamed++;
        }
    assert_int_equal(renamed, 1);
    file_put(edited, bytes, size);
    free(bytes);
    need(hwv_checkpoint_options(&read, edited, &error), &error, "options");
    assert_int_equal(read.convolution, HWV_CONVOLUTION_DIRECT);
    options.max_steps = 40;
    part = run(options, NULL, edited);
    assert_string_equal(part.weights_sha256, whole.weights_sha256);
    hwv_train_result_free(&part);
    hwv_train_result_free(&whole);
}

static void test_names(void **state)
{
    (void)state;
    hwv_error error;
    hwv_convolution convolution;
    assert_int_equal(hwv_convolution_find(&convolution, "direct", &error), HWV_OK);
    assert_int_equal(convolution, HWV_CONVOLUTION_DIRECT);
    assert_int_equal(hwv_convolution_find(&convolution, "winograd", &error), HWV_ERR_NAME);
    assert_non_null(strstr(error.text, "auto, direct"));
    assert_string_equal(hwv_convolution_name(HWV_CONVOLUTION_AUTO), "auto");
    assert_string_equal(hwv_convolution_name(HWV_CONVOLUTION_COUNT), "unknown");
    hwv_model model = model_make(&digits, NET, HWV_OP_RELU);
    hwv_trainer *trainer;
    const hwv_train_options options = options_of(HWV_CONVOLUTION_COUNT);
    assert_int_equal(hwv_trainer_create(&trainer, &model, &digits, &options, NULL, &error), HWV_ERR_ARGUMENT);
    hwv_model_free(&model);
}

int main(void)
{
    digits = digits_open();
    const char *folder = folder_make();
    snprintf(checkpoint, sizeof checkpoint, "%s/a.safetensors", folder);
    snprintf(edited, sizeof edited, "%s/b.safetensors", folder);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_curves_lie_on_each_other),
        cmocka_unit_test(test_threads_cuts_and_files),
        cmocka_unit_test(test_older_checkpoints),
        cmocka_unit_test(test_names),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    remove(checkpoint);
    remove(edited);
    (void)rmdir(folder);
    hwv_data_close(&digits);
    return failed;
}
