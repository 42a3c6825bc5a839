/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Files as models to be trained on: samples that fit their input, what is refused before it is trained, and files that are
 * written again. */
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
#include "halfwave/onnx.h"
#include "make.h"
#include "onnx/tuned.h"

static maker m;
static float numbers[4096];

static void begin(void)
{
    m = (maker){0};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        numbers[i] = (float)(i % 13) * 0.125f - 0.5f;
}

static hwv_status model_of(hwv_model *model, const hwv_model_options *options, hwv_error *error)
{
    hwv_onnx *file;
    make_model(&m, 13);
    hwv_status status = hwv_onnx_parse(&file, "made.onnx", m.model, m.model_size, error);
    if (status != HWV_OK)
        return status;
    status = hwv_onnx_model(model, file, options, error);
    hwv_onnx_close(file);
    return status;
}

static void model_well(hwv_model *model, const hwv_model_options *options)
{
    hwv_error error = {0};
    hwv_status status = model_of(model, options, &error);
    if (status != HWV_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, HWV_OK);
}

static void refused(const hwv_model_options *options, hwv_status expected, const char *word)
{
    hwv_model model;
    hwv_error error = {0};
    hwv_status status = model_of(&model, options, &error);
    if (strstr(error.text, word) == NULL)
        print_message("%s\n", error.text);
    assert_int_equal(status, expected);
    assert_non_null(strstr(error.text, word));
    assert_null(model.graph);
    assert_null(model.file);
}

static const hwv_model_options rows = {.rank = 1, .dims = {12}, .classes = 3};
static const hwv_model_options images = {.rank = 3, .dims = {2, 3, 2}, .classes = 3};

static void dense(const int64_t *dim, size_t rank)
{
    begin();
    make_input(&m, "x", dim, rank);
    make_floats(&m, "w", (const size_t[]){12, 3}, 2, numbers);
    make_node(&m, "Flatten", "flatten", "x", "f");
    make_node(&m, "MatMul", "fc", "f w", "y");
    make_output(&m, "y");
}

/* Samples in the file's order of axes, images channels first, or flat; never another order. */
static void test_samples(void **state)
{
    static const struct {
        const hwv_model_options *options;
        size_t rank;
        int64_t dim[5];
        size_t model_rank; /* of the model's input; 0: refused */
    } cases[] = {
        {&rows, 2, {-1, 12}, 2},           {&rows, 2, {1, 12}, 2},         {&rows, 3, {-1, 3, 4}, 3},
        {&rows, 2, {-1, 13}, 0},           {&images, 4, {-1, 2, 2, 3}, 4}, {&images, 4, {-1, -1, -1, -1}, 4},
        {&images, 4, {-1, 2, 3, 2}, 0},    {&images, 2, {-1, 12}, 2},      {&images, 4, {-1, 3, 2, 2}, 0},
        {&images, 5, {-1, 2, 1, 3, 2}, 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hwv_model model;
        dense(cases[i].dim, cases[i].rank);
        if (cases[i].model_rank == 0) {
            refused(cases[i].options, HWV_ERR_SHAPE, "but the input 'x' takes [");
            continue;
        }
        model_well(&model, cases[i].options);
        const hwv_shape *x = &hwv_graph_value(model.graph, model.input)->shape;
        assert_int_equal(x->rank, cases[i].model_rank);
        if (cases[i].options == &images && x->rank == 4)
            assert_true(x->dim[1] == 2 && x->dim[2] == 3 && x->dim[3] == 2);
        assert_int_equal(model.options.classes, 3);
        assert_int_equal(model.file_bytes, m.model_size);
        assert_memory_equal(model.file, m.model, m.model_size);
        hwv_model_free(&model);
    }
}

static void test_refusals(void **state)
{
    const float two = 2;
    (void)state;
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 12}, 2);
    make_input(&m, "z", (const int64_t[]){-1, 12}, 2);
    make_node(&m, "Add", "add", "x z", "y");
    make_output(&m, "y");
    refused(&rows, HWV_ERR_UNSUPPORTED, "2 inputs");
    begin(); /* one tensor, as it is and transposed */
    make_input(&m, "x", (const int64_t[]){-1, 12}, 2);
    make_floats(&m, "tied", (const size_t[]){12, 12}, 2, numbers);
    make_floats(&m, "head", (const size_t[]){12, 3}, 2, numbers);
    make_node(&m, "MatMul", "fc1", "x tied", "a");
    make_node(&m, "Relu", "act", "a", "b");
    make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "fc2", "b tied", "c");
    make_node(&m, "MatMul", "fc3", "c head", "y");
    make_output(&m, "y");
    refused(&rows, HWV_ERR_UNSUPPORTED, "tensor 'tied' is read in several places");
    begin(); /* computed from another */
    make_input(&m, "x", (const int64_t[]){-1, 12}, 2);
    make_floats(&m, "w", (const size_t[]){12, 3}, 2, numbers);
    make_floats(&m, "two", NULL, 0, &two);
    make_node(&m, "Mul", "twice", "w two", "w2");
    make_node(&m, "MatMul", "fc", "x w2", "y");
    make_output(&m, "y");
    refused(&rows, HWV_ERR_UNSUPPORTED, "computed");
    begin(); /* samples are mixed */
    make_input(&m, "x", (const int64_t[]){-1, 12}, 2);
    make_floats(&m, "w", (const size_t[]){12, 3}, 2, numbers);
    make_node(&m, "MatMul", "fc", "x w", "a");
    make_int(&m, "axis", 0);
    make_node(&m, "Softmax", "softmax", "a", "y");
    make_output(&m, "y");
    refused(&rows, HWV_ERR_UNSUPPORTED, "one sample a run");
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 12}, 2);
    make_floats(&m, "w", (const size_t[]){12, 3}, 2, numbers);
    make_node(&m, "Nothing", "node", "x w", "y");
    make_output(&m, "y");
    refused(&rows, HWV_ERR_UNSUPPORTED, "Nothing");
}

