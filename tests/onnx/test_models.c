/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Real models, and models with planted units, against a forward run in double that shares no code with the import: every
 * pre-activation, and for each unit how often it fires. Skipped where the models are not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "forward.h"
#include "halfwave/array.h"
#include "halfwave/onnx.h"

#define BATCH 32
#define UNITS 4096

typedef struct subject {
    hwv_onnx *file;
    hwv_network network;
    hwv_plan *plan;
    forward *truth;
    float *inputs;
    size_t samples, each; /* elements of a sample */
    hwv_array array;
} subject;

static bool there(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file)
        fclose(file);
    return file != NULL;
}

static void inputs_read(subject *s, const char *path, size_t most)
{
    hwv_array_reader *reader;
    assert_int_equal(hwv_array_open(&reader, path, 1u << HWV_ARRAY_F32, NULL), HWV_OK);
    s->array = *hwv_array_of(reader);
    s->each = 1;
    for (size_t i = 1; i < s->array.rank; i++)
        s->each *= s->array.shape[i];
    s->samples = s->array.shape[0] < most ? s->array.shape[0] : most;
    s->inputs = malloc(s->samples * s->each * sizeof *s->inputs);
    assert_int_equal(hwv_array_read(reader, s->inputs, s->samples * s->each, NULL), HWV_OK);
    hwv_array_close(reader);
}

static void subject_open(subject *s, const char *model, const char *inputs, size_t most)
{
    hwv_error error = {0};
    hwv_shape shape = {0};
    *s = (subject){0};
    if (!there(model) || !there(inputs))
        skip();
    assert_int_equal(hwv_onnx_open(&s->file, model, &error), HWV_OK);
    inputs_read(s, inputs, most);
    shape.rank = s->array.rank;
    for (size_t i = 0; i < shape.rank; i++)
        shape.dim[i] = i ? s->array.shape[i] : HWV_BATCH;
    hwv_onnx_import_options options = {.shapes = &shape, .shape_count = 1, .batched = true};
    hwv_status status = hwv_onnx_import(&s->network, s->file, &options, &error);
    if (status != HWV_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, HWV_OK);
    assert_true(s->network.batched);
    hwv_plan_options plan = {.batch = BATCH};
    assert_int_equal(
        hwv_plan_create(&s->plan, s->network.graph, s->network.weights, s->network.outputs[0].value, &plan, &error),
        HWV_OK);
    s->truth = forward_open(s->file);
}

static void subject_close(subject *s)
{
    forward_close(s->truth);
    hwv_plan_destroy(s->plan);
    hwv_network_free(&s->network);
    hwv_onnx_close(s->file);
    free(s->inputs);
}

/* The file's node behind a layer. */
static const hwv_onnx_node *node_of(const subject *s, const hwv_network_layer *layer)
{
    for (size_t n = 0; n < s->file->node_count; n++) {
        const hwv_onnx_node *node = &s->file->nodes[n];
        if (strcmp(node->name[0] ? node->name : node->outputs[0], layer->name) == 0)
            return node;
    }
    return NULL;
}

/* How far a value of the network is from the truth, for one sample; units last in `got`. */
static double distance(const forward_value *truth, const float *got, size_t units)
{
    size_t positions = truth->elements / units;
    double worst = 0, scale = 1e-3;
    bool images = truth->rank == 4;
    for (size_t i = 0; i < truth->elements; i++) {
        size_t unit = images ? i / positions : i % units, position = images ? i % positions : i / units;
        worst = fmax(worst, fabs(truth->data[i] - (double)got[position * units + unit]));
        scale = fmax(scale, fabs(truth->data[i]));
    }
    return worst / scale;
}

typedef struct tally {
    size_t looks, fired[2][UNITS]; /* in the network, in truth */
} tally;

static void tally_add(tally *t, const forward_value *truth, const float *got, size_t units)
{
    size_t positions = truth->elements / units;
    bool images = truth->rank == 4;
    assert_true(units <= UNITS);
    t->looks += positions;
    for (size_t i = 0; i < truth->elements; i++) {
        size_t unit = images ? i / positions : i % units;
        t->fired[0][i % units] += got[i] > 0;
        t->fired[1][unit] += truth->data[i] > 0;
    }
}

static void layer_compare(subject *s, const hwv_network_layer *layer, size_t row, double limit, tally *t)
{
    const hwv_node *node = hwv_graph_node_at(s->network.graph, layer->node);
    const hwv_value *z = hwv_graph_value(s->network.graph, node->input[0]);
    const hwv_onnx_node *there_too = node_of(s, layer);
    size_t units = z->shape.dim[z->shape.rank - 1];
    assert_non_null(there_too);
    const forward_value *truth = forward_find(s->truth, there_too->inputs[0]);
    const float *got = (const float *)hwv_plan_data(s->plan, node->input[0]) + row * truth->elements;
    double far = distance(truth, got, units);
    if (!(far <= limit))
        print_message("%s: %g\n", layer->name, far);
    assert_true(far <= limit);
    tally_add(t, truth, got, units);
}

