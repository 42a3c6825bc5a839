/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changes of ONNX files: what is cut out of tensors, in every place and layout that a tensor is read in, their numbers and
 * types; what is not changed stays byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "change.h"

/* ---- a network of dense layers -------------------------------------------------------------------- */

enum { IN = 6, HIDDEN = 11, OUT = 3 };

/* Hidden units 4 and 7 give nothing: their weights and biases are 0. transposed: Gemm of [out, in]. */
static void make_dense(bool transposed, int64_t opset)
{
    float w[IN * HIDDEN], b[HIDDEN], v[HIDDEN * OUT];
    begin((const int64_t[]){-1, IN}, 2, (const int64_t[]){-1, OUT}, 2);
    memcpy(w, noise(IN * HIDDEN), sizeof w);
    memcpy(b, noise(HIDDEN), sizeof b);
    memcpy(v, noise(HIDDEN * OUT), sizeof v);
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
        patients_agree(&before, &after, false, transposed ? "dense_t" : "dense");
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
    begin((const int64_t[]){-1, 3, 8, 8}, 4, (const int64_t[]){-1, 4}, 2);
    floats("w1", 4, CHANNELS, 3, 3, 3);
    memcpy(scale, noise(CHANNELS), sizeof scale);
    memcpy(shift, noise(CHANNELS), sizeof shift);
    scale[9] = shift[9] = 0;
    make_floats(&m, "scale", (const size_t[]){CHANNELS}, 1, scale);
    make_floats(&m, "shift", (const size_t[]){CHANNELS}, 1, shift);
    floats("mean", 1, CHANNELS, 0, 0, 0);
    for (size_t i = 0; i < CHANNELS; i++)
        scale[i] = 0.5f + (float)i;
    make_floats(&m, "variance", (const size_t[]){CHANNELS}, 1, scale);
    floats("w2", 4, CHANNELS, 1, 3, 3);
    memcpy(w, noise(LAST * CHANNELS), sizeof w);
    memset(w + 2 * CHANNELS, 0, CHANNELS * sizeof *w);
    memcpy(b, noise(LAST), sizeof b);
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
    patients_agree(&before, &after, false, "channels");
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
    begin((const int64_t[]){-1, 5}, 2, (const int64_t[]){-1, 5}, 2);
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
    begin((const int64_t[]){-1, 5}, 2, (const int64_t[]){-1, 5}, 2);
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

/* ---- where a tensor lies, and as what ------------------------------------------------------------- */

/* A weight [IN, HIDDEN] that reaches the product as w, by a node of its own. */
static void make_moved(const char *how)
{
    const size_t tall[2] = {IN, HIDDEN}, wide[2] = {HIDDEN, IN}, long_[3] = {1, IN, HIDDEN};
    static const int64_t first[1] = {0}, shape[2] = {-1, HIDDEN};
    float v[HIDDEN * OUT];
    begin((const int64_t[]){-1, IN}, 2, (const int64_t[]){-1, OUT}, 2);
    memcpy(v, noise(HIDDEN * OUT), sizeof v);
    for (size_t o = 0; o < OUT; o++)
        v[5 * OUT + o] = 0; /* nothing reads hidden unit 5 */
    make_floats(&m, "v", (const size_t[]){HIDDEN, OUT}, 2, v);
    if (strcmp(how, "Transpose") == 0) {
        make_floats(&m, "kept", wide, 2, noise(IN * HIDDEN));
        make_node(&m, how, "move", "kept", "w");
    } else if (strcmp(how, "Identity") == 0) {
        make_floats(&m, "kept", tall, 2, noise(IN * HIDDEN));
        make_node(&m, how, "move", "kept", "w");
    } else if (strcmp(how, "Squeeze") == 0) {
        make_floats(&m, "kept", long_, 3, noise(IN * HIDDEN));
        make_list(&m, "axes", first, 1);
        make_node(&m, how, "move", "kept axes", "w");
    } else if (strcmp(how, "Reshape") == 0) {
        make_floats(&m, "kept", long_, 3, noise(IN * HIDDEN));
        make_list(&m, "shape", shape, 2);
        make_node(&m, how, "move", "kept shape", "w");
    } else if (strcmp(how, "Cast") == 0) {
        static uint16_t halves[IN * HIDDEN];
        for (size_t i = 0; i < IN * HIDDEN; i++)
            halves[i] = (uint16_t)(0x3000 + 37 * i + (i % 3 == 0 ? 0x8000 : 0));
        make_tensor(&m, "kept", HWV_ONNX_FLOAT16, tall, 2, halves, sizeof halves);
        make_int(&m, "to", HWV_ONNX_FLOAT);
        make_node(&m, how, "move", "kept", "w");
    } else { /* a sum of constants is nobody's tensor */
        make_floats(&m, "kept", tall, 2, noise(IN * HIDDEN));
        make_node(&m, "Add", "move", "kept kept", "w");
    }
    make_node(&m, "MatMul", "first", "x w", "z");
    make_node(&m, "Relu", "act", "z", "a");
    make_node(&m, "MatMul", "second", "a v", "y");
}

static void test_moved_weights(void **state)
{
    (void)state;
    static const char *const how[] = {"Transpose", "Identity", "Squeeze", "Cast", "Add", "Reshape"};
    for (size_t i = 0; i < sizeof how / sizeof how[0]; i++) {
        patient p;
        make_moved(how[i]);
        finish(&p, 13);
        cut_length(&p, HIDDEN, 5);
        if (i == 4)
            patient_refused(&p, HWV_ERR_UNSUPPORTED, "cannot be changed: it is computed from other constants");
        else
            expect_same(&p, false, how[i]);
        patient_free(&p);
    }
}

/* Weights in a Constant node. */
static void test_constant_nodes(void **state)
{
    (void)state;
    patient p, after;
    hwv_text bytes;
    unsigned char tensor[2048], attribute[2100];
    float w[IN * HIDDEN];
    memcpy(w, noise(IN * HIDDEN), sizeof w);
    begin((const int64_t[]){-1, IN}, 2, (const int64_t[]){-1, HIDDEN}, 2);
    size_t n = make_integer(tensor, 1, IN);
    n += make_integer(tensor + n, 1, HIDDEN);
    n += make_integer(tensor + n, 2, 1);
    n += make_text(tensor + n, 8, "inner");
    n += make_bytes(tensor + n, 9, w, sizeof w);
    n += make_text(tensor + n, 12, "a note");
    size_t k = make_text(attribute, 1, "value");
    k += make_bytes(attribute + k, 5, tensor, n);
    k += make_integer(attribute + k, 20, 4);
    make_attribute(&m, attribute, k);
    make_node(&m, "Constant", "holds", "", "w");
    make_node(&m, "MatMul", "product", "x w", "y");
    finish(&p, 13);
    cut_length(&p, HIDDEN, 0);
    patient_become(&after, &p, &bytes);
    const hwv_onnx_tensor *t = hwv_onnx_attribute_find(node_named(after.file, "holds"), "value")->tensor;
    assert_int_equal(t->dim[1], HIDDEN - 1);
    assert_string_equal(t->name, "inner");
    assert_true(hwv_onnx_tensor_number(t, 0) == (double)w[1]);
    assert_non_null(strstr((const char *)bytes.data + t->offset + 4, "inner"));
    assert_int_equal(after.file->outputs[0].port.dim[1], HIDDEN - 1);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* Numbers keep their type; those that do not change keep their bits. */
static void test_types(void **state)
{
    (void)state;
    static const double doubles[4] = {0.1, -2.7, 1e-300, 5};
    static const uint16_t halves[4] = {0x2e66, 0xc166, 0x0001, 0x4500}, brains[4] = {0x3dcd, 0xc02d, 0x0001, 0x40a0};
    static const float singles[4] = {0.1f, -2.7f, 1e-44f, 5};
    static const struct {
        int type;
        const void *data;
        size_t bytes;
    } types[] = {{HWV_ONNX_DOUBLE, doubles, 8},
                 {HWV_ONNX_FLOAT16, halves, 2},
                 {HWV_ONNX_BFLOAT16, brains, 2},
                 {HWV_ONNX_FLOAT, singles, 4}};
    static const float given[] = {1.0f / 3, 65504, 65520, 1e-7f, -0.0f, 0x1.004p0f, 0x1.00cp0f, 3e38f};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < sizeof given / sizeof given[0]; k++) {
            patient p, after;
            hwv_text bytes;
            m = (maker){0};
            make_port(&m, 11, "x", types[i].type, (const int64_t[]){-1, 4}, 2);
            make_port(&m, 12, "y", types[i].type, (const int64_t[]){-1, 4}, 2);
            make_tensor(&m, "b", types[i].type, (const size_t[]){4}, 1, types[i].data, 4 * types[i].bytes);
            make_node(&m, "Add", "sum", "x b", "y");
            finish(&p, 16);
            hwv_id b = value_named(&p, "b");
            hwv_change_data(&p.change, b)[1] = given[k];
            hwv_change_cut(&p.change, b, 0)[3] = 1;
            hwv_change_cut(&p.change, p.network.outputs[0].value, 1)[3] = 1;
            patient_refused(&p, HWV_ERR_UNSUPPORTED, "the change does not fit the file");
            p.change.values[b].cut[0][3] = p.change.values[p.network.outputs[0].value].cut[1][3] = 0;
            patient_become(&after, &p, &bytes);
            const hwv_onnx_tensor *t = tensor_named(after.file, "b");
            assert_int_equal(t->type, types[i].type);
            for (size_t e = 0; e < 4; e++)
                if (e != 1)
                    assert_memory_equal(t->data + e * types[i].bytes, (const char *)types[i].data + e * types[i].bytes,
                                        types[i].bytes);
            double is = hwv_onnx_tensor_number(t, 1), wanted = (double)given[k];
            double step = types[i].type == HWV_ONNX_FLOAT16 ? 0x1p-11 : types[i].type == HWV_ONNX_BFLOAT16 ? 0x1p-8 : 0;
            if (types[i].type == HWV_ONNX_FLOAT16 && wanted >= 65520)
                assert_true(isinf(is));
            else
                assert_true(fabs(is - wanted) <=
                            step * fabs(wanted) + (types[i].type == HWV_ONNX_FLOAT16 ? 0x1p-25 : 0));
            patient_free(&after);
            hwv_text_free(&bytes);
            patient_free(&p);
        }
}

/* Numbers per channel as [1, C, 1, 1] and [C, 1, 1]; old files list initialisers as inputs. */
static void test_broadcast_numbers(void **state)
{
    (void)state;
    for (int old = 0; old < 2; old++) {
        patient p, after;
        hwv_text bytes;
        float w[4 * 7];
        memcpy(w, noise(4 * 7), sizeof w);
        for (size_t o = 0; o < 4; o++)
            w[o * 7 + 3] = 0;
        begin((const int64_t[]){-1, 2, 5, 5}, 4, (const int64_t[]){-1, 4, 5, 5}, 4);
        floats("w1", 4, 7, 2, 1, 1);
        floats("scale", 4, 1, 7, 1, 1);
        floats("shift", 3, 7, 1, 1, 0);
        make_floats(&m, "w2", (const size_t[]){4, 7, 1, 1}, 4, w);
        if (old)
            make_port(&m, 11, "scale", 1, (const int64_t[]){1, 7, 1, 1}, 4);
        make_node(&m, "Conv", "first", "x w1", "c");
        make_node(&m, "Mul", "times", "c scale", "t");
        make_node(&m, "Add", "plus", "t shift", "s");
        make_node(&m, "Sigmoid", "act", "s", "a");
        make_node(&m, "Conv", "second", "a w2", "y");
        finish(&p, 13);
        cut_length(&p, 7, 3);
        patient_become(&after, &p, &bytes);
        patients_agree(&p, &after, false, "numbers_of_channels");
        assert_int_equal(tensor_named(after.file, "scale")->dim[1], 6);
        assert_int_equal(tensor_named(after.file, "shift")->dim[0], 6);
        if (old)
            assert_int_equal(after.file->inputs[1].port.dim[1], 6);
        patient_free(&after);
        hwv_text_free(&bytes);
        patient_free(&p);
    }
}

/* ---- shapes in constants -------------------------------------------------------------------------- */

/* [n, 7, 4, 4] to [n, 112] to the last product. how: 0 a constant, 1 one that is read twice, 2 computed of the shape. */
static void make_reshape(int how)
{
    static const int64_t shape[2] = {-1, 7 * 16}, zero[1] = {0}, number[1] = {7 * 16}, kept[2] = {0, 7 * 16};
    float w[112 * 3];
    begin((const int64_t[]){-1, 2, 4, 4}, 4, (const int64_t[]){-1, 3}, 2);
    floats("w1", 4, 7, 2, 1, 1);
    memcpy(w, noise(112 * 3), sizeof w);
    memset(w + 16 * 2 * 3, 0, 16 * 3 * sizeof *w); /* channel 2 */
    make_floats(&m, "w2", (const size_t[]){112, 3}, 2, w);
    make_node(&m, "Conv", "first", "x w1", "c");
    make_node(&m, "Relu", "act", "c", "a");
    if (how == 2) {
        make_list(&m, "zero", zero, 1);
        make_list(&m, "number", number, 1);
        make_node(&m, "Shape", "shape", "a", "s0");
        make_node(&m, "Gather", "gather", "s0 zero", "s1");
        make_int(&m, "axis", 0);
        make_node(&m, "Concat", "concat", "s1 number", "s");
    } else {
        make_list(&m, "s", how == 1 ? kept : shape, 2);
    }
    make_node(&m, "Reshape", "flat", "a s", "f");
    if (how == 1) {
        make_node(&m, "Reshape", "again", "f s", "g");
        make_node(&m, "MatMul", "last", "g w2", "y");
    } else {
        make_node(&m, "MatMul", "last", "f w2", "y");
    }
}

static void test_reshape_constants(void **state)
{
    (void)state;
    static const char *const names[] = {"reshape", "reshape_twice", "reshape_computed"};
    for (int how = 0; how < 3; how++) {
        patient p, after;
        hwv_text bytes;
        make_reshape(how);
        finish(&p, 13);
        assert_true(p.network.batched);
        cut_length(&p, 7, 2);
        for (size_t i = 0; i < 16; i++)
            cut_length(&p, 112, 32 + i);
        patient_become(&after, &p, &bytes);
        assert_true(after.network.batched);
        patients_agree(&p, &after, false, names[how]);
        const hwv_onnx_tensor *s = tensor_named(after.file, node_named(after.file, "flat")->inputs[1]);
        assert_int_equal(hwv_onnx_tensor_integer(s, 0), how == 0 ? -1 : 0);
        assert_int_equal(hwv_onnx_tensor_integer(s, 1), 96);
        if (how != 0)
            assert_int_equal(after.file->initialiser_count, p.file->initialiser_count + (how == 1 ? 2 : 1));
        patient_free(&after);
        hwv_text_free(&bytes);
        patient_free(&p);
    }
}

/* Inner values of a hard-swish that is one node of the graph are declared too. */
static void test_absorbed_values(void **state)
{
    (void)state;
    patient p, after;
    hwv_text bytes;
    float w[4 * 7];
    memcpy(w, noise(4 * 7), sizeof w);
    for (size_t o = 0; o < 4; o++)
        w[o * 7 + 3] = 0;
    begin((const int64_t[]){-1, 2, 5, 5}, 4, (const int64_t[]){-1, 4, 5, 5}, 4);
    floats("w1", 4, 7, 2, 1, 1);
    make_floats(&m, "w2", (const size_t[]){4, 7, 1, 1}, 4, w);
    make_number(&m, "three", 3);
    make_number(&m, "six", 6);
    make_number(&m, "zero", 0);
    make_node(&m, "Conv", "first", "x w1", "c");
    make_node(&m, "Add", "add", "c three", "shifted");
    make_node(&m, "Clip", "clip", "shifted zero six", "clipped");
    make_node(&m, "Mul", "mul", "c clipped", "product");
    make_node(&m, "Div", "div", "product six", "a");
    make_node(&m, "Conv", "second", "a w2", "y");
    for (size_t i = 0; i < 5; i++)
        make_port(&m, 13, (const char *const[]){"c", "shifted", "clipped", "product", "a"}[i], 1,
                  (const int64_t[]){-1, 7, 5, 5}, 4);
    finish(&p, 13);
    assert_int_equal(p.network.layer_count, 1);
    cut_length(&p, 7, 3);
    patient_become(&after, &p, &bytes);
    patients_agree(&p, &after, false, "absorbed");
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(after.file->values[i].port.dim[1], 6);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* ---- what cannot be ------------------------------------------------------------------------------- */

static void test_refused_convolutions(void **state)
{
    (void)state;
    patient p;
    begin((const int64_t[]){-1, 6, 5, 5}, 4, (const int64_t[]){-1, 4, 5, 5}, 4);
    floats("w1", 4, 8, 3, 1, 1);
    floats("w2", 4, 4, 8, 1, 1);
    make_int(&m, "group", 2);
    make_node(&m, "Conv", "grouped", "x w1", "c");
    make_node(&m, "Conv", "second", "c w2", "y");
    finish(&p, 13);
    cut_length(&p, 8, 1);
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "node 'grouped' (Conv): channels of a grouped convolution cannot be cut");
    patient_free(&p);
    /* Between the taps of a dilated filter there are no numbers; on them there are. */
    begin((const int64_t[]){-1, 2, 9, 9}, 4, (const int64_t[]){-1, 7, 5, 5}, 4);
    floats("w", 4, 7, 2, 3, 3);
    make_ints(&m, "dilations", (const int64_t[]){2, 2}, 2);
    make_node(&m, "Conv", "dilated", "x w", "y");
    finish(&p, 13);
    hwv_change_data(&p.change, value_named(&p, "w"))[1] = 1;
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "'w' cannot be changed so: the filter is dilated");
    hwv_change_data(&p.change, value_named(&p, "w"))[1] = 0;
    hwv_change_data(&p.change, value_named(&p, "w"))[2] = 0.5f;
    patient after;
    hwv_text bytes;
    patient_become(&after, &p, &bytes);
    assert_true(hwv_onnx_tensor_number(tensor_named(after.file, "w"), 1) == 0.5);
    patient_free(&after);
    hwv_text_free(&bytes);
    patient_free(&p);
}

