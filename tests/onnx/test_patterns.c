/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What exporters write out as several nodes is one node again, in every order of its factors, and gives what the nodes
 * give; what only looks alike is left as it is. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "halfwave/onnx.h"
#include "make.h"

#define COUNT 24 /* 4 samples of 6 */

static maker m;

static void import_made(hwv_network *network, int64_t opset, bool plain)
{
    hwv_onnx *file;
    hwv_error error = {0};
    make_model(&m, opset);
    const hwv_onnx_import_options options = {.batched = true, .plain = plain};
    hwv_status status = hwv_onnx_parse(&file, "made", m.model, m.model_size, &error);
    if (status == HWV_OK)
        status = hwv_onnx_import(network, file, &options, &error);
    if (status != HWV_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, HWV_OK);
    hwv_onnx_close(file);
}

static void run(const hwv_network *network, float *y)
{
    hwv_plan *plan;
    hwv_plan_options options = {.batch = 4};
    assert_int_equal(
        hwv_plan_create(&plan, network->graph, network->weights, network->outputs[0].value, &options, NULL), HWV_OK);
    float *x = hwv_plan_data(plan, network->inputs[0].value);
    for (size_t i = 0; i < COUNT; i++)
        x[i] = (float)i * 0.45f - 5.3f + (float)(i % 6) * 0.3f;
    hwv_plan_forward(plan);
    memcpy(y, hwv_plan_data(plan, network->outputs[0].value), COUNT * sizeof *y);
    hwv_plan_destroy(plan);
}

static size_t count_of(const hwv_network *network, hwv_node_kind kind)
{
    size_t n = 0;
    for (size_t i = 0; i < hwv_graph_node_count(network->graph); i++)
        n += hwv_graph_node_at(network->graph, (hwv_id)i)->kind == kind;
    return n;
}

/* The model is one node of this kind (an activation: with this operator, named after the last node, "last"). */
static void expect(int64_t opset, hwv_node_kind kind, hwv_op op)
{
    hwv_network one, many;
    float a[COUNT], b[COUNT];
    import_made(&one, opset, false);
    import_made(&many, opset, true);
    assert_int_equal(hwv_graph_node_count(one.graph), 1);
    assert_int_equal(count_of(&one, kind), 1);
    assert_true(hwv_graph_node_count(many.graph) > 1);
    if (kind == HWV_NODE_ACTIVATION) {
        assert_int_equal(one.layer_count, 1);
        assert_string_equal(one.layers[0].name, "last");
        assert_int_equal(hwv_graph_node_at(one.graph, one.layers[0].node)->attributes.act.op, op);
    }
    run(&one, a);
    run(&many, b);
    for (size_t i = 0; i < COUNT; i++)
        assert_true(fabs((double)a[i] - (double)b[i]) <= 2e-6 * fmax(1, fabs((double)b[i])));
    hwv_network_free(&one);
    hwv_network_free(&many);
}

/* Nothing is recognised. */
static void expect_none(int64_t opset)
{
    hwv_network one, many;
    import_made(&one, opset, false);
    import_made(&many, opset, true);
    assert_int_equal(hwv_graph_node_count(one.graph), hwv_graph_node_count(many.graph));
    hwv_network_free(&one);
    hwv_network_free(&many);
}

static void begin(void)
{
    m = (maker){0};
    make_input(&m, "x", (const int64_t[]){-1, 6}, 2);
    make_output(&m, "y");
}

/* ---- hard-swish ----------------------------------------------------------------------------------- */

static void make_clipped(float shift, int64_t opset)
{
    make_number(&m, "three", shift);
    make_number(&m, "six", 6);
    make_number(&m, "zero", 0);
    make_node(&m, "Add", "add", opset % 2 ? "x three" : "three x", "shifted");
    if (opset < 11) {
        make_float(&m, "min", 0);
        make_float(&m, "max", 6);
        make_node(&m, "Clip", "clip", "shifted", "c");
    } else {
        make_node(&m, "Clip", "clip", "shifted zero six", "c");
    }
}

