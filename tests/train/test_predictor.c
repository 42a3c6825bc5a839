/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Class probabilities: what they are, that they depend on nothing but sample and weights, failures. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"

enum { COUNT = 360, CLASSES = 10 };

static hwv_data digits;
static hwv_model model;
static float expected[COUNT * CLASSES];

/* Probabilities of the test part in batches of `batch`. */
static void predict(size_t batch, const hwv_executor *executor, float *out)
{
    hwv_predictor *predictor;
    hwv_error error;
    need(hwv_predictor_create(&predictor, &model, batch, executor, &error), &error, "predictor");
    size_t most = hwv_predictor_batch(predictor), allocations = allocations_count();
    assert_true(batch == 0 || most == batch);
    for (size_t first = 0; first < COUNT; first += most) {
        size_t rows = COUNT - first < most ? COUNT - first : most;
        hwv_data_gather(&digits, &digits.test, NULL, first, rows, hwv_predictor_input(predictor), NULL);
        const float *p = hwv_predictor_run(predictor, rows);
        memcpy(out + first * CLASSES, p, rows * CLASSES * sizeof *p);
    }
    assert_int_equal(allocations_count(), allocations);
    hwv_predictor_destroy(predictor);
}

static int setup(void **state)
{
    (void)state;
    digits = digits_open();
    model = model_make(&digits, "conv 3 4; act; pool 2; fc 32; act prelu; fc 10", HWV_OP_RELU);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 3);
    predict(0, NULL, expected);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    hwv_model_free(&model);
    hwv_data_close(&digits);
    return 0;
}

/* Against the loss of each sample alone: -log of its class's probability. */
static void test_definition(void **state)
{
    (void)state;
    hwv_error error;
    size_t wrong = 0;
    for (size_t i = 0; i < COUNT; i++) {
        const float *p = expected + i * CLASSES;
        size_t label = (size_t)digits.test.labels[i], best = 0;
        double sum = 0;
        for (size_t c = 0; c < CLASSES; c++) {
            assert_true(p[c] >= 0 && p[c] <= 1);
            sum += (double)p[c];
            best = p[c] > p[best] ? c : best;
        }
        wrong += best != label;
        assert_true(fabs(sum - 1) < 10 * 0x1p-24 * 4);
        if (i % 19 != 0)
            continue;
        hwv_data_part one = {.count = 1, .bytes = digits.test.bytes + i * 64, .labels = digits.test.labels + i};
        hwv_evaluation evaluation = {0};
        need(hwv_evaluate(&model, &digits, &one, NULL, &evaluation, &error), &error, "evaluate");
        /* Both are rounded to float. */
        assert_true(fabs(exp(-evaluation.loss) / (double)p[label] - 1) < 8 * 0x1p-23 * (1 + evaluation.loss));
    }
    hwv_evaluation evaluation = {0};
    need(hwv_evaluate(&model, &digits, &digits.test, NULL, &evaluation, &error), &error, "evaluate");
    assert_true(evaluation.error == (double)wrong / COUNT);
}

static void test_same_bits(void **state)
{
    (void)state;
    static float other[COUNT * CLASSES];
    hwv_error error;
    hwv_pool *pool;
    const size_t batches[] = {1, 7, 64, 360, 1000};
    for (size_t i = 0; i < sizeof batches / sizeof batches[0]; i++) {
        predict(batches[i], NULL, other);
        assert_memory_equal(other, expected, sizeof expected);
    }
    for (size_t threads = 2; threads <= 3; threads++) {
        need(hwv_pool_create(&pool, threads, &error), &error, "pool");
        predict(100, hwv_pool_executor(pool), other);
        assert_memory_equal(other, expected, sizeof expected);
        hwv_pool_destroy(pool);
    }
}

static void test_no_numbers(void **state)
{
    (void)state;
    hwv_predictor *predictor;
    hwv_error error;
    need(hwv_predictor_create(&predictor, &model, 3, NULL, &error), &error, "predictor");
    float *x = hwv_predictor_input(predictor);
    hwv_data_gather(&digits, &digits.test, NULL, 0, 3, x, NULL);
    x[64 + 5] = (float)NAN;
    const float *p = hwv_predictor_run(predictor, 3);
    assert_memory_equal(p, expected, CLASSES * sizeof *p);
    for (size_t c = 0; c < CLASSES; c++)
        assert_true(isnan(p[CLASSES + c]));
    assert_memory_equal(p + 2 * CLASSES, expected + 2 * CLASSES, CLASSES * sizeof *p);
    hwv_predictor_destroy(predictor);
}

static void test_allocations(void **state)
{
    (void)state;
    size_t live = allocations_live(), n = 1;
    for (hwv_status status = HWV_ERR_MEMORY; status != HWV_OK; n++) {
        hwv_predictor *predictor;
        allocations_fail_at(n);
        status = hwv_predictor_create(&predictor, &model, 0, NULL, NULL);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || (status == HWV_ERR_MEMORY && predictor == NULL));
        hwv_predictor_destroy(predictor);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(n > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_no_numbers),
        cmocka_unit_test(test_allocations),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