/* What belongs to other files, networks and nodes. */
static void test_mismatches(void **state)
{
    (void)state;
    patient p, other;
    hwv_error error;
    hwv_text bytes = {0};
    static unsigned char kept[MAKE_ROOM];
    make_dense(true, 13);
    memcpy(kept, m.model, m.model_size);
    p = (patient){0};
    patient_parse(&p, kept, m.model_size);
    hwv_change_data(&p.change, value_named(&p, "b"))[0] = 9;
    make_convolutions(false);
    finish(&other, 13);
    assert_int_equal(hwv_onnx_change(&bytes, other.file, p.trace, &p.change, false, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(hwv_onnx_change(&bytes, p.file, other.trace, &p.change, false, &error), HWV_ERR_ARGUMENT);
    assert_int_equal(bytes.length, 0);
    hwv_text_free(&bytes);
    patient_free(&other);
    /* Another file of the same bytes will do. */
    hwv_onnx *same;
    assert_int_equal(hwv_onnx_parse(&same, "same", p.file->bytes, p.file->size, NULL), HWV_OK);
    assert_int_equal(hwv_onnx_change(&bytes, same, p.trace, &p.change, false, &error), HWV_OK);
    hwv_text_free(&bytes);
    hwv_onnx_close(same);
    patient_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense_units),       cmocka_unit_test(test_nothing_changes),
        cmocka_unit_test(test_one_number),        cmocka_unit_test(test_channels),
        cmocka_unit_test(test_shared_weights),    cmocka_unit_test(test_moved_weights),
        cmocka_unit_test(test_constant_nodes),    cmocka_unit_test(test_types),
        cmocka_unit_test(test_broadcast_numbers), cmocka_unit_test(test_reshape_constants),
        cmocka_unit_test(test_absorbed_values),   cmocka_unit_test(test_refused_convolutions),
        cmocka_unit_test(test_mismatches),
    };
    return cmocka_run_group_tests_name("changes of files", tests, NULL, NULL);
}
