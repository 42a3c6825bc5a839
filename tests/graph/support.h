/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Small graphs for the tests of this floor. Include after cmocka.h. */
#ifndef HWV_TEST_GRAPH_H
#define HWV_TEST_GRAPH_H

#include <stdio.h>
#include <string.h>

#include "halfwave/graph.h"
#include "halfwave/random.h"

static inline hwv_shape shape_of(size_t rank, size_t a, size_t b, size_t c)
{
    return (hwv_shape){.rank = rank, .dim = {a, b, c}};
}

static inline hwv_id input_add(hwv_graph *graph, const char *name, hwv_element element, hwv_shape shape)
{
    hwv_id id;
    assert_int_equal(hwv_graph_input(graph, name, element, &shape, &id, NULL), HWV_OK);
    return id;
}

static inline hwv_id parameter_add(hwv_graph *graph, const char *name, hwv_shape shape)
{
    hwv_id id;
    assert_int_equal(hwv_graph_parameter(graph, name, &shape, true, &id, NULL), HWV_OK);
    return id;
}

/* A node of one or two inputs (b may be HWV_NO_ID). */
static inline hwv_id node_add(hwv_graph *graph, hwv_node_kind kind, const char *name, hwv_node_attributes attributes,
                              hwv_id a, hwv_id b)
{
    hwv_id inputs[2] = {a, b}, output;
    hwv_error error;
    if (hwv_graph_node(graph, kind, name, &attributes, inputs, b == HWV_NO_ID ? 1 : 2, &output, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return output;
}

static inline hwv_id act_add(hwv_graph *graph, const char *name, hwv_op op, hwv_id x, hwv_id slope)
{
    return node_add(graph, HWV_NODE_ACTIVATION, name, (hwv_node_attributes){.act = hwv_act_make(op)}, x, slope);
}

/* Dense and bias, parameters NAME.weight and NAME.bias. */
static inline hwv_id fc_add(hwv_graph *graph, const char *name, hwv_id x, size_t in, size_t out)
{
    char text[64];
    snprintf(text, sizeof text, "%s.weight", name);
    hwv_id weight = parameter_add(graph, text, shape_of(2, out, in, 0));
    snprintf(text, sizeof text, "%s.bias", name);
    hwv_id bias = parameter_add(graph, text, shape_of(1, out, 0, 0));
    snprintf(text, sizeof text, "%s.product", name);
    hwv_id product = node_add(graph, HWV_NODE_DENSE, text, (hwv_node_attributes){0}, x, weight);
    return node_add(graph, HWV_NODE_BIAS, name, (hwv_node_attributes){0}, product, bias);
}

/* What a batch norm reads beside x: NAME.weight, NAME.bias, and as state NAME.mean, NAME.variance. */
enum { NORM_WEIGHT, NORM_BIAS, NORM_MEAN, NORM_VARIANCE, NORM_VALUES };

static inline void norm_values_add(hwv_graph *graph, const char *name, size_t channels, hwv_id values[NORM_VALUES])
{
    static const char *const parts[] = {"weight", "bias", "mean", "variance"};
    const hwv_shape shape = shape_of(1, channels, 0, 0);
    for (size_t i = 0; i < NORM_VALUES; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s.%s", name, parts[i]);
        if (i <= NORM_BIAS)
            values[i] = parameter_add(graph, text, shape);
        else
            assert_int_equal(hwv_graph_state(graph, text, &shape, &values[i], NULL), HWV_OK);
    }
}

static inline hwv_id norm_add(hwv_graph *graph, const char *name, hwv_node_attributes attributes, hwv_id x,
                              const hwv_id values[NORM_VALUES])
{
    const hwv_id inputs[] = {x, values[0], values[1], values[2], values[3]};
    hwv_id output;
    hwv_error error;
    if (hwv_graph_node(graph, HWV_NODE_BATCH_NORM, name, &attributes, inputs, 5, &output, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return output;
}

/* A residual net of everything: x [batch, 3, 4] -> flatten -> fc, op -> h; h + op(fc h) -> prelu -> fc that shares the
 * weight of the second -> loss. */
typedef struct net {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id x, labels, hidden, sum, logits, loss;
} net;

static inline void weights_draw(hwv_weights *weights, uint64_t seed)
{
    size_t elements;
    float *block = hwv_weights_block(weights, &elements);
    for (size_t i = 0; i < elements; i++)
        block[i] = (float)(0.5 * hwv_random_normal(seed, HWV_STREAM_TEST, 0, i));
}

static inline net net_make(hwv_op op)
{
    net n;
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, shape_of(3, HWV_BATCH, 3, 4));
    n.labels = input_add(n.graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    hwv_id flat = node_add(n.graph, HWV_NODE_FLATTEN, "flatten", (hwv_node_attributes){0}, n.x, HWV_NO_ID);
    n.hidden = act_add(n.graph, "act1", op, fc_add(n.graph, "fc1", flat, 12, 70), HWV_NO_ID);
    hwv_id branch = act_add(n.graph, "act2", op, fc_add(n.graph, "fc2", n.hidden, 70, 70), HWV_NO_ID);
    n.sum = node_add(n.graph, HWV_NODE_ADD, "sum", (hwv_node_attributes){0}, n.hidden, branch);
    hwv_id slope = parameter_add(n.graph, "act3.slope", shape_of(1, 70, 0, 0));
    hwv_id shared = hwv_graph_find(n.graph, "fc2.weight");
    hwv_id bent = act_add(n.graph, "act3", HWV_OP_PRELU, n.sum, slope);
    n.logits = node_add(n.graph, HWV_NODE_DENSE, "fc3", (hwv_node_attributes){0}, bent, shared);
    n.loss = node_add(n.graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", (hwv_node_attributes){0}, n.logits, n.labels);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    weights_draw(n.weights, 1);
    return n;
}

static inline void net_free(net *n)
{
    hwv_weights_destroy(n->weights);
    hwv_graph_destroy(n->graph);
}

/* Every node of images: x [batch, height, width, 3] -> ... -> loss. */
static inline net image_net_make(size_t height, size_t width, size_t channels, size_t classes)
{
    const hwv_shape image = {.rank = 4, .dim = {HWV_BATCH, height, width, 3}}, units = shape_of(1, channels, 0, 0);
    const hwv_shape kernel = {.rank = 4, .dim = {channels, 3, 3, 3}};
    const hwv_node_attributes norm = {.epsilon = 1e-3f, .momentum = 0.1f}, none = {0};
    const hwv_node_attributes half = {.window = {{2, 2}, {2, 2}, {0, 0}, {0, 0}}};
    const hwv_node_attributes same = {.window = {{3, 3}, {1, 1}, {1, 1}, {1, 1}}, .groups = 1};
    hwv_id values[NORM_VALUES];
    net n = {0};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, image);
    n.labels = input_add(n.graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    hwv_id h = node_add(n.graph, HWV_NODE_CONV2D, "conv", same, n.x, parameter_add(n.graph, "kernel", kernel));
    norm_values_add(n.graph, "bn", channels, values);
    h = act_add(n.graph, "act1", HWV_OP_RELU, norm_add(n.graph, "bn", norm, h, values), HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_BIAS, "bias", none, h, parameter_add(n.graph, "b", units));
    h = act_add(n.graph, "act2", HWV_OP_PRELU, h, parameter_add(n.graph, "one slope", shape_of(1, 1, 0, 0)));
    h = node_add(n.graph, HWV_NODE_MAX_POOL2D, "max", same, h, HWV_NO_ID);
    n.hidden = h = act_add(n.graph, "act3", HWV_OP_PRELU, h, parameter_add(n.graph, "slopes", units));
    h = node_add(n.graph, HWV_NODE_AVG_POOL2D, "mean", half, h, HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_DROPOUT, "drop", (hwv_node_attributes){.rate = 0.25f}, h, HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_GLOBAL_AVG_POOL2D, "all", none, h, HWV_NO_ID);
    n.logits = fc_add(n.graph, "fc", h, channels, classes);
    n.loss = node_add(n.graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", none, n.logits, n.labels);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    weights_draw(n.weights, 4);
    for (size_t i = 0; i < channels; i++)
        hwv_weights_data(n.weights, values[NORM_VARIANCE])[i] = 1 + (float)(i % 3);
    return n;
}

/* A transformer's beginning: x [batch, length, width] -> layer norm, dense, attention -> + x -> flatten, norm, fc -> loss. */
static inline net sequence_net_make(size_t length, size_t width, size_t heads, size_t classes)
{
    const hwv_node_attributes none = {0}, attention = {.heads = heads, .causal = true};
    net n = {0};
    assert_int_equal(hwv_graph_create(&n.graph, NULL), HWV_OK);
    n.x = input_add(n.graph, "x", HWV_ELEMENT_F32, shape_of(3, HWV_BATCH, length, width));
    n.labels = input_add(n.graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    hwv_id h = node_add(n.graph, HWV_NODE_LAYER_NORM, "norm", (hwv_node_attributes){.axis = 2, .epsilon = 1e-5f}, n.x,
                        parameter_add(n.graph, "norm.weight", shape_of(1, width, 0, 0)));
    h = node_add(n.graph, HWV_NODE_DENSE, "qkv", none, h,
                 parameter_add(n.graph, "qkv.weight", shape_of(2, 3 * width, width, 0)));
    n.hidden = h = node_add(n.graph, HWV_NODE_ATTENTION, "attention", attention, h, HWV_NO_ID);
    n.sum = h = node_add(n.graph, HWV_NODE_ADD, "sum", none, h, n.x);
    h = node_add(n.graph, HWV_NODE_FLATTEN, "flatten", none, h, HWV_NO_ID);
    h = node_add(n.graph, HWV_NODE_RMS_NORM, "rms", (hwv_node_attributes){.axis = 1, .epsilon = 1e-5f}, h,
                 parameter_add(n.graph, "rms.weight", shape_of(1, length * width, 0, 0)));
    n.logits = fc_add(n.graph, "fc", h, length * width, classes);
    n.loss = node_add(n.graph, HWV_NODE_SOFTMAX_CROSS_ENTROPY, "loss", none, n.logits, n.labels);
    assert_int_equal(hwv_weights_create(&n.weights, n.graph, NULL), HWV_OK);
    weights_draw(n.weights, 4);
    return n;
}

static inline hwv_plan *plan_make(const hwv_graph *graph, hwv_weights *weights, hwv_id output, hwv_plan_options options)
{
    hwv_plan *plan;
    hwv_error error;
    if (hwv_plan_create(&plan, graph, weights, output, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return plan;
}

/* Draws `rows` rows of x and labels below `classes`. */
static inline void inputs_draw(hwv_plan *plan, hwv_id x, size_t cols, hwv_id labels, size_t rows, uint32_t classes,
                               uint64_t seed)
{
    float *to = hwv_plan_data(plan, x);
    int32_t *label = hwv_plan_data(plan, labels);
    for (size_t i = 0; i < rows * cols; i++)
        to[i] = (float)hwv_random_normal(seed, HWV_STREAM_TEST, 1, i);
    for (size_t r = 0; label && r < rows; r++)
        label[r] = (int32_t)hwv_random_below(seed, HWV_STREAM_TEST, 2, r, classes);
}

#endif
