/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Drawn graphs full of shared values and parameters: every combination of passes gives the same bits, twice in a
 * row. This is what catches a buffer that is reused too early. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "compare.h"
#include "support.h"

#define GRAPHS 150
#define NODES  14
#define ROWS   5
#define UNITS  6

static uint32_t draw(uint64_t seed, uint64_t *index, uint32_t bound)
{
    return hwv_random_below(seed, HWV_STREAM_TEST, 9, (*index)++, bound);
}

/* One of the latest values mostly, now and then any. */
static hwv_id value_draw(uint64_t seed, uint64_t *index, const hwv_id *values, size_t count)
{
    uint32_t near = draw(seed, index, 4) == 0 ? (uint32_t)count : 3;
    return values[count - 1 - draw(seed, index, near < count ? near : (uint32_t)count)];
}

/* All values are [batch, UNITS], so that any two can be added and any weight fits. */
static hwv_graph *graph_draw(uint64_t seed, hwv_id *x, hwv_id *output)
{
    static const hwv_op ops[] = {HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_TANH, HWV_OP_IDENTITY, HWV_OP_PRELU};
    hwv_graph *graph;
    hwv_id values[NODES + 1], weights[2], bias, slope;
    uint64_t index = 0;
    size_t count = 0;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    values[count++] = *x = input_add(graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, UNITS, 0));
    weights[0] = parameter_add(graph, "w0", shape_of(2, UNITS, UNITS, 0));
    weights[1] = parameter_add(graph, "w1", shape_of(2, UNITS, UNITS, 0));
    bias = parameter_add(graph, "b", shape_of(1, UNITS, 0, 0));
    slope = parameter_add(graph, "s", shape_of(1, UNITS, 0, 0));
    while (count <= NODES) {
        hwv_id a = value_draw(seed, &index, values, count), b = value_draw(seed, &index, values, count);
        char name[16];
        snprintf(name, sizeof name, "n%zu", count);
        switch (count == 1 ? 0 : draw(seed, &index, 7)) {
        case 0:
            a = node_add(graph, HWV_NODE_DENSE, name, (hwv_node_attributes){0}, a, weights[draw(seed, &index, 2)]);
            break;
        case 1:
            a = node_add(graph, HWV_NODE_BIAS, name, (hwv_node_attributes){0}, a, bias);
            break;
        case 2:
        case 3:
            a = node_add(graph, HWV_NODE_ADD, name, (hwv_node_attributes){0}, a, b);
            break;
        case 4:
            a = node_add(graph, HWV_NODE_FLATTEN, name, (hwv_node_attributes){0}, a, HWV_NO_ID);
            break;
        default: {
            hwv_op op = ops[draw(seed, &index, 5)];
            a = act_add(graph, name, op, a, op == HWV_OP_PRELU ? slope : HWV_NO_ID);
        }
        }
        values[count++] = a;
    }
    *output = values[NODES];
    return graph;
}

#define VALUES (NODES + 5)

typedef struct outcome {
    float output[ROWS * UNITS], gradients[256];
    size_t elements;
    /* what the plan says can be read at the end */
    bool data_given[VALUES], gradient_given[VALUES];
    float data[VALUES][ROWS * UNITS], gradient[VALUES][ROWS * UNITS];
} outcome;

static void outcome_read(outcome *o, const hwv_graph *graph, hwv_plan *plan)
{
    assert_int_equal(hwv_graph_value_count(graph), VALUES);
    for (size_t v = 0; v < VALUES; v++) {
        if (hwv_graph_value(graph, (hwv_id)v)->role == HWV_ROLE_PARAMETER)
            continue;
        const float *data = hwv_plan_data(plan, (hwv_id)v), *gradient = hwv_plan_gradient(plan, (hwv_id)v);
        o->data_given[v] = data != NULL;
        o->gradient_given[v] = gradient != NULL;
        if (data)
            memcpy(o->data[v], data, sizeof o->data[v]);
        if (gradient)
            memcpy(o->gradient[v], gradient, sizeof o->gradient[v]);
    }
}

