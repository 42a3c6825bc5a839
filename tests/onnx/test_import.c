/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * From files to networks: batches, names, layers, what is refused and what is left out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "allocations.h"
#include "halfwave/onnx.h"
#include "make.h"

static maker m;

static void begin(void)
{
    m = (maker){0};
}

static hwv_status import_with(hwv_network *network, int64_t opset, const hwv_onnx_import_options *options,
                              hwv_error *error)
{
    hwv_onnx *file;
    make_model(&m, opset);
    hwv_status status = hwv_onnx_parse(&file, "made.onnx", m.model, m.model_size, error);
    if (status != HWV_OK)
        return status;
    status = hwv_onnx_import(network, file, options, error);
    hwv_onnx_close(file);
    return status;
}

static void import_well(hwv_network *network, int64_t opset, const hwv_onnx_import_options *options)
{
    hwv_error error = {0};
    hwv_status status = import_with(network, opset, options, &error);
    if (status != HWV_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, HWV_OK);
}

/* The import fails so, and its message has `word` in it. */
static void refused(int64_t opset, hwv_status expected, const char *word)
{
    hwv_network network;
    hwv_error error = {0};
    const hwv_onnx_import_options options = {.batched = true};
    hwv_status status = import_with(&network, opset, &options, &error);
    if (strstr(error.text, word) == NULL)
        print_message("%s\n", error.text);
    assert_int_equal(status, expected);
    assert_non_null(strstr(error.text, word));
    assert_null(network.graph);
}

/* Output 0 for x of n elements, in rows of the batch. */
static void run(const hwv_network *network, size_t rows, const float *x, size_t n, float *y, size_t outputs)
{
    hwv_plan *plan;
    hwv_plan_options options = {.batch = rows, .passes = HWV_PASS_ALL};
    hwv_error error;
    assert_int_equal(
        hwv_plan_create(&plan, network->graph, network->weights, network->outputs[0].value, &options, &error), HWV_OK);
    memcpy(hwv_plan_data(plan, network->inputs[0].value), x, n * sizeof *x);
    hwv_plan_forward(plan);
    memcpy(y, hwv_plan_data(plan, network->outputs[0].value), outputs * sizeof *y);
    hwv_plan_destroy(plan);
}

/* ---- a small net ---------------------------------------------------------------------------------- */

static const float weight[6] = {1, -2, 3, 0.5f, -1, 2}; /* [3, 2] */
static const float bias[3] = {0.25f, -0.5f, 1};

static void make_net(int64_t rows)
{
    begin();
    make_input(&m, "x", (const int64_t[]){rows, 2}, 2);
    make_floats(&m, "fc.weight", (const size_t[]){3, 2}, 2, weight);
    make_floats(&m, "fc.bias", (const size_t[]){3}, 1, bias);
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "fc", "x fc.weight fc.bias", "z");
    make_node(&m, "Relu", "act", "z", "y");
    make_output(&m, "y");
}

static void expect_net(const float *x, size_t rows, const float *y)
{
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < 3; o++) {
            double z = (double)bias[o] + (double)weight[2 * o] * (double)x[2 * r] +
                       (double)weight[2 * o + 1] * (double)x[2 * r + 1];
            assert_true(fabs((double)y[3 * r + o] - (z > 0 ? z : 0)) <= 1e-5);
        }
}

static void test_a_dense_net(void **state)
{
    (void)state;
    static const float x[8] = {1, 2, -3, 0.5f, 0, 1, 2, -2};
    float y[12];
    const hwv_onnx_import_options options = {.batched = true};
    for (int64_t rows = -1; rows <= 1; rows += 2) { /* free, and fixed at one */
        hwv_network network;
        make_net(rows);
        import_well(&network, 13, &options);
        assert_true(network.batched);
        assert_string_equal(network.name, "made.onnx");
        assert_true(network.inputs[0].shape.dim[0] == HWV_BATCH);
        assert_string_equal(network.inputs[0].name, "x");
        assert_string_equal(network.outputs[0].name, "y");
        assert_int_equal(network.layer_count, 1);
        assert_string_equal(network.layers[0].name, "act");
        assert_string_equal(network.layers[0].op, "Relu");
        assert_int_not_equal(hwv_graph_find(network.graph, "fc.weight"), HWV_NO_ID);
        assert_int_equal(hwv_graph_value(network.graph, hwv_graph_find(network.graph, "fc.bias"))->role,
                         HWV_ROLE_PARAMETER);
        run(&network, 4, x, 8, y, 12);
        expect_net(x, 4, y);
        hwv_network_free(&network);
    }
}

