/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dense layers and cross-entropy as graphs against reference vectors, on every runnable instruction set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "halfwave/graph.h"
#include "reference.h"

#include "compare.h"

static const unsigned pass_sets[] = {0, HWV_PASS_ALL};

/* A case's array against `got`, under the case's own limit. */
static void expect(const char *name, const char *limit_of, const char *array, const float *got)
{
    reference_array exact;
    char label[200];
    snprintf(label, sizeof label, "%s %s (%s)", name, array, hwv_isa_name(hwv_isa_current()));
    assert_non_null(got);
    assert_true(reference_load(&exact, name, array));
    assert_true(compare_maximum(label, got, exact.values, exact.count, reference_limit(name, limit_of)));
    reference_free(&exact);
}

/* The floats of an array become a parameter's value. */
static hwv_id parameter_add(hwv_graph *graph, const char *name, const reference_array *array)
{
    hwv_shape shape = {.rank = array->dims};
    hwv_id id;
    for (size_t i = 0; i < array->dims; i++)
        shape.dim[i] = array->shape[i];
    assert_int_equal(hwv_graph_parameter(graph, name, &shape, true, &id, NULL), HWV_OK);
    return id;
}

static void weight_set(hwv_weights *weights, hwv_id id, const reference_array *array)
{
    memcpy(hwv_weights_data(weights, id), array->f32, array->count * sizeof(float));
}

static void linear_case(const char *name, bool with_bias, unsigned passes)
{
    reference_array x, weight, bias, dy;
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_plan *plan;
    hwv_id x_id, weight_id, bias_id = HWV_NO_ID, y;
    assert_true(reference_load(&x, name, "in_x") && reference_load(&weight, name, "in_weight") &&
                reference_load(&dy, name, "in_dy"));
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    x_id = parameter_add(graph, "x", &x); /* a parameter, so that its gradient is computed */
    weight_id = parameter_add(graph, "weight", &weight);
    assert_int_equal(hwv_graph_node(graph, HWV_NODE_DENSE, "fc", NULL, (hwv_id[]){x_id, weight_id}, 2, &y, NULL),
                     HWV_OK);
    if (with_bias) {
        assert_true(reference_load(&bias, name, "in_bias"));
        bias_id = parameter_add(graph, "bias", &bias);
        assert_int_equal(hwv_graph_node(graph, HWV_NODE_BIAS, "sum", NULL, (hwv_id[]){y, bias_id}, 2, &y, NULL),
                         HWV_OK);
    }
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    weight_set(weights, x_id, &x);
    weight_set(weights, weight_id, &weight);
    if (with_bias)
        weight_set(weights, bias_id, &bias);
    hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, graph, weights, y, &options, NULL), HWV_OK);
    memcpy(hwv_plan_gradient(plan, y), dy.f32, dy.count * sizeof(float));
    for (int again = 0; again < 2; again++) { /* a second run overwrites */
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
    }
    expect(name, "out", "out_exact", hwv_plan_data(plan, y));
    expect(name, "grad_x", "grad_x_exact", hwv_plan_gradient(plan, x_id));
    expect(name, "grad_weight", "grad_weight_exact", hwv_plan_gradient(plan, weight_id));
    if (with_bias) {
        expect(name, "grad_bias", "grad_bias_exact", hwv_plan_gradient(plan, bias_id));
        reference_free(&bias);
    }
    reference_free(&x);
    reference_free(&weight);
    reference_free(&dy);
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

static void cross_entropy_case(const char *name, unsigned passes)
{
    reference_array logits, target;
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_plan *plan;
    hwv_id logits_id, labels, loss;
    double smoothing;
    assert_true(reference_load(&logits, name, "in_logits") && reference_load(&target, name, "in_target"));
    assert_true(reference_number(name, "params/label_smoothing", &smoothing));
    hwv_node_attributes attributes = {.smoothing = (float)smoothing};
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    logits_id = parameter_add(graph, "logits", &logits);
    hwv_shape shape = {.rank = 1, .dim = {target.count}};
    assert_int_equal(hwv_graph_input(graph, "labels", HWV_ELEMENT_I32, &shape, &labels, NULL), HWV_OK);
    assert_int_equal(hwv_graph_node(graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", &attributes,
                                    (hwv_id[]){logits_id, labels}, 2, &loss, NULL),
                     HWV_OK);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    weight_set(weights, logits_id, &logits);
    hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, graph, weights, loss, &options, NULL), HWV_OK);
    for (size_t i = 0; i < target.count; i++)
        ((int32_t *)hwv_plan_data(plan, labels))[i] = (int32_t)target.i64[i];
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    expect(name, "out_loss", "out_loss_exact", hwv_plan_data(plan, loss));
    expect(name, "grad_logits", "grad_logits_exact", hwv_plan_gradient(plan, logits_id));
    reference_free(&logits);
    reference_free(&target);
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

/* Runs body on every instruction set, with and without passes. */
static void everywhere(void (*body)(unsigned passes))
{
    for (size_t i = 0; i < hwv_isa_count(); i++) {
        assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(i)), NULL), HWV_OK);
        for (size_t p = 0; p < sizeof pass_sets / sizeof pass_sets[0]; p++)
            body(pass_sets[p]);
    }
    assert_int_equal(hwv_isa_force(hwv_isa_name(hwv_isa_get(0)), NULL), HWV_OK);
}

static void linear_all(unsigned passes)
{
    linear_case("linear_1x5_to_3", true, passes);
    linear_case("linear_7x33_to_17", true, passes);
    linear_case("linear_16x48_to_10_nobias", false, passes);
    linear_case("linear_32x64_to_32", true, passes);
}

static void cross_entropy_all(unsigned passes)
{
    cross_entropy_case("cross_entropy_16x10_smooth0.0", passes);
    cross_entropy_case("cross_entropy_16x10_smooth0.1", passes);
    cross_entropy_case("cross_entropy_6x10_smooth0.0_large", passes);
    cross_entropy_case("cross_entropy_6x10_smooth0.1_large", passes);
    cross_entropy_case("cross_entropy_8x65_smooth0.0", passes);
    cross_entropy_case("cross_entropy_8x65_smooth0.1", passes);
}

static void test_linear(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    everywhere(linear_all);
}

static void test_cross_entropy(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    everywhere(cross_entropy_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_cross_entropy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
