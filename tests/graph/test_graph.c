/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Building graphs: shapes, names, messages, weights. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "support.h"

static void test_shapes(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    const hwv_value *flat = hwv_graph_value(n.graph, hwv_graph_find(n.graph, "flatten"));
    assert_int_equal(flat->shape.rank, 2);
    assert_true(flat->shape.dim[0] == HWV_BATCH);
    assert_int_equal(flat->shape.dim[1], 12);
    const hwv_value *hidden = hwv_graph_value(n.graph, n.hidden);
    assert_int_equal(hidden->shape.dim[1], 70);
    assert_int_equal(hidden->role, HWV_ROLE_ACTIVATION);
    assert_string_equal(hwv_graph_node_at(n.graph, hidden->producer)->name, "act1");
    const hwv_value *loss = hwv_graph_value(n.graph, n.loss);
    assert_int_equal(loss->shape.rank, 1);
    assert_int_equal(loss->shape.dim[0], 1);
    assert_int_equal(hwv_graph_find(n.graph, "nothing"), HWV_NO_ID);
    assert_null(hwv_graph_value(n.graph, HWV_NO_ID));
    assert_null(hwv_graph_node_at(n.graph, HWV_NO_ID));
    assert_string_equal(hwv_node_kind_name(HWV_NODE_SOFTMAX_CROSS_ENTROPY), "softmax_cross_entropy");
    assert_string_equal(hwv_node_kind_name((hwv_node_kind)0), "unknown");
    net_free(&n);
}

static void test_dense_keeps_leading_dimensions(void **state)
{
    (void)state;
    hwv_graph *graph;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    hwv_id x = input_add(graph, "x", HWV_ELEMENT_F32, shape_of(3, HWV_BATCH, 5, 4));
    const hwv_value *y = hwv_graph_value(graph, fc_add(graph, "fc", x, 4, 9));
    assert_int_equal(y->shape.rank, 3);
    assert_int_equal(y->shape.dim[1], 5);
    assert_int_equal(y->shape.dim[2], 9);
    hwv_graph_destroy(graph);
}

/* Values that wrong nodes are made of. */
typedef struct wrong {
    hwv_graph *graph;
    hwv_id x, deep, triple, labels, tokens, weight, bias, slope;
} wrong;

static wrong wrong_make(void)
{
    wrong w;
    assert_int_equal(hwv_graph_create(&w.graph, NULL), HWV_OK);
    w.x = input_add(w.graph, "x", HWV_ELEMENT_F32, shape_of(2, HWV_BATCH, 64, 0));
    w.deep = input_add(w.graph, "deep", HWV_ELEMENT_F32, shape_of(3, HWV_BATCH, 8, 8));
    w.triple = input_add(w.graph, "triple", HWV_ELEMENT_F32, shape_of(3, HWV_BATCH, 5, 24));
    w.labels = input_add(w.graph, "labels", HWV_ELEMENT_I32, shape_of(1, HWV_BATCH, 0, 0));
    w.tokens = input_add(w.graph, "tokens", HWV_ELEMENT_I32, shape_of(2, HWV_BATCH, 7, 0));
    w.weight = parameter_add(w.graph, "weight", shape_of(2, 32, 65, 0));
    w.bias = parameter_add(w.graph, "bias", shape_of(1, 63, 0, 0));
    w.slope = parameter_add(w.graph, "slope", shape_of(1, 2, 0, 0));
    return w;
}

static void refused(wrong *w, hwv_node_kind kind, hwv_node_attributes attributes, hwv_id a, hwv_id b, hwv_status status,
                    const char *message)
{
    hwv_id inputs[2] = {a, b}, output;
    hwv_error error;
    size_t values = hwv_graph_value_count(w->graph), nodes = hwv_graph_node_count(w->graph);
    assert_int_equal(hwv_graph_node(w->graph, kind, "n", &attributes, inputs, b == HWV_NO_ID ? 1 : 2, &output, &error),
                     status);
    if (strstr(error.text, message) == NULL)
        fail_msg("'%s' does not contain '%s'", error.text, message);
    assert_int_equal(hwv_graph_value_count(w->graph), values);
    assert_int_equal(hwv_graph_node_count(w->graph), nodes);
    assert_int_equal(hwv_graph_node(w->graph, kind, "n", &attributes, inputs, b == HWV_NO_ID ? 1 : 2, &output, NULL),
                     status);
}

