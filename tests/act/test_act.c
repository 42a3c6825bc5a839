/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Rows, names, parameters and claims of activations. */
#include "halfwave/act.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Numbers are stored in files: they may be added to, never changed. */
static void numbers(void **state)
{
    (void)state;
    static const char *const names[] = {"identity",     "relu",      "leaky_relu", "prelu",      "sigmoid",
                                        "tanh",         "softsign",  "rrelu",      "relu6",      "clip",
                                        "hardtanh",     "threshold", "hardshrink", "softshrink", "hardsigmoid",
                                        "squared_relu", "hardswish"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_string_equal(hwv_op_get(i)->name, names[i]);
    for (size_t i = 0; i < hwv_op_count(); i++) {
        const hwv_op_info *row = hwv_op_get(i);
        assert_int_equal(row->op, i);
        assert_ptr_equal(hwv_op_row(row->op), row);
        assert_true(row->formula[0] && (row->torch[0] || row->source[0]) &&
                    (row->onnx_opset > 0) == (row->onnx[0] != '\0'));
    }
    assert_null(hwv_op_get(hwv_op_count()));
    assert_null(hwv_op_row((hwv_op)-1));
}

static void names(void **state)
{
    (void)state;
    hwv_op op;
    hwv_error error;
    for (size_t i = 0; i < hwv_op_count(); i++) {
        assert_int_equal(hwv_op_find(&op, hwv_op_get(i)->name, NULL), HWV_OK);
        assert_int_equal(op, hwv_op_get(i)->op);
    }
    assert_int_equal(hwv_op_find(&op, "leaky", &error), HWV_OK);
    assert_int_equal(op, HWV_OP_LEAKY_RELU);
    assert_int_equal(hwv_op_find(&op, "rleu", &error), HWV_ERR_NAME);
    assert_non_null(strstr(error.text, "did you mean 'relu'?"));
    assert_non_null(strstr(error.text, "identity, relu, leaky_relu"));
    assert_int_equal(hwv_op_find(&op, "", &error), HWV_ERR_NAME);
    assert_int_equal(hwv_op_find(&op, "something_else_altogether", NULL), HWV_ERR_NAME);
}

static void parsing(void **state)
{
    (void)state;
    hwv_act act = {.op = HWV_OP_TANH, .param = {7, 7}};
    hwv_error error;
    assert_int_equal(hwv_act_parse(&act, "relu", &error), HWV_OK);
    assert_int_equal(act.op, HWV_OP_RELU);
    assert_true(act.param[0] == 0 && act.param[1] == 0);
    static const struct {
        const char *text;
        float slope;
    } good[] = {{"leaky_relu", 0.01f},           {"leaky", 0.01f},     {"leaky_relu(0.2)", 0.2f},
                {"leaky_relu(slope=0.2)", 0.2f}, {"leaky(-1)", -1.0f}, {"leaky_relu( slope=1e-3 )", 1e-3f}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(hwv_act_parse(&act, good[i].text, &error), HWV_OK);
        assert_int_equal(act.op, HWV_OP_LEAKY_RELU);
        assert_true(act.param[0] == good[i].slope);
    }
    static const struct {
        const char *text, *says;
        hwv_status status;
    } bad[] = {
        {"relux", "did you mean 'relu'", HWV_ERR_NAME},
        {"(0.2)", "unknown activation ''", HWV_ERR_NAME},
        {"relu(0.2)", "takes no parameters", HWV_ERR_ARGUMENT},
        {"relu(", "takes no parameters", HWV_ERR_ARGUMENT},
        {"leaky_relu()", "slope", HWV_ERR_ARGUMENT},
        {"leaky_relu(", "slope", HWV_ERR_ARGUMENT},
        {"leaky_relu(0.2", "slope", HWV_ERR_ARGUMENT},
        {"leaky_relu(0.2,)", "slope", HWV_ERR_ARGUMENT},
        {"leaky_relu(0.2,0.3)", "slope", HWV_ERR_ARGUMENT},
        {"leaky_relu(slope=0.2,slope=0.3)", "slope", HWV_ERR_ARGUMENT},
        {"leaky_relu(0.2)x", "cannot read 'x'", HWV_ERR_ARGUMENT},
        {"leaky_relu(alpha=0.2)", "cannot read 'alpha=0.2)'", HWV_ERR_ARGUMENT},
        {"leaky_relu(slope=)", "slope", HWV_ERR_ARGUMENT},
        {"leaky_relu(nan)", "allowed are -1000 to 1000", HWV_ERR_ARGUMENT},
        {"leaky_relu(1e9)", "allowed are -1000 to 1000", HWV_ERR_ARGUMENT},
    };
    hwv_act before = {.op = HWV_OP_TANH, .param = {7, 7}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        act = before;
        assert_int_equal(hwv_act_parse(&act, bad[i].text, &error), bad[i].status);
        if (!strstr(error.text, bad[i].says))
            fail_msg("'%s' gave: %s", bad[i].text, error.text);
        assert_memory_equal(&act, &before, sizeof act);
        assert_int_equal(hwv_act_parse(&act, bad[i].text, NULL), bad[i].status);
    }
}

static void checking(void **state)
{
    (void)state;
    hwv_error error;
    hwv_act act = {.op = (hwv_op)99, .param = {0, 0}};
    assert_int_equal(hwv_act_check(&act, &error), HWV_ERR_ARGUMENT);
    assert_non_null(strstr(error.text, "99"));
    act = (hwv_act){.op = HWV_OP_LEAKY_RELU, .param = {INFINITY, 0}};
    assert_int_equal(hwv_act_check(&act, &error), HWV_ERR_ARGUMENT);
    act.param[0] = 1000;
    assert_int_equal(hwv_act_check(&act, &error), HWV_OK);
}

static void claims(void **state)
{
    (void)state;
    hwv_act act = {.op = HWV_OP_LEAKY_RELU, .param = {0.01f, 0}};
    unsigned some = hwv_act_claims(&act);
    assert_true((some & HWV_MONOTONE) && (some & HWV_GRADIENT_FROM_Y) && !(some & HWV_FLAT_LEFT));
    act.param[0] = 0;
    assert_true(hwv_act_claims(&act) & HWV_FLAT_LEFT);
    act.param[0] = -0.1f;
    some = hwv_act_claims(&act);
    assert_true(!(some & HWV_MONOTONE) && !(some & HWV_GRADIENT_FROM_Y) && (some & HWV_PIECEWISE));
    for (size_t i = 0; i < hwv_op_count(); i++) {
        act = hwv_act_make(hwv_op_get(i)->op);
        assert_int_equal(hwv_act_claims(&act) & hwv_op_get(i)->claims, hwv_op_get(i)->claims);
        assert_int_equal(hwv_act_check(&act, NULL), HWV_OK);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers),  cmocka_unit_test(names),  cmocka_unit_test(parsing),
        cmocka_unit_test(checking), cmocka_unit_test(claims),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
