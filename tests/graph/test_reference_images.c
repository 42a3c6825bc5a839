/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pooling and batch norm as graphs against reference vectors, on every runnable instruction set. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "vectors.h"

/* A node of x alone: its output, and the gradient of x. */
static void pool_case(const char *name, hwv_node_kind kind, const hwv_node_attributes *attributes, const char *out,
                      unsigned passes)
{
    reference_array x = vector_load(name, "in_x", true), dy = vector_load(name, "in_dy", true);
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_plan *plan;
    hwv_id y;
    char exact[32];
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    hwv_id x_id = vector_parameter(graph, "x", &x);
    assert_int_equal(hwv_graph_node(graph, kind, "pool", attributes, &x_id, 1, &y, NULL), HWV_OK);
    hwv_shape shape = vector_shape(&dy), got = hwv_graph_value(graph, y)->shape;
    assert_memory_equal(&got, &shape, sizeof shape);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    vector_set(weights, x_id, &x);
    hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, graph, weights, y, &options, NULL), HWV_OK);
    memcpy(hwv_plan_gradient(plan, y), dy.f32, dy.count * sizeof(float));
    for (int again = 0; again < 2; again++) { /* a second run overwrites */
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, false);
    }
    snprintf(exact, sizeof exact, "%s_exact", out);
    vector_expect(name, out, exact, true, hwv_plan_data(plan, y));
    vector_expect(name, "grad_x", "grad_x_exact", true, hwv_plan_gradient(plan, x_id));
    hwv_plan_destroy(plan);
    options = (hwv_plan_options){.batch = 1, .passes = passes}; /* without winners to be kept */
    assert_int_equal(hwv_plan_create(&plan, graph, weights, y, &options, NULL), HWV_OK);
    hwv_plan_forward(plan);
    vector_expect(name, out, exact, true, hwv_plan_data(plan, y));
    hwv_plan_destroy(plan);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
    reference_free(&x);
    reference_free(&dy);
}

/* A number of the case's parameters. */
static size_t parameter(const char *name, const char *parameter_name)
{
    char path[64];
    double value;
    snprintf(path, sizeof path, "params/%s", parameter_name);
    assert_true(reference_number(name, path, &value));
    return (size_t)value;
}

static hwv_node_attributes window_of(const char *name)
{
    size_t kernel = parameter(name, "kernel"), stride = parameter(name, "stride"), pad = parameter(name, "padding");
    return (hwv_node_attributes){.window = {{kernel, kernel}, {stride, stride}, {pad, pad}, {pad, pad}}};
}

static void max_pool_all(unsigned passes)
{
    static const char *const names[] = {"max_pool2d_k2_s2_p0_12x10_random", "max_pool2d_k2_s2_p0_12x10_ties",
                                        "max_pool2d_k2_s2_p0_9x7_random",   "max_pool2d_k2_s2_p0_9x7_ties",
                                        "max_pool2d_k3_s2_p0_17x13_random", "max_pool2d_k3_s2_p0_17x13_ties",
                                        "max_pool2d_k3_s2_p1_11x14_random", "max_pool2d_k3_s2_p1_11x14_ties"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        hwv_node_attributes attributes = window_of(names[i]);
        pool_case(names[i], HWV_NODE_MAX_POOL2D, &attributes, "out_y", passes);
    }
}

static void avg_pool_all(unsigned passes)
{
    static const char *const names[] = {"avg_pool2d_k2_s2_p0_12x10", "avg_pool2d_k3_s2_p1_17x13",
                                        "avg_pool2d_k3_s2_p1_17x13_excludepad"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        hwv_node_attributes attributes = window_of(names[i]);
        attributes.count_pad = parameter(names[i], "count_include_pad") != 0;
        pool_case(names[i], HWV_NODE_AVG_POOL2D, &attributes, "out", passes);
    }
    pool_case("global_avg_pool2d", HWV_NODE_GLOBAL_AVG_POOL2D, NULL, "out", passes);
}

/* ---- batch norm ----------------------------------------------------------------------------------- */

enum { X, WEIGHT, BIAS, MEAN, VARIANCE, INPUTS };
static const char *const norm_inputs[INPUTS] = {"in_x", "in_weight", "in_bias", "in_running_mean", "in_running_var"};

