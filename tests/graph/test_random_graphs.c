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
#include "graph/functions.h"
#include "graph/structure.h"
#include "support.h"

#define GRAPHS 80
#define NODES  14
#define ROWS   5
#define UNITS  6
#define SIDE   2 /* of images */
#define MOST   (ROWS * SIDE * SIDE * UNITS)

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

/* A node that gives images of the same shape. */
static hwv_id image_node_draw(hwv_graph *graph, const char *name, hwv_id a, hwv_id kernel, uint32_t which)
{
    static const hwv_node_kind pools[] = {HWV_NODE_MAX_POOL2D, HWV_NODE_AVG_POOL2D};
    hwv_node_attributes attributes = {.window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, .groups = 1};
    return which < 2 ? node_add(graph, pools[which], name, attributes, a, HWV_NO_ID)
                     : node_add(graph, HWV_NODE_CONV2D, name, attributes, a, kernel);
}

/* Arithmetic that keeps the shape: two values, a value and a parameter that is repeated, one value. */
static hwv_id arithmetic_draw(hwv_graph *graph, const char *name, hwv_id a, hwv_id b, hwv_id units, uint32_t which)
{
    static const hwv_binary functions[] = {HWV_BINARY_ADD, HWV_BINARY_MAX, HWV_BINARY_SUB, HWV_BINARY_MUL};
    static const hwv_unary lone[] = {HWV_UNARY_NEG, HWV_UNARY_ABS, HWV_UNARY_SIN};
    if (which < 8)
        return node_add(graph, HWV_NODE_BINARY, name, (hwv_node_attributes){.function = (int)functions[which % 4]},
                        which & 4 ? units : a, which & 4 ? a : b);
    if (which < 11)
        return node_add(graph, HWV_NODE_UNARY, name, (hwv_node_attributes){.function = (int)lone[which - 8]}, a,
                        HWV_NO_ID);
    return node_add(graph, HWV_NODE_SOFTMAX, name, (hwv_node_attributes){.axis = 1}, a, HWV_NO_ID);
}

/* Some of a, b, a side by side, as the kinds that halve or third what they read want it. */
static hwv_id widened_draw(hwv_graph *graph, const char *name, hwv_id a, hwv_id b, size_t times)
{
    const hwv_node_attributes last = {.axis = hwv_graph_value(graph, a)->shape.rank - 1};
    const hwv_id inputs[] = {a, b, a};
    char wide[24];
    hwv_id y;
    snprintf(wide, sizeof wide, "%s.wide", name);
    assert_int_equal(hwv_graph_node(graph, HWV_NODE_CONCAT, wide, &last, inputs, times, &y, NULL), HWV_OK);
    return y;
}

static hwv_id gate_draw(hwv_graph *graph, const char *name, hwv_id a, hwv_id b, uint32_t which)
{
    return node_add(graph, HWV_NODE_GATE, name, (hwv_node_attributes){.gate = (hwv_gate)which},
                    widened_draw(graph, name, a, b, 2), HWV_NO_ID);
}

/* The positions of an image are a sequence, and a row is one of length 1. */
static hwv_id attention_draw(hwv_graph *graph, const char *name, hwv_id a, hwv_id b, uint32_t which)
{
    const hwv_shape shape = hwv_graph_value(graph, a)->shape;
    hwv_node_attributes rows = {.shape = {3, {HWV_BATCH, shape.rank == 4 ? SIDE * SIDE : 1, 3 * UNITS}}};
    const hwv_node_attributes heads = {.heads = 1 + which % 2, .causal = which > 1}, back = {.shape = shape};
    char part[24];
    snprintf(part, sizeof part, "%s.qkv", name);
    a = node_add(graph, HWV_NODE_RESHAPE, part, rows, widened_draw(graph, name, a, b, 3), HWV_NO_ID);
    snprintf(part, sizeof part, "%s.rows", name);
    a = node_add(graph, HWV_NODE_ATTENTION, part, heads, a, HWV_NO_ID);
    return node_add(graph, HWV_NODE_RESHAPE, name, back, a, HWV_NO_ID);
}

