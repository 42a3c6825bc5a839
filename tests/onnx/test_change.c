/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changes of ONNX files: what is cut out of tensors, in every place and layout that a tensor is read in, their numbers and
 * types; what is not changed stays byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>

#include "change.h"

static maker m;
static float noise[4096];

/* Numbers of their own for every tensor. */
static const float *numbers(size_t count)
{
    static unsigned seed;
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        noise[i] = (float)(seed >> 8) / (float)(1 << 23) - 1;
    }
    return noise;
}

static void floats(const char *name, size_t rank, size_t a, size_t b, size_t c, size_t d)
{
    const size_t dim[4] = {a, b, c, d};
    size_t n = 1;
    for (size_t i = 0; i < rank; i++)
        n *= dim[i];
    make_floats(&m, name, dim, rank, numbers(n));
}

static void begin(const int64_t *dim, size_t rank)
{
    m = (maker){0};
    make_input(&m, "x", dim, rank);
    make_output(&m, "y");
}

static void finish(patient *p, int64_t opset)
{
    make_model(&m, opset);
    patient_parse(p, m.model, m.model_size);
}

/* ---- a network of dense layers -------------------------------------------------------------------- */

enum { IN = 6, HIDDEN = 11, OUT = 3 };

/* Hidden units 4 and 7 give nothing: their weights and biases are 0. transposed: Gemm of [out, in]. */
static void make_dense(bool transposed, int64_t opset)
{
    float w[IN * HIDDEN], b[HIDDEN], v[HIDDEN * OUT];
    begin((const int64_t[]){-1, IN}, 2);
    memcpy(w, numbers(IN * HIDDEN), sizeof w);
    memcpy(b, numbers(HIDDEN), sizeof b);
    memcpy(v, numbers(HIDDEN * OUT), sizeof v);
    for (size_t h = 4; h < HIDDEN; h += 3) {
        for (size_t i = 0; h < 8 && i < IN; i++)
            w[transposed ? h * IN + i : i * HIDDEN + h] = 0;
        b[h] = h < 8 ? 0 : b[h];
    }
    const size_t wide[2] = {HIDDEN, IN}, tall[2] = {IN, HIDDEN}, h[1] = {HIDDEN}, last[2] = {HIDDEN, OUT};
    make_floats(&m, "w", transposed ? wide : tall, 2, w);
    make_floats(&m, "b", h, 1, b);
    make_floats(&m, "v", last, 2, v);
    if (transposed)
        make_int(&m, "transB", 1);
    make_node(&m, "Gemm", "first", "x w b", "z");
    make_node(&m, "Relu", "act", "z", "a");
    make_node(&m, "MatMul", "second", "a v", "y");
    make_model(&m, opset);
}

static void test_dense_units(void **state)
{
    (void)state;
    for (int transposed = 0; transposed < 2; transposed++) {
        patient before = {0}, after = {0};
        make_dense(transposed, 13);
        patient_parse(&before, m.model, m.model_size);
        cut_length(&before, HIDDEN, 4);
        cut_length(&before, HIDDEN, 7);
        hwv_text bytes = patient_changed(&before);
        patient_parse(&after, bytes.data, bytes.length);
        patients_agree(&before, &after, false);
        const hwv_onnx_tensor *w = tensor_named(after.file, "w"), *old = tensor_named(before.file, "w");
        assert_int_equal(w->dim[!transposed], HIDDEN - 2);
        assert_int_equal(w->dim[transposed], IN);
        for (size_t h = 0, k = 0; h < HIDDEN; h++)
            for (size_t i = 0; h != 4 && h != 7 && i < IN; k += ++i == IN)
                assert_true(hwv_onnx_tensor_number(old, transposed ? h * IN + i : i * HIDDEN + h) ==
                            hwv_onnx_tensor_number(w, transposed ? k * IN + i : i * (HIDDEN - 2) + k));
        patient_free(&after);
        hwv_text_free(&bytes);
        patient_free(&before);
    }
}

