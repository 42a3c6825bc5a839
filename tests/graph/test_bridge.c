/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pass BRIDGE: drawn networks of convolutions, norms, activations, pools and residual sums are trained with the same bits
 * with and without it, whatever the other passes do: few rows and many, gradients that are added up, several threads. What
 * it saves, what it removes, and what it leaves alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "allocations.h"
#include "compare.h"
#include "support.h"

#define BATCH 5
#define SIDE  12
#define NETS  24
#define INPUT ((size_t)SIDE * SIDE * 3)

static uint32_t draw(uint64_t seed, uint64_t *index, uint32_t bound)
{
    return hwv_random_below(seed, HWV_STREAM_TEST, 21, (*index)++, bound);
}

/* A network in the making: the value at its end and its size. */
typedef struct tail {
    hwv_graph *graph;
    hwv_id value;
    size_t side, channels, count; /* count: of nodes, for names */
} tail;

static const char *next_name(tail *t, const char *what)
{
    static char text[32];
    snprintf(text, sizeof text, "%s%zu", what, t->count++);
    return text;
}

static void conv_add(tail *t, size_t kernel, size_t filters)
{
    const hwv_shape shape = {.rank = 4, .dim = {filters, t->channels, kernel, kernel}};
    const size_t pad = kernel / 2;
    const hwv_node_attributes same = {.window = {{kernel, kernel}, {1, 1}, {pad, pad}, {pad, pad}}, .groups = 1};
    const hwv_id weight = parameter_add(t->graph, next_name(t, "kernel"), shape);
    t->value = node_add(t->graph, HWV_NODE_CONV2D, next_name(t, "conv"), same, t->value, weight);
    t->channels = filters;
}

static void bias_add(tail *t)
{
    const hwv_id bias = parameter_add(t->graph, next_name(t, "b"), shape_of(1, t->channels, 0, 0));
    t->value = node_add(t->graph, HWV_NODE_BIAS, next_name(t, "bias"), (hwv_node_attributes){0}, t->value, bias);
}

static void bn_add(tail *t, bool frozen)
{
    hwv_id values[NORM_VALUES];
    const hwv_node_attributes norm = {.epsilon = 0.1f, .momentum = 0.25f, .frozen = frozen};
    norm_values_add(t->graph, next_name(t, "norm"), t->channels, values);
    t->value = norm_add(t->graph, next_name(t, "bn"), norm, t->value, values);
}

static void op_add(tail *t, hwv_op op)
{
    t->value = act_add(t->graph, next_name(t, "act"), op, t->value, HWV_NO_ID);
}

static void pool_add(tail *t)
{
    const hwv_node_attributes half = {.window = {{2, 2}, {2, 2}, {0, 0}, {0, 0}}};
    t->value = node_add(t->graph, HWV_NODE_MAX_POOL2D, next_name(t, "pool"), half, t->value, HWV_NO_ID);
    t->side /= 2;
}