/* Moves that keep the shape, some of them views; products; norms of rows that share the parameters of those of the batch. */
static hwv_id moved_draw(hwv_graph *graph, const char *name, hwv_id a, hwv_id weight, const hwv_id norm[NORM_VALUES],
                         uint32_t which)
{
    const hwv_shape shape = hwv_graph_value(graph, a)->shape;
    const size_t last = shape.rank - 1;
    hwv_node_attributes turned = {.order = {0, 2, 1, 3}}, part = {.shape = shape};
    const hwv_node_attributes rows = {.epsilon = 0.1f, .axis = last};
    hwv_id inputs[] = {a, norm[NORM_WEIGHT], norm[NORM_BIAS]}, y;
    for (size_t i = 0; i <= last; i++)
        part.step[i] = 1;
    if (last == 1)
        turned.order[1] = 1;
    switch (which) {
    case 0:
        part.begin[last] = UNITS - 1;
        part.step[last] = -1;
        return node_add(graph, HWV_NODE_SLICE, name, part, a, HWV_NO_ID);
    case 1:
        return node_add(graph, HWV_NODE_SLICE, name, part, a, HWV_NO_ID);
    case 2:
        return node_add(graph, HWV_NODE_TRANSPOSE, name, turned, a, HWV_NO_ID);
    case 3:
        return node_add(graph, HWV_NODE_RESHAPE, name, part, a, HWV_NO_ID);
    case 4:
        return node_add(graph, HWV_NODE_MATMUL, name, (hwv_node_attributes){0}, a, weight);
    case 5:
    case 6:
        assert_int_equal(hwv_graph_node(graph, HWV_NODE_LAYER_NORM, name, &rows, inputs, which == 5 ? 3 : 1, &y, NULL),
                         HWV_OK);
        return y;
    default:
        return node_add(graph, HWV_NODE_RMS_NORM, name, rows, a, which == 7 ? norm[NORM_WEIGHT] : HWV_NO_ID);
    }
}

/* Values are [batch, UNITS] or images [batch, SIDE, SIDE, UNITS], so that any two can be added and any weight fits; those
 * within a case may have other shapes. */
