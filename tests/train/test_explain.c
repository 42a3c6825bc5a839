/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What is told of a training step: memory, times that add up, and no leak where an allocation fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "allocations.h"
#include "common.h"
#include "halfwave/explain.h"

#define BATCH 48

static hwv_status explained(hwv_model *model, const hwv_data *data, hwv_explanation *explanation, hwv_error *error)
{
    hwv_trainer *trainer;
    hwv_train_options options = hwv_train_defaults();
    options.batch = BATCH;
    HWV_TRY(hwv_trainer_create(&trainer, model, data, &options, NULL, error));
    const hwv_status status = hwv_trainer_explain(trainer, explanation, error);
    hwv_trainer_destroy(trainer);
    return status;
}

static void test_figures(void **state)
{
    (void)state;
    hwv_data data = digits_open();
    hwv_model model = model_make(&data, SMALL, HWV_OP_RELU);
    hwv_explanation e;
    hwv_error error;
    size_t elements;
    double measured = 0;
    hwv_weights_block(model.weights, &elements);
    need(explained(&model, &data, &e, &error), &error, "explain");
    assert_int_equal(e.batch, BATCH);
    assert_int_equal(e.threads, 1);
    assert_int_equal(e.memory.weights, elements * sizeof(float));
    assert_int_equal(e.optimizer, elements * sizeof(float));
    assert_true(e.evaluation > 0 && e.runs >= 3 && e.flops_rate > 0 && e.bytes_rate > 0);
    assert_true(e.forward_count > 0 && e.forward_count < e.step_count);
    for (size_t i = 0; i < e.step_count; i++) {
        assert_int_equal(e.steps[i].plan.backward, i >= e.forward_count);
        assert_true((e.steps[i].predicted > 0) == (e.steps[i].plan.bytes > 0));
        measured += e.steps[i].measured;
    }
    assert_string_equal(e.steps[0].name, "flatten1");
    assert_int_equal(e.steps[0].input.dim[0], BATCH);
    /* Medians of parts do not add up exactly to that of the whole. */
    assert_true(measured > 0 && measured < 2 * e.step);
    hwv_explanation_free(&e);
    hwv_model_free(&model);
    hwv_data_close(&data);
}

static void test_allocations(void **state)
{
    (void)state;
    hwv_data data = digits_open();
    const size_t live = allocations_live();
    hwv_status status = HWV_ERR_MEMORY;
    size_t at = 0;
    while (status != HWV_OK) {
        hwv_model model = model_make(&data, SMALL, HWV_OP_RELU);
        hwv_explanation e = {0};
        hwv_error error;
        allocations_fail_at(++at);
        status = explained(&model, &data, &e, &error);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || (status == HWV_ERR_MEMORY && e.steps == NULL));
        hwv_explanation_free(&e);
        hwv_model_free(&model);
        assert_int_equal(allocations_live(), live);
    }
    assert_true(at > 10);
    hwv_data_close(&data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_figures), cmocka_unit_test(test_allocations)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
