/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Changes of nodes: activations that become others, biases of products, norms in front of activations, in every layout
 * and in old opsets too. What a change should give is computed of the old network's pre-activations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "change.h"

enum { UNITS = 7 };

/* Where the units lie. */
typedef enum layout { FLAT, IMAGES, SEQUENCES, TOKENS, LAYOUTS } layout;
static const char *const layouts[LAYOUTS] = {"flat", "images", "sequences", "tokens"};

/* x -> product "product" -> z -> activation "act" -> y; z is an output too. */
static void make_layer(layout how, const char *op, int64_t opset)
{
    static const int64_t x[LAYOUTS][4] = {{-1, 5}, {-1, 2, 4, 6}, {-1, 2, 4}, {-1, 4, 5}},
                         y[LAYOUTS][4] = {{-1, UNITS}, {-1, UNITS, 4, 6}, {-1, UNITS, 4}, {-1, 4, UNITS}};
    static const size_t rank[LAYOUTS] = {2, 4, 3, 3};
    begin(x[how], rank[how], y[how], rank[how]);
    make_port(&m, 12, "z", 1, y[how], rank[how]);
    if (how == FLAT) {
        floats("w", 2, UNITS, 5, 0, 0);
        make_int(&m, "transB", 1);
        make_float(&m, "alpha", 0.5f);
        if (opset < 11) /* C is not optional yet */
            make_number(&m, "c", 0);
        if (opset < 7)
            make_int(&m, "broadcast", 1);
        make_node(&m, "Gemm", "product", opset < 11 ? "x w c" : "x w", "z");
    } else if (how == TOKENS) {
        floats("w", 2, 5, UNITS, 0, 0);
        make_node(&m, "MatMul", "product", "x w", "z");
    } else {
        floats("w", rank[how], UNITS, 2, 1, 1);
        make_node(&m, "Conv", "product", "x w", "z");
    }
    make_node(&m, op, "act", "z", "y");
}

/* What becomes of the pre-activation z of unit u. */
typedef double expectation(double z, size_t u);

static void expect_done(const patient *before, layout how, expectation *done, const char *name)
{
    static float x[1 << 16], y[1 << 16], z[1 << 16];
    patient after;
    hwv_text bytes;
    size_t columns, inner = how == IMAGES ? 24 : how == SEQUENCES ? 4 : 1;
    size_t count = patient_run(before, 1, 3, x, &columns, z, 1 << 16);
    patient_become(&after, before, &bytes);
    assert_int_equal(patient_run(&after, 0, 3, x, &columns, y, 1 << 16), count);
    for (size_t i = 0; i < count; i++) {
        double wanted = done((double)z[i], i / inner % UNITS);
        if (!(fabs((double)y[i] - wanted) <= 2e-6 * fmax(1, fabs(wanted))))
            fail_msg("%s, element %zu: %g, wanted %g of %g", name, i, (double)y[i], wanted, (double)z[i]);
    }
    patient_keep(&after, name, x, 3, columns, y, count);
    patient_free(&after);
    hwv_text_free(&bytes);
}

static hwv_id layer_of(const patient *p)
{
    assert_int_equal(p->network.layer_count, 1);
    return p->network.layers[0].node;
}

static const char *name_of(char name[80], const char *what, layout how, int64_t opset)
{
    (void)snprintf(name, 80, "%s_%s_%d", what, layouts[how], (int)opset);
    return name;
}

static const int64_t opsets[] = {6, 7, 9, 10, 11, 13, 14, 16, 18, 20, 22};
#define OPSETS (sizeof opsets / sizeof opsets[0])

/* ---- activations ---------------------------------------------------------------------------------- */

static double leaky(double z, size_t u)
{
    (void)u;
    return z > 0 ? z : 0.125 * z;
}