/* x, weight and bias as parameters, so that their gradients are computed. */
static hwv_graph *norm_make(const char *name, bool frozen, const reference_array in[INPUTS], hwv_id ids[INPUTS],
                            hwv_id *y)
{
    double epsilon = 0, momentum = 0;
    hwv_graph *graph;
    assert_true(reference_number(name, "params/eps", &epsilon) && reference_number(name, "params/momentum", &momentum));
    const hwv_node_attributes attributes = {.epsilon = (float)epsilon, .momentum = (float)momentum, .frozen = frozen};
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    for (size_t i = X; i <= BIAS; i++)
        ids[i] = vector_parameter(graph, norm_inputs[i], &in[i]);
    for (size_t i = MEAN; i <= VARIANCE; i++) {
        hwv_shape shape = vector_shape(&in[i]);
        assert_int_equal(hwv_graph_state(graph, norm_inputs[i], &shape, &ids[i], NULL), HWV_OK);
    }
    assert_int_equal(hwv_graph_node(graph, HWV_NODE_BATCH_NORM, "bn", &attributes, ids, INPUTS, y, NULL), HWV_OK);
    return graph;
}

static void norm_case(const char *name, bool frozen, unsigned passes)
{
    reference_array in[INPUTS], dy = vector_load(name, "in_dy", true);
    hwv_weights *weights;
    hwv_plan *plan;
    hwv_id ids[INPUTS], y;
    for (size_t i = X; i < INPUTS; i++)
        in[i] = vector_load(name, norm_inputs[i], true);
    hwv_graph *graph = norm_make(name, frozen, in, ids, &y);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    hwv_plan_options options = {.batch = 1, .training = true, .passes = passes};
    assert_int_equal(hwv_plan_create(&plan, graph, weights, y, &options, NULL), HWV_OK);
    memcpy(hwv_plan_gradient(plan, y), dy.f32, dy.count * sizeof(float));
    for (size_t i = X; i < INPUTS; i++)
        vector_set(weights, ids[i], &in[i]);
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    vector_expect(name, "out_y", "out_y_exact", true, hwv_plan_data(plan, y));
    vector_expect(name, "grad_x", "grad_x_exact", true, hwv_plan_gradient(plan, ids[X]));
    vector_expect(name, "grad_weight", "grad_weight_exact", false, hwv_plan_gradient(plan, ids[WEIGHT]));
    vector_expect(name, "grad_bias", "grad_bias_exact", false, hwv_plan_gradient(plan, ids[BIAS]));
    if (!frozen) {
        vector_expect(name, "out_running_mean", "out_running_mean_exact", false, hwv_weights_data(weights, ids[MEAN]));
        vector_expect(name, "out_running_var", "out_running_var_exact", false,
                      hwv_weights_data(weights, ids[VARIANCE]));
    }
    hwv_plan_destroy(plan);
    if (frozen) { /* what a plan without training computes anyway */
        options.training = false;
        assert_int_equal(hwv_plan_create(&plan, graph, weights, y, &options, NULL), HWV_OK);
        hwv_plan_forward(plan);
        vector_expect(name, "out_y", "out_y_exact", true, hwv_plan_data(plan, y));
        hwv_plan_destroy(plan);
    }
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
    for (size_t i = X; i < INPUTS; i++)
        reference_free(&in[i]);
    reference_free(&dy);
}

static void batch_norm_all(unsigned passes)
{
    norm_case("batch_norm_train_rows", false, passes);
    norm_case("batch_norm_train_nchw", false, passes);
    norm_case("batch_norm_train_small", false, passes);
    norm_case("batch_norm_eval_rows", true, passes);
    norm_case("batch_norm_eval_nchw", true, passes);
    norm_case("batch_norm_eval_small", true, passes);
}

static void test_batch_norm(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    vectors_everywhere(batch_norm_all);
}

static void test_max_pool(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    vectors_everywhere(max_pool_all);
}

static void test_avg_pool(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    vectors_everywhere(avg_pool_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_max_pool),
        cmocka_unit_test(test_avg_pool),
        cmocka_unit_test(test_batch_norm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
