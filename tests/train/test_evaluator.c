/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Passes in evaluation mode over images: a unit is a channel, looked at once a position; large samples are
 * evaluated in smaller batches with the same results. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "common.h"
#include "halfwave/random.h"
#include "train/evaluator.h"

/* Activations on the images themselves have counts that can be had from the data. */
static void test_looks(void **state)
{
    (void)state;
    enum { COUNT = 7, POSITIONS = 6, CHANNELS = 3, FEATURES = POSITIONS * CHANNELS };
    static float x[COUNT * FEATURES];
    static const int32_t labels[COUNT] = {0, 1, 1, 0, 1, 0, 0};
    hwv_data data = {.name = "made",
                     .rank = 3,
                     .dims = {2, 3, CHANNELS},
                     .features = FEATURES,
                     .classes = 2,
                     .scale = 1,
                     .train = {.count = COUNT, .floats = x, .labels = labels}};
    size_t positive[CHANNELS] = {0}, zeros = 0;
    for (size_t i = 0; i < COUNT * FEATURES; i++) {
        uint32_t draw[4];
        hwv_philox(5, HWV_STREAM_TEST, 1, i, draw);
        /* Channel 0 fires sometimes, 1 always, 2 for one pixel of one sample. */
        x[i] = i % CHANNELS == 0 ? (float)(int32_t)draw[0] * 0x1p-31f : i % CHANNELS == 1 ? 1.0f : -1.0f;
        if (i == 4 * FEATURES + 5)
            x[i] = 2;
        positive[i % CHANNELS] += x[i] > 0;
        zeros += !(x[i] > 0); /* of relu's outputs */
    }
    hwv_model model = model_make(&data, "act; fc 2", HWV_OP_RELU);
    hwv_layer_stats *layers;
    size_t count;
    hwv_error error;
    need(hwv_count_units(&model, &data, &data.train, NULL, &layers, &count, &error), &error, "count");
    assert_int_equal(count, 1);
    assert_int_equal(layers[0].units, CHANNELS);
    assert_int_equal(layers[0].looks, COUNT * POSITIONS);
    for (size_t c = 0; c < CHANNELS; c++)
        assert_int_equal(layers[0].fired[c], positive[c]);
    /* 1 of 42 looks is no rarity; a share of samples would call it one of 7, and channel 1 more than always on. */
    assert_true(layers[0].dead == 0 && layers[0].rare == 0 && layers[0].always_on == 1);
    assert_true(fabs(layers[0].zeros - (double)zeros / (COUNT * FEATURES)) < 1e-15);
    hwv_layer_stats_free(layers, count);
    hwv_model_free(&model);
}

/* A pixel that fires in 1 of 120 looks at it is rare, as a channel of 64 positions it is in 1 of 7680. */
static void test_rare(void **state)
{
    (void)state;
    enum { COUNT = 120, FEATURES = 64 };
    static float x[COUNT * FEATURES];
    static const int32_t labels[COUNT];
    hwv_data data = {.name = "made",
                     .rank = 3,
                     .dims = {8, 8, 1},
                     .features = FEATURES,
                     .classes = 2,
                     .scale = 1,
                     .train = {.count = COUNT, .floats = x, .labels = labels}};
    for (size_t i = 0; i < COUNT * FEATURES; i++)
        x[i] = i % FEATURES == 3 && i / FEATURES < 70 ? 1.0f : -1.0f;
    hwv_model model = model_make(&data, "act; flatten; act; fc 2", HWV_OP_RELU);
    hwv_layer_stats *layers;
    size_t count;
    hwv_error error;
    need(hwv_count_units(&model, &data, &data.train, NULL, &layers, &count, &error), &error, "count");
    assert_int_equal(count, 2);
    assert_true(layers[0].units == 1 && layers[0].looks == COUNT * FEATURES && layers[0].fired[0] == 70);
    assert_true(layers[0].rare == 1 && layers[0].dead == 0);
    assert_true(layers[1].units == 64 && layers[1].looks == COUNT && layers[1].fired[3] == 70);
    assert_true(layers[1].rare == 0 && layers[1].dead == 63);
    hwv_layer_stats_free(layers, count);
    hwv_model_free(&model);
}

/* Channels of a convolution by a 1 x 1 kernel on images of one channel: z = w x + b, so counts can be had from the
 * pixels; the pass goes over several batches. */
