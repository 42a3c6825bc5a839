/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What a plan tells of its steps, counted by hand for a small network, and the time of its steps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support.h"

enum { BATCH = 7, HEIGHT = 6, WIDTH = 5, CHANNELS = 3, FILTERS = 4, UNITS = HEIGHT * WIDTH * FILTERS, CLASSES = 10 };

/* x -> conv -> bias -> relu -> flatten -> fc -> loss */
static net small_net(void)
{
    const hwv_shape image = {.rank = 4, .dim = {HWV_BATCH, HEIGHT, WIDTH, CHANNELS}};
    const hwv_shape kernel = {.rank = 4, .dim = {FILTERS, CHANNELS, 3, 3}};
    const hwv_node_attributes same = {.window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, .groups = 1}, none = {0};
    net n = {0};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, image);
    n.labels = input_add(n.graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    hwv_id h = node_add(n.graph, HWV_NODE_CONV2D, "conv", same, n.x, parameter_add(n.graph, "kernel", kernel));
    h = node_add(n.graph, HWV_NODE_BIAS, "bias", none, h, parameter_add(n.graph, "b", shape_of(1, FILTERS, 0, 0)));
    h = act_add(n.graph, "act", HWV_OP_RELU, h, HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_FLATTEN, "flatten", none, h, HWV_NO_ID);
    n.logits = fc_add(n.graph, "fc", h, UNITS, CLASSES);
    n.loss = node_add(n.graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", none, n.logits, n.labels);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    weights_draw(n.weights, 1);
    return n;
}

static hwv_plan *plan_of(const net *n, unsigned passes)
{
    return plan_make(n->graph, n->weights, n->loss,
                     (hwv_plan_options){.batch = BATCH, .training = true, .passes = passes});
}

/* The step of a node by name. */
static hwv_plan_step step_of(const hwv_plan *plan, const net *n, const char *name, bool backward)
{
    for (size_t i = 0; i < hwv_plan_step_count(plan); i++) {
        const hwv_plan_step step = hwv_plan_step_at(plan, i);
        if (step.backward == backward && strcmp(hwv_graph_node_at(n->graph, step.node)->name, name) == 0)
            return step;
    }
    fail_msg("%s has no step", name);
    return (hwv_plan_step){0};
}

/* Taps inside: 5 + 6 + 5 of a column, 4 + 5 + 4 of a line. */
static const double conv_flops = 2.0 * 16 * 13 * CHANNELS * FILTERS * BATCH;

static void test_products(void **state)
{
    (void)state;
    net n = small_net();
    hwv_plan *plan = plan_of(&n, HWV_PASS_ALL);
    hwv_plan_step conv = step_of(plan, &n, "conv", false);
    assert_true(conv.flops == conv_flops);
    assert_string_equal(conv.algorithm, "direct");
    assert_true(step_of(plan, &n, "conv", true).flops == conv_flops); /* of the weights alone */
    assert_true(step_of(plan, &n, "fc.product", false).flops == 2.0 * BATCH * UNITS * CLASSES);
    assert_true(step_of(plan, &n, "fc.product", true).flops == 4.0 * BATCH * UNITS * CLASSES);
    assert_true(step_of(plan, &n, "flatten", false).flops == 0);
    hwv_plan_destroy(plan);
    net_free(&n);
}

static void test_bytes(void **state)
{
    (void)state;
    net n = small_net();
    hwv_plan *plan = plan_of(&n, HWV_PASS_ALL);
    const size_t x = 4 * BATCH * HEIGHT * WIDTH * CHANNELS, y = 4 * BATCH * UNITS;
    const size_t mask = 8 * BATCH * HEIGHT * WIDTH, weight = 4 * 9 * CHANNELS * FILTERS;
    hwv_plan_step conv = step_of(plan, &n, "conv", false);
    assert_int_equal(conv.kept, y + mask); /* y in another shape is what the dense layer's weights need */
    assert_int_equal(conv.bytes, x + weight + y + mask);
    assert_int_equal(step_of(plan, &n, "flatten", false).bytes, 0);
    assert_int_equal(step_of(plan, &n, "flatten", false).kept, 0);
    assert_int_equal(step_of(plan, &n, "fc.product", false).kept, 0);
    hwv_plan_step backward = step_of(plan, &n, "conv", true);
    assert_int_equal(backward.bytes, x + y + weight);
    assert_int_equal(backward.kept, 0);
    hwv_plan_destroy(plan);
    net_free(&n);
}

static void check_fused(const hwv_plan *plan, const net *n, const char *name, size_t i, const char *node,
                        const char *pass)
{
    const hwv_plan_step step = step_of(plan, n, name, false);
    assert_true(i < step.fused_count);
    assert_string_equal(hwv_graph_node_at(n->graph, step.fused[i].node)->name, node);
    assert_string_equal(step.fused[i].pass, pass);
}

static void test_fused(void **state)
{
    (void)state;
    net n = small_net();
    hwv_plan *plan = plan_of(&n, HWV_PASS_ALL);
    check_fused(plan, &n, "conv", 0, "bias", "finish");
    check_fused(plan, &n, "conv", 1, "act", "finish");
    check_fused(plan, &n, "fc.product", 0, "fc", "dense_bias");
    hwv_plan_destroy(plan);
    plan = plan_of(&n, HWV_PASS_BIAS_ACT | HWV_PASS_MASK);
    check_fused(plan, &n, "act", 0, "bias", "bias_act");
    hwv_plan_destroy(plan);
    plan = plan_of(&n, 0);
    for (size_t i = 0; i < hwv_plan_step_count(plan); i++)
        assert_int_equal(hwv_plan_step_at(plan, i).fused_count, 0);
    assert_int_equal(hwv_plan_step_count(plan), 7 + 7);
    hwv_plan_destroy(plan);
    net_free(&n);
}

static void test_time(void **state)
{
    (void)state;
    net n = small_net();
    hwv_plan *plan = plan_of(&n, HWV_PASS_ALL);
    double seconds[32] = {0}, before[32];
    const size_t count = hwv_plan_step_count(plan);
    assert_true(count < 32);
    inputs_draw(plan, n.x, HEIGHT * WIDTH * CHANNELS, n.labels, BATCH, CLASSES, 5);
    hwv_plan_time(plan, seconds);
    for (size_t i = 0; i < 100; i++) {
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
    }
    double all = 0;
    for (size_t i = 0; i < count; i++) {
        assert_true(seconds[i] >= 0);
        all += seconds[i];
    }
    assert_true(seconds[0] > 0 && all > seconds[0]);
    hwv_plan_time(plan, NULL);
    memcpy(before, seconds, sizeof before);
    hwv_plan_forward(plan);
    assert_memory_equal(before, seconds, sizeof before);
    hwv_plan_destroy(plan);
    net_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_fused),
        cmocka_unit_test(test_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
