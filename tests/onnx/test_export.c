/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models written as ONNX and read back give what they gave. With HALFWAVE_EXPORT_FOLDER the files stay there with their
 * inputs and outputs, for scripts/onnx-runtime.sh, which hands them to an engine that shares nothing with this one. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "allocations.h"
#include "graph/functions.h"
#include "halfwave/data.h"
#include "halfwave/onnx.h"
#include "halfwave/random.h"
#include "io/file.h"

enum { ROWS = 3, CLASSES = 5 };

typedef struct example {
    const char *name, *notation;
    size_t rank, dims[3];
} example;

static const example examples[] = {
    {"mlp", "mlp", 1, {20}},
    {"mlp-on-images", "mlp", 3, {6, 5, 3}},
    {"lenet", "lenet", 3, {28, 28, 1}},
    {"vgg-small", "vgg-small", 3, {32, 32, 3}},
    {"resnet-small", "resnet-small", 3, {32, 32, 3}},
    {"mobilenet",
     "conv 3 8 stride 2; bn; act relu6; conv 1 24; bn; act relu6; conv 3 24 groups 24; bn; act relu6; conv 1 8; bn; "
     "res { conv 1 24; bn; act hardswish; conv 3 24 groups 24; bn; act hardswish; conv 1 8; bn }; gap; fc classes",
     3,
     {16, 16, 3}},
    {"alexnet-like",
     "conv 5 6 valid stride 2; act; pool 3 stride 2; drop 0.5; fc 9; act; drop 0.25; fc classes",
     3,
     {19, 17, 3}},
    {"even-kernels", "conv 4 6; act prelu; avgpool 3 stride 2 pad 1; pool 2 pad 1; fc classes", 3, {9, 7, 2}},
    {"norms-of-flat-images", "conv 3 4; flatten; bn; act prelu; fc classes", 3, {4, 3, 2}},
    {"dropped", "fc classes; drop 0.5", 1, {4}},
    {"only-flat", "conv 1 5 valid stride 2; flatten", 3, {1, 1, 2}},
    {"flat-images-out", "flatten", 3, {1, 1, 5}},
    {"char-gpt", "char-gpt", 1, {12}},
    {"small-gpt", "embed 6; pos; res { ln; attn 2 causal }; act; ln; unembed", 1, {4}},
    {"vit-tiny", "vit-tiny", 3, {12, 8, 2}},
    {"untied", "embed 12; pos; res { ln; attn 3 }; res { ln; fc 9; act prelu; fc 12 }; fc classes", 1, {7}},
    {"norms-of-images", "conv 3 4; ln; act; patch 2 6; bn; attn 2 causal; flatten; ln; fc classes", 3, {4, 6, 2}},
};

static const example *example_of(const char *name)
{
    size_t i = 0;
    while (strcmp(examples[i].name, name) != 0)
        i++;
    return &examples[i];
}

/* ---- models -------------------------------------------------------------------------------------- */

/* Every parameter and state different from what it starts as. */
static void shake(hwv_model *model)
{
    hwv_model_initialise(model, HWV_INIT_AUTO, 3);
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        float *data = hwv_weights_data(model->weights, (hwv_id)v);
        size_t n = 1;
        for (size_t d = 0; d < value->shape.rank; d++)
            n *= value->shape.dim[d];
        for (size_t i = 0; data && i < n; i++)
            data[i] = value->role == HWV_ROLE_STATE && strstr(value->name, "var")
                          ? (float)(0.5 + hwv_random_uniform(4, HWV_STREAM_TEST, (uint32_t)v, i))
                          : data[i] + (float)(0.1 * hwv_random_normal(5, HWV_STREAM_TEST, (uint32_t)v, i));
    }
}

static void build(hwv_model *model, const example *from, const char *act)
{
    hwv_model_options options = {.rank = from->rank, .classes = CLASSES};
    hwv_error error;
    memcpy(options.dims, from->dims, sizeof options.dims);
    if (hwv_model_act_parse(&options.act, act, &error) != HWV_OK ||
        hwv_model_build(model, from->notation, &options, &error) != HWV_OK)
        fail_msg("%s: %s", from->name, error.text);
    shake(model);
}