/* ---- parameters ------------------------------------------------------------------------------------ */

/* Weights of products decay; biases, norms and slopes, wherever they stand, do not. */
static void test_what_decays(void **state)
{
    static const float numbers[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    static const char *const vectors[] = {"gemm.bias", "norm.weight", "norm.bias",    "add.bias",   "slope",
                                          "ln.weight", "ln.bias",     "group.weight", "group.bias", "conv.bias"};
    static const char *const products[] = {"gemm.weight", "matmul.weight", "conv.weight"};
    const size_t row[2] = {1, 3}, square[2] = {3, 3}, filters[4] = {3, 1, 1, 1}, three = 3;
    hwv_network network;
    (void)state;
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 3}, 2);
    make_input(&m, "image", (const int64_t[]){-1, 1, 2, 2}, 4);
    for (size_t i = 0; i < 2; i++)
        make_floats(&m, products[i], square, 2, numbers);
    make_floats(&m, "conv.weight", filters, 4, numbers);
    make_floats(&m, "gemm.bias", row, 2, numbers);
    for (size_t i = 1; i < sizeof vectors / sizeof *vectors; i++)
        make_floats(&m, vectors[i], &three, 1, numbers);
    make_floats(&m, "norm.mean", &three, 1, numbers);
    make_floats(&m, "norm.variance", &three, 1, numbers);
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "gemm", "x gemm.weight gemm.bias", "a");
    make_node(&m, "BatchNormalization", "norm", "a norm.weight norm.bias norm.mean norm.variance", "b");
    make_node(&m, "MatMul", "matmul", "b matmul.weight", "c");
    make_node(&m, "Add", "add", "c add.bias", "d");
    make_node(&m, "PRelu", "prelu", "d slope", "e");
    make_node(&m, "LayerNormalization", "ln", "e ln.weight ln.bias", "y");
    make_node(&m, "Conv", "conv", "image conv.weight conv.bias", "f");
    make_node(&m, "InstanceNormalization", "group", "f group.weight group.bias", "z");
    make_output(&m, "y");
    make_output(&m, "z");
    import_well(&network, 17, &(hwv_onnx_import_options){.batched = true});
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors + sizeof products / sizeof *products; i++) {
        const size_t p = sizeof products / sizeof *products;
        const hwv_id id = hwv_graph_find(network.graph, i < p ? products[i] : vectors[i - p]);
        assert_int_not_equal(id, HWV_NO_ID);
        assert_int_equal(hwv_graph_value(network.graph, id)->role, HWV_ROLE_PARAMETER);
        assert_int_equal(hwv_graph_value(network.graph, id)->decay, i < p);
    }
    hwv_network_free(&network);
}

/* Momentum of a batch norm, when it is trained on: ONNX says what stays. */
static void test_momentum(void **state)
{
    static const float stays[] = {0.9f, 0.99f, 0.75f, 1, 0, -1}, moves[] = {0.1f, 0.01f, 0.25f, 0, 1, 1};
    static const float numbers[3] = {1, 2, 3};
    const size_t three = 3;
    (void)state;
    for (size_t i = 0; i < sizeof stays / sizeof *stays; i++) {
        hwv_network network;
        begin();
        make_input(&m, "x", (const int64_t[]){-1, 3}, 2);
        make_floats(&m, "w", &three, 1, numbers);
        make_floats(&m, "b", &three, 1, numbers);
        make_floats(&m, "mean", &three, 1, numbers);
        make_floats(&m, "variance", &three, 1, numbers);
        if (i > 0) /* 0.9 where absent */
            make_float(&m, "momentum", stays[i]);
        make_node(&m, "BatchNormalization", "norm", "x w b mean variance", "y");
        make_output(&m, "y");
        import_well(&network, 13, &(hwv_onnx_import_options){.batched = true});
        assert_true(hwv_graph_node_at(network.graph, 0)->attributes.momentum == moves[i]);
        hwv_network_free(&network);
    }
}