static void test_slopes(void **state)
{
    (void)state;
    for (layout how = 0; how < LAYOUTS; how++)
        for (size_t k = 0; k < OPSETS; k++)
            for (int each = 0; each < 2; each++) {
                patient p;
                char name[80];
                make_layer(how, "Relu", opsets[k]);
                finish(&p, opsets[k]);
                hwv_act act = hwv_act_make(each ? HWV_OP_PRELU : HWV_OP_LEAKY_RELU);
                act.param[0] = 0.125f;
                assert_int_equal(hwv_change_act(&p.change, layer_of(&p), &act, NULL), HWV_OK);
                expect_done(&p, how, leaky, name_of(name, each ? "prelu" : "leaky", how, opsets[k]));
                act.param[0] = 0; /* the same numbers */
                assert_int_equal(hwv_change_act(&p.change, layer_of(&p), &act, NULL), HWV_OK);
                expect_same(&p, true, NULL);
                patient_free(&p);
            }
}

/* One slope a unit, as many as are left. */
static void test_slopes_of_cut_units(void **state)
{
    (void)state;
    for (layout how = 0; how < LAYOUTS; how++) {
        patient p, after;
        hwv_text bytes;
        make_layer(how, "Relu", 13);
        finish(&p, 13);
        hwv_act act = hwv_act_make(HWV_OP_PRELU);
        act.param[0] = 0;
        assert_int_equal(hwv_change_act(&p.change, layer_of(&p), &act, NULL), HWV_OK);
        cut_length(&p, UNITS, 2);
        cut_length(&p, UNITS, 5);
        patient_become(&after, &p, &bytes);
        const hwv_onnx_tensor *slope = tensor_named(after.file, node_named(after.file, "act")->inputs[1]);
        assert_int_equal(slope->elements, UNITS - 2);
        assert_int_equal(slope->rank, how == IMAGES ? 3 : how == SEQUENCES ? 2 : 1);
        assert_int_equal(after.file->outputs[0].port.dim[how == TOKENS ? 2 : 1], UNITS - 2);
        patient_free(&after);
        hwv_text_free(&bytes);
        patient_free(&p);
    }
}

/* Every activation that has a form in ONNX gives what the network gives when its node is told so. */
static void test_every_activation(void **state)
{
    (void)state;
    static float x[1 << 16], y[2][1 << 16];
    size_t done = 0, refused = 0;
    for (size_t i = 0; i < hwv_op_count(); i++)
        for (size_t k = 0; k < OPSETS; k++) {
            patient p, after = {0};
            hwv_text bytes = {0};
            hwv_error error = {0};
            char name[80], what[40];
            size_t columns;
            make_layer(IMAGES, "Relu", opsets[k]);
            finish(&p, opsets[k]);
            hwv_act act = hwv_act_make(hwv_op_get(i)->op);
            assert_int_equal(hwv_change_act(&p.change, layer_of(&p), &act, NULL), HWV_OK);
            hwv_status status = hwv_onnx_change(&bytes, p.file, p.trace, &p.change, false, &error);
            if (status == HWV_ERR_UNSUPPORTED) {
                refused++;
            } else {
                assert_int_equal(status, HWV_OK);
                patient_parse(&after, bytes.data, bytes.length);
                size_t count = patient_run(&after, 0, 3, x, &columns, y[0], 1 << 16);
                assert_int_equal(patient_run(&after, 1, 3, x, &columns, y[1], 1 << 16), count);
                for (size_t e = 0; e < count && act.op != HWV_OP_RRELU; e++)
                    assert_true(fabs((double)y[0][e] - hwv_act_reference(&act, (double)y[1][e])) <= 2e-6);
                (void)snprintf(what, sizeof what, "%s", hwv_op_get(i)->name);
                patient_keep(&after, name_of(name, what, IMAGES, opsets[k]), x, 3, columns, y[0], count);
                assert_string_equal(after.file->nodes[after.file->node_count - 1].name, "act");
                patient_free(&after);
                done++;
            }
            hwv_text_free(&bytes);
            patient_free(&p);
        }
    print_message("%zu activations written, %zu refused\n", done, refused);
    assert_true(done > refused);
}