static size_t elements(const hwv_shape *shape)
{
    size_t n = ROWS;
    for (size_t d = 1; d < shape->rank; d++)
        n *= shape->dim[d];
    return n;
}

/* logits of x, which are tokens where the graph takes some. */
static void run(hwv_graph *graph, hwv_weights *weights, hwv_id from, hwv_id to, const float *x, size_t n, float *y)
{
    hwv_plan *plan;
    hwv_plan_options options = {.batch = ROWS, .passes = HWV_PASS_ALL};
    hwv_error error;
    if (hwv_plan_create(&plan, graph, weights, to, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    float *floats = hwv_plan_data(plan, from);
    int32_t *tokens = hwv_plan_data(plan, from);
    for (size_t i = 0; i < n; i++)
        if (hwv_graph_value(graph, from)->element == HWV_ELEMENT_I32)
            tokens[i] = (int32_t)x[i];
        else
            floats[i] = x[i];
    hwv_plan_forward(plan);
    memcpy(y, hwv_plan_data(plan, to), elements(&hwv_graph_value(graph, to)->shape) * sizeof *y);
    hwv_plan_destroy(plan);
}

/* Samples of a model, tokens or anything. */
static void draw(float *x, size_t n, const hwv_model *model)
{
    const bool tokens = hwv_graph_value(model->graph, model->input)->element == HWV_ELEMENT_I32;
    for (size_t i = 0; i < n; i++)
        x[i] = tokens ? (float)hwv_random_below(6, HWV_STREAM_TEST, 0, i, CLASSES)
                      : (float)hwv_random_normal(6, HWV_STREAM_TEST, 0, i);
}

/* Images with channels last, put first. */
static void channels_first(float *to, const float *from, const hwv_shape *shape)
{
    size_t n = elements(shape);
    if (shape->rank != 4) {
        memcpy(to, from, n * sizeof *to);
        return;
    }
    size_t channels = shape->dim[3], pixels = shape->dim[1] * shape->dim[2];
    for (size_t row = 0; row < ROWS; row++)
        for (size_t p = 0; p < pixels; p++)
            for (size_t c = 0; c < channels; c++)
                to[(row * channels + c) * pixels + p] = from[(row * pixels + p) * channels + c];
}

/* ---- there and back ------------------------------------------------------------------------------ */

/* Products of n terms in another order differ by about sqrt(n) roundings each, and a few layers of them add up; 2^-15
 * of the largest is some 500 roundings. */
static void assert_near(const char *name, const float *got, const float *wanted, size_t count)
{
    float largest = 0;
    for (size_t i = 0; i < count; i++)
        largest = fmaxf(largest, fabsf(wanted[i]));
    for (size_t i = 0; i < count; i++)
        if (!(fabsf(got[i] - wanted[i]) <= 0x1p-15f * largest))
            fail_msg("%s: logit %zu is %.9g, %.9g expected", name, i, (double)got[i], (double)wanted[i]);
}

static void import(hwv_network *network, const char *path)
{
    hwv_onnx *file;
    hwv_error error;
    const hwv_onnx_import_options options = {.batched = true};
    if (hwv_onnx_open(&file, path, &error) != HWV_OK)
        fail_msg("%s", error.text);
    hwv_status status = hwv_onnx_import(network, file, &options, &error);
    if (status != HWV_OK)
        fail_msg("%s", error.text);
    assert_true(network->batched);
    assert_string_equal(network->inputs[0].name, "x");
    assert_string_equal(network->outputs[0].name, "logits");
    hwv_onnx_close(file);
}

static void path_of(char path[300], const char *name, const char *end)
{
    const char *folder = getenv("HALFWAVE_EXPORT_FOLDER");
    if (folder)
        (void)snprintf(path, 300, "%s/%s%s", folder, name, end);
    else
        (void)snprintf(path, 300, "/tmp/halfwave-export-%ld%s", (long)getpid(), end);
}

/* Of a model, which is freed. */
static void written_and_read(const char *name, hwv_model *model)
{
    hwv_network network;
    hwv_error error;
    char path[300], kept[300];
    const hwv_shape shape = hwv_graph_value(model->graph, model->input)->shape;
    const size_t n = elements(&shape), count = elements(&hwv_graph_value(model->graph, model->logits)->shape);
    float *x = malloc(n * sizeof *x), *first = malloc(n * sizeof *first), *wanted = malloc(count * sizeof *wanted),
          *got = malloc(count * sizeof *got);
    draw(x, n, model);
    channels_first(first, x, &shape);
    run(model->graph, model->weights, model->input, model->logits, x, n, wanted);
    path_of(path, name, ".onnx");
    if (hwv_onnx_export(model, NULL, path, &error) != HWV_OK)
        fail_msg("%s: %s", name, error.text);
    import(&network, path);
    run(network.graph, network.weights, network.inputs[0].value, network.outputs[0].value, first, n, got);
    assert_near(name, got, wanted, count);
    if (getenv("HALFWAVE_EXPORT_FOLDER")) {
        path_of(kept, name, ".x.npy");
        assert_int_equal(hwv_npy_write(kept, first, ROWS, n / ROWS, NULL), HWV_OK);
        path_of(kept, name, ".y.npy");
        assert_int_equal(hwv_npy_write(kept, wanted, ROWS, count / ROWS, NULL), HWV_OK);
    } else {
        (void)remove(path);
    }
    hwv_network_free(&network);
    hwv_model_free(model);
    free(x);
    free(first);
    free(wanted);
    free(got);
}

static void there_and_back(const example *from, const char *act)
{
    hwv_model model;
    build(&model, from, act);
    written_and_read(from->name, &model);
}

static void test_models(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof examples[0]; i++)
        there_and_back(&examples[i], "leaky_relu(slope=0.3)");
}

/* Every row of ops.def on images and on flat data, and parameters that take another form. */
static void test_activations(void **state)
{
    (void)state;
    static const char *const others[] = {"swish(beta=1.5)",
                                         "softplus(beta=2)",
                                         "softplus(beta=2, threshold=1)",
                                         "softplus(beta=1, threshold=1.5)",
                                         "threshold(threshold=0.25, value=-1)",
                                         "clip(min=1, max=-1)"};
    const size_t rows = hwv_op_count(), more = sizeof others / sizeof others[0];
    for (size_t i = 0; i < rows + more; i++) {
        const char *act = i < rows ? hwv_op_get(i)->name : others[i - rows];
        char name[64];
        example flat = {name, "conv 3 4; act; fc 9; act; fc classes", 3, {5, 4, 2}};
        (void)snprintf(name, sizeof name, "act-%zu", i);
        there_and_back(&flat, act);
    }
}

/* The layers of the file are those of the model: compositions are recognised. */
static void test_layers_keep_their_names(void **state)
{
    (void)state;
    static const char *const acts[] = {"relu", "gelu", "gelu_tanh", "mish", "silu", "hardswish", "relu6", "prelu"};
    const example from = {"layers", "conv 3 4; bn; act; fc 9; act; fc classes", 3, {5, 4, 2}};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        hwv_model model;
        hwv_network network;
        hwv_error error;
        char path[300];
        build(&model, &from, acts[i]);
        path_of(path, from.name, ".onnx");
        assert_int_equal(hwv_onnx_export(&model, NULL, path, &error), HWV_OK);
        import(&network, path);
        assert_int_equal(network.layer_count, 2);
        assert_string_equal(network.layers[0].name, "act1");
        assert_string_equal(network.layers[1].name, "act2");
        const hwv_node *node = hwv_graph_node_at(network.graph, network.layers[1].node);
        hwv_op op;
        assert_int_equal(hwv_op_find(&op, acts[i], NULL), HWV_OK);
        if (node->attributes.act.op != op)
            fail_msg("%s was read as %s", acts[i], hwv_op_row(node->attributes.act.op)->name);
        hwv_network_free(&network);
        hwv_model_free(&model);
        (void)remove(path);
    }
}

