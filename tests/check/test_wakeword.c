/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Two real models against a forward run of this file's own: double precision, plain loops, straight from the nodes of the
 * file, one sample at a time. It shares the reader of files with the check, and nothing else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "halfwave/check.h"
#include "halfwave/inputs.h"
#include "onnx/model.h"

#define FOLDER HWV_SHARED_DATA "/wakeword/"

enum { MOST = 2048, VALUES = 96 };

/* A row of numbers under a name; one number stands for as many as are needed. */
typedef struct vector {
    const char *name;
    size_t count;
    double x[MOST];
} vector;

static vector values[VALUES];
static size_t value_count;

static vector *find(const char *name)
{
    for (size_t i = 0; i < value_count; i++)
        if (strcmp(values[i].name, name) == 0)
            return &values[i];
    return NULL;
}

static vector *make(const char *name, size_t count)
{
    vector *v = find(name);
    if (v == NULL) {
        assert_true(value_count < VALUES);
        v = &values[value_count++];
    }
    assert_true(count <= MOST);
    v->name = name;
    v->count = count;
    return v;
}

static const hwv_onnx_tensor *initialiser(const hwv_onnx *file, const char *name)
{
    for (size_t i = 0; i < file->initialiser_count; i++)
        if (strcmp(file->initialisers[i].name, name) == 0)
            return &file->initialisers[i];
    return NULL;
}

static int64_t integer(const hwv_onnx_node *node, const char *name, int64_t otherwise)
{
    const hwv_onnx_attribute *a = hwv_onnx_attribute_find(node, name);
    return a != NULL ? a->i : otherwise;
}

/* y = W x + b */
static void gemm(const hwv_onnx *file, const hwv_onnx_node *node)
{
    const vector *x = find(node->inputs[0]);
    const hwv_onnx_tensor *w = initialiser(file, node->inputs[1]), *b = initialiser(file, node->inputs[2]);
    static float weights[1 << 18];
    assert_true(x != NULL && w != NULL && b != NULL && w->rank == 2 && integer(node, "transB", 0) == 1);
    assert_true(w->elements <= sizeof weights / sizeof *weights && w->dim[1] == x->count);
    memcpy(weights, w->data, w->elements * sizeof *weights);
    vector *y = make(node->outputs[0], w->dim[0]);
    for (size_t i = 0; i < y->count; i++) {
        double sum = hwv_onnx_tensor_number(b, i);
        for (size_t k = 0; k < x->count; k++)
            sum += (double)weights[i * x->count + k] * x->x[k];
        y->x[i] = sum;
    }
}

static double pair(const char *op, double a, double b)
{
    return strcmp(op, "Add") == 0   ? a + b
           : strcmp(op, "Sub") == 0 ? a - b
           : strcmp(op, "Mul") == 0 ? a * b
           : strcmp(op, "Div") == 0 ? a / b
                                    : pow(a, b);
}

static void element_by_element(const hwv_onnx_node *node)
{
    const vector *a = find(node->inputs[0]), *b = find(node->inputs[1]);
    assert_true(a != NULL && b != NULL && (a->count == b->count || a->count == 1 || b->count == 1));
    vector *y = make(node->outputs[0], a->count > b->count ? a->count : b->count);
    for (size_t i = 0; i < y->count; i++)
        y->x[i] = pair(node->op, a->x[a->count > 1 ? i : 0], b->x[b->count > 1 ? i : 0]);
}

static void mean(const hwv_onnx_node *node)
{
    const vector *x = find(node->inputs[0]);
    vector *y = make(node->outputs[0], 1);
    double sum = 0;
    for (size_t i = 0; i < x->count; i++)
        sum += x->x[i];
    y->x[0] = sum / (double)x->count;
}

static void one_by_one(const hwv_onnx_node *node, char which)
{
    const vector *x = find(node->inputs[0]);
    vector *y = make(node->outputs[0], x->count);
    for (size_t i = 0; i < x->count; i++)
        y->x[i] = which == 'r'   ? (x->x[i] > 0 ? x->x[i] : 0)
                  : which == 's' ? sqrt(x->x[i])
                  : which == 'g' ? 1 / (1 + exp(-x->x[i]))
                                 : x->x[i];
}

static void constant(const char *name, const hwv_onnx_tensor *tensor)
{
    if (tensor->elements > MOST)
        return; /* of a product, which takes it from the file */
    vector *y = make(name, tensor->elements);
    for (size_t i = 0; i < y->count; i++)
        y->x[i] = hwv_onnx_tensor_number(tensor, i);
}

static void run_node(const hwv_onnx *file, const hwv_onnx_node *node)
{
    static const char *const pairs[] = {"Add", "Sub", "Mul", "Div", "Pow"};
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(node->op, pairs[i]) == 0) {
            element_by_element(node);
            return;
        }
    if (strcmp(node->op, "Gemm") == 0)
        gemm(file, node);
    else if (strcmp(node->op, "ReduceMean") == 0)
        mean(node);
    else if (strcmp(node->op, "Relu") == 0)
        one_by_one(node, 'r');
    else if (strcmp(node->op, "Sqrt") == 0)
        one_by_one(node, 's');
    else if (strcmp(node->op, "Sigmoid") == 0)
        one_by_one(node, 'g');
    else if (strcmp(node->op, "Flatten") == 0)
        one_by_one(node, 'f');
    else if (strcmp(node->op, "Constant") == 0)
        constant(node->outputs[0], hwv_onnx_attribute_find(node, "value")->tensor);
    else
        fail_msg("%s: no such node is expected", node->op);
}

enum { LAYERS = 2, UNITS = 256 };