static void test_one_sample_a_run(void **state)
{
    (void)state;
    hwv_network network;
    float y[3];
    make_net(-1);
    import_well(&network, 13, &(hwv_onnx_import_options){0});
    assert_false(network.batched);
    assert_int_equal(network.inputs[0].shape.dim[0], 1);
    run(&network, 1, (const float[]){3, -1}, 2, y, 3);
    expect_net((const float[]){3, -1}, 1, y);
    hwv_network_free(&network);
}

/* Exported with three samples, whose number stands in a shape: taken for the batch where each stays whole. */
static void test_a_fixed_batch(void **state)
{
    (void)state;
    static const int64_t shapes[3][2] = {{3, 4}, {3, -1}, {2, 6}};
    static const hwv_shape many = {3, {HWV_BATCH, 2, 2}};
    static const float x[20] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
    for (size_t i = 0; i < 3; i++) {
        hwv_network network;
        float y[20] = {0};
        begin();
        make_input(&m, "x", (const int64_t[]){3, 2, 2}, 3);
        make_list(&m, "shape", shapes[i], 2);
        make_node(&m, "Reshape", "flat", "x shape", "y");
        make_output(&m, "y");
        import_well(&network, 13, &(hwv_onnx_import_options){.shapes = &many, .shape_count = 1, .batched = true});
        assert_int_equal(network.batched, i < 2);
        size_t samples = i < 2 ? 5 : 3;
        run(&network, network.batched ? samples : 1, x, samples * 4, y, samples * 4);
        assert_memory_equal(x, y, samples * 4 * sizeof *x);
        hwv_network_free(&network);
    }
}

/* A mean over the samples: many at once would give another answer. */
static void test_samples_stay_apart(void **state)
{
    (void)state;
    hwv_network network;
    float y[2];
    begin();
    make_input(&m, "x", (const int64_t[]){1, 2}, 2);
    make_ints(&m, "axes", (const int64_t[]){0}, 1);
    make_node(&m, "ReduceMean", "mean", "x", "mu");
    make_node(&m, "Sub", "sub", "x mu", "y");
    make_output(&m, "y");
    import_well(&network, 13, &(hwv_onnx_import_options){.batched = true});
    assert_false(network.batched);
    run(&network, 1, (const float[]){3, -1}, 2, y, 2);
    assert_true(y[0] == 0 && y[1] == 0);
    hwv_network_free(&network);
}

/* Shape, Gather, Unsqueeze, Concat, Reshape with the number of samples in it. */
static void test_a_chain_of_shapes(void **state)
{
    (void)state;
    static const float x[12] = {1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6};
    hwv_network network;
    float y[12];
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 2, 3}, 3);
    make_tensor(&m, "zero", 7, NULL, 0, (const int64_t[]){0}, 8);
    make_list(&m, "minus", (const int64_t[]){-1}, 1);
    make_node(&m, "Shape", "s", "x", "shape");
    make_int(&m, "axis", 0);
    make_node(&m, "Gather", "g", "shape zero", "first");
    make_ints(&m, "axes", (const int64_t[]){0}, 1);
    make_node(&m, "Unsqueeze", "u", "first", "list");
    make_int(&m, "axis", 0);
    make_node(&m, "Concat", "c", "list minus", "target");
    make_node(&m, "Reshape", "r", "x target", "flat");
    make_node(&m, "Relu", "act", "flat", "y");
    make_output(&m, "y");
    import_well(&network, 11, &(hwv_onnx_import_options){.batched = true});
    assert_true(network.batched);
    assert_int_equal(network.outputs[0].shape.rank, 2);
    assert_int_equal(network.outputs[0].shape.dim[1], 6);
    run(&network, 2, x, 12, y, 12);
    for (size_t i = 0; i < 12; i++)
        assert_true(y[i] == (x[i] > 0 ? x[i] : 0));
    hwv_network_free(&network);
}