static void test_what_the_file_says(void **state)
{
    (void)state;
    hwv_model model;
    hwv_onnx *file;
    char path[300];
    build(&model, example_of("resnet-small"), "relu");
    path_of(path, "said", ".onnx");
    assert_int_equal(hwv_onnx_export(&model, NULL, path, NULL), HWV_OK);
    assert_int_equal(hwv_onnx_open(&file, path, NULL), HWV_OK);
    const hwv_onnx_summary summary = hwv_onnx_summarise(file);
    assert_string_equal(summary.producer, "halfwave");
    assert_int_equal(summary.opset, 17);
    const hwv_onnx_port x = hwv_onnx_input(file, 0), y = hwv_onnx_output(file, 0);
    assert_int_equal(hwv_onnx_input_count(file), 1);
    assert_int_equal(x.rank, 4);
    assert_string_equal(x.symbol[0], "batch");
    assert_int_equal(x.dim[0], -1);
    assert_int_equal(x.dim[1], 3);
    assert_int_equal(x.dim[2], 32);
    assert_int_equal(y.rank, 2);
    assert_int_equal(y.dim[1], CLASSES);
    hwv_onnx_close(file);
    hwv_model_free(&model);
    (void)remove(path);
}

/* ---- what the tokens are ------------------------------------------------------------------------- */

