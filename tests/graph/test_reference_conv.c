/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Convolution with and without its bias as graphs against reference vectors, on every runnable instruction set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vectors.h"

static hwv_node_attributes attributes_of(const char *name, const reference_array *weight)
{
    double stride = 0, pad = 0;
    assert_true(reference_number(name, "params/stride", &stride) && reference_number(name, "params/padding", &pad));
    size_t s = (size_t)stride, p = (size_t)pad;
    return (hwv_node_attributes){.window = {{weight->shape[2], weight->shape[3]}, {s, s}, {p, p}, {p, p}}, .groups = 1};
}

/* The parts of a case as parameters of a graph, so that all gradients are computed. */
typedef struct conv {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id x, weight, bias, y;
} conv;

static conv conv_make(const char *name, bool with_bias)
{
    reference_array x = vector_load(name, "in_x", true), weight = vector_load(name, "in_weight", false), bias = {0};
    hwv_node_attributes attributes = attributes_of(name, &weight);
    conv c;
    assert_int_equal(hwv_graph_create(&c.graph, NULL), HWV_OK);
    c.x = vector_parameter(c.graph, "x", &x);
    c.weight = vector_parameter(c.graph, "weight", &weight);
    assert_int_equal(
        hwv_graph_node(c.graph, HWV_NODE_CONV2D, "conv", &attributes, (hwv_id[]){c.x, c.weight}, 2, &c.y, NULL),
        HWV_OK);
    if (with_bias) {
        bias = vector_load(name, "in_bias", false);
        c.bias = vector_parameter(c.graph, "bias", &bias);
        assert_int_equal(hwv_graph_node(c.graph, HWV_NODE_BIAS, "sum", NULL, (hwv_id[]){c.y, c.bias}, 2, &c.y, NULL),
                         HWV_OK);
    }
    assert_int_equal(hwv_weights_create(&c.weights, c.graph, NULL), HWV_OK);
    vector_set(c.weights, c.x, &x);
    vector_set(c.weights, c.weight, &weight);
    if (with_bias)
        vector_set(c.weights, c.bias, &bias);
    reference_free(&x);
    reference_free(&weight);
    reference_free(&bias);
    return c;
}

static void conv_case(const char *name, unsigned passes)
{
    bool with_bias = strstr(name, "nobias") == NULL;
    conv c = conv_make(name, with_bias);
    reference_array dy = vector_load(name, "in_dy", true);
    hwv_plan *plan;
    hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    hwv_shape shape = vector_shape(&dy), got = hwv_graph_value(c.graph, c.y)->shape;
    assert_memory_equal(&got, &shape, sizeof shape);
    assert_int_equal(hwv_plan_create(&plan, c.graph, c.weights, c.y, &options, NULL), HWV_OK);
    memcpy(hwv_plan_gradient(plan, c.y), dy.f32, dy.count * sizeof(float));
    for (int again = 0; again < 2; again++) { /* a second run overwrites */
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
    }
    vector_expect(name, "out", "out_exact", true, hwv_plan_data(plan, c.y));
    vector_expect(name, "grad_x", "grad_x_exact", true, hwv_plan_gradient(plan, c.x));
    vector_expect(name, "grad_weight", "grad_weight_exact", false, hwv_plan_gradient(plan, c.weight));
    if (with_bias)
        vector_expect(name, "grad_bias", "grad_bias_exact", false, hwv_plan_gradient(plan, c.bias));
    hwv_plan_destroy(plan);
    hwv_weights_destroy(c.weights);
    hwv_graph_destroy(c.graph);
    reference_free(&dy);
}

static void conv_all(unsigned passes)
{
    static const char *const names[] = {
        "conv2d_16to16_k1_s2_p0_8x8_nobias",  "conv2d_1to8_k5_s1_p2_28x28",   "conv2d_32to64_k3_s1_p1_17x13_nobias",
        "conv2d_32to64_k3_s2_p1_16x16",       "conv2d_32to64_k5_s1_p2_17x13", "conv2d_3to16_k3_s1_p1_17x13",
        "conv2d_3to16_k3_s2_p1_17x13_nobias", "conv2d_3to16_k5_s1_p2_17x13",  "conv2d_3to4_k3_s1_p0_11x5",
        "conv2d_4to6_k1_s1_p0_7x9",           "conv2d_8to16_k5_s1_p0_14x14"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        conv_case(names[i], passes);
}

static void test_convolution(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    vectors_everywhere(conv_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
