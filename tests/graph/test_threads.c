/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * The same bits for any number of threads, on a net that is large enough to be cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "compare.h"
#include "support.h"

#define ROWS 128

typedef struct outcome {
    float *gradients;
    size_t elements;
    float loss;
} outcome;

static outcome run_threads(const hwv_graph *graph, hwv_weights *weights, hwv_id loss, size_t threads, unsigned passes)
{
    outcome o;
    hwv_id x = hwv_graph_find(graph, "x");
    size_t cols = 1;
    for (size_t i = 1; i < hwv_graph_value(graph, x)->shape.rank; i++)
        cols *= hwv_graph_value(graph, x)->shape.dim[i];
    hwv_pool *pool = NULL;
    if (threads > 0)
        assert_int_equal(hwv_pool_create(&pool, threads, NULL), HWV_OK);
    hwv_plan *plan = plan_make(
        graph, weights, loss,
        (hwv_plan_options){
            .batch = ROWS, .training = true, .passes = passes, .executor = pool ? hwv_pool_executor(pool) : NULL});
    inputs_draw(plan, x, cols, hwv_graph_find(graph, "labels"), ROWS, 10, 3);
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    o.loss = *(float *)hwv_plan_data(plan, loss);
    const float *gradients = hwv_plan_parameter_gradients(plan, &o.elements);
    o.gradients = malloc(o.elements * sizeof(float));
    assert_non_null(o.gradients);
    memcpy(o.gradients, gradients, o.elements * sizeof(float));
    hwv_plan_destroy(plan);
    hwv_pool_destroy(pool);
    return o;
}

static void same_outcome(const hwv_graph *graph, hwv_weights *weights, hwv_id loss, const char *name)
{
    for (unsigned passes = 0; passes <= HWV_PASS_ALL; passes += HWV_PASS_ALL) {
        outcome alone = run_threads(graph, weights, loss, 0, passes);
        for (size_t threads = 1; threads <= 3; threads++) {
            char label[80];
            snprintf(label, sizeof label, "%s, %zu threads, passes %u", name, threads, passes);
            outcome many = run_threads(graph, weights, loss, threads, passes);
            assert_true(compare_bits(label, &many.loss, &alone.loss, 1));
            assert_true(compare_bits(label, many.gradients, alone.gradients, alone.elements));
            free(many.gradients);
        }
        free(alone.gradients);
    }
}

static void same_for_any_threads(hwv_op op)
{
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id slope = HWV_NO_ID;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    hwv_id x = input_add(graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, 784, 0));
    hwv_id labels = input_add(graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    if (op == HWV_OP_PRELU)
        slope = parameter_add(graph, "slope", shape_of(1, 513, 0, 0));
    hwv_id h = act_add(graph, "act", op, fc_add(graph, "fc1", x, 784, 513), slope);
    hwv_id logits = fc_add(graph, "fc2", h, 513, 10);
    hwv_id loss = node_add(graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", (hwv_node_attributes){0}, logits, labels);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    weights_draw(weights, 4);
    same_outcome(graph, weights, loss, hwv_op_row(op)->name);
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

/* On sizes that are cut. */
static void test_threads_on_images(void **state)
{
    (void)state;
    net n = image_net_make(9, 10, 33, 10);
    same_outcome(n.graph, n.weights, n.loss, "images");
    net_free(&n);
}

static void test_threads_on_sequences(void **state)
{
    (void)state;
    net n = sequence_net_make(70, 24, 2, 10);
    same_outcome(n.graph, n.weights, n.loss, "sequences");
    net_free(&n);
}

static void test_threads(void **state)
{
    (void)state;
    same_for_any_threads(HWV_OP_RELU);
    same_for_any_threads(HWV_OP_TANH);
    same_for_any_threads(HWV_OP_PRELU);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_threads_on_images),
        cmocka_unit_test(test_threads_on_sequences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