static void write_tokens(const char *path, const hwv_vocabulary *vocabulary)
{
    const example from = {"tokens", "embed 4; fc classes", 1, {6}};
    hwv_model model;
    build(&model, &from, "relu");
    assert_int_equal(hwv_onnx_export(&model, vocabulary, path, NULL), HWV_OK);
    hwv_model_free(&model);
}

static hwv_status read_tokens(hwv_vocabulary *vocabulary, size_t *block, const char *path, hwv_error *error)
{
    hwv_onnx *file;
    assert_int_equal(hwv_onnx_open(&file, path, NULL), HWV_OK);
    hwv_status status = hwv_onnx_vocabulary(vocabulary, block, file, error);
    hwv_onnx_close(file);
    return status;
}

static void test_vocabularies(void **state)
{
    static const uint32_t codes[CLASSES] = {0, '\n', 'a', 0xe9, 0x1f600};
    (void)state;
    hwv_vocabulary given[3] = {0}, read;
    char path[300];
    size_t block;
    assert_int_equal(hwv_vocabulary_of_codes(&given[0], codes, CLASSES, NULL), HWV_OK);
    assert_int_equal(hwv_vocabulary_of_bytes(&given[1], NULL), HWV_OK);
    path_of(path, "tokens", ".onnx");
    for (size_t i = 0; i < 3; i++) {
        write_tokens(path, &given[i]);
        assert_int_equal(read_tokens(&read, &block, path, NULL), HWV_OK);
        assert_int_equal(block, i < 2 ? 6 : 0);
        if (i < 2)
            assert_int_equal(hwv_vocabulary_compare(&given[i], "given", &read, "read", NULL), HWV_OK);
        else
            assert_int_equal(read.size, 0);
        hwv_vocabulary_free(&read);
        hwv_vocabulary_free(&given[i]);
    }
    (void)remove(path);
}

/* An entry of the file with other bytes, as many. */
static void damage_entry(const char *path, const char *from, const char *to)
{
    hwv_file file = {0};
    assert_int_equal(hwv_file_map(&file, path, 0, NULL), HWV_OK);
    const size_t size = file.size, length = strlen(from);
    char *bytes = malloc(size);
    size_t at = 0;
    memcpy(bytes, file.data, size);
    hwv_file_free(&file);
    while (at + length <= size && memcmp(bytes + at, from, length) != 0)
        at++;
    assert_true(at + length <= size);
    memcpy(bytes + at, to, length);
    assert_int_equal(hwv_file_write(path, bytes, size, NULL), HWV_OK);
    free(bytes);
}

