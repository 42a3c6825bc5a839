/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The digits MLP against reference vectors: logits, losses and gradients of the first step, then five steps
 * of plain momentum; on every runnable instruction set, with and without passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "halfwave/model.h"
#include "compare.h"
#include "reference.h"

#define CASE "model_mlp_digits"

static const char *const parameters[] = {"fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"};

static void expect(const char *prefix, const char *of, const char *limit_prefix, const float *got)
{
    reference_array exact;
    char name[80], limit[80], label[200];
    snprintf(name, sizeof name, "%s%s_exact", prefix, of);
    snprintf(limit, sizeof limit, "%s%s", limit_prefix, of);
    snprintf(label, sizeof label, "%s (%s)", name, hwv_isa_name(hwv_isa_current()));
    assert_non_null(got);
    assert_true(reference_load(&exact, CASE, name));
    assert_true(compare_maximum(label, got, exact.values, exact.count, reference_limit(CASE, limit)));
    reference_free(&exact);
}

static void model_load(hwv_model *model)
{
    hwv_error error;
    hwv_model_options options = {.act = hwv_act_make(HWV_OP_RELU), .rank = 1, .dims = {64}, .classes = 10};
    if (hwv_model_build(model, "fc 32; act; fc 10", &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    for (size_t p = 0; p < 4; p++) {
        reference_array start;
        char name[64];
        snprintf(name, sizeof name, "in_param_%s", parameters[p]);
        assert_true(reference_load(&start, CASE, name));
        memcpy(hwv_weights_data(model->weights, hwv_graph_find(model->graph, parameters[p])), start.f32,
               start.count * sizeof(float));
        reference_free(&start);
    }
}

static void batch_set(hwv_plan *plan, const hwv_model *model, const reference_array *x, const reference_array *y,
                      size_t batch)
{
    int32_t *labels = hwv_plan_data(plan, model->labels);
    memcpy(hwv_plan_data(plan, model->input), x->f32 + batch * 32 * 64, sizeof(float) * 32 * 64);
    for (size_t i = 0; i < 32; i++)
        labels[i] = (int32_t)y->i64[batch * 32 + i];
}

static void five_steps(unsigned passes)
{
    hwv_model model;
    hwv_plan *plan;
    reference_array x, y;
    static float velocity[4096], losses[5];
    size_t elements;
    assert_true(reference_load(&x, CASE, "in_batch_x") && reference_load(&y, CASE, "in_batch_y"));
    model_load(&model);
    hwv_plan_options options = {.batch = 32, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, model.graph, model.weights, model.loss, &options, NULL), HWV_OK);
    float *gradients = hwv_plan_parameter_gradients(plan, &elements);
    float *weights = hwv_weights_block(model.weights, &elements);
    assert_true(elements <= sizeof velocity / sizeof velocity[0]);
    memset(velocity, 0, sizeof velocity);
    for (size_t step = 0; step < 5; step++) {
        batch_set(plan, &model, &x, &y, step);
        hwv_plan_forward(plan);
        losses[step] = *(float *)hwv_plan_data(plan, model.loss);
        if (step == 0)
            expect("out_", "logits_step1", "out_", hwv_plan_data(plan, model.logits));
        hwv_plan_backward(plan, false);
        for (size_t p = 0; step == 0 && p < 4; p++)
            expect("grad_", parameters[p], "grad_",
                   gradients + hwv_weights_offset(model.weights, hwv_graph_find(model.graph, parameters[p])));
        for (size_t i = 0; i < elements; i++) {
            velocity[i] = 0.9f * velocity[i] + gradients[i];
            weights[i] -= 0.05f * velocity[i];
        }
    }
    expect("out_", "loss", "out_", losses);
    for (size_t p = 0; p < 4; p++)
        expect("out_param_", parameters[p], "out_param_",
               hwv_weights_data(model.weights, hwv_graph_find(model.graph, parameters[p])));
    hwv_plan_destroy(plan);

    options = (hwv_plan_options){.batch = 32, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, model.graph, model.weights, model.logits, &options, NULL), HWV_OK);
    memcpy(hwv_plan_data(plan, model.input), x.f32, sizeof(float) * 32 * 64);
    hwv_plan_forward(plan);
    expect("out_", "eval_logits", "out_", hwv_plan_data(plan, model.logits));
    hwv_plan_destroy(plan);
    hwv_model_free(&model);
    reference_free(&x);
    reference_free(&y);
}

static void test_mlp_digits(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        five_steps(0);
        five_steps(HWV_PASS_ALL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mlp_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