static tail tail_make(net *n)
{
    const hwv_shape image = {.rank = 4, .dim = {HWV_BATCH, SIDE, SIDE, 3}};
    *n = (net){0};
    assert_int_equal(hwv_graph_create(&n->graph, NULL), HWV_OK);
    n->x = input_add(n->graph, "x", HWV_ELEMENT_F32, image);
    n->labels = input_add(n->graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    return (tail){.graph = n->graph, .value = n->x, .side = SIDE, .channels = 3};
}

static void tail_end(net *n, tail *t)
{
    const hwv_node_attributes none = {0};
    t->value = node_add(t->graph, HWV_NODE_FLATTEN, "flatten", none, t->value, HWV_NO_ID);
    n->logits = fc_add(t->graph, "fc", t->value, t->side * t->side * t->channels, 10);
    n->loss = node_add(t->graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", none, n->logits, n->labels);
    assert_int_equal(hwv_weights_create(&n->weights, n->graph, NULL), HWV_OK);
}

/* vgg-small in small: conv bn op conv bn op pool, twice; the second is odd where it is pooled. */
static net vgg_make(void)
{
    net n;
    tail t = tail_make(&n);
    for (size_t i = 0; i < 4; i++) {
        conv_add(&t, 3, 16 + 8 * i);
        bn_add(&t, false);
        op_add(&t, i == 1 ? HWV_OP_LEAKY_RELU : HWV_OP_RELU);
        if (i % 2)
            pool_add(&t);
    }
    tail_end(&n, &t);
    return n;
}

static net net_draw(uint64_t seed)
{
    static const hwv_op ops[] = {HWV_OP_RELU, HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_TANH};
    net n;
    tail t = tail_make(&n);
    uint64_t index = 0;
    const size_t layers = 3 + draw(seed, &index, 4);
    for (size_t i = 0; i < layers; i++) {
        const hwv_id before = t.value;
        const size_t channels = t.channels;
        conv_add(&t, 1 + 2 * draw(seed, &index, 3), draw(seed, &index, 3) && channels > 3 ? channels : 16 + 4 * i);
        if (draw(seed, &index, 4) == 0)
            bias_add(&t);
        if (draw(seed, &index, 6))
            bn_add(&t, draw(seed, &index, 6) == 0);
        if (channels == t.channels && draw(seed, &index, 3) == 0)
            t.value = node_add(t.graph, HWV_NODE_ADD, next_name(&t, "sum"), (hwv_node_attributes){0}, t.value, before);
        if (draw(seed, &index, 8))
            op_add(&t, ops[draw(seed, &index, 4)]);
        if (t.side > 2 && draw(seed, &index, 3) == 0)
            pool_add(&t);
    }
    tail_end(&n, &t);
    return n;
}

typedef struct manner {
    unsigned passes;
    size_t threads, rows;
} manner;

typedef struct outcome {
    float loss, *gradients, *weights; /* weights: with the running statistics afterwards */
    size_t elements;
    hwv_plan_memory memory;
} outcome;

static float *copy(const float *from, size_t elements)
{
    float *to = malloc(elements * sizeof *to);
    assert_non_null(to);
    memcpy(to, from, elements * sizeof *to);
    return to;
}

/* Two steps whose gradients add up. */
static outcome run(const net *n, manner how)
{
    outcome o;
    hwv_pool *pool = NULL;
    if (how.threads > 0)
        assert_int_equal(hwv_pool_create(&pool, how.threads, NULL), HWV_OK);
    const hwv_plan_options options = {
        .batch = BATCH, .training = true, .passes = how.passes, .executor = pool ? hwv_pool_executor(pool) : NULL};
    float *block = hwv_weights_block(n->weights, &o.elements);
    for (size_t i = 0; i < o.elements; i++)
        block[i] = (float)(0.1 * hwv_random_normal(1, HWV_STREAM_TEST, 0, i));
    for (size_t v = 0; v < hwv_graph_value_count(n->graph); v++)
        if (strstr(hwv_graph_value(n->graph, (hwv_id)v)->name, ".variance"))
            for (size_t i = 0; i < hwv_weights_elements(n->weights, (hwv_id)v); i++)
                hwv_weights_data(n->weights, (hwv_id)v)[i] = 1;
    hwv_plan *plan = plan_make(n->graph, n->weights, n->loss, options);
    inputs_draw(plan, n->x, INPUT, n->labels, BATCH, 10, 3);
    const size_t before = allocations_count();
    for (size_t i = 0; i < 2; i++) {
        hwv_plan_rows(plan, i == 0 ? BATCH : how.rows);
        hwv_plan_forward(plan);
        hwv_plan_backward(plan, i > 0);
    }
    assert_int_equal(allocations_count(), before);
    o.loss = *(float *)hwv_plan_data(plan, n->loss);
    o.gradients = copy(hwv_plan_parameter_gradients(plan, &o.elements), o.elements);
    o.weights = copy(block, o.elements);
    o.memory = hwv_plan_memory_use(plan);
    hwv_plan_destroy(plan);
    hwv_pool_destroy(pool);
    return o;
}

static void outcome_free(outcome *o)
{
    free(o->gradients);
    free(o->weights);
}

static void same(const char *label, const net *n, manner how, const outcome *expected)
{
    outcome other = run(n, how);
    assert_true(compare_bits(label, &other.loss, &expected->loss, 1));
    assert_true(compare_bits(label, other.gradients, expected->gradients, expected->elements));
    assert_true(compare_bits(label, other.weights, expected->weights, expected->elements));
    outcome_free(&other);
}

static void check(const char *label, const net *n)
{
    static const unsigned others[] = {0, HWV_PASS_MASK, HWV_PASS_REUSE | HWV_PASS_IN_PLACE,
                                      HWV_PASS_MASK | HWV_PASS_FINISH | HWV_PASS_DENSE_BIAS, HWV_PASS_ALL};
    for (int winograd = 0; winograd < 2; winograd++) {
        const unsigned base = winograd ? HWV_PASS_WINOGRAD : 0;
        outcome plain = run(n, (manner){base, 0, 3});
        for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
            const unsigned passes = (others[i] & ~(unsigned)HWV_PASS_WINOGRAD) | base | HWV_PASS_BRIDGE;
            same(label, n, (manner){passes, 0, 3}, &plain);
        }
        same(label, n, (manner){base | (HWV_PASS_ALL & ~HWV_PASS_WINOGRAD & ~HWV_PASS_BRIDGE), 0, 3}, &plain);
        for (size_t threads = 1; threads <= 3; threads++)
            same(label, n, (manner){base | (HWV_PASS_ALL & ~HWV_PASS_WINOGRAD), threads, 3}, &plain);
        outcome_free(&plain);
    }
}

static void test_same_bits(void **state)
{
    (void)state;
    net vgg = vgg_make();
    check("vgg", &vgg);
    net_free(&vgg);
    for (uint64_t seed = 0; seed < NETS; seed++) {
        char label[32];
        snprintf(label, sizeof label, "net %u", (unsigned)seed);
        net n = net_draw(seed);
        check(label, &n);
        net_free(&n);
    }
}

/* No masks, less than three quarters of the activations; normalised and activated values are nowhere. */
static void test_what_is_saved(void **state)
{
    (void)state;
    net n = vgg_make();
    outcome apart = run(&n, (manner){HWV_PASS_ALL & ~HWV_PASS_BRIDGE, 0, BATCH});
    outcome together = run(&n, (manner){HWV_PASS_ALL, 0, BATCH});
    assert_true(apart.memory.masks > 0);
    assert_int_equal(together.memory.masks, 0);
    assert_true(4 * together.memory.activations < 3 * apart.memory.activations);
    hwv_plan *plan =
        plan_make(n.graph, n.weights, n.loss,
                  (hwv_plan_options){.batch = BATCH, .training = true, .passes = HWV_PASS_BRIDGE | HWV_PASS_WINOGRAD});
    for (size_t i = 0; i < hwv_graph_node_count(n.graph); i++) {
        const hwv_node *node = hwv_graph_node_at(n.graph, (hwv_id)i);
        if (node->kind == HWV_NODE_BATCH_NORM || node->kind == HWV_NODE_ACTIVATION) {
            assert_null(hwv_plan_data(plan, node->output[0]));
            assert_true(node->kind == HWV_NODE_ACTIVATION || !hwv_plan_gradient(plan, node->output[0]));
        }
    }
    hwv_plan_destroy(plan);
    outcome_free(&apart);
    outcome_free(&together);
    net_free(&n);
}

/* Steps of a plan with all passes that the nodes of a kind have. */
static size_t steps_of(const net *n, hwv_node_kind kind, const hwv_id *keep)
{
    size_t count = 0;
    hwv_plan *plan = plan_make(n->graph, n->weights, n->loss,
                               (hwv_plan_options){.batch = BATCH,
                                                  .training = true,
                                                  .passes = HWV_PASS_ALL & ~(unsigned)HWV_PASS_FINISH,
                                                  .keep = keep,
                                                  .keep_count = keep ? 1 : 0});
    for (size_t i = 0; i < hwv_plan_step_count(plan); i++)
        count += hwv_graph_node_at(n->graph, hwv_plan_step_at(plan, i).node)->kind == kind;
    hwv_plan_destroy(plan);
    return count;
}

/* What somebody wants to read is computed; a pool of an odd number of lines stays a pool; others than ReLU stay. */
static void test_what_is_left_alone(void **state)
{
    (void)state;
    net n = vgg_make();
    assert_int_equal(steps_of(&n, HWV_NODE_ACTIVATION, NULL), 0);
    assert_int_equal(steps_of(&n, HWV_NODE_MAX_POOL2D, NULL), 0);
    for (size_t i = 0; i < hwv_graph_node_count(n.graph); i++) {
        const hwv_node *node = hwv_graph_node_at(n.graph, (hwv_id)i);
        if (node->kind == HWV_NODE_BATCH_NORM)
            assert_int_equal(steps_of(&n, HWV_NODE_ACTIVATION, &node->output[0]), 2);
    }
    net_free(&n);
    tail t = tail_make(&n);
    for (size_t i = 0; i < 3; i++) { /* 12, 6 and 3 lines */
        bn_add(&t, false);
        op_add(&t, HWV_OP_RELU);
        pool_add(&t);
    }
    bn_add(&t, true);
    op_add(&t, HWV_OP_RELU);
    bn_add(&t, false);
    op_add(&t, HWV_OP_TANH);
    tail_end(&n, &t);
    assert_int_equal(steps_of(&n, HWV_NODE_MAX_POOL2D, NULL), 2);
    assert_int_equal(steps_of(&n, HWV_NODE_ACTIVATION, NULL), 4);
    check("odd", &n);
    net_free(&n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_bits),
        cmocka_unit_test(test_what_is_saved),
        cmocka_unit_test(test_what_is_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