static void test_damaged_vocabularies(void **state)
{
    static const uint32_t codes[CLASSES] = {'a', 'b', 'c', 'd', 0xe9};
    static const struct {
        const char *from, *to, *message;
    } cases[] = {
        {"characters", "characterz", "halfwave.tokens in metadata_props: characters or bytes are expected"},
        {"abcd\xc3\xa9", "abdc\xc3\xa9", "token 3 of a vocabulary is U+0063"},
        {"abcd\xc3\xa9", "abcdea", "token 5 of a vocabulary"},
        {"abcd\xc3\xa9", "abcd\xc3\xc3", "halfwave.vocabulary in metadata_props: UTF-8 is expected"},
        {"block\x12\x01"
         "6",
         "block\x12\x01"
         "7",
         "halfwave.block in metadata_props: the length of the model's only input"},
        {"block\x12\x01"
         "6",
         "block\x12\x01"
         "x",
         "halfwave.block in metadata_props: a number of tokens is expected"},
        {"halfwave.block", "halfwave.blick", "halfwave.block in metadata_props"},
        {"halfwave.vocabulary", "halfwave.vocabulari", "a vocabulary of 0 characters"},
    };
    (void)state;
    hwv_vocabulary given;
    char path[300];
    assert_int_equal(hwv_vocabulary_of_codes(&given, codes, CLASSES, NULL), HWV_OK);
    path_of(path, "damaged-tokens", ".onnx");
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_vocabulary read;
        hwv_error error = {0};
        size_t block;
        write_tokens(path, &given);
        damage_entry(path, cases[i].from, cases[i].to);
        assert_int_equal(read_tokens(&read, &block, path, &error), HWV_ERR_FORMAT);
        if (!strstr(error.text, cases[i].message))
            fail_msg("%zu: %s", i, error.text);
        assert_int_equal(read.size, 0);
        assert_int_equal(block, 0);
    }
    hwv_vocabulary_free(&given);
    (void)remove(path);
}

/* A model that does nothing still has an output. */
static void test_a_model_without_nodes(void **state)
{
    (void)state;
    const example from = {"nothing", "flatten", 1, {CLASSES}};
    hwv_model model;
    hwv_onnx *file;
    char path[300];
    build(&model, &from, "relu");
    path_of(path, "without-nodes", ".onnx");
    assert_int_equal(hwv_onnx_export(&model, NULL, path, NULL), HWV_OK);
    assert_int_equal(hwv_onnx_open(&file, path, NULL), HWV_OK);
    assert_int_equal(hwv_onnx_use_count(file), 1);
    assert_string_equal(hwv_onnx_use_at(file, 0).op, "Identity");
    hwv_onnx_close(file);
    hwv_model_free(&model);
    (void)remove(path);
}

/* ---- failures ------------------------------------------------------------------------------------ */

static void test_a_folder_that_is_not_there(void **state)
{
    (void)state;
    hwv_model model;
    hwv_error error;
    build(&model, example_of("mlp"), "relu");
    assert_int_equal(hwv_onnx_export(&model, NULL, "/nowhere/at/all.onnx", &error), HWV_ERR_IO);
    assert_non_null(strstr(error.text, "/nowhere/at/all.onnx"));
    hwv_model_free(&model);
}

/* A model of one node on x [batch, 4, 6], and a weight if one is asked for. */
static void build_one(hwv_model *model, hwv_node_kind kind, const hwv_node_attributes *attributes, size_t weights)
{
    const hwv_shape shape = {.rank = 3, .dim = {HWV_BATCH, 4, 6}}, row = {.rank = 1, .dim = {weights}};
    hwv_id inputs[2];
    *model = (hwv_model){0};
    assert_int_equal(hwv_graph_create(&model->graph, NULL), HWV_OK);
    assert_int_equal(hwv_graph_input(model->graph, "x", HWV_ELEMENT_F32, &shape, &model->input, NULL), HWV_OK);
    inputs[0] = model->input;
    if (weights > 0)
        assert_int_equal(hwv_graph_parameter(model->graph, "n1.weight", &row, true, &inputs[1], NULL), HWV_OK);
    assert_int_equal(
        hwv_graph_node(model->graph, kind, "n1", attributes, inputs, 1 + (weights > 0), &model->logits, NULL), HWV_OK);
    assert_int_equal(hwv_weights_create(&model->weights, model->graph, NULL), HWV_OK);
    if (weights > 0)
        shake(model);
}