static void test_wrong_shapes(void **state)
{
    (void)state;
    wrong w = wrong_make();
    const hwv_node_attributes none = {0}, relu = {.act = hwv_act_make(HWV_OP_RELU)};
    const hwv_node_attributes prelu = {.act = hwv_act_make(HWV_OP_PRELU)}, smooth = {.smoothing = 1.5f};
    hwv_node_attributes unknown = {.act = {.op = (hwv_op)9999}};
    refused(&w, HWV_NODE_DENSE, none, w.x, w.weight, HWV_ERR_SHAPE,
            "n (dense): got x [batch, 64], weight [32, 65]; accepts x [..., in] and weight [out, in]");
    refused(&w, HWV_NODE_DENSE, none, w.labels, w.weight, HWV_ERR_SHAPE, "labels [batch] of integers");
    refused(&w, HWV_NODE_DENSE, none, w.x, HWV_NO_ID, HWV_ERR_ARGUMENT, "1 inputs, 2 to 2 are accepted");
    refused(&w, HWV_NODE_BIAS, none, w.x, w.bias, HWV_ERR_SHAPE, "bias [63]; accepts x [..., n] and bias [n]");
    refused(&w, HWV_NODE_BIAS, none, w.x, 4711, HWV_ERR_ARGUMENT, "input 1 is not a value of this graph");
    refused(&w, HWV_NODE_ADD, none, w.x, w.deep, HWV_ERR_SHAPE, "deep [batch, 8, 8]; accepts two values of the same");
    refused(&w, HWV_NODE_FLATTEN, none, w.labels, HWV_NO_ID, HWV_ERR_SHAPE, "at least two dimensions");
    refused(&w, HWV_NODE_SOFTMAX_CROSS_ENTROPY, none, w.deep, w.labels, HWV_ERR_SHAPE, "logits [batch, classes]");
    refused(&w, HWV_NODE_SOFTMAX_CROSS_ENTROPY, none, w.x, w.bias, HWV_ERR_SHAPE, "of integers");
    refused(&w, HWV_NODE_SOFTMAX_CROSS_ENTROPY, none, w.deep, w.tokens, HWV_ERR_SHAPE, "labels [batch, T]");
    refused(&w, HWV_NODE_SOFTMAX_CROSS_ENTROPY, smooth, w.x, w.labels, HWV_ERR_ARGUMENT, "label smoothing 1.5");
    refused(&w, HWV_NODE_ACTIVATION, relu, w.labels, HWV_NO_ID, HWV_ERR_SHAPE, "x of floats");
    refused(&w, HWV_NODE_ACTIVATION, relu, w.x, w.slope, HWV_ERR_SHAPE, "x alone for this operator");
    refused(&w, HWV_NODE_ACTIVATION, prelu, w.x, HWV_NO_ID, HWV_ERR_SHAPE, "slope [1] or [units]");
    refused(&w, HWV_NODE_ACTIVATION, prelu, w.x, w.slope, HWV_ERR_SHAPE, "slope [2]; accepts x [..., units]");
    refused(&w, HWV_NODE_ACTIVATION, unknown, w.x, HWV_NO_ID, HWV_ERR_ARGUMENT, "n: ");
    refused(&w, HWV_NODE_ATTENTION, none, w.triple, HWV_NO_ID, HWV_ERR_SHAPE, "heads 1 or more that divide width");
    refused(&w, HWV_NODE_ATTENTION, (hwv_node_attributes){.heads = 3}, w.triple, HWV_NO_ID, HWV_ERR_SHAPE,
            "triple [batch, 5, 24]; accepts qkv");
    refused(&w, HWV_NODE_ATTENTION, (hwv_node_attributes){.heads = 1}, w.deep, HWV_NO_ID, HWV_ERR_SHAPE, "3 width");
    refused(&w, HWV_NODE_ATTENTION, (hwv_node_attributes){.heads = 1}, w.x, HWV_NO_ID, HWV_ERR_SHAPE, "3 width");
    refused(&w, HWV_NODE_RMS_NORM, (hwv_node_attributes){.axis = 1}, w.x, w.bias, HWV_ERR_SHAPE,
            "a weight of as many numbers");
    refused(&w, HWV_NODE_RMS_NORM, (hwv_node_attributes){.axis = 0}, w.x, HWV_NO_ID, HWV_ERR_SHAPE,
            "an axis of a sample");
    refused(&w, HWV_NODE_RMS_NORM, (hwv_node_attributes){.axis = 1, .epsilon = -1}, w.x, HWV_NO_ID, HWV_ERR_ARGUMENT,
            "epsilon -1");
    refused(&w, HWV_NODE_GATE, (hwv_node_attributes){.gate = HWV_GATE_END_}, w.x, HWV_NO_ID, HWV_ERR_ARGUMENT,
            "n: unknown gated pair");
    refused(&w, HWV_NODE_GATE, none, w.bias, HWV_NO_ID, HWV_ERR_SHAPE, "bias [63]; accepts x [..., 2 n] of floats");
    refused(&w, HWV_NODE_GATE, none, w.tokens, HWV_NO_ID, HWV_ERR_SHAPE, "x [..., 2 n] of floats");
    refused(&w, (hwv_node_kind)999, none, w.x, HWV_NO_ID, HWV_ERR_ARGUMENT, "no node kind number 999");
    hwv_graph_destroy(w.graph);
}

