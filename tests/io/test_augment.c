/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Shifted, flipped and cut out images: every one must be one of the changes that the options allow, found by trying
 * all; the draws are even and depend on seed, epoch and sample alone. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "halfwave/data.h"
#include "halfwave/random.h"

enum { COUNT = 300, HEIGHT = 5, WIDTH = 7, MOST = HEIGHT * WIDTH * 3 };

static uint8_t bytes[COUNT * MOST];
static float floats[COUNT * MOST];
static int32_t labels[COUNT];
static uint32_t rows[COUNT];

/* Images without a 0 and without symmetry. */
static hwv_data make(bool of_bytes, size_t channels)
{
    hwv_data data = {.name = "made",
                     .rank = 3,
                     .dims = {HEIGHT, WIDTH, channels},
                     .features = HEIGHT * WIDTH * channels,
                     .classes = 10,
                     .scale = of_bytes ? 1.0f / 255 : 1,
                     .train = {.count = COUNT, .labels = labels}};
    for (size_t i = 0; i < COUNT * MOST; i++) {
        uint32_t draw[4];
        hwv_philox(11, HWV_STREAM_TEST, 0, i, draw);
        bytes[i] = (uint8_t)(1 + draw[0] % 255);
        floats[i] = 0.5f + (float)draw[1] * 0x1p-32f;
    }
    for (size_t i = 0; i < COUNT; i++) {
        labels[i] = (int32_t)(i % 10);
        rows[i] = (uint32_t)i;
    }
    data.train.bytes = of_bytes ? bytes : NULL;
    data.train.floats = of_bytes ? NULL : floats;
    return data;
}

/* The element that a model is given without changes; `inside` false: for a pixel that came in. */
static float element(const hwv_data *data, size_t sample, size_t y, size_t x, size_t c, bool inside)
{
    size_t at = sample * data->features + (y * WIDTH + x) * data->dims[2] + c;
    double memory = !inside ? 0 : data->train.bytes ? bytes[at] : (double)floats[at];
    float value = (float)(memory * (data->train.bytes ? (double)data->scale : 1));
    return data->mean ? (float)(((double)value - data->mean[c]) / data->deviation[c]) : value;
}

typedef struct found {
    ptrdiff_t down, right;
    bool flip;
} found;

/* Is x the sample with this change, outside of the square with its centre at (cy, cx)? */
static bool is_change(const hwv_data *data, const float *x, size_t sample, const found *f, size_t side, size_t cy,
                      size_t cx)
{
    size_t channels = data->dims[2];
    for (size_t i = 0; i < HEIGHT * WIDTH * channels; i++) {
        ptrdiff_t c = (ptrdiff_t)(i % channels), px = (ptrdiff_t)(i / channels % WIDTH),
                  py = (ptrdiff_t)(i / channels / WIDTH);
        ptrdiff_t sy = py - f->down, sx = px - f->right;
        ptrdiff_t top = (ptrdiff_t)cy - (ptrdiff_t)side / 2, left = (ptrdiff_t)cx - (ptrdiff_t)side / 2;
        bool inside = sy >= 0 && sy < HEIGHT && sx >= 0 && sx < WIDTH;
        bool cut = side > 0 && py >= top && py < top + (ptrdiff_t)side && px >= left && px < left + (ptrdiff_t)side;
        if (f->flip)
            sx = WIDTH - 1 - sx;
        float wanted = cut ? 0 : element(data, sample, (size_t)sy, (size_t)sx, (size_t)c, inside);
        if (!(fabsf(x[i] - wanted) <= 1e-5f * (1 + fabsf(wanted))))
            return false;
    }
    return true;
}

/* The change that was made to a sample; fails when there is none among those allowed. */
static found find(const hwv_data *data, const hwv_augment *augment, const float *x, size_t sample)
{
    ptrdiff_t shift = (ptrdiff_t)augment->shift;
    for (ptrdiff_t down = -shift; down <= shift; down++)
        for (ptrdiff_t right = -shift; right <= shift; right++)
            for (int flip = 0; flip <= augment->flip; flip++) {
                found f = {down, right, flip};
                for (size_t cy = 0; cy < (augment->cutout ? HEIGHT : 1); cy++)
                    for (size_t cx = 0; cx < (augment->cutout ? WIDTH : 1); cx++)
                        if (is_change(data, x, sample, &f, augment->cutout, cy, cx))
                            return f;
            }
    fail_msg("sample %zu is no image with a change that is allowed", sample);
    return (found){0, 0, false};
}

static void gather(const hwv_data *data, const hwv_augment *augment, uint32_t epoch, float *x)
{
    static float scratch[MOST];
    int32_t classes[COUNT];
    hwv_data_gather_augmented(data, &data->train, rows, COUNT, augment, 9, epoch, scratch, x, classes);
    assert_memory_equal(classes, labels, sizeof classes);
}

