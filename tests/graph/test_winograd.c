/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass WINOGRAD: in training the gradients are those of direct convolution but for rounding, whatever activation follows
 * and whatever the other passes do, which change no bit; threads, fewer rows and accumulated gradients; no allocation.
 * Without training nothing changes: zeros stay zeros. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "allocations.h"
#include "compare.h"
#include "support.h"

#define BATCH  5
#define HEIGHT 9
#define WIDTH  10
#define INPUTS ((size_t)HEIGHT * WIDTH * 16)

/* Largest root mean square of the difference of a parameter's gradient, as a share of the gradient's: three convolutions
 * at 5e-6 each, and units whose pre-activation is as close to the kink. */
#define BOUND 1e-4

/* conv 3x3, bias, op; conv 5x5, bn, op; conv 3x3 valid with groups of one, op; mean; fc; loss. */
static net conv_net_make(hwv_op op)
{
    const hwv_shape image = {.rank = 4, .dim = {HWV_BATCH, HEIGHT, WIDTH, 16}};
    const hwv_shape kernels[] = {
        {.rank = 4, .dim = {24, 16, 3, 3}}, {.rank = 4, .dim = {16, 24, 5, 5}}, {.rank = 4, .dim = {33, 16, 3, 3}}};
    const hwv_node_attributes convs[] = {{.window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, .groups = 1},
                                         {.window = {{5, 5}, {1, 1}, {2, 2}, {2, 2}}, .groups = 1},
                                         {.window = {{3, 3}, {1, 1}, {0, 0}, {0, 0}}, .groups = 1}};
    const hwv_node_attributes norm = {.epsilon = 1e-3f, .momentum = 0.1f}, none = {0};
    hwv_id values[NORM_VALUES];
    net n = {0};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, image);
    n.labels = input_add(n.graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    hwv_id h = node_add(n.graph, HWV_NODE_CONV2D, "conv1", convs[0], n.x, parameter_add(n.graph, "k1", kernels[0]));
    n.hidden = h;
    h = node_add(n.graph, HWV_NODE_BIAS, "bias", none, h, parameter_add(n.graph, "b", shape_of(1, 24, 0, 0)));
    h = act_add(n.graph, "act1", op, h, HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_CONV2D, "conv2", convs[1], h, parameter_add(n.graph, "k2", kernels[1]));
    norm_values_add(n.graph, "bn", 16, values);
    h = act_add(n.graph, "act2", op, norm_add(n.graph, "bn", norm, h, values), HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_CONV2D, "conv3", convs[2], h, parameter_add(n.graph, "k3", kernels[2]));
    h = act_add(n.graph, "act3", op, h, HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_GLOBAL_AVG_POOL2D, "mean", none, h, HWV_NO_ID);
    n.logits = fc_add(n.graph, "fc", h, 33, 10);
    n.loss = node_add(n.graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", none, n.logits, n.labels);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    size_t elements;
    float *block = hwv_weights_block(n.weights, &elements);
    for (size_t i = 0; i < elements; i++)
        block[i] = (float)(0.1 * hwv_random_normal(1, HWV_STREAM_TEST, 0, i));
    return n;
}

typedef struct outcome {
    float loss;
    float *gradients;
    size_t elements;
} outcome;

typedef struct manner {
    unsigned passes;
    size_t threads, rows, times; /* times: backward runs whose gradients are added up */
} manner;

static outcome run(const net *n, const manner *how)
{
    outcome o;
    hwv_pool *pool = NULL;
    if (how->threads > 0)
        assert_int_equal(hwv_pool_create(&pool, how->threads, NULL), HWV_OK);
    const hwv_plan_options options = {
        .batch = BATCH, .training = true, .passes = how->passes, .executor = pool ? hwv_pool_executor(pool) : NULL};
    hwv_plan *plan = plan_make(n->graph, n->weights, n->loss, options);
    inputs_draw(plan, n->x, INPUTS, n->labels, BATCH, 10, 3);
    hwv_plan_rows(plan, how->rows);
    const size_t before = allocations_count();
    for (size_t i = 0; i < how->times; i++) {
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, i > 0);
    }
    assert_int_equal(allocations_count(), before);
    o.loss = *(float *)hwv_plan_data(plan, n->loss);
    const float *gradients = hwv_plan_parameter_gradients(plan, &o.elements);
    o.gradients = malloc(o.elements * sizeof(float));
    assert_non_null(o.gradients);
    memcpy(o.gradients, gradients, o.elements * sizeof(float));
    hwv_plan_destroy(plan);
    hwv_pool_destroy(pool);
    return o;
}

static void same(const char *label, const net *n, const manner *how, const outcome *expected)
{
    outcome other = run(n, how);
    assert_true(compare_bits(label, &other.loss, &expected->loss, 1));
    assert_true(compare_bits(label, other.gradients, expected->gradients, expected->elements));
    free(other.gradients);
}