/* A token in front of each sample's, repeated by Expand, Tile, or numbers made for a shape with the samples in it. */
static void token_case(const char *op, const int64_t *behind, float wanted)
{
    static const float x[8] = {1, 2, 3, 4, 5, 6, 7, 8}, token[2] = {-1, -1};
    hwv_network network;
    float y[12];
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 2, 2}, 3);
    make_floats(&m, "token", (const size_t[]){1, 1, 2}, 3, token);
    make_list(&m, "zero", (const int64_t[]){0}, 1);
    make_list(&m, "behind", behind, 2);
    make_node(&m, "Shape", "s", "x", "shape");
    make_int(&m, "axis", 0);
    make_node(&m, "Gather", "g", "shape zero", "first");
    make_int(&m, "axis", 0);
    make_node(&m, "Concat", "c", "first behind", "target");
    make_node(&m, op, "repeated", strcmp(op, "ConstantOfShape") == 0 ? "target" : "token target", "tokens");
    make_int(&m, "axis", 1);
    make_node(&m, "Concat", "join", "tokens x", "y");
    make_output(&m, "y");
    import_well(&network, 13, &(hwv_onnx_import_options){.batched = true});
    assert_true(network.batched);
    run(&network, 2, x, 8, y, 12);
    for (size_t i = 0; i < 12; i++)
        assert_true(y[i] == (i % 6 < 2 ? wanted : x[i / 6 * 4 + i % 6 - 2]));
    hwv_network_free(&network);
}

static void test_a_token_of_each_sample(void **state)
{
    (void)state;
    token_case("Expand", (const int64_t[]){1, 2}, -1);
    token_case("Expand", (const int64_t[]){1, 1}, -1);
    token_case("Tile", (const int64_t[]){1, 1}, -1);
    token_case("ConstantOfShape", (const int64_t[]){1, 2}, 0);
}

/* ---- units ----------------------------------------------------------------------------------------- */

static size_t units_of(const hwv_network *network, size_t layer)
{
    const hwv_node *node = hwv_graph_node_at(network->graph, network->layers[layer].node);
    const hwv_shape *shape = &hwv_graph_value(network->graph, node->output[0])->shape;
    return shape->dim[shape->rank - 1];
}

/* Of images axis 1 counts units, of what a dense layer gives the last one. */
static void test_which_axis_counts_units(void **state)
{
    (void)state;
    static const float w[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    hwv_network network;
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 2, 4, 3}, 4);
    make_floats(&m, "w", (const size_t[]){3, 4}, 2, w);
    make_node(&m, "Relu", "images", "x", "a");
    make_node(&m, "MatMul", "dense", "a w", "b");
    make_node(&m, "Relu", "rows", "b", "c");
    make_node(&m, "Mul", "squared", "c c", "d");
    make_node(&m, "Tanh", "after", "d", "y");
    make_output(&m, "y");
    import_well(&network, 13, &(hwv_onnx_import_options){.batched = true});
    assert_int_equal(network.layer_count, 3);
    assert_int_equal(units_of(&network, 0), 2);
    assert_int_equal(units_of(&network, 1), 4);
    assert_int_equal(units_of(&network, 2), 4);
    assert_int_equal(network.outputs[0].shape.dim[1], 2);
    hwv_network_free(&network);
}

/* ---- names ---------------------------------------------------------------------------------------- */