static void test_changes(void **state)
{
    (void)state;
    static float x[COUNT * MOST];
    const hwv_augment augments[] = {
        {.shift = 2}, {.flip = true}, {.cutout = 3}, {.shift = 1, .flip = true, .cutout = 2}};
    for (size_t kind = 0; kind < 8; kind++) {
        hwv_data data = make(kind % 2 == 0, kind % 4 < 2 ? 1 : 3);
        if (kind >= 4)
            assert_int_equal(hwv_data_normalize(&data, NULL, NULL, NULL), HWV_OK);
        for (size_t a = 0; a < 4; a++) {
            assert_int_equal(hwv_augment_check(&augments[a], &data, NULL), HWV_OK);
            assert_true(hwv_augment_on(&augments[a]));
            gather(&data, &augments[a], 0, x);
            for (size_t i = 0; i < COUNT; i += a == 3 ? 7 : 1)
                (void)find(&data, &augments[a], x + i * data.features, i);
        }
        hwv_data_close(&data);
    }
}

/* Each of the 25 shifts and each side comes as often as chance says: within 5 standard deviations of the binomial. */
static void test_even(void **state)
{
    (void)state;
    static float x[COUNT * MOST];
    hwv_data data = make(true, 1);
    const hwv_augment augment = {.shift = 2, .flip = true};
    enum { EPOCHS = 10 };
    size_t shifts[5][5] = {{0}}, flips = 0;
    for (uint32_t epoch = 0; epoch < EPOCHS; epoch++) {
        gather(&data, &augment, epoch, x);
        for (size_t i = 0; i < COUNT; i++) {
            found f = find(&data, &augment, x + i * data.features, i);
            shifts[f.down + 2][f.right + 2]++;
            flips += f.flip;
        }
    }
    double n = EPOCHS * COUNT, expected = n / 25, deviation = sqrt(n / 25 * 24 / 25);
    for (size_t i = 0; i < 25; i++)
        assert_true(fabs((double)shifts[i / 5][i % 5] - expected) < 5 * deviation);
    assert_true(fabs((double)flips - n / 2) < 5 * sqrt(n / 4));
    hwv_data_close(&data);
}

static void test_draws(void **state)
{
    (void)state;
    static float x[COUNT * MOST], y[COUNT * MOST], scratch[MOST];
    hwv_data data = make(true, 3);
    const hwv_augment augment = {.shift = 2, .flip = true, .cutout = 3};
    gather(&data, &augment, 4, x);
    /* Other epochs and seeds change other things. */
    gather(&data, &augment, 5, y);
    assert_true(memcmp(x, y, sizeof x) != 0);
    int32_t label;
    hwv_data_gather_augmented(&data, &data.train, rows, 1, &augment, 10, 4, scratch, y, &label);
    /* Neither the order nor the batch does. */
    for (uint32_t i = COUNT; i-- > 0;) {
        hwv_data_gather_augmented(&data, &data.train, &i, 1, &augment, 9, 4, scratch, y, &label);
        assert_memory_equal(y, x + i * data.features, data.features * sizeof *y);
        assert_int_equal(label, labels[i]);
    }
    /* Nothing to do is what hwv_data_gather does. */
    const hwv_augment none = {0};
    assert_false(hwv_augment_on(&none));
    gather(&data, &none, 4, x);
    int32_t classes[COUNT];
    hwv_data_gather(&data, &data.train, NULL, 0, COUNT, y, classes);
    assert_memory_equal(x, y, COUNT * data.features * sizeof *x);
    hwv_data_close(&data);
}

static void expect_refused(const hwv_data *data, hwv_augment augment, const char *words)
{
    hwv_error error = {0};
    hwv_status status = hwv_augment_check(&augment, data, &error);
    if (status != HWV_ERR_ARGUMENT || !strstr(error.text, words))
        fail_msg("%s '%s', expected '%s'", hwv_status_name(status), error.text, words);
}

static void test_refused(void **state)
{
    (void)state;
    hwv_data data = make(true, 1);
    expect_refused(&data, (hwv_augment){.shift = 5}, "images of 5 x 7: 0 to 4 is accepted");
    expect_refused(&data, (hwv_augment){.cutout = 6}, "images of 5 x 7: 0 to 5 is accepted");
    const hwv_augment most = {.shift = 4, .cutout = 5}, none = {0};
    assert_int_equal(hwv_augment_check(&most, &data, NULL), HWV_OK);
    data.rank = 1;
    expect_refused(&data, (hwv_augment){.flip = true}, "made has rows of 35 values, accepted are samples of height");
    assert_int_equal(hwv_augment_check(&none, &data, NULL), HWV_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_even),
        cmocka_unit_test(test_draws),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