/* Each parameter's gradient is near; that of a kernel has other bits, or else the pass did nothing. */
static void near(const char *label, const net *n, const outcome *a, const outcome *b)
{
    size_t differ = 0;
    assert_true(fabsf(a->loss - b->loss) <= 1e-5f * fabsf(b->loss));
    for (size_t v = 0; v < hwv_graph_value_count(n->graph); v++) {
        const hwv_value *value = hwv_graph_value(n->graph, (hwv_id)v);
        const size_t at = hwv_weights_offset(n->weights, (hwv_id)v);
        if (value->role != HWV_ROLE_PARAMETER)
            continue;
        const size_t elements = hwv_weights_elements(n->weights, (hwv_id)v);
        double off = 0, size = 0;
        for (size_t i = at; i < at + elements; i++) {
            off += ((double)a->gradients[i] - (double)b->gradients[i]) *
                   ((double)a->gradients[i] - (double)b->gradients[i]);
            size += (double)b->gradients[i] * (double)b->gradients[i];
        }
        if (!(sqrt(off) <= BOUND * sqrt(size)))
            fail_msg("%s: the gradient of %s is off by %.3g of its size", label, value->name, sqrt(off / size));
        differ += value->shape.rank == 4 && off > 0;
    }
    assert_int_equal(differ, 3);
}

static void test_gradients(void **state)
{
    static const hwv_op ops[] = {HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_GELU, HWV_OP_TANH};
    static const unsigned others[] = {0, HWV_PASS_MASK, HWV_PASS_FINISH, HWV_PASS_MASK | HWV_PASS_FINISH,
                                      HWV_PASS_BIAS_ACT | HWV_PASS_REUSE};
    (void)state;
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        net n = conv_net_make(ops[i]);
        const char *label = hwv_op_row(ops[i])->name;
        outcome direct = run(&n, &(manner){HWV_PASS_ALL & ~HWV_PASS_WINOGRAD, 0, BATCH, 1});
        outcome winograd = run(&n, &(manner){HWV_PASS_ALL, 0, BATCH, 1});
        near(label, &n, &winograd, &direct);
        for (size_t p = 0; p < sizeof others / sizeof *others; p++)
            same(label, &n, &(manner){others[p] | HWV_PASS_WINOGRAD, 0, BATCH, 1}, &winograd);
        for (size_t threads = 1; threads <= 3; threads++)
            same(label, &n, &(manner){HWV_PASS_ALL, threads, BATCH, 1}, &winograd);
        free(direct.gradients);
        free(winograd.gradients);
        net_free(&n);
    }
}

static void test_rows_and_sums(void **state)
{
    (void)state;
    net n = conv_net_make(HWV_OP_RELU);
    outcome once = run(&n, &(manner){HWV_PASS_ALL, 0, 3, 1}), twice = run(&n, &(manner){HWV_PASS_ALL, 0, 3, 2});
    outcome direct = run(&n, &(manner){HWV_PASS_ALL & ~HWV_PASS_WINOGRAD, 0, 3, 1});
    near("3 rows", &n, &once, &direct);
    for (size_t k = 1; k <= 3; k++) {
        char name[8];
        snprintf(name, sizeof name, "k%zu", k);
        const hwv_id kernel = hwv_graph_find(n.graph, name);
        const size_t first = hwv_weights_offset(n.weights, kernel);
        for (size_t i = first; i < first + hwv_weights_elements(n.weights, kernel); i++)
            assert_true(twice.gradients[i] == once.gradients[i] + once.gradients[i]);
    }
    free(once.gradients);
    free(twice.gradients);
    free(direct.gradients);
    net_free(&n);
}

/* An image that is black but for one pixel: what does not see it is exactly 0 without training, whatever the passes. */
static void test_without_training_zeros_stay(void **state)
{
    (void)state;
    net n = conv_net_make(HWV_OP_RELU);
    size_t noise[2] = {0, 0};
    for (int training = 0; training < 2; training++) {
        const hwv_plan_options options = {
            .batch = 1, .training = training, .passes = HWV_PASS_ALL, .keep = &n.hidden, .keep_count = 1};
        hwv_plan *plan = plan_make(n.graph, n.weights, n.loss, options);
        inputs_draw(plan, n.x, INPUTS, n.labels, 1, 10, 3);
        float *x = hwv_plan_data(plan, n.x);
        for (size_t i = 0; i < INPUTS; i++)
            if (i / 16 != 2 * WIDTH + 2)
                x[i] = 0.0f;
        hwv_plan_forward(plan);
        const float *y = hwv_plan_data(plan, n.hidden);
        for (size_t i = 0; i < (size_t)HEIGHT * WIDTH * 24; i++) {
            const size_t row = i / 24 / WIDTH, column = i / 24 % WIDTH;
            const bool sees = row >= 1 && row <= 3 && column >= 1 && column <= 3;
            noise[training] += !sees && y[i] != 0.0f;
        }
        hwv_plan_destroy(plan);
    }
    assert_int_equal(noise[0], 0);
    assert_true(noise[1] > 0);
    net_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_rows_and_sums),
        cmocka_unit_test(test_without_training_zeros_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