static void test_long_and_equal_names(void **state)
{
    (void)state;
    char name[120];
    hwv_network network;
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 2}, 2);
    make_node(&m, "Relu", name, "x", "a");
    make_node(&m, "Relu", name, "a", "b");
    make_node(&m, "Relu", "x", "b", "c");
    make_node(&m, "Relu", "", "c", "d");
    make_output(&m, "d");
    import_well(&network, 13, NULL);
    assert_int_equal(network.layer_count, 4);
    assert_string_equal(network.layers[0].name, name);
    assert_string_equal(network.layers[1].name, name);
    assert_string_equal(network.layers[2].name, "x");
    assert_string_equal(network.layers[3].name, "d");
    hwv_network_free(&network);
}

/* ---- broken --------------------------------------------------------------------------------------- */

static void begin_with_x(void)
{
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 1, 1}, 3);
    make_list(&m, "wide", (const int64_t[]){1, 1 << 20, 1 << 20}, 3);
    make_node(&m, "Expand", "grow", "x wide", "y");
    make_node(&m, "Relu", "", "y", "z");
    make_output(&m, "z");
    refused(13, HWV_ERR_UNSUPPORTED, "'grow' (Expand): its output has more than 2^34 elements");

    begin();
    make_input(&m, "x", (const int64_t[]){-1, 2}, 2);
}

static void test_a_cycle(void **state)
{
    (void)state;
    begin_with_x();
    make_node(&m, "Add", "one", "x b", "a");
    make_node(&m, "Relu", "two", "a", "b");
    make_output(&m, "b");
    refused(13, HWV_ERR_FORMAT, "cycle");
    begin_with_x();
    make_node(&m, "Add", "self", "x a", "a");
    make_output(&m, "a");
    refused(13, HWV_ERR_FORMAT, "'self'");
}

static void test_values_that_are_missing_or_doubled(void **state)
{
    (void)state;
    begin_with_x();
    make_node(&m, "Gemm", "fc", "x nothing", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_FORMAT, "'nothing'");
    begin_with_x();
    make_node(&m, "Relu", "one", "x", "y");
    make_node(&m, "Tanh", "two", "x", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_FORMAT, "'two'");
    begin_with_x();
    make_node(&m, "Relu", "one", "x", "y");
    make_output(&m, "z");
    refused(13, HWV_ERR_FORMAT, "'z'");
    begin_with_x();
    make_node(&m, "Relu", "one", "", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_FORMAT, "'one'");
}

static void test_wrong_shapes_and_types(void **state)
{
    (void)state;
    begin_with_x();
    make_floats(&m, "w", (const size_t[]){3, 2}, 2, weight);
    make_node(&m, "Gemm", "fc", "x w", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_FORMAT, "'fc'");
    begin_with_x();
    make_string(&m, "alpha", "much");
    make_node(&m, "LeakyRelu", "leaky", "x", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_FORMAT, "'alpha'");
}

/* A kernel of fewer numbers than its weight has dimensions is not read beyond its end. */
static void test_short_kernel(void **state)
{
    (void)state;
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 1, 4, 4}, 4);
    make_floats(&m, "w", (const size_t[]){1, 1, 2, 2}, 4, weight);
    make_ints(&m, "kernel_shape", (const int64_t[]){2}, 1);
    make_node(&m, "Conv", "conv", "x w", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_FORMAT, "kernel_shape has 1 numbers for 2 dimensions");
}

/* Numbers that exporters write for "as far as there is" are no number of samples: torch.flip ends at -(2^63 - 1). */
static void test_ends_without_end(void **state)
{
    static const int64_t ends[] = {INT64_MIN, INT64_MIN + 1, INT64_MIN + 2, -INT64_C(1000)};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        hwv_network network;
        begin();
        make_input(&m, "x", (const int64_t[]){-1, 4}, 2);
        make_list(&m, "from", (const int64_t[]){-1}, 1);
        make_list(&m, "to", &ends[i], 1);
        make_list(&m, "axes", (const int64_t[]){1}, 1);
        make_list(&m, "steps", (const int64_t[]){-1}, 1);
        make_node(&m, "Slice", "flip", "x from to axes steps", "y");
        make_output(&m, "y");
        import_well(&network, 13, &(hwv_onnx_import_options){.batched = true});
        const hwv_shape *shape = &hwv_graph_value(network.graph, network.outputs[0].value)->shape;
        assert_true(shape->rank == 2 && shape->dim[1] == 4);
        hwv_network_free(&network);
    }
}

