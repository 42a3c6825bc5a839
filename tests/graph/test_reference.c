/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Dense layers and cross-entropy as graphs against reference vectors, on every runnable instruction set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vectors.h"

static void linear_case(const char *name, bool with_bias, unsigned passes)
{
    reference_array bias = {0};
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_plan *plan;
    hwv_id x_id, weight_id, bias_id = HWV_NO_ID, y;
    reference_array x = vector_load(name, "in_x", false), weight = vector_load(name, "in_weight", false);
    reference_array dy = vector_load(name, "in_dy", false);
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    x_id = vector_parameter(graph, "x", &x); /* a parameter, so that its gradient is computed */
    weight_id = vector_parameter(graph, "weight", &weight);
    assert_int_equal(hwv_graph_node(graph, HWV_NODE_DENSE, "fc", NULL, (hwv_id[]){x_id, weight_id}, 2, &y, NULL),
                     HWV_OK);
    if (with_bias) {
        bias = vector_load(name, "in_bias", false);
        bias_id = vector_parameter(graph, "bias", &bias);
        assert_int_equal(hwv_graph_node(graph, HWV_NODE_BIAS, "sum", NULL, (hwv_id[]){y, bias_id}, 2, &y, NULL),
                         HWV_OK);
    }
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    vector_set(weights, x_id, &x);
    vector_set(weights, weight_id, &weight);
    if (with_bias)
        vector_set(weights, bias_id, &bias);
    hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, graph, weights, y, &options, NULL), HWV_OK);
    memcpy(hwv_plan_gradient(plan, y), dy.f32, dy.count * sizeof(float));
    for (int again = 0; again < 2; again++) { /* a second run overwrites */
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
    }
    vector_expect(name, "out", "out_exact", false, hwv_plan_data(plan, y));
    vector_expect(name, "grad_x", "grad_x_exact", false, hwv_plan_gradient(plan, x_id));
    vector_expect(name, "grad_weight", "grad_weight_exact", false, hwv_plan_gradient(plan, weight_id));
    if (with_bias) {
        vector_expect(name, "grad_bias", "grad_bias_exact", false, hwv_plan_gradient(plan, bias_id));
        reference_free(&bias);
    }
    reference_free(&x);
    reference_free(&weight);
    reference_free(&dy);
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

/* tokens: the rows are samples of so many tokens; 1: they are the samples. */
static void cross_entropy_case(const char *name, size_t tokens, unsigned passes)
{
    reference_array logits = vector_load(name, "in_logits", false), target = vector_load(name, "in_target", false);
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_plan *plan;
    hwv_id logits_id, labels, loss;
    double smoothing;
    assert_true(reference_number(name, "params/label_smoothing", &smoothing));
    hwv_node_attributes attributes = {.smoothing = (float)smoothing};
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    hwv_shape shape = {.rank = 1, .dim = {target.count}};
    if (tokens > 1) {
        shape = (hwv_shape){.rank = 2, .dim = {target.count / tokens, tokens}};
        logits.dims = 3;
        logits.shape[2] = logits.shape[1];
        logits.shape[1] = tokens;
        logits.shape[0] /= tokens;
    }
    logits_id = vector_parameter(graph, "logits", &logits);
    assert_int_equal(hwv_graph_input(graph, "labels", HWV_ELEMENT_I32, &shape, &labels, NULL), HWV_OK);
    assert_int_equal(hwv_graph_node(graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", &attributes,
                                    (hwv_id[]){logits_id, labels}, 2, &loss, NULL),
                     HWV_OK);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    vector_set(weights, logits_id, &logits);
    hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, graph, weights, loss, &options, NULL), HWV_OK);
    for (size_t i = 0; i < target.count; i++)
        ((int32_t *)hwv_plan_data(plan, labels))[i] = (int32_t)target.i64[i];
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    vector_expect(name, "out_loss", "out_loss_exact", false, hwv_plan_data(plan, loss));
    vector_expect(name, "grad_logits", "grad_logits_exact", false, hwv_plan_gradient(plan, logits_id));
    reference_free(&logits);
    reference_free(&target);
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
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
    static const char *const names[] = {
        "cross_entropy_16x10_smooth0.0",      "cross_entropy_16x10_smooth0.1", "cross_entropy_6x10_smooth0.0_large",
        "cross_entropy_6x10_smooth0.1_large", "cross_entropy_8x65_smooth0.0",  "cross_entropy_8x65_smooth0.1",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        for (size_t tokens = 1; tokens <= 2; tokens++)
            cross_entropy_case(names[i], tokens, passes);
}

static void test_linear(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    vectors_everywhere(linear_all);
}

static void test_cross_entropy(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    vectors_everywhere(cross_entropy_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_cross_entropy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