static void test_nothing_changes(void **state)
{
    (void)state;
    patient p = {0};
    make_dense(true, 13);
    patient_parse(&p, m.model, m.model_size);
    hwv_change_cut(&p.change, value_named(&p, "w"), 0);
    hwv_text bytes = patient_changed(&p);
    assert_int_equal(bytes.length, m.model_size);
    assert_memory_equal(bytes.data, m.model, m.model_size);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* One number: the file is the same but for its four bytes. */
static void test_one_number(void **state)
{
    (void)state;
    patient p = {0};
    make_dense(true, 13);
    patient_parse(&p, m.model, m.model_size);
    hwv_change_data(&p.change, value_named(&p, "b"))[3] = 0.25f;
    hwv_text bytes = patient_changed(&p), again = patient_changed(&p);
    assert_int_equal(bytes.length, m.model_size);
    assert_true(common_bytes(m.model, m.model_size, (unsigned char *)bytes.data, bytes.length) >= m.model_size - 4);
    assert_int_equal(again.length, bytes.length);
    assert_memory_equal(again.data, bytes.data, bytes.length);
    hwv_text_free(&again);
    patient after = {0};
    patient_parse(&after, bytes.data, bytes.length);
    assert_true(hwv_onnx_tensor_number(tensor_named(after.file, "b"), 3) == 0.25);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* ---- a network of convolutions -------------------------------------------------------------------- */

enum { CHANNELS = 13, LAST = 5, FLAT = 80 };

/* Channel 9 of the first norm and channel 2 of the last convolution are 0 behind their relu. */
static void make_convolutions(bool value_info)
{
    static const int64_t pads[4] = {1, 1, 1, 1}, two[2] = {2, 2};
    float w[LAST * CHANNELS], b[LAST], scale[CHANNELS], shift[CHANNELS];
    begin((const int64_t[]){-1, 3, 8, 8}, 4);
    floats("w1", 4, CHANNELS, 3, 3, 3);
    memcpy(scale, numbers(CHANNELS), sizeof scale);
    memcpy(shift, numbers(CHANNELS), sizeof shift);
    scale[9] = shift[9] = 0;
    make_floats(&m, "scale", (const size_t[]){CHANNELS}, 1, scale);
    make_floats(&m, "shift", (const size_t[]){CHANNELS}, 1, shift);
    floats("mean", 1, CHANNELS, 0, 0, 0);
    for (size_t i = 0; i < CHANNELS; i++)
        scale[i] = 0.5f + (float)i;
    make_floats(&m, "variance", (const size_t[]){CHANNELS}, 1, scale);
    floats("w2", 4, CHANNELS, 1, 3, 3);
    memcpy(w, numbers(LAST * CHANNELS), sizeof w);
    memset(w + 2 * CHANNELS, 0, CHANNELS * sizeof *w);
    memcpy(b, numbers(LAST), sizeof b);
    b[2] = -1;
    make_floats(&m, "w3", (const size_t[]){LAST, CHANNELS, 1, 1}, 4, w);
    make_floats(&m, "b3", (const size_t[]){LAST}, 1, b);
    floats("w4", 2, FLAT, 4, 0, 0);
    make_ints(&m, "pads", pads, 4);
    make_node(&m, "Conv", "conv1", "x w1", "c1");
    make_node(&m, "BatchNormalization", "norm", "c1 scale shift mean variance", "n1");
    make_node(&m, "Relu", "act1", "n1", "a1");
    make_ints(&m, "pads", pads, 4);
    make_int(&m, "group", CHANNELS);
    make_node(&m, "Conv", "depthwise", "a1 w2", "d1");
    make_ints(&m, "kernel_shape", two, 2);
    make_ints(&m, "strides", two, 2);
    make_node(&m, "MaxPool", "pool", "d1", "p1");
    make_node(&m, "Conv", "conv3", "p1 w3 b3", "c3");
    make_node(&m, "Relu", "act3", "c3", "a3");
    make_node(&m, "Flatten", "flat", "a3", "f");
    make_node(&m, "MatMul", "last", "f w4", "y");
    for (size_t i = 0; value_info && i < 4; i++)
        make_port(&m, 13, (const char *const[]){"c1", "n1", "a1", "d1"}[i], 1, (const int64_t[]){-1, CHANNELS, 8, 8},
                  4);
    if (value_info)
        make_port(&m, 13, "f", 1, (const int64_t[]){-1, FLAT}, 2);
}

static void cut_last_channel(patient *p, size_t channel)
{
    cut_length(p, LAST, channel);
    for (size_t i = 0; i < FLAT / LAST; i++)
        cut_length(p, FLAT, channel * (FLAT / LAST) + i);
}

static void test_channels(void **state)
{
    (void)state;
    patient before = {0}, after = {0};
    make_convolutions(true);
    finish(&before, 13);
    cut_length(&before, CHANNELS, 9);
    cut_last_channel(&before, 2);
    hwv_text bytes = patient_changed(&before);
    patient_parse(&after, bytes.data, bytes.length);
    patients_agree(&before, &after, false);
    assert_int_equal(tensor_named(after.file, "w2")->dim[0], CHANNELS - 1);
    assert_int_equal(tensor_named(after.file, "variance")->dim[0], CHANNELS - 1);
    assert_int_equal(hwv_onnx_attribute_find(node_named(after.file, "depthwise"), "group")->i, CHANNELS - 1);
    assert_int_equal(after.file->value_count, 5);
    for (size_t i = 0; i < 4; i++) {
        const hwv_onnx_port *port = &after.file->values[i].port;
        assert_true(port->dim[0] == -1 && strcmp(port->symbol[0], "n") == 0);
        assert_true(port->dim[1] == CHANNELS - 1 && port->dim[2] == 8);
    }
    assert_int_equal(after.file->values[4].port.dim[1], FLAT - FLAT / LAST);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&before);
}

/* ---- one tensor in several places ----------------------------------------------------------------- */

static void make_shared(const char *second)
{
    begin((const int64_t[]){-1, 5}, 2);
    floats("w", 2, 5, 5, 0, 0);
    make_node(&m, "MatMul", "first", "x w", "z");
    make_node(&m, "Relu", "act", "z", "a");
    make_node(&m, "MatMul", "again", "a w", second);
}

static void test_shared_weights(void **state)
{
    (void)state;
    patient p = {0};
    make_shared("y");
    finish(&p, 13);
    hwv_change_cut(&p.change, value_named(&p, "first"), 1)[2] = 1;
    hwv_change_cut(&p.change, value_named(&p, "act"), 1)[2] = 1;
    hwv_change_cut(&p.change, value_named(&p, "w"), 0)[2] = 1;
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "the change does not fit the file: ");
    patient_free(&p);
    /* Read as another shape, and through a node that nobody needs. */
    p = (patient){0};
    begin((const int64_t[]){-1, 5}, 2);
    floats("b", 1, 5, 0, 0, 0);
    floats("w", 2, 5, 5, 0, 0);
    make_node(&m, "Add", "first", "x b", "z");
    make_node(&m, "MatMul", "product", "z w", "c");
    make_node(&m, "Sqrt", "needless", "b", "nothing");
    make_node(&m, "Relu", "act", "c", "y");
    finish(&p, 13);
    hwv_change_data(&p.change, value_named(&p, "b"))[1] = 2;
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "'b' cannot be changed: node 'needless' (Sqrt) reads it too");
    patient_free(&p);
}