/* The same units silent, the same always on, in every layer; silent[i]: how many in layer i. */
static void subject_compare(subject *s, double limit, size_t *silent)
{
    size_t layers = s->network.layer_count, dim[8] = {1};
    tally *tallies = calloc(layers, sizeof *tallies);
    for (size_t i = 1; i < s->array.rank; i++)
        dim[i] = s->array.shape[i];
    for (size_t at = 0; at < s->samples; at += BATCH) {
        size_t rows = s->samples - at < BATCH ? s->samples - at : BATCH;
        hwv_plan_rows(s->plan, rows);
        memcpy(hwv_plan_data(s->plan, s->network.inputs[0].value), s->inputs + at * s->each,
               rows * s->each * sizeof(float));
        hwv_plan_forward(s->plan);
        for (size_t r = 0; r < rows; r++) {
            assert_true(forward_run(s->truth, s->array.rank, dim, s->inputs + (at + r) * s->each));
            for (size_t l = 0; l < layers; l++)
                layer_compare(s, &s->network.layers[l], r, limit, &tallies[l]);
        }
    }
    for (size_t l = 0; l < layers; l++) {
        silent[l] = 0;
        for (size_t u = 0; u < UNITS; u++) {
            const tally *t = &tallies[l];
            assert_int_equal(t->fired[0][u] == 0, t->fired[1][u] == 0);
            assert_int_equal(t->fired[0][u] == t->looks, t->fired[1][u] == t->looks);
        }
        const hwv_node *node = hwv_graph_node_at(s->network.graph, s->network.layers[l].node);
        const hwv_shape *shape = &hwv_graph_value(s->network.graph, node->input[0])->shape;
        for (size_t u = 0; u < shape->dim[shape->rank - 1]; u++)
            silent[l] += tallies[l].fired[0][u] == 0;
    }
    free(tallies);
}

static void test_alexa(void **state)
{
    (void)state;
    subject s;
    size_t silent[8];
    subject_open(&s, HWV_SHARED_DATA "/wakeword/alexa_v0.1.onnx", HWV_SHARED_DATA "/wakeword/alexa_inputs.npy", 600);
    assert_int_equal(s.network.layer_count, 3);
    assert_string_equal(s.network.layers[0].op, "Relu");
    assert_string_equal(s.network.layers[2].op, "Sigmoid");
    subject_compare(&s, 1e-5, silent);
    assert_true(silent[0] > 64); /* most of the first layer */
    subject_close(&s);
}

/* Its layer norms are written out as nine nodes each. */
static void test_mycroft(void **state)
{
    (void)state;
    subject s;
    size_t silent[8], norms = 0;
    subject_open(&s, HWV_SHARED_DATA "/wakeword/hey_mycroft_v0.1.onnx", HWV_SHARED_DATA "/wakeword/alexa_inputs.npy",
                 600);
    for (size_t n = 0; n < hwv_graph_node_count(s.network.graph); n++)
        norms += hwv_graph_node_at(s.network.graph, (hwv_id)n)->kind == HWV_NODE_LAYER_NORM;
    assert_int_equal(norms, 2);
    subject_compare(&s, 1e-5, silent);
    subject_close(&s);
}

static void test_planted(void **state)
{
    (void)state;
    static const char *const names[] = {"mlp_sparse", "conv_residual", "ffn_block"};
    static const size_t layers[] = {2, 4, 1}, silent_units[][4] = {{0, 12}, {0, 3, 0, 4}, {11}};
    for (size_t i = 0; i < 3; i++) {
        subject s;
        char model[600], inputs[600];
        size_t silent[8];
        snprintf(model, sizeof model, HWV_SHARED_DATA "/planted/%s.onnx", names[i]);
        snprintf(inputs, sizeof inputs, HWV_SHARED_DATA "/planted/%s_inputs.npy", names[i]);
        subject_open(&s, model, inputs, 1000);
        assert_int_equal(s.network.layer_count, layers[i]);
        subject_compare(&s, 1e-5, silent);
        for (size_t l = 0; l < layers[i]; l++)
            assert_int_equal(silent[l], silent_units[i][l]);
        subject_close(&s);
    }
}

/* 53 convolutions, hard-swish as Add, Clip, Mul and Div, squeeze-and-excite, weights in Constant nodes, a chain of shapes. */
static void test_direction_classifier(void **state)
{
    (void)state;
    static const char *const ops[] = {"HardSwish", "Relu", "HardSigmoid"};
    static const size_t expected[] = {18, 15, 9};
    size_t found[3] = {0}, transposes = 0;
    subject s;
    subject_open(&s, HWV_SHARED_DATA "/ocr-cls/ch_ppocr_mobile_v2.0_cls_infer.onnx",
                 HWV_SHARED_DATA "/ocr-cls/cls_inputs.npy", BATCH);
    for (size_t l = 0; l < s.network.layer_count; l++)
        for (size_t i = 0; i < 3; i++)
            found[i] += strcmp(s.network.layers[l].op, ops[i]) == 0;
    for (size_t n = 0; n < hwv_graph_node_count(s.network.graph); n++)
        transposes += hwv_graph_node_at(s.network.graph, (hwv_id)n)->kind == HWV_NODE_TRANSPOSE;
    assert_int_equal(s.network.layer_count, 42);
    assert_memory_equal(found, expected, sizeof found);
    assert_int_equal(transposes, 1); /* of the input: channels stay last from there on */
    memcpy(hwv_plan_data(s.plan, s.network.inputs[0].value), s.inputs, BATCH * s.each * sizeof(float));
    hwv_plan_forward(s.plan);
    const float *y = hwv_plan_data(s.plan, s.network.outputs[0].value);
    for (size_t i = 0; i < BATCH; i++)
        assert_true(fabs((double)y[2 * i] + (double)y[2 * i + 1] - 1) < 1e-5);
    subject_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_alexa),
        cmocka_unit_test(test_mycroft),
        cmocka_unit_test(test_planted),
        cmocka_unit_test(test_direction_classifier),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