static void test_hard_swish(void **state)
{
    (void)state;
    for (int64_t opset = 9; opset <= 14; opset++) {
        begin();
        make_clipped(3, opset);
        make_node(&m, "Mul", "mul", "x c", "p");
        make_node(&m, "Div", "last", "p six", "y");
        expect(opset, HWV_NODE_ACTIVATION, HWV_OP_HARDSWISH);
        begin();
        make_clipped(3, opset);
        make_node(&m, "Div", "div", "c six", "p");
        make_node(&m, "Mul", "last", "p x", "y");
        expect(opset, HWV_NODE_ACTIVATION, HWV_OP_HARDSWISH);
        begin();
        make_clipped(3, opset);
        make_number(&m, "sixth", 1.0f / 6);
        make_node(&m, "Mul", "mul", "c x", "p");
        make_node(&m, "Mul", "last", "sixth p", "y");
        expect(opset, HWV_NODE_ACTIVATION, HWV_OP_HARDSWISH);
    }
    begin();
    make_float(&m, "alpha", 1.0f / 6);
    make_node(&m, "HardSigmoid", "sigmoid", "x", "s");
    make_node(&m, "Mul", "last", "s x", "y");
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_HARDSWISH);
}

static void test_what_looks_like_hard_swish(void **state)
{
    (void)state;
    begin(); /* another shift */
    make_clipped(2, 13);
    make_node(&m, "Mul", "mul", "x c", "p");
    make_node(&m, "Div", "last", "p six", "y");
    expect_none(13);
    begin(); /* somebody else reads the middle */
    make_clipped(3, 13);
    make_node(&m, "Mul", "mul", "x c", "p");
    make_node(&m, "Div", "last", "p six", "q");
    make_node(&m, "Add", "sum", "q c", "y");
    expect_none(13);
    begin(); /* the middle is an output too */
    make_clipped(3, 13);
    make_node(&m, "Mul", "mul", "x c", "p");
    make_node(&m, "Div", "last", "p six", "y");
    make_output(&m, "shifted");
    expect_none(13);
    begin(); /* HardSigmoid's own slope is 0.2 */
    make_node(&m, "HardSigmoid", "sigmoid", "x", "s");
    make_node(&m, "Mul", "last", "s x", "y");
    expect_none(13);
}

/* ---- silu, mish, gelu ----------------------------------------------------------------------------- */

static void test_silu_swish_mish(void **state)
{
    (void)state;
    begin();
    make_node(&m, "Sigmoid", "sigmoid", "x", "s");
    make_node(&m, "Mul", "last", "x s", "y");
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_SILU);
    begin();
    make_number(&m, "beta", 1.702f);
    make_node(&m, "Mul", "scale", "beta x", "b");
    make_node(&m, "Sigmoid", "sigmoid", "b", "s");
    make_node(&m, "Mul", "last", "s x", "y");
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_SWISH);
    begin();
    make_node(&m, "Softplus", "softplus", "x", "p");
    make_node(&m, "Tanh", "tanh", "p", "t");
    make_node(&m, "Mul", "last", "x t", "y");
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_MISH);
}

static void make_erf(bool divided)
{
    begin();
    make_number(&m, "root", divided ? 1.41421356f : 0.70710678f);
    make_number(&m, "one", 1);
    make_number(&m, "half", 0.5f);
    make_node(&m, divided ? "Div" : "Mul", "scale", "x root", "r");
    make_node(&m, "Erf", "erf", "r", "e");
    make_node(&m, "Add", "add", "e one", "a");
}

static void test_gelu(void **state)
{
    (void)state;
    make_erf(true); /* PyTorch: x * (erf + 1) * 0.5 */
    make_node(&m, "Mul", "mul", "x a", "p");
    make_node(&m, "Mul", "last", "p half", "y");
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_GELU);
    make_erf(false); /* Keras: 0.5 * x * (1 + erf) */
    make_node(&m, "Mul", "mul", "half x", "p");
    make_node(&m, "Mul", "last", "p a", "y");
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_GELU);
}

static void make_tanh_end(void)
{
    make_node(&m, "Mul", "outer", "s root", "r");
    make_node(&m, "Tanh", "tanh", "r", "t");
    make_node(&m, "Add", "add", "t one", "a");
    make_node(&m, "Mul", "mul", "half x", "p");
    make_node(&m, "Mul", "last", "p a", "y");
}

static void make_tanh_begin(void)
{
    begin();
    make_number(&m, "root", 0.7978845608f);
    make_number(&m, "one", 1);
    make_number(&m, "half", 0.5f);
    make_number(&m, "three", 3);
    make_number(&m, "c", 0.044715f);
}