static void test_pools(void **state)
{
    (void)state;
    wrong w = wrong_make();
    hwv_shape shape = {.rank = 4, .dim = {HWV_BATCH, 9, 20, 5}}, got;
    const hwv_window whole = {{9, 20}, {1, 1}, {0, 0}, {0, 0}}, wide = {{3, 86}, {1, 1}, {1, 85}, {1, 85}};
    hwv_node_attributes a = {.window = {{3, 2}, {2, 2}, {1, 0}, {0, 1}}};
    hwv_id x = input_add(w.graph, "image", HWV_ELEMENT_F32, shape);
    got = hwv_graph_value(w.graph, node_add(w.graph, HWV_NODE_MAX_POOL2D, "max", a, x, HWV_NO_ID))->shape;
    assert_memory_equal(&got, (&(hwv_shape){.rank = 4, .dim = {HWV_BATCH, 4, 10, 5}}), sizeof got);
    got = hwv_graph_value(w.graph, node_add(w.graph, HWV_NODE_AVG_POOL2D, "mean", a, x, HWV_NO_ID))->shape;
    assert_memory_equal(&got, (&(hwv_shape){.rank = 4, .dim = {HWV_BATCH, 4, 10, 5}}), sizeof got);
    got = hwv_graph_value(w.graph, node_add(w.graph, HWV_NODE_GLOBAL_AVG_POOL2D, "all", a, x, HWV_NO_ID))->shape;
    assert_memory_equal(&got, (&(hwv_shape){.rank = 2, .dim = {HWV_BATCH, 5}}), sizeof got);
    refused(&w, HWV_NODE_MAX_POOL2D, a, w.deep, HWV_NO_ID, HWV_ERR_SHAPE, "x [batch, height, width, channels]");
    refused(&w, HWV_NODE_AVG_POOL2D, a, w.x, HWV_NO_ID, HWV_ERR_SHAPE, "x [batch, height, width, channels]");
    refused(&w, HWV_NODE_GLOBAL_AVG_POOL2D, a, w.deep, HWV_NO_ID, HWV_ERR_SHAPE, "x [batch, height, width, channels]");
    refused(&w, HWV_NODE_MAX_POOL2D, (hwv_node_attributes){0}, x, HWV_NO_ID, HWV_ERR_SHAPE, "kernels and strides");
    a.window.pad_after[1] = 2;
    refused(&w, HWV_NODE_AVG_POOL2D, a, x, HWV_NO_ID, HWV_ERR_SHAPE, "pads below the kernel");
    a.window = wide;
    refused(&w, HWV_NODE_MAX_POOL2D, a, x, HWV_NO_ID, HWV_ERR_SHAPE, "windows of at most 255 elements");
    a.window = whole;
    node_add(w.graph, HWV_NODE_MAX_POOL2D, "all of it", a, x, HWV_NO_ID);
    hwv_graph_destroy(w.graph);
}

