/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations against independent vectors (see tests/support/reference.h), on every runnable set.
 */
#include "compare.h"
#include "halfwave/gated.h"
#include "reference.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Cases of the rows; PReLU has its own shapes. */
static const struct {
    const char *name, *act;
} cases[] = {
    {"act_relu", "relu"},
    {"act_leaky_relu_0.01", "leaky_relu"},
    {"act_leaky_relu_0.2", "leaky_relu(slope=0.2)"},
    {"act_sigmoid", "sigmoid"},
    {"act_tanh", "tanh"},
    {"act_softsign", "softsign"},
    {"act_rrelu_eval", "rrelu"},
    {"act_relu6", "relu6"},
    {"act_clip_-0.7_1.3", "clip(-0.7, 1.3)"},
    {"act_hardtanh_-1.0_1.0", "hardtanh"},
    {"act_threshold_0.1_20.0", "threshold(0.1, 20)"},
    {"act_threshold_1.0_0.0", "threshold"},
    {"act_hardshrink_0.5", "hardshrink"},
    {"act_softshrink_0.5", "softshrink"},
    {"act_hardsigmoid", "hardsigmoid"},
    {"act_squared_relu", "squared_relu"},
    {"act_hardswish", "hardswish"},
    {"act_exp", "exp"},
    {"act_silu", "silu"},
    {"act_swish_1.5", "swish(1.5)"},
    {"act_elu_0.5", "elu(0.5)"},
    {"act_elu_1.0", "elu"},
    {"act_selu", "selu"},
    {"act_celu_1.3", "celu(1.3)"},
    {"act_softplus_1.0_20.0", "softplus"},
    {"act_softplus_2.0_20.0", "softplus(2)"},
    {"act_logsigmoid", "logsigmoid"},
    {"act_gelu_erf", "gelu"},
    {"act_gelu_tanh", "gelu_tanh"},
    {"act_mish", "mish"},
    {"act_tanhshrink", "tanhshrink"},
};

typedef struct arrays {
    reference_array x, dy, y, dx;
} arrays;

static void load(arrays *a, const char *name)
{
    assert_true(reference_load(&a->x, name, "in_x"));
    assert_true(reference_load(&a->dy, name, "in_dy"));
    assert_true(reference_load(&a->y, name, "out_exact"));
    assert_true(reference_load(&a->dx, name, "grad_x_exact"));
}

static void release(arrays *a)
{
    reference_free(&a->x);
    reference_free(&a->dy);
    reference_free(&a->y);
    reference_free(&a->dx);
}

/* Runs `body` once for each runnable set. */
#define EACH_SET(...)                                                                                                  \
    for (size_t set_ = 0; set_ < hwv_isa_count(); set_++) {                                                            \
        const char *set = hwv_isa_name(hwv_isa_get(set_));                                                             \
        assert_int_equal(hwv_isa_force(set, NULL), HWV_OK);                                                            \
        __VA_ARGS__                                                                                                    \
    }

static void label(char text[120], const char *name, const char *set, const char *what)
{
    snprintf(text, 120, "%s %s %s", name, set, what);
}

/* Gradients of bounded rows: 4 ULP, or 4 * 2^-23 * |dy|; where x is NaN only if the case says what it is. */
static void compare_gradient(const char *text, const arrays *a, const float *got, double ulp)
{
    for (size_t i = 0; i < a->x.count; i++) {
        if (isnan(a->x.f32[i]))
            continue;
        /* Of exp: a slope beyond the floats is infinite as a factor. */
        if (isinf(got[i]) && fabs(a->dx.values[i]) > FLT_MAX * fabs((double)a->dy.f32[i]))
            continue;
        double error = fabs((double)got[i] - a->dx.values[i]);
        if (compare_ulp_error(got[i], a->dx.values[i]) > ulp && !(error <= 4 * 0x1p-23 * fabs((double)a->dy.f32[i])))
            fail_msg("%s: element %zu, x %a dy %a got %a wanted %a", text, i, (double)a->x.f32[i], (double)a->dy.f32[i],
                     (double)got[i], a->dx.values[i]);
    }
}