/* Whatever a plan with passes lets be read is what the plan without them has there. */
static void same_readable(const char *label, const outcome *some, const outcome *all)
{
    for (size_t v = 0; v < VALUES; v++) {
        assert_true(all->data_given[v] || !some->data_given[v]);
        assert_true(all->gradient_given[v] || !some->gradient_given[v]);
        if (some->data_given[v])
            assert_true(compare_bits(label, some->data[v], all->data[v], ROWS * UNITS));
        if (some->gradient_given[v])
            assert_true(compare_bits(label, some->gradient[v], all->gradient[v], ROWS * UNITS));
    }
}

static outcome run_twice(const hwv_graph *graph, hwv_weights *weights, hwv_id x, hwv_id output, unsigned passes,
                         bool training, hwv_id keep)
{
    static outcome o;
    memset(&o, 0, sizeof o);
    hwv_plan *plan = plan_make(
        graph, weights, output,
        (hwv_plan_options){.batch = ROWS, .training = training, .passes = passes, .keep = &keep, .keep_count = 1});
    for (int again = 0; again < 2; again++) {
        if (hwv_plan_data(plan, x))
            inputs_draw(plan, x, UNITS, HWV_NO_ID, ROWS, 1, 8);
        hwv_plan_forward(plan);
        memcpy(o.output, hwv_plan_data(plan, output), sizeof o.output);
        if (!training)
            continue;
        for (size_t i = 0; i < ROWS * UNITS; i++)
            hwv_plan_gradient(plan, output)[i] = (float)(i % 7) - 3;
        hwv_plan_backward(plan, false);
        const float *gradients = hwv_plan_parameter_gradients(plan, &o.elements);
        assert_true(o.elements <= 256);
        memcpy(o.gradients, gradients, o.elements * sizeof(float));
    }
    outcome_read(&o, graph, plan);
    assert_non_null(hwv_plan_data(plan, keep));
    hwv_plan_destroy(plan);
    return o;
}

static void test_drawn_graphs(void **state)
{
    (void)state;
    size_t trained = 0;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        hwv_id x, output;
        hwv_weights *weights;
        hwv_graph *graph = graph_draw(seed, &x, &output);
        hwv_plan_options options = {.batch = ROWS, .training = true};
        hwv_plan *plan = NULL;
        assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
        weights_draw(weights, seed);
        /* a graph may come out without any parameter on the way */
        bool training = hwv_plan_create(&plan, graph, weights, output, &options, NULL) == HWV_OK;
        hwv_plan_destroy(plan);
        trained += training;
        /* one of the computed values: they come after x and the four parameters */
        hwv_id keep = (hwv_id)(VALUES - 1 - hwv_random_below(seed, HWV_STREAM_TEST, 10, 0, NODES));
        static outcome plain, other, inferred;
        plain = run_twice(graph, weights, x, output, 0, training, keep);
        for (unsigned passes = 1; passes <= HWV_PASS_ALL; passes++) {
            other = run_twice(graph, weights, x, output, passes, training, keep);
            inferred = run_twice(graph, weights, x, output, passes, false, keep);
            char label[64];
            snprintf(label, sizeof label, "graph %u, passes %u", (unsigned)seed, passes);
            assert_true(compare_bits(label, other.output, plain.output, ROWS * UNITS));
            assert_true(compare_bits(label, inferred.output, plain.output, ROWS * UNITS));
            same_readable(label, &other, &plain);
            same_readable(label, &inferred, &plain);
            assert_int_equal(other.elements, plain.elements);
            assert_true(compare_bits(label, other.gradients, plain.gradients, plain.elements));
        }
        hwv_weights_destroy(weights);
        hwv_graph_destroy(graph);
    }
    assert_true(trained > GRAPHS * 9 / 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn_graphs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