/* Sums and products of shapes that do not fit 64 bits are not folded. */
static void test_large_integers(void **state)
{
    static const int64_t pairs[][2] = {{INT64_C(1) << 62, INT64_C(1) << 62}, {-1, INT64_MIN}, {INT64_MIN, -1}};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof pairs / sizeof *pairs; i++) {
        begin_with_x();
        make_list(&m, "a", &pairs[i / 2][0], 1);
        make_list(&m, "b", &pairs[i / 2][1], 1);
        make_node(&m, i % 2 ? "Mul" : "Add", "", "a b", "c");
        make_node(&m, "Reshape", "reshape", "x c", "y");
        make_output(&m, "y");
        refused(13, HWV_ERR_UNSUPPORTED, "32 bits");
    }
}

static void test_what_is_not_supported(void **state)
{
    (void)state;
    begin_with_x();
    make_node(&m, "If", "choose", "x", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_UNSUPPORTED, "control flow");
    begin_with_x();
    make_node(&m, "QuantizeLinear", "q", "x", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_UNSUPPORTED, "quantised");
    begin_with_x();
    make_node(&m, "HardSwish", "early", "x", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_UNSUPPORTED, "opset");
    begin_with_x();
    make_node(&m, "Relu", "late", "x", "y");
    make_output(&m, "y");
    refused(1000, HWV_ERR_UNSUPPORTED, "opset");
}

/* Sixty doublings of a list, and a constant as large as memory. */
static void test_constants_stay_small(void **state)
{
    (void)state;
    begin_with_x();
    make_list(&m, "c0", (const int64_t[]){1, 2, 3, 4}, 4);
    for (int i = 0; i < 60; i++) {
        char inputs[32], output[16];
        snprintf(inputs, sizeof inputs, "c%d c%d", i, i);
        snprintf(output, sizeof output, "c%d", i + 1);
        make_int(&m, "axis", 0);
        make_node(&m, "Concat", output, inputs, output);
    }
    make_node(&m, "Reshape", "reshape", "x c60", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_UNSUPPORTED, "constants of more bytes");
    begin_with_x();
    make_list(&m, "large", (const int64_t[]){1 << 20, 1 << 20, 1 << 20}, 3);
    make_node(&m, "ConstantOfShape", "huge", "large", "c");
    make_node(&m, "Add", "add", "x c", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_UNSUPPORTED, "'huge'");
}

static void test_parts_are_left_out(void **state)
{
    (void)state;
    hwv_network network;
    begin_with_x();
    make_node(&m, "Relu", "kept", "x", "y");
    make_node(&m, "Loop", "loop", "x", "z");
    make_node(&m, "Relu", "after", "z", "w");
    make_output(&m, "w");
    make_output(&m, "y");
    import_well(&network, 13, &(hwv_onnx_import_options){.partial = true, .batched = true});
    assert_true(network.batched);
    assert_int_equal(network.unsupported_count, 1);
    assert_non_null(strstr(network.unsupported[0], "'loop' (Loop)"));
    assert_int_equal(network.layer_count, 1);
    assert_string_equal(network.layers[0].name, "kept");
    assert_int_equal(network.outputs[0].value, HWV_NO_ID);
    assert_int_not_equal(network.outputs[1].value, HWV_NO_ID);
    hwv_network_free(&network);
}

