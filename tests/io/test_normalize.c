/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Normalised data: the numbers against their definition in double, constant channels, given numbers, failures. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "allocations.h"
#include "halfwave/data.h"
#include "halfwave/random.h"

/* Images of colours: 5 + 2 samples of 3 x 5 x 3 (45 elements: no multiple of a block), one colour constant. */
enum { SAMPLES = 7, TRAIN = 5, FEATURES = 45, CHANNELS = 3 };

static uint8_t bytes[SAMPLES * FEATURES];
static float floats[SAMPLES * FEATURES];
static int32_t labels[SAMPLES];

static hwv_data make(bool of_bytes, size_t rank)
{
    hwv_data data = {.name = "made",
                     .rank = rank,
                     .dims = {3, 5, CHANNELS},
                     .features = FEATURES,
                     .classes = 2,
                     .scale = of_bytes ? 1.0f / 255 : 1,
                     .train = {.count = TRAIN, .labels = labels},
                     .test = {.count = SAMPLES - TRAIN, .labels = labels + TRAIN}};
    if (rank == 1) {
        data.dims[0] = FEATURES;
        data.dims[1] = data.dims[2] = 1;
    }
    for (size_t i = 0; i < SAMPLES * FEATURES; i++) {
        uint32_t draw[4];
        hwv_philox(3, HWV_STREAM_TEST, 0, i, draw);
        bytes[i] = (uint8_t)(i % CHANNELS == 1 ? 77 : draw[0] >> (24 + i % CHANNELS / 2));
        floats[i] = i % CHANNELS == 1 ? 0.1f : (float)draw[1] * 0x1p-30f + 100.0f * (float)(i % CHANNELS);
    }
    data.train.bytes = of_bytes ? bytes : NULL;
    data.train.floats = of_bytes ? NULL : floats;
    data.test.bytes = of_bytes ? bytes + TRAIN * FEATURES : NULL;
    data.test.floats = of_bytes ? NULL : floats + TRAIN * FEATURES;
    return data;
}

static double element(const hwv_data *data, size_t i)
{
    return data->train.bytes ? (double)bytes[i] * (double)data->scale : (double)floats[i];
}

/* Mean and deviation of a channel, the plain way. */
static void reference(const hwv_data *data, size_t channel, double *mean, double *deviation)
{
    size_t channels = hwv_data_channels(data), n = 0;
    double sum = 0, squares = 0;
    for (size_t i = channel; i < TRAIN * FEATURES; i += channels, n++)
        sum += element(data, i);
    *mean = sum / (double)n;
    for (size_t i = channel; i < TRAIN * FEATURES; i += channels)
        squares += (element(data, i) - *mean) * (element(data, i) - *mean);
    *deviation = sqrt(squares / (double)n);
}

/* Both parts, as they are gathered. */
static void expect_gathered(const hwv_data *data)
{
    static float x[SAMPLES * FEATURES];
    int32_t classes[SAMPLES];
    size_t channels = hwv_data_channels(data);
    hwv_data_gather(data, &data->train, NULL, 0, TRAIN, x, classes);
    hwv_data_gather(data, &data->test, NULL, 0, SAMPLES - TRAIN, x + TRAIN * FEATURES, classes);
    for (size_t i = 0; i < SAMPLES * FEATURES; i++) {
        double e = element(data, i), mean = data->mean[i % channels], deviation = data->deviation[i % channels];
        /* Rounded are mean/scale, the difference, the factor and the product. */
        double allowed = 4 * 0x1p-24 * (fabs(e) + fabs(mean)) / deviation;
        if (!(fabs((double)x[i] - (e - mean) / deviation) <= allowed))
            fail_msg("element %zu: %.9g, expected %.9g", i, (double)x[i], (e - mean) / deviation);
    }
}

static void test_definition(void **state)
{
    (void)state;
    for (size_t kind = 0; kind < 4; kind++) {
        hwv_data data = make(kind % 2 == 0, kind < 2 ? 3 : 1);
        size_t channels = hwv_data_channels(&data), live = allocations_live();
        assert_int_equal(channels, kind < 2 ? CHANNELS : FEATURES);
        assert_int_equal(hwv_data_normalize(&data, NULL, NULL, NULL), HWV_OK);
        for (size_t c = 0; c < channels; c++) {
            double mean, deviation;
            reference(&data, c, &mean, &deviation);
            assert_true(fabs(data.mean[c] - mean) <= 1e-14 * (1 + fabs(mean)));
            if (c % CHANNELS == 1) /* constant, exactly: divided by 1 */
                assert_true(data.deviation[c] == 1);
            else
                assert_true(fabs(data.deviation[c] - deviation) <= 1e-12 * deviation);
        }
        expect_gathered(&data);
        hwv_data_close(&data);
        assert_int_equal(allocations_live(), live);
    }
}

static void test_constant(void **state)
{
    (void)state;
    hwv_data data = make(true, 3);
    float x[FEATURES];
    int32_t label;
    assert_int_equal(hwv_data_normalize(&data, NULL, NULL, NULL), HWV_OK);
    hwv_data_gather(&data, &data.train, NULL, 0, 1, x, &label);
    for (size_t i = 1; i < FEATURES; i += CHANNELS)
        assert_true(fabsf(x[i]) < 1e-6f);
    hwv_data_close(&data);
}

static void test_given(void **state)
{
    (void)state;
    hwv_data data = make(true, 3);
    hwv_error error;
    const double mean[] = {0.5, 0.25, 0}, deviation[] = {0.25, 2, 1}, zero[] = {1, 0, 1}, infinite[] = {1, HUGE_VAL, 1};
    assert_int_equal(hwv_data_normalize(&data, mean, deviation, NULL), HWV_OK);
    assert_true(data.mean[1] == 0.25 && data.deviation[1] == 2 && data.mean != mean);
    expect_gathered(&data);
    assert_int_equal(hwv_data_normalize(&data, mean, zero, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "channel 1 has the mean 0.25 and the deviation 0"));
    assert_int_equal(hwv_data_normalize(&data, infinite, deviation, &error), HWV_ERR_ARGUMENT);
    expect_gathered(&data); /* as before */
    assert_true(data.mean[1] == 0.25);
    /* Twice: by other numbers, and nothing is left behind. */
    assert_int_equal(hwv_data_normalize(&data, NULL, NULL, NULL), HWV_OK);
    expect_gathered(&data);
    size_t live = allocations_live();
    allocations_fail_at(1);
    assert_int_equal(hwv_data_normalize(&data, NULL, NULL, &error), HWV_ERR_MEMORY);
    allocations_fail_at(0);
    assert_int_equal(allocations_live(), live);
    expect_gathered(&data);
    hwv_data_close(&data);
    assert_null(data.mean);
}

/* What comes out has mean 0 and deviation 1. */
static void test_digits(void **state)
{
    (void)state;
    hwv_data data;
    assert_int_equal(hwv_data_open(&data, "digits", NULL), HWV_OK);
    assert_int_equal(hwv_data_normalize(&data, NULL, NULL, NULL), HWV_OK);
    static float x[1437 * 64];
    static int32_t classes[1437];
    hwv_data_gather(&data, &data.train, NULL, 0, 1437, x, classes);
    double sum = 0, squares = 0, n = 1437 * 64;
    for (size_t i = 0; i < 1437 * 64; i++) {
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
    }
    /* To the rounding of the elements. */
    assert_true(fabs(sum / n) < 1e-6 && fabs(squares / n - 1) < 1e-6);
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_constant),
        cmocka_unit_test(test_given),
        cmocka_unit_test(test_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