static void test_gelu_tanh(void **state)
{
    (void)state;
    make_tanh_begin();
    make_node(&m, "Pow", "pow", "x three", "x3");
    make_node(&m, "Mul", "scale", "x3 c", "i");
    make_node(&m, "Add", "sum", "x i", "s");
    make_tanh_end();
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_GELU_TANH);
    make_tanh_begin();
    make_node(&m, "Mul", "square", "x x", "x2");
    make_node(&m, "Mul", "cube", "x2 x", "x3");
    make_node(&m, "Mul", "scale", "c x3", "i");
    make_node(&m, "Add", "sum", "i x", "s");
    make_tanh_end();
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_GELU_TANH);
    make_tanh_begin();
    make_node(&m, "Mul", "square", "x x", "x2");
    make_node(&m, "Mul", "scale", "c x2", "i");
    make_node(&m, "Add", "sum", "i one", "k");
    make_node(&m, "Mul", "times", "k x", "s");
    make_tanh_end();
    expect(13, HWV_NODE_ACTIVATION, HWV_OP_GELU_TANH);
}

/* ---- layer norm ----------------------------------------------------------------------------------- */

static void make_mean(const char *of, const char *mean, int64_t axis)
{
    make_ints(&m, "axes", &axis, 1);
    make_node(&m, "ReduceMean", mean, of, mean);
}

static void make_norm(int64_t axis, bool power)
{
    static const float w[6] = {1, 2, -1, 0.5f, 3, 1}, b[6] = {0, 1, 2, -1, -2, 0.25f};
    begin();
    make_floats(&m, "w", (const size_t[]){6}, 1, w);
    make_floats(&m, "b", (const size_t[]){6}, 1, b);
    make_number(&m, "two", 2);
    make_number(&m, "epsilon", 1e-5f);
    make_mean("x", "mean", axis);
    make_node(&m, "Sub", "sub", "x mean", "d");
    make_node(&m, power ? "Pow" : "Mul", "square", power ? "d two" : "d d", "d2");
    make_mean("d2", "variance", axis);
    make_node(&m, "Add", "add", "variance epsilon", "v");
    make_node(&m, "Sqrt", "sqrt", "v", "s");
}

static void test_layer_norm(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        make_norm(i & 1 ? -1 : 1, i & 2);
        make_node(&m, "Div", "div", "d s", "n");
        make_node(&m, "Mul", "scale", "n w", "sc");
        make_node(&m, "Add", "last", "sc b", "y");
        expect(13, HWV_NODE_LAYER_NORM, HWV_OP_IDENTITY);
    }
    make_norm(-1, true); /* without weight and bias */
    make_node(&m, "Div", "last", "d s", "y");
    expect(13, HWV_NODE_LAYER_NORM, HWV_OP_IDENTITY);
}

/* The norm goes over the first axis after the batch of three dimensions: found, but no layer norm of ours. */
static void test_a_norm_along_another_axis(void **state)
{
    (void)state;
    hwv_network network;
    m = (maker){0};
    make_input(&m, "x", (const int64_t[]){-1, 2, 3}, 3);
    make_output(&m, "y");
    make_number(&m, "two", 2);
    make_number(&m, "epsilon", 1e-5f);
    make_mean("x", "mean", 1);
    make_node(&m, "Sub", "sub", "x mean", "d");
    make_node(&m, "Pow", "square", "d two", "d2");
    make_mean("d2", "variance", 1);
    make_node(&m, "Add", "add", "variance epsilon", "v");
    make_node(&m, "Sqrt", "sqrt", "v", "s");
    make_node(&m, "Div", "last", "d s", "y");
    import_made(&network, 13, false);
    assert_int_equal(count_of(&network, HWV_NODE_LAYER_NORM), 0);
    assert_int_equal(count_of(&network, HWV_NODE_REDUCE), 2);
    hwv_network_free(&network);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hard_swish),
        cmocka_unit_test(test_what_looks_like_hard_swish),
        cmocka_unit_test(test_silu_swish_mish),
        cmocka_unit_test(test_gelu),
        cmocka_unit_test(test_gelu_tanh),
        cmocka_unit_test(test_layer_norm),
        cmocka_unit_test(test_a_norm_along_another_axis),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
