/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm in plans: running statistics, evaluation, frozen nodes, activations computed behind it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "compare.h"
#include "support.h"

#define ROWS  50
#define UNITS 70
#define STEPS 3

/* x [batch, UNITS] -> dense -> batch norm -> relu */
typedef struct normed {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id x, product, of[NORM_VALUES], norm, y;
} normed;

static normed normed_make(bool frozen)
{
    normed n;
    hwv_node_attributes attributes = {.epsilon = 1e-3f, .momentum = 0.25f, .frozen = frozen};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, UNITS, 0));
    n.product = node_add(n.graph, HWV_NODE_DENSE, "product", (hwv_node_attributes){0}, n.x,
                         parameter_add(n.graph, "fc.weight", shape_of(2, UNITS, UNITS, 0)));
    norm_values_add(n.graph, "bn", UNITS, n.of);
    n.norm = norm_add(n.graph, "bn", attributes, n.product, n.of);
    n.y = act_add(n.graph, "y", HWV_OP_RELU, n.norm, HWV_NO_ID);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    weights_draw(n.weights, 7);
    for (size_t i = 0; i < UNITS; i++)
        hwv_weights_data(n.weights, n.of[NORM_VARIANCE])[i] = 1 + (float)i;
    return n;
}

static void normed_free(normed *n)
{
    hwv_weights_destroy(n->weights);
    hwv_graph_destroy(n->graph);
}

static hwv_plan *normed_plan(const normed *n, bool training, unsigned passes)
{
    return plan_make(n->graph, n->weights, n->y,
                     (hwv_plan_options){.batch = ROWS, .training = training, .passes = passes});
}

/* Mean and unbiased variance of a column. */
static void column_moments(const float *x, size_t rows, size_t column, double *mean, double *variance)
{
    *mean = *variance = 0;
    for (size_t r = 0; r < rows; r++)
        *mean += (double)x[r * UNITS + column] / (double)rows;
    for (size_t r = 0; r < rows; r++)
        *variance += pow((double)x[r * UNITS + column] - *mean, 2) / (double)(rows - 1);
}

static void test_statistics_run(void **state)
{
    (void)state;
    normed n = normed_make(false);
    hwv_plan *plan = normed_plan(&n, true, 0);
    double mean[UNITS], variance[UNITS];
    for (size_t c = 0; c < UNITS; c++) {
        mean[c] = (double)hwv_weights_data(n.weights, n.of[NORM_MEAN])[c];
        variance[c] = (double)hwv_weights_data(n.weights, n.of[NORM_VARIANCE])[c];
    }
    for (size_t step = 0; step < STEPS; step++) {
        size_t rows = ROWS - step; /* a batch may be short */
        inputs_draw(plan, n.x, UNITS, HWV_NO_ID, rows, 1, step);
        hwv_plan_rows(plan, rows);
        hwv_plan_forward(plan);
        for (size_t c = 0; c < UNITS; c++) {
            double batch_mean, batch_variance;
            column_moments(hwv_plan_data(plan, n.product), rows, c, &batch_mean, &batch_variance);
            mean[c] = 0.75 * mean[c] + 0.25 * batch_mean;
            variance[c] = 0.75 * variance[c] + 0.25 * batch_variance;
        }
        hwv_plan_backward(plan, false); /* does not move them again */
    }
    assert_true(compare_maximum("running mean", hwv_weights_data(n.weights, n.of[NORM_MEAN]), mean, UNITS, 1e-6));
    assert_true(
        compare_maximum("running variance", hwv_weights_data(n.weights, n.of[NORM_VARIANCE]), variance, UNITS, 1e-6));
    hwv_plan_destroy(plan);
    normed_free(&n);
}