static const float *weights_of(const hwv_model *model, const char *name)
{
    return hwv_weights_data(model->weights, hwv_graph_find(model->graph, name));
}

/* Twice the same tensor in one place is trained once; other outputs keep their weights; halves are rounded. */
static void test_written_again(void **state)
{
    static const uint16_t half[36] = {0x3c00, 0xbc00, 0x3800, 0x4000};
    (void)state;
    hwv_model model, again;
    hwv_text bytes = {0};
    hwv_onnx *file;
    hwv_error error;
    begin();
    make_input(&m, "x", (const int64_t[]){-1, 12}, 2);
    make_floats(&m, "twice", (const size_t[]){12, 12}, 2, numbers);
    make_floats(&m, "aside", (const size_t[]){12, 3}, 2, numbers);
    make_tensor(&m, "half", 10, (const size_t[]){12, 3}, 2, half, sizeof half);
    make_node(&m, "MatMul", "fc1", "x twice", "a");
    make_node(&m, "Relu", "act", "a", "b");
    make_node(&m, "MatMul", "fc2", "b twice", "c");
    make_int(&m, "to", 1);
    make_node(&m, "Cast", "cast", "half", "head");
    make_node(&m, "MatMul", "fc3", "c head", "y");
    make_node(&m, "MatMul", "other", "c aside", "z");
    make_output(&m, "y");
    make_output(&m, "z");
    make_model(&m, 13);
    assert_int_equal(hwv_onnx_parse(&file, "made.onnx", m.model, m.model_size, &error), HWV_OK);
    hwv_status status = hwv_onnx_model(&model, file, &rows, &error);
    hwv_onnx_close(file);
    if (status != HWV_OK)
        print_message("%s\n", error.text);
    assert_int_equal(status, HWV_OK);
    assert_null(weights_of(&model, "aside"));
    size_t elements;
    float *block = hwv_weights_block(model.weights, &elements);
    for (size_t i = 0; i < elements; i++)
        block[i] += block[i] != 0 ? 0.25f : 0;
    assert_int_equal(hwv_onnx_tuned(&bytes, &model, &error), HWV_OK);
    assert_int_equal(hwv_onnx_parse(&file, "made.onnx", bytes.data, bytes.length, &error), HWV_OK);
    assert_int_equal(hwv_onnx_model(&again, file, &rows, &error), HWV_OK);
    hwv_onnx_close(file);
    assert_memory_equal(hwv_weights_block(again.weights, &elements), block, elements * sizeof *block);
    hwv_text_free(&bytes);
    hwv_model_free(&model);
    hwv_model_free(&again);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    hwv_status status = HWV_ERR_MEMORY;
    dense((const int64_t[]){-1, 2, 2, 3}, 4);
    make_model(&m, 13);
    hwv_onnx *file;
    assert_int_equal(hwv_onnx_parse(&file, "made.onnx", m.model, m.model_size, NULL), HWV_OK);
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_model model = {0};
        hwv_text bytes = {0};
        size_t live = allocations_live();
        allocations_fail_at(n);
        status = hwv_onnx_model(&model, file, &images, NULL);
        if (status == HWV_OK) {
            weights_of(&model, "w"); /* written as it is, and changed */
            *hwv_weights_data(model.weights, hwv_graph_find(model.graph, "w")) += 1;
            status = hwv_onnx_tuned(&bytes, &model, NULL);
        }
        allocations_fail_at(0);
        hwv_text_free(&bytes);
        hwv_model_free(&model);
        assert_true(status == HWV_OK || status == HWV_ERR_MEMORY);
        assert_int_equal(allocations_live(), live);
    }
    hwv_onnx_close(file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_written_again),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