static void test_wrong_values(void **state)
{
    (void)state;
    hwv_graph *graph;
    hwv_id id;
    hwv_error error;
    char name[100];
    const hwv_shape good = shape_of(2, 3, 4, 0), none = {0}, zero = shape_of(2, 3, 0, 0);
    const hwv_shape batched = shape_of(2, HWV_BATCH, 4, 0), late = shape_of(2, 4, HWV_BATCH, 0);
    const hwv_shape huge = shape_of(2, SIZE_MAX / 2, SIZE_MAX / 2, 0), deep = {.rank = 7};
    memset(name, 'n', sizeof name);
    name[sizeof name - 1] = '\0';
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    assert_int_equal(hwv_graph_parameter(graph, "p", &good, true, &id, &error), HWV_OK);
    assert_int_equal(hwv_graph_parameter(graph, "p", &good, true, &id, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "two values named 'p'"));
    assert_int_equal(hwv_graph_parameter(graph, "", &good, true, &id, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_graph_parameter(graph, name, &good, true, &id, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_graph_parameter(graph, "q", &none, true, &id, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_graph_parameter(graph, "q", &deep, true, &id, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_graph_parameter(graph, "q", &zero, true, &id, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_graph_parameter(graph, "q", &batched, true, &id, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_graph_state(graph, "q", &batched, &id, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_graph_input(graph, "q", HWV_ELEMENT_F32, &late, &id, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_graph_input(graph, "q", HWV_ELEMENT_F32, &huge, &id, &error), HWV_ERR_SHAPE);
    assert_int_equal(hwv_graph_value_count(graph), 1);
    hwv_graph_destroy(graph);
    hwv_graph_destroy(NULL);
}

static void test_weights(void **state)
{
    (void)state;
    net n = net_make(HWV_OP_RELU);
    size_t elements, end = 0;
    float *block = hwv_weights_block(n.weights, &elements);
    for (size_t v = 0; v < hwv_graph_value_count(n.graph); v++) {
        const hwv_value *value = hwv_graph_value(n.graph, (hwv_id)v);
        size_t offset = hwv_weights_offset(n.weights, (hwv_id)v);
        if (value->role != HWV_ROLE_PARAMETER) {
            assert_true(offset == SIZE_MAX);
            assert_null(hwv_weights_data(n.weights, (hwv_id)v));
            continue;
        }
        assert_ptr_equal(hwv_weights_data(n.weights, (hwv_id)v), block + offset);
        assert_int_equal((uintptr_t)(block + offset) % HWV_ALIGNMENT, 0);
        assert_true(offset >= end); /* checkpoint order */
        end = offset + value->shape.dim[0] * (value->shape.rank > 1 ? value->shape.dim[1] : 1);
    }
    assert_true(elements >= end && elements < end + 16);
    assert_true(hwv_weights_offset(n.weights, HWV_NO_ID) == SIZE_MAX);
    net_free(&n);
    hwv_weights_destroy(NULL);
}

static void test_state_is_kept(void **state)
{
    (void)state;
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_shape shape = shape_of(1, 5, 0, 0);
    hwv_id id;
    assert_int_equal(hwv_graph_create(&graph, NULL), HWV_OK);
    assert_int_equal(hwv_graph_state(graph, "mean", &shape, &id, NULL), HWV_OK);
    assert_int_equal(hwv_graph_value(graph, id)->role, HWV_ROLE_STATE);
    assert_int_equal(hwv_weights_create(&weights, graph, NULL), HWV_OK);
    assert_non_null(hwv_weights_data(weights, id));
    hwv_weights_destroy(weights);
    hwv_graph_destroy(graph);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),       cmocka_unit_test(test_dense_keeps_leading_dimensions),
        cmocka_unit_test(test_wrong_shapes), cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_weights),      cmocka_unit_test(test_state_is_kept),
        cmocka_unit_test(test_pools),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