/* A plan without training, and one of a frozen node, normalise by the running statistics and leave them. */
static void test_statistics_stay(void **state)
{
    (void)state;
    float before[2][UNITS];
    double exact[ROWS * UNITS];
    for (int frozen = 0; frozen < 2; frozen++) {
        normed n = normed_make(frozen);
        hwv_plan *plan = normed_plan(&n, frozen, 0);
        const float *weight = hwv_weights_data(n.weights, n.of[NORM_WEIGHT]),
                    *bias = hwv_weights_data(n.weights, n.of[NORM_BIAS]);
        for (size_t i = 0; i < 2; i++)
            memcpy(before[i], hwv_weights_data(n.weights, n.of[NORM_MEAN + i]), sizeof before[i]);
        inputs_draw(plan, n.x, UNITS, HWV_NO_ID, ROWS, 1, 3);
        hwv_plan_forward(plan);
        if (frozen)
            hwv_plan_backward(plan, false);
        for (size_t i = 0; i < ROWS * UNITS; i++) {
            size_t c = i % UNITS;
            double z = (double)((float *)hwv_plan_data(plan, n.product))[i] - (double)before[0][c];
            exact[i] = z / sqrt((double)before[1][c] + (double)1e-3f) * (double)weight[c] + (double)bias[c];
        }
        assert_true(compare_maximum("normalised", hwv_plan_data(plan, n.norm), exact, ROWS * UNITS, 4 * 0x1p-24));
        for (size_t i = 0; i < 2; i++)
            assert_memory_equal(before[i], hwv_weights_data(n.weights, n.of[NORM_MEAN + i]), sizeof before[i]);
        hwv_plan_destroy(plan);
        normed_free(&n);
    }
}

/* With passes the norm computes the activation; without training it overwrites the product. */
static void test_activation_is_computed_behind(void **state)
{
    (void)state;
    static float plain[ROWS * UNITS];
    for (int training = 0; training < 2; training++)
        for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes++) {
            normed n = normed_make(false);
            hwv_plan *plan = normed_plan(&n, training, passes);
            inputs_draw(plan, n.x, UNITS, HWV_NO_ID, ROWS, 1, 3);
            hwv_plan_forward(plan);
            if (passes == 0)
                memcpy(plain, hwv_plan_data(plan, n.y), sizeof plain);
            assert_true(compare_bits("behind", hwv_plan_data(plan, n.y), plain, ROWS * UNITS));
            bool finishes = passes & HWV_PASS_FINISH && (!training || passes & HWV_PASS_MASK);
            if (finishes)
                assert_null(hwv_plan_data(plan, n.norm));
            if (passes == HWV_PASS_ALL) /* x, and one or two arrays more */
                assert_int_equal(hwv_plan_memory_use(plan).activations <= 2 * hwv_size_align(sizeof plain), !training);
            hwv_plan_destroy(plan);
            normed_free(&n);
        }
}

static void refused(const hwv_node_attributes *attributes, const hwv_id *inputs, hwv_graph *graph, hwv_status status,
                    const char *message)
{
    hwv_id y;
    hwv_error error;
    assert_int_equal(hwv_graph_node(graph, HWV_NODE_BATCH_NORM, "n", attributes, inputs, 5, &y, &error), status);
    if (strstr(error.text, message) == NULL)
        fail_msg("'%s' does not contain '%s'", error.text, message);
}

static void test_wrong_nodes(void **state)
{
    (void)state;
    normed n = normed_make(false);
    const hwv_node_attributes good = {.epsilon = 1e-5f, .momentum = 0.1f};
    hwv_node_attributes bad = good;
    hwv_id other = parameter_add(n.graph, "other", shape_of(1, UNITS + 1, 0, 0));
    hwv_id inputs[] = {n.x, n.of[NORM_WEIGHT], n.of[NORM_BIAS], n.of[NORM_MEAN], n.of[NORM_VARIANCE]};
    bad.epsilon = 0;
    refused(&bad, inputs, n.graph, HWV_ERR_ARGUMENT, "epsilon 0; more than 0 is accepted");
    bad.epsilon = NAN;
    refused(&bad, inputs, n.graph, HWV_ERR_ARGUMENT, "epsilon nan");
    bad = good;
    bad.momentum = 1.5f;
    refused(&bad, inputs, n.graph, HWV_ERR_ARGUMENT, "momentum 1.5; 0 to 1");
    inputs[4] = inputs[3];
    refused(&good, inputs, n.graph, HWV_ERR_SHAPE, "two states");
    inputs[4] = n.of[NORM_BIAS];
    refused(&good, inputs, n.graph, HWV_ERR_SHAPE, "two states");
    inputs[4] = n.of[NORM_VARIANCE];
    inputs[1] = other;
    refused(&good, inputs, n.graph, HWV_ERR_SHAPE, "other [71], bn.bias [70]");
    inputs[0] = n.of[NORM_BIAS];
    refused(&good, inputs, n.graph, HWV_ERR_SHAPE, "x [..., channels]");
    normed_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statistics_run),
        cmocka_unit_test(test_statistics_stay),
        cmocka_unit_test(test_activation_is_computed_behind),
        cmocka_unit_test(test_wrong_nodes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