static void test_shapes_given_must_fit(void **state)
{
    (void)state;
    static const hwv_shape wide = {.rank = 2, .dim = {HWV_BATCH, 3}}, deep = {.rank = 3, .dim = {HWV_BATCH, 2, 2}};
    const hwv_shape *const wrong[] = {&wide, &deep};
    for (size_t i = 0; i < 2; i++) {
        hwv_network network;
        hwv_error error = {0};
        make_net(-1);
        hwv_onnx_import_options options = {.shapes = wrong[i], .shape_count = 1, .batched = true};
        assert_int_equal(import_with(&network, 13, &options, &error), HWV_ERR_ARGUMENT);
        assert_non_null(strstr(error.text, "'x'"));
    }
    begin();
    make_input(&m, "x", (const int64_t[]){-1, -1}, 2);
    make_node(&m, "Relu", "act", "x", "y");
    make_output(&m, "y");
    refused(13, HWV_ERR_ARGUMENT, "'x'");
}

/* Convolution, batch norm, a pattern, folded floats and a folded shape, a fall back to one sample a run. */
static void make_all(void)
{
    static const float w[18] = {1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -2, -3, -4, -5, -6, -7, -8, -9}, two[2] = {1, 2};
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 1, 4, 4}, 4);
    make_floats(&m, "w", (const size_t[]){2, 1, 3, 3}, 4, w);
    make_floats(&m, "c", (const size_t[]){2}, 1, two);
    make_list(&m, "shape", (const int64_t[]){-1, 8}, 2);
    make_list(&m, "one", (const int64_t[]){1}, 1);
    make_node(&m, "Add", "folded", "c c", "c2");
    make_node(&m, "Mul", "list", "shape one", "target");
    make_node(&m, "Conv", "conv", "x w c2", "a");
    make_node(&m, "BatchNormalization", "norm", "a c c c c2", "b");
    make_node(&m, "Sigmoid", "sigmoid", "b", "s");
    make_node(&m, "Mul", "silu", "b s", "d");
    make_node(&m, "Reshape", "flat", "d target", "e");
    make_ints(&m, "axes", (const int64_t[]){0}, 1);
    make_node(&m, "ReduceMean", "mean", "e", "mu");
    make_node(&m, "Sub", "sub", "e mu", "y");
    make_output(&m, "y");
}

static void each_allocation_fails(void)
{
    hwv_status status = HWV_ERR_MEMORY;
    make_model(&m, 13);
    hwv_onnx *file;
    assert_int_equal(hwv_onnx_parse(&file, "made.onnx", m.model, m.model_size, NULL), HWV_OK);
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_network network;
        hwv_error error = {0};
        size_t live = allocations_live();
        allocations_fail_at(n);
        status = hwv_onnx_import(&network, file, &(hwv_onnx_import_options){.batched = true}, &error);
        allocations_fail_at(0);
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_true(error.text[0] != '\0');
        }
        hwv_network_free(&network);
        assert_int_equal(allocations_live(), live);
    }
    hwv_onnx_close(file);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    make_net(-1);
    each_allocation_fails();
    make_all();
    each_allocation_fails();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_dense_net),
        cmocka_unit_test(test_what_decays),
        cmocka_unit_test(test_momentum),
        cmocka_unit_test(test_one_sample_a_run),
        cmocka_unit_test(test_a_fixed_batch),
        cmocka_unit_test(test_samples_stay_apart),
        cmocka_unit_test(test_a_chain_of_shapes),
        cmocka_unit_test(test_a_token_of_each_sample),
        cmocka_unit_test(test_which_axis_counts_units),
        cmocka_unit_test(test_long_and_equal_names),
        cmocka_unit_test(test_constants_stay_small),
        cmocka_unit_test(test_a_cycle),
        cmocka_unit_test(test_values_that_are_missing_or_doubled),
        cmocka_unit_test(test_wrong_shapes_and_types),
        cmocka_unit_test(test_short_kernel),
        cmocka_unit_test(test_ends_without_end),
        cmocka_unit_test(test_large_integers),
        cmocka_unit_test(test_what_is_not_supported),
        cmocka_unit_test(test_parts_are_left_out),
        cmocka_unit_test(test_shapes_given_must_fit),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