static void rows(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        arrays a;
        hwv_act act;
        char text[120];
        double signed_zero = 0;
        load(&a, cases[c].name);
        assert_true(reference_number(cases[c].name, "signed_zero", &signed_zero));
        assert_int_equal(hwv_act_parse(&act, cases[c].act, NULL), HWV_OK);
        const hwv_op_info *row = hwv_op_row(act.op);
        size_t n = a.x.count;
        float *y = calloc(n, sizeof *y), *dx = calloc(n, sizeof *dx);
        assert_true(y && dx);
        EACH_SET({
            hwv_act_forward(&act, HWV_F32, 1, n, y, n, a.x.f32, n);
            hwv_act_backward(&act, HWV_F32, 1, n, dx, n, a.dy.f32, n, a.x.f32, n);
            label(text, cases[c].name, set, "out");
            if (row->ulp == 0)
                assert_true(compare_rounded(text, y, a.y.values, n, signed_zero != 0));
            else
                assert_true(compare_ulp(text, y, a.y.values, n, row->ulp));
            label(text, cases[c].name, set, "grad_x");
            if (row->gradient_ulp == 0)
                assert_true(compare_rounded(text, dx, a.dx.values, n, false));
            else
                compare_gradient(text, &a, dx, row->gradient_ulp);
        })
        free(y);
        free(dx);
        release(&a);
    }
}

/* The case's beta is 1.702, ours the nearest float: that changes e^(beta x) by x times the difference. */
static void quick_gelu(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    const hwv_act act = hwv_act_make(HWV_OP_QUICK_GELU);
    const double difference = fabs(1.702 - (double)act.param[0]);
    arrays a;
    load(&a, "act_quick_gelu");
    size_t n = a.x.count;
    float *y = calloc(n, sizeof *y), *dx = calloc(n, sizeof *dx);
    assert_true(y && dx);
    EACH_SET({
        hwv_act_forward(&act, HWV_F32, 1, n, y, n, a.x.f32, n);
        hwv_act_backward(&act, HWV_F32, 1, n, dx, n, a.dy.f32, n, a.x.f32, n);
        for (size_t i = 0; i < n; i++) {
            double limit = 4 + (isfinite(a.x.f32[i]) ? fabs((double)a.x.f32[i]) * difference * 0x1p24 : 0);
            if (!(compare_ulp_error(y[i], a.y.values[i]) <= limit))
                fail_msg("quick_gelu %s: x %a got %a wanted %a", set, (double)a.x.f32[i], (double)y[i], a.y.values[i]);
        }
        compare_gradient(set, &a, dx, 4);
    })
    free(y);
    free(dx);
    release(&a);
}

/* PReLU on [outer][channels][inner]: channels last where inner is 1, else channels first. */
static void prelu_case(const char *name, size_t axis_dim)
{
    arrays a;
    reference_array slope, dslope = {0};
    char text[120];
    load(&a, name);
    assert_true(reference_load(&slope, name, "in_slope"));
    bool with_gradient = strstr(name, "special") == NULL;
    if (with_gradient)
        assert_true(reference_load(&dslope, name, "grad_slope_exact"));
    size_t n = a.x.count, channels = slope.count, outer = axis_dim == 1 && channels > 1 ? a.x.shape[0] : 1;
    size_t inner = n / outer / channels, rows = inner == 1 ? outer : outer * channels, cols = n / rows;
    hwv_slope_axis axis = channels == 1 ? HWV_SLOPE_SHARED : inner == 1 ? HWV_SLOPE_COLUMNS : HWV_SLOPE_ROWS;
    float *y = calloc(n, sizeof *y), *dx = calloc(n, sizeof *dx), *got = calloc(channels, sizeof *got);
    assert_true(y && dx && got);
    EACH_SET({
        memset(got, 0, channels * sizeof *got);
        hwv_prelu_forward(HWV_F32, rows, cols, y, cols, a.x.f32, cols, slope.f32, axis, channels, NULL, 0);
        hwv_prelu_backward(HWV_F32, rows, cols, dx, cols, a.dy.f32, cols, a.x.f32, cols, slope.f32, axis, channels,
                           with_gradient ? got : NULL);
        label(text, name, set, "out");
        assert_true(compare_rounded(text, y, a.y.values, n, false));
        label(text, name, set, "grad_x");
        assert_true(compare_rounded(text, dx, a.dx.values, n, false));
        for (size_t c = 0; with_gradient && c < channels; c++) {
            char path[60];
            double sum = 0;
            snprintf(path, sizeof path, "tolerance/grad_slope_sum_abs/%zu", c);
            assert_true(reference_number(name, path, &sum));
            if (!(fabs((double)got[c] - dslope.values[c]) <= 8 * 0x1p-23 * sum))
                fail_msg("%s %s slope %zu: got %a wanted %a", name, set, c, (double)got[c], dslope.values[c]);
        }
    })
    free(y);
    free(dx);
    free(got);
    reference_free(&slope);
    if (with_gradient)
        reference_free(&dslope);
    release(&a);
}