/* Over the last dimension and over all, with and without weights. */
static void test_norms_of_root_mean_squares(void **state)
{
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        const hwv_node_attributes attributes = {.axis = 1 + i / 2, .epsilon = 1e-3f};
        const size_t size = i / 2 == 0 ? 24 : 6;
        hwv_model model;
        char name[32];
        snprintf(name, sizeof name, "rms-%zu", i);
        build_one(&model, HWV_NODE_RMS_NORM, &attributes, i % 2 ? size : 0);
        written_and_read(name, &model);
    }
}

static void test_gates(void **state)
{
    (void)state;
    for (size_t i = 0; hwv_gate_get(i) != NULL; i++) {
        const hwv_node_attributes attributes = {.gate = (hwv_gate)i};
        hwv_model model;
        char name[32];
        snprintf(name, sizeof name, "gate-%zu", i);
        build_one(&model, HWV_NODE_GATE, &attributes, 0);
        written_and_read(name, &model);
    }
}

/* Nodes that no notation makes and that are not written are named, and no file is left. */
static void test_what_is_not_written(void **state)
{
    static const struct {
        hwv_node_kind kind;
        hwv_node_attributes attributes;
        const char *message;
    } cases[] = {
        {HWV_NODE_SOFTMAX, {.axis = 2}, "n1: nodes of kind softmax are not written"},
        {HWV_NODE_REDUCE, {.function = HWV_REDUCTION_MAX, .axes = 2}, "n1: a reduction to the max is not written"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hwv_model model;
        hwv_error error;
        char path[300];
        build_one(&model, cases[i].kind, &cases[i].attributes, 0);
        path_of(path, "not-written", ".onnx");
        assert_int_equal(hwv_onnx_export(&model, NULL, path, &error), HWV_ERR_UNSUPPORTED);
        assert_non_null(strstr(error.text, cases[i].message));
        assert_int_not_equal(access(path, F_OK), 0);
        hwv_model_free(&model);
    }
}

static void fail_each_allocation(const example *from)
{
    hwv_model model;
    char path[300];
    hwv_status status = HWV_ERR_MEMORY;
    build(&model, from, "gelu");
    path_of(path, "starved", ".onnx");
    size_t n = 0, live = allocations_live();
    while (status != HWV_OK) {
        allocations_fail_at(++n);
        status = hwv_onnx_export(&model, NULL, path, NULL);
        allocations_fail_at(0);
        assert_true(status == HWV_OK || status == HWV_ERR_MEMORY);
        assert_int_equal(allocations_live(), live);
        assert_int_equal(hwv_file_exists(path), status == HWV_OK);
    }
    assert_true(n > 5);
    hwv_model_free(&model);
    (void)remove(path);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    fail_each_allocation(example_of("norms-of-flat-images"));
    fail_each_allocation(example_of("small-gpt"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_models),
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_layers_keep_their_names),
        cmocka_unit_test(test_what_the_file_says),
        cmocka_unit_test(test_vocabularies),
        cmocka_unit_test(test_damaged_vocabularies),
        cmocka_unit_test(test_a_model_without_nodes),
        cmocka_unit_test(test_a_folder_that_is_not_there),
        cmocka_unit_test(test_norms_of_root_mean_squares),
        cmocka_unit_test(test_gates),
        cmocka_unit_test(test_what_is_not_written),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests_name("onnx export", tests, NULL, NULL);
}