static hwv_graph *graph_draw(uint64_t seed, bool images, hwv_id *x, hwv_id *output)
{
    static const hwv_op ops[] = {HWV_OP_RELU, HWV_OP_LEAKY_RELU, HWV_OP_TANH, HWV_OP_IDENTITY, HWV_OP_PRELU};
    const hwv_shape image = {.rank = 4, .dim = {HWV_BATCH, SIDE, SIDE, UNITS}};
    /* so large an epsilon keeps gradients of many of them in a row finite */
    const hwv_node_attributes of_batch = {.epsilon = 0.1f, .momentum = 0.25f};
    const hwv_node_attributes frozen = {.epsilon = 0.1f, .momentum = 0.25f, .frozen = true};
    const hwv_shape taps = {.rank = 4, .dim = {UNITS, UNITS, 3, 3}};
    hwv_graph *graph;
    hwv_id values[NODES + 1], weights[2], bias, slope, kernel, norm[NORM_VALUES];
    uint64_t index = 0;
    size_t count = 0;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    values[count++] = *x = input_add(graph, "x", HWV_ELEMENT_F32, images ? image : shape_of(2, HWV_BATCH, UNITS, 0));
    weights[0] = parameter_add(graph, "w0", shape_of(2, UNITS, UNITS, 0));
    weights[1] = parameter_add(graph, "w1", shape_of(2, UNITS, UNITS, 0));
    norm_values_add(graph, "n", UNITS, norm);
    slope = norm[NORM_WEIGHT]; /* shared */
    bias = norm[NORM_BIAS];
    kernel = parameter_add(graph, "k", taps); /* read by images only */
    while (count <= NODES) {
        hwv_id a = value_draw(seed, &index, values, count), b = value_draw(seed, &index, values, count);
        char name[16];
        snprintf(name, sizeof name, "n%zu", count);
        switch (count == 1 ? 0 : draw(seed, &index, 15)) {
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
            a = images ? image_node_draw(graph, name, a, kernel, draw(seed, &index, 4))
                       : node_add(graph, HWV_NODE_FLATTEN, name, (hwv_node_attributes){0}, a, HWV_NO_ID);
            break;
        case 5:
            a = norm_add(graph, name, draw(seed, &index, 3) ? of_batch : frozen, a, norm);
            break;
        case 6:
            a = node_add(graph, HWV_NODE_DROPOUT, name, (hwv_node_attributes){.rate = 0.25f, .stream = (uint32_t)count},
                         a, HWV_NO_ID);
            break;
        case 7:
        case 8:
            a = arithmetic_draw(graph, name, a, b, bias, draw(seed, &index, 12));
            break;
        case 9:
        case 10:
            a = moved_draw(graph, name, a, weights[draw(seed, &index, 2)], norm, draw(seed, &index, 9));
            break;
        case 11:
            a = gate_draw(graph, name, a, b, draw(seed, &index, HWV_GATE_END_));
            break;
        case 12:
            a = attention_draw(graph, name, a, b, draw(seed, &index, 4));
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

#define VALUES    (8 + 4 * NODES) /* at most */
#define GRADIENTS 512

typedef struct outcome {
    float output[MOST], gradients[GRADIENTS], weights[GRADIENTS];
    size_t elements;
    /* what the plan says can be read at the end */
    bool data_given[VALUES], gradient_given[VALUES];
    /* only what was given */
    float data[VALUES][3 * MOST], gradient[VALUES][3 * MOST];
} outcome;

/* What is compared of one drawn graph. */
typedef struct subject {
    const hwv_graph *graph;
    hwv_weights *weights;
    hwv_id x, output, keep;
    size_t elements;        /* of x and of the output */
    float start[GRADIENTS]; /* the weights before a run, which moves statistics */
} subject;

static void weights_keep(subject *s, uint64_t seed)
{
    size_t elements;
    float *block = hwv_weights_block(s->weights, &elements);
    float *variance = hwv_weights_data(s->weights, hwv_graph_find(s->graph, "n.variance"));
    assert_true(elements <= GRADIENTS);
    weights_draw(s->weights, seed);
    for (size_t i = 0; i < UNITS; i++)
        variance[i] = 0.5f + variance[i] * variance[i];
    memcpy(s->start, block, elements * sizeof(float));
}

static size_t elements_of(const subject *s, size_t value)
{
    size_t elements;
    assert_true(hwv_shape_elements(&hwv_graph_value(s->graph, (hwv_id)value)->shape, ROWS, &elements));
    return elements;
}

static void outcome_read(outcome *o, const subject *s, hwv_plan *plan)
{
    const size_t count = hwv_graph_value_count(s->graph);
    assert_true(count <= VALUES);
    for (size_t v = 0; v < count; v++) {
        hwv_role role = hwv_graph_value(s->graph, (hwv_id)v)->role;
        if (role == HWV_ROLE_PARAMETER || role == HWV_ROLE_STATE)
            continue;
        const float *data = hwv_plan_data(plan, (hwv_id)v), *gradient = hwv_plan_gradient(plan, (hwv_id)v);
        o->data_given[v] = data != NULL;
        o->gradient_given[v] = gradient != NULL;
        if (data)
            memcpy(o->data[v], data, elements_of(s, v) * sizeof(float));
        if (gradient)
            memcpy(o->gradient[v], gradient, elements_of(s, v) * sizeof(float));
    }
}

/* Whatever a plan with passes lets be read is what the plan without them has there. */
static void same_readable(const char *label, const subject *s, const outcome *some, const outcome *all)
{
    for (size_t v = 0; v < hwv_graph_value_count(s->graph); v++) {
        assert_true(all->data_given[v] || !some->data_given[v]);
        assert_true(all->gradient_given[v] || !some->gradient_given[v]);
        if (some->data_given[v])
            assert_true(compare_bits(label, some->data[v], all->data[v], elements_of(s, v)));
        if (some->gradient_given[v])
            assert_true(compare_bits(label, some->gradient[v], all->gradient[v], elements_of(s, v)));
    }
}

/* What was there before in *o goes. */
static void run_twice(outcome *o, const subject *s, unsigned passes, bool training)
{
    size_t elements;
    float *block = hwv_weights_block(s->weights, &elements);
    memset(o, 0, offsetof(outcome, data));
    memcpy(block, s->start, elements * sizeof(float));
    hwv_plan *plan = plan_make(
        s->graph, s->weights, s->output,
        (hwv_plan_options){.batch = ROWS, .training = training, .passes = passes, .keep = &s->keep, .keep_count = 1});
    for (int again = 0; again < 2; again++) {
        if (hwv_plan_data(plan, s->x))
            inputs_draw(plan, s->x, s->elements / ROWS, HWV_NO_ID, ROWS, 1, 8);
        hwv_plan_seed(plan, 3, (uint32_t)again);
        hwv_plan_forward(plan);
        memcpy(o->output, hwv_plan_data(plan, s->output), s->elements * sizeof(float));
        if (!training)
            continue;
        for (size_t i = 0; i < s->elements; i++)
            hwv_plan_gradient(plan, s->output)[i] = (float)(i % 7) - 3;
        hwv_plan_backward(plan, false);
        const float *gradients = hwv_plan_parameter_gradients(plan, &o->elements);
        assert_true(o->elements <= GRADIENTS);
        memcpy(o->gradients, gradients, o->elements * sizeof(float));
    }
    memcpy(o->weights, block, elements * sizeof(float));
    outcome_read(o, s, plan);
    assert_non_null(hwv_plan_data(plan, s->keep));
    hwv_plan_destroy(plan);
}

/* Whether it can be trained: a graph may come out without any parameter on the way. */
static bool trains(const subject *s)
{
    hwv_plan *plan = NULL;
    hwv_plan_options options = {.batch = ROWS, .training = true};
    hwv_status status = hwv_plan_create(&plan, s->graph, s->weights, s->output, &options, NULL);
    hwv_plan_destroy(plan);
    return status == HWV_OK;
}

static void all_passes_agree(const subject *s, uint64_t seed, bool training)
{
    static outcome plain, other, inferred, plainly_inferred;
    run_twice(&plain, s, 0, training);
    run_twice(&plainly_inferred, s, 0, false);
    assert_true(compare_bits("weights of inference", plainly_inferred.weights, s->start, GRADIENTS));
    for (unsigned passes = 1; passes <= HWV_PASS_ALL; passes++) {
        run_twice(&other, s, passes, training);
        run_twice(&inferred, s, passes, false);
        char label[64];
        snprintf(label, sizeof label, "graph %u, passes %u", (unsigned)seed, passes);
        assert_true(compare_bits(label, other.output, plain.output, s->elements));
        assert_true(compare_bits(label, inferred.output, plainly_inferred.output, s->elements));
        same_readable(label, s, &other, &plain);
        same_readable(label, s, &inferred, &plainly_inferred);
        assert_int_equal(other.elements, plain.elements);
        assert_true(compare_bits(label, other.gradients, plain.gradients, plain.elements));
        assert_true(compare_bits(label, other.weights, plain.weights, GRADIENTS));
    }
}

static void drawn_graphs(bool images)
{
    size_t trained = 0;
    for (uint64_t seed = 1; seed <= GRAPHS; seed++) {
        subject s = {.elements = images ? MOST : ROWS * UNITS};
        hwv_graph *graph = graph_draw(seed, images, &s.x, &s.output);
        s.graph = graph;
        assert_int_equal(hwv_weights_create(&s.weights, graph, NULL), HWV_OK);
        weights_keep(&s, seed);
        /* one of the computed values: they come after x, the parameters and the states */
        s.keep = (hwv_id)(hwv_graph_value_count(graph) - 1 - hwv_random_below(seed, HWV_STREAM_TEST, 10, 0, NODES));
        bool training = trains(&s);
        trained += training;
        all_passes_agree(&s, seed, training);
        hwv_weights_destroy(s.weights);
        hwv_graph_destroy(graph);
    }
    assert_true(trained > GRAPHS * 9 / 10);
}

static void test_drawn_graphs(void **state)
{
    (void)state;
    drawn_graphs(false);
}

static void test_drawn_graphs_of_images(void **state)
{
    (void)state;
    drawn_graphs(true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_drawn_graphs),
        cmocka_unit_test(test_drawn_graphs_of_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