static void test_convolution(void **state)
{
    (void)state;
    static const float weight[4] = {1, -1, 0.5f, -1}, bias[4] = {0, 0.5f, -0.25f, -2};
    hwv_data digits = digits_open();
    hwv_model model = model_make(&digits, "conv 1 4; act; pool 2; act tanh; fc 10", HWV_OP_RELU);
    hwv_id w = hwv_graph_find(model.graph, "conv1.weight"), b = hwv_graph_find(model.graph, "conv1.bias");
    memcpy(hwv_weights_data(model.weights, w), weight, sizeof weight);
    memcpy(hwv_weights_data(model.weights, b), bias, sizeof bias);
    const hwv_data_part *part = &digits.train;
    size_t fired[4] = {0}, zeros = 0, looks = part->count * 64, pooled = 0;
    for (size_t i = 0; i < looks; i++)
        for (size_t c = 0; c < 4; c++) {
            float z = weight[c] * ((float)part->bytes[i] / 16) + bias[c];
            fired[c] += z > 0;
            zeros += !(z > 0);
        }
    hwv_layer_stats *layers;
    size_t count;
    hwv_error error;
    need(hwv_count_units(&model, &digits, part, NULL, &layers, &count, &error), &error, "count");
    assert_int_equal(count, 2);
    assert_true(layers[0].units == 4 && layers[0].looks == looks);
    for (size_t c = 0; c < 4; c++)
        assert_int_equal(layers[0].fired[c], fired[c]);
    assert_true(layers[0].dead == 1 && layers[0].rare == 0 && layers[0].always_on == 0);
    assert_true(layers[0].zeros == (double)zeros / (4 * (double)looks));
    /* A quarter of the positions after pooling. */
    assert_true(layers[1].units == 4 && layers[1].looks == looks / 4 && layers[1].dead == 0);
    for (size_t c = 0; c < 4; c++)
        pooled += layers[1].fired[c] >= fired[c] / 4 && layers[1].fired[c] <= fired[c];
    assert_int_equal(pooled, 4);
    hwv_layer_stats_free(layers, count);
    hwv_model_free(&model);
    hwv_data_close(&digits);
}

static hwv_pass_result pass(hwv_model *model, const hwv_data *data, size_t most, size_t *batch, uint64_t *fired)
{
    hwv_evaluator evaluator;
    hwv_error error;
    need(hwv_evaluator_init(&evaluator, model, data, most, NULL, &error), &error, "evaluator");
    hwv_pass_result result = hwv_evaluator_run(&evaluator, &data->train, true, NULL);
    *batch = evaluator.batch;
    assert_true(hwv_plan_memory_use(evaluator.plan).activations <= (size_t)33 << 20);
    assert_int_equal(evaluator.unit_count, 16);
    memcpy(fired, evaluator.fired, 16 * sizeof *fired);
    hwv_evaluator_free(&evaluator);
    return result;
}

static void test_large_samples(void **state)
{
    (void)state;
    enum { COUNT = 90, FEATURES = 64 * 64 * 8 };
    float *x = malloc(COUNT * FEATURES * sizeof *x);
    int32_t labels[COUNT];
    assert_non_null(x);
    for (size_t i = 0; i < (size_t)COUNT * FEATURES; i++)
        x[i] = (float)((int)(i * 2654435761u >> 7 & 1023) - 600) / 512;
    for (size_t i = 0; i < COUNT; i++)
        labels[i] = (int32_t)(i % 3);
    hwv_data data = {.name = "made",
                     .rank = 3,
                     .dims = {64, 64, 8},
                     .features = FEATURES,
                     .classes = 3,
                     .scale = 1,
                     .train = {.count = COUNT, .floats = x, .labels = labels}};
    hwv_model model = model_make(&data, "act; act tanh; fc 3", HWV_OP_RELU);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
    uint64_t fired[3][16];
    size_t batch[3];
    hwv_pass_result all = pass(&model, &data, COUNT, &batch[0], fired[0]);
    hwv_pass_result one = pass(&model, &data, 1, &batch[1], fired[1]);
    hwv_pass_result same = pass(&model, &data, 100000, &batch[2], fired[2]);
    /* Two activations of 128 KiB at least are alive at a time. */
    assert_true(batch[0] < COUNT && batch[0] >= 8 && batch[1] == 1 && batch[2] == batch[0]);
    assert_int_equal(all.wrong, one.wrong);
    assert_memory_equal(fired[0], fired[1], sizeof fired[0]);
    assert_true(all.loss == same.loss);
    /* The mean over a batch is rounded to float. */
    assert_true(fabs(all.loss - one.loss) <= 0x1p-23 * fabs(one.loss));
    hwv_model_free(&model);

    /* A small model keeps the full batch. */
    hwv_data digits = digits_open();
    model = model_make(&digits, SMALL, HWV_OP_RELU);
    hwv_evaluator evaluator;
    hwv_error error;
    need(hwv_evaluator_init(&evaluator, &model, &digits, 1437, NULL, &error), &error, "evaluator");
    assert_int_equal(evaluator.batch, 256);
    hwv_evaluator_free(&evaluator);
    hwv_model_free(&model);
    hwv_data_close(&digits);
    free(x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_looks),
        cmocka_unit_test(test_rare),
        cmocka_unit_test(test_convolution),
        cmocka_unit_test(test_large_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