/* ---- activations ---------------------------------------------------------------------------------- */

static void change_layer(patient *p, hwv_act act)
{
    assert_int_equal(hwv_change_act(&p->change, p->network.layers[0].node, &act, NULL), HWV_OK);
}

static void test_prelu_and_leaky(void **state)
{
    (void)state;
    for (int images = 0; images < 2; images++)
        for (int leaky = 0; leaky < 2; leaky++) {
            patient before = {0}, after = {0};
            if (images)
                make_convolutions(false);
            else
                make_dense(false, 13);
            finish(&before, 13);
            hwv_act act = hwv_act_make(leaky ? HWV_OP_LEAKY_RELU : HWV_OP_PRELU);
            act.param[0] = 0;
            change_layer(&before, act);
            hwv_text bytes = patient_changed(&before);
            patient_parse(&after, bytes.data, bytes.length);
            const hwv_onnx_node *node = node_named(after.file, images ? "act1" : "act");
            assert_string_equal(node->op, leaky ? "LeakyRelu" : "PRelu");
            if (!leaky)
                assert_int_equal(tensor_named(after.file, node->inputs[1])->dim[0], images ? CHANNELS : HIDDEN);
            patients_agree(&before, &after, true);
            patient_free(&after);
            hwv_text_free(&bytes);
            patient_free(&before);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense_units),    cmocka_unit_test(test_nothing_changes),
        cmocka_unit_test(test_one_number),     cmocka_unit_test(test_channels),
        cmocka_unit_test(test_shared_weights), cmocka_unit_test(test_prelu_and_leaky),
    };
    return cmocka_run_group_tests_name("changes of files", tests, NULL, NULL);
}