static void prelu(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    prelu_case("act_prelu_nchw", 1);
    prelu_case("act_prelu_channels_last", 1);
    prelu_case("act_prelu_shared", 0);
    prelu_case("act_prelu_shared_special", 0);
}

/* Gated pairs: y is one product of f, within 6 ULP, which the cases ask for. */
static const struct {
    const char *name, *gate;
} gated_cases[] = {
    {"act_glu", "glu"},
    {"act_reglu", "reglu"},
    {"act_geglu", "geglu"},
    {"act_swiglu", "swiglu"},
};

static void gated_compare(const char *text, const float *got, const reference_array *exact, const float *by,
                          const reference_array *gate, double ulp, double absolute)
{
    for (size_t i = 0; i < gate->count; i++) {
        double error = compare_ulp_error(got[i], exact->values[i]);
        if (isnan(gate->f32[i]) && ulp > 0)
            continue;
        if (!(error <= ulp || (ulp == 0 && error <= 0.5)) &&
            !(fabs((double)got[i] - exact->values[i]) <= absolute * fabs((double)by[i])))
            fail_msg("%s: element %zu, gate %a got %a wanted %a, %g ULP", text, i, (double)gate->f32[i], (double)got[i],
                     exact->values[i], error);
    }
}

static void gated(void **state)
{
    (void)state;
    if (reference_missing())
        skip();
    for (size_t c = 0; c < sizeof gated_cases / sizeof gated_cases[0]; c++) {
        static const char *const names[] = {"in_value",  "in_gate",          "in_dy",
                                            "out_exact", "grad_value_exact", "grad_gate_exact"};
        enum { VALUE, GATE, DY, OUT, DVALUE, DGATE, ARRAYS };
        reference_array a[ARRAYS];
        for (size_t k = 0; k < ARRAYS; k++)
            assert_true(reference_load(&a[k], gated_cases[c].name, names[k]));
        hwv_gate gate;
        char text[120];
        size_t n = a[VALUE].count;
        float *y = calloc(n, sizeof *y), *dvalue = calloc(n, sizeof *y), *dgate = calloc(n, sizeof *y),
              *through = calloc(n, sizeof *y);
        assert_true(y && dvalue && dgate && through);
        assert_int_equal(hwv_gate_find(&gate, gated_cases[c].gate, NULL), HWV_OK);
        const hwv_op_info *row = hwv_op_row(hwv_gate_get((size_t)gate)->op);
        double ulp = row->ulp > 0 ? 6 : 0;
        for (size_t i = 0; i < n; i++)
            through[i] = a[DY].f32[i] * a[VALUE].f32[i];
        EACH_SET({
            hwv_gated_forward(gate, HWV_ACCURATE, HWV_F32, 1, n, y, n, a[VALUE].f32, n, a[GATE].f32, n);
            hwv_gated_backward(gate, HWV_F32, 1, n, dvalue, n, dgate, n, a[DY].f32, n, a[VALUE].f32, n, a[GATE].f32, n);
            label(text, gated_cases[c].name, set, "out");
            gated_compare(text, y, &a[OUT], through, &a[GATE], ulp, 0);
            label(text, gated_cases[c].name, set, "grad_value");
            gated_compare(text, dvalue, &a[DVALUE], through, &a[GATE], ulp, 0);
            label(text, gated_cases[c].name, set, "grad_gate");
            gated_compare(text, dgate, &a[DGATE], through, &a[GATE], row->gradient_ulp, 4 * 0x1p-23);
        })
        for (size_t k = 0; k < ARRAYS; k++)
            reference_free(&a[k]);
        free(y);
        free(dvalue);
        free(dgate);
        free(through);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows),
        cmocka_unit_test(quick_gelu),
        cmocka_unit_test(prelu),
        cmocka_unit_test(gated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