typedef struct truth {
    size_t layers, units[LAYERS];
    uint64_t fired[LAYERS][UNITS];
    double nearest[LAYERS][UNITS]; /* to 0 */
} truth;

static void count_relus(const hwv_onnx *file, truth *t)
{
    t->layers = 0;
    for (size_t n = 0; n < file->node_count; n++) {
        if (strcmp(file->nodes[n].op, "Relu") != 0)
            continue;
        const vector *z = find(file->nodes[n].inputs[0]);
        size_t l = t->layers++;
        assert_true(l < LAYERS && z != NULL && z->count <= UNITS);
        t->units[l] = z->count;
        for (size_t u = 0; u < z->count; u++) {
            t->fired[l][u] += z->x[u] > 0;
            t->nearest[l][u] = fmin(t->nearest[l][u], fabs(z->x[u]));
        }
    }
}

static void find_truth(const hwv_onnx *file, hwv_inputs *inputs, truth *t)
{
    static float row[MOST];
    void *into = row;
    size_t got, features = 16 * 96;
    *t = (truth){0};
    for (size_t l = 0; l < LAYERS; l++)
        for (size_t u = 0; u < UNITS; u++)
            t->nearest[l][u] = INFINITY;
    value_count = 0;
    for (size_t i = 0; i < file->initialiser_count; i++)
        constant(file->initialisers[i].name, &file->initialisers[i]);
    while (hwv_inputs_read(inputs, 1, &into, NULL, &got, NULL) == HWV_OK && got == 1) {
        vector *x = make(hwv_onnx_input(file, 0).name, features);
        for (size_t i = 0; i < features; i++)
            x->x[i] = (double)row[i];
        for (size_t n = 0; n < file->node_count; n++)
            run_node(file, &file->nodes[n]);
        count_relus(file, t);
    }
}

/* ---- the check ---- */

static hwv_status next(void *self, size_t rows, void *const *into, size_t *got, hwv_error *error)
{
    return hwv_inputs_read(self, rows, into, NULL, got, error);
}

static bool more(void *self)
{
    (void)self;
    return false;
}

static void need(hwv_status status, const hwv_error *error)
{
    if (status != HWV_OK)
        fail_msg("%s", error->text);
}

static void check_against(const char *model, bool first_is_sick, bool is_sick)
{
    char path[400];
    hwv_onnx *file;
    hwv_inputs *inputs;
    hwv_network network;
    hwv_counter *counter;
    hwv_tally tally;
    hwv_diagnosis diagnosis;
    hwv_error error = {0};
    const char *data = FOLDER "alexa_inputs.npy", *name = "x";
    const hwv_onnx_import_options options = {.batched = true};
    const hwv_diagnosis_options defaults = hwv_diagnosis_defaults();
    static truth t;
    (void)snprintf(path, sizeof path, FOLDER "%s", model);
    FILE *there = fopen(path, "rb");
    if (there == NULL)
        skip();
    (void)fclose(there);
    need(hwv_onnx_open(&file, path, &error), &error);
    need(hwv_inputs_open(&inputs, &data, 1, &name, 1, NULL, &error), &error);
    find_truth(file, inputs, &t);
    need(hwv_inputs_rewind(inputs, &error), &error);
    need(hwv_onnx_import(&network, file, &options, &error), &error);
    const hwv_feed feed = {.self = inputs, .next = next, .more = more};
    need(hwv_counter_create(&counter, &network, 1, NULL, &error), &error);
    need(hwv_network_stream(&network, counter, &feed, NULL, &error), &error);
    need(hwv_counter_take(counter, &tally, &error), &error);
    need(hwv_diagnose(&diagnosis, &tally, &network, &defaults, &error), &error);

    size_t relus = 0;
    for (size_t l = 0; l < diagnosis.layer_count; l++) {
        const hwv_layer_diagnosis *layer = &diagnosis.layers[l];
        if (strcmp(layer->tally->op, "Relu") != 0)
            continue;
        size_t r = relus++;
        assert_true(r < t.layers && layer->tally->units == t.units[r] && layer->tally->samples == 2877);
        for (size_t u = 0; u < t.units[r]; u++) {
            bool silent = (layer->unit[u].is & HWV_UNIT_SILENT) != 0;
            uint64_t fired = layer->tally->unit[u].fired;
            if (silent != (t.fired[r][u] == 0))
                fail_msg("%s: layer %zu, unit %zu: fired %llu times, %llu in double", model, r + 1, u,
                         (unsigned long long)fired, (unsigned long long)t.fired[r][u]);
            /* Single counts may differ only where a sum comes within its rounding of 0. */
            if (fired != t.fired[r][u])
                assert_true(t.nearest[r][u] < 1e-3);
        }
    }
    assert_int_equal(relus, t.layers);
    assert_true((diagnosis.layers[0].verdict == HWV_VERDICT_SICK) == first_is_sick);
    assert_true((diagnosis.verdict == HWV_VERDICT_SICK) == is_sick || !is_sick);
    if (first_is_sick)
        assert_int_equal(diagnosis.layers[0].cause, HWV_CAUSE_INPUT);
    hwv_diagnosis_free(&diagnosis);
    hwv_tally_free(&tally);
    hwv_counter_destroy(counter);
    hwv_network_free(&network);
    hwv_inputs_close(inputs);
    hwv_onnx_close(file);
}

static void test_alexa(void **state)
{
    (void)state;
    check_against("alexa_v0.1.onnx", true, true);
}

static void test_mycroft(void **state)
{
    (void)state;
    check_against("hey_mycroft_v0.1.onnx", false, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_alexa), cmocka_unit_test(test_mycroft)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