static void test_patterns_stay(void **state)
{
    (void)state;
    patient p;
    begin((const int64_t[]){-1, UNITS}, 2, (const int64_t[]){-1, UNITS}, 2);
    floats("w", 2, UNITS, UNITS, 0, 0);
    make_node(&m, "MatMul", "product", "x w", "z");
    make_node(&m, "Sigmoid", "sigmoid", "z", "s");
    make_node(&m, "Mul", "mul", "z s", "y");
    finish(&p, 13);
    hwv_act act = hwv_act_make(HWV_OP_PRELU);
    assert_int_equal(hwv_change_act(&p.change, layer_of(&p), &act, NULL), HWV_OK);
    patient_refused(&p, HWV_ERR_UNSUPPORTED, "node 'mul' (Mul): the activation is written out as several nodes");
    patient_free(&p);
}

/* ---- biases --------------------------------------------------------------------------------------- */

static double number_of(size_t u)
{
    return 0.25 - 0.125 * (double)u;
}

/* alpha of the Gemm is 0.5, and the bias is of what comes before it. */
static double biased(double z, size_t u)
{
    return fmax(0, z + number_of(u));
}

static double biased_half(double z, size_t u)
{
    return fmax(0, z + 0.5 * number_of(u));
}

static void test_biases(void **state)
{
    (void)state;
    for (layout how = 0; how < LAYOUTS; how++)
        for (size_t k = 0; k < OPSETS; k++) {
            patient p;
            char name[80];
            make_layer(how, "Relu", opsets[k]);
            finish(&p, opsets[k]);
            hwv_id product = HWV_NO_ID;
            for (hwv_id n = 0; n < hwv_graph_node_count(p.network.graph); n++) {
                hwv_node_kind kind = hwv_graph_node_at(p.network.graph, n)->kind;
                product = kind == HWV_NODE_DENSE || kind == HWV_NODE_CONV2D ? n : product;
            }
            float *bias = hwv_change_bias(&p.change, product, UNITS);
            for (size_t u = 0; u < UNITS; u++)
                bias[u] = (float)number_of(u);
            expect_done(&p, how, how == FLAT ? biased_half : biased, name_of(name, "bias", how, opsets[k]));
            patient_free(&p);
        }
}

/* ---- norms ---------------------------------------------------------------------------------------- */

static double normed(double z, size_t u)
{
    return fmax(0, (z - number_of(u)) / sqrt(0.5 + (double)u + 0x1p-7));
}

static double normed_swish(double z, size_t u)
{
    double x = (z - number_of(u)) / sqrt(0.5 + (double)u + 0x1p-7);
    return x / (1 + exp(-x));
}

static void add_norm(patient *p)
{
    hwv_norm_change *norm = hwv_change_norm(&p->change, layer_of(p), UNITS, 0x1p-7f);
    for (size_t u = 0; u < UNITS; u++) {
        norm->mean[u] = (float)number_of(u);
        norm->variance[u] = 0.5f + (float)u;
    }
}

static void test_norms(void **state)
{
    (void)state;
    for (layout how = 0; how < LAYOUTS; how++)
        for (size_t k = 0; k < OPSETS; k++) {
            patient p;
            char name[80];
            make_layer(how, "Relu", opsets[k]);
            finish(&p, opsets[k]);
            add_norm(&p);
            expect_done(&p, how, normed, name_of(name, "norm", how, opsets[k]));
            patient_free(&p);
        }
}

/* In front of all nodes that read x of an activation that is written out, and of nobody else. */
static void test_norm_of_a_pattern(void **state)
{
    (void)state;
    patient p;
    begin((const int64_t[]){-1, UNITS}, 2, (const int64_t[]){-1, UNITS}, 2);
    make_port(&m, 12, "z", 1, (const int64_t[]){-1, UNITS}, 2);
    floats("w", 2, UNITS, UNITS, 0, 0);
    make_node(&m, "MatMul", "product", "x w", "z");
    make_node(&m, "Sigmoid", "sigmoid", "z", "s");
    make_node(&m, "Mul", "mul", "z s", "y");
    finish(&p, 13);
    add_norm(&p);
    expect_done(&p, FLAT, normed_swish, "norm_of_silu");
    patient_free(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_slopes),
        cmocka_unit_test(test_slopes_of_cut_units),
        cmocka_unit_test(test_every_activation),
        cmocka_unit_test(test_patterns_stay),
        cmocka_unit_test(test_biases),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_norm_of_a_pattern),
    };
    return cmocka_run_group_tests_name("changes of nodes", tests, NULL, NULL);
}
