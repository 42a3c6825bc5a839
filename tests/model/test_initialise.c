/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Initialisers: variances and bounds, independence of the order of drawing, names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "compare.h"
#include "halfwave/model.h"

static hwv_model model_of(const char *notation, size_t rank, size_t dim0, size_t dim1, size_t dim2)
{
    hwv_model model;
    hwv_error error;
    hwv_model_options options = {
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = rank, .dims = {dim0, dim1, dim2}, .classes = 10};
    if (hwv_model_build(&model, notation, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return model;
}

static hwv_model model_make(const char *notation)
{
    return model_of(notation, 1, 200, 1, 1);
}

static const float *parameter(const hwv_model *model, const char *name, size_t *elements)
{
    hwv_id id = hwv_graph_find(model->graph, name);
    const hwv_value *value = hwv_graph_value(model->graph, id);
    assert_non_null(value);
    *elements = 1;
    for (size_t i = 0; i < value->shape.rank; i++)
        *elements *= value->shape.dim[i];
    return hwv_weights_data(model->weights, id);
}

typedef struct moments {
    double mean, variance, largest;
    size_t n;
} moments;

static moments measure(const hwv_model *model, const char *name)
{
    moments m = {0};
    const float *x = parameter(model, name, &m.n);
    for (size_t i = 0; i < m.n; i++) {
        m.mean += (double)x[i];
        m.variance += (double)x[i] * (double)x[i];
        m.largest = fmax(m.largest, fabs((double)x[i]));
    }
    m.mean /= (double)m.n;
    m.variance = m.variance / (double)m.n - m.mean * m.mean;
    return m;
}

/* Five standard errors: of a normal's variance sqrt(2/n), of a mean sigma / sqrt(n). */
static void expect_variance(const hwv_model *model, const char *name, double variance)
{
    moments m = measure(model, name);
    assert_true(fabs(m.variance / variance - 1) < 5 * sqrt(2 / (double)m.n));
    assert_true(fabs(m.mean) < 5 * sqrt(variance / (double)m.n));
}

static void expect_uniform(const hwv_model *model, const char *name, double bound)
{
    moments m = measure(model, name);
    assert_true(m.largest <= bound * (1 + 0x1p-23) && m.largest > bound * (1 - 20 / (double)m.n));
    expect_variance(model, name, bound * bound / 3);
}

static void expect_constant(const hwv_model *model, const char *name, float value)
{
    size_t n;
    const float *x = parameter(model, name, &n);
    for (size_t i = 0; i < n; i++)
        assert_true(x[i] == value);
}

static void test_he(void **state)
{
    (void)state;
    hwv_model model = model_make("fc 100; act; fc 80; act leaky_relu(0.5); fc 60; act prelu; fc 10");
    hwv_model_initialise(&model, HWV_INIT_HE, 1);
    expect_variance(&model, "fc1.weight", 2.0 / 200);
    expect_variance(&model, "fc2.weight", 2.0 / (1.25 * 100));
    expect_variance(&model, "fc3.weight", 2.0 / (1.0625 * 80));
    expect_variance(&model, "fc4.weight", 1.0 / 60); /* nothing follows */
    expect_constant(&model, "fc1.bias", 0);
    expect_constant(&model, "act3.slope", 0.25f);
    hwv_model_free(&model);
}

static void test_xavier_and_pytorch(void **state)
{
    (void)state;
    hwv_model model = model_make("fc 100; act; fc 10");
    hwv_model_initialise(&model, HWV_INIT_XAVIER, 1);
    expect_uniform(&model, "fc1.weight", sqrt(6.0 / 300));
    expect_uniform(&model, "fc2.weight", sqrt(6.0 / 110));
    expect_constant(&model, "fc1.bias", 0);
    hwv_model_initialise(&model, HWV_INIT_PYTORCH, 1);
    expect_uniform(&model, "fc1.weight", 1 / sqrt(200.0));
    expect_uniform(&model, "fc1.bias", 1 / sqrt(200.0));
    expect_uniform(&model, "fc2.weight", 1 / sqrt(100.0));
    hwv_model_initialise(&model, HWV_INIT_HE, 1); /* overwrites */
    expect_constant(&model, "fc1.bias", 0);
    hwv_model_free(&model);
}

static void test_auto(void **state)
{
    (void)state;
    hwv_model model = model_make("fc 100; act; fc 80; act tanh; fc 60; act sigmoid; fc 10");
    hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
    expect_variance(&model, "fc1.weight", 2.0 / 200);
    expect_uniform(&model, "fc2.weight", sqrt(6.0 / 180));
    expect_uniform(&model, "fc3.weight", sqrt(6.0 / 140));
    expect_uniform(&model, "fc4.weight", sqrt(6.0 / 70));
    hwv_model_free(&model);
}

static void test_convolution(void **state)
{
    (void)state;
    const char *notation = "conv 5 32; act; pool 2; conv 3 64 groups 2; bn; act prelu; conv 3 32; gap; fc 10";
    hwv_model model = model_of(notation, 3, 8, 8, 16);
    hwv_model_initialise(&model, HWV_INIT_HE, 1);
    expect_variance(&model, "conv1.weight", 2.0 / (25 * 16));
    expect_variance(&model, "conv2.weight", 2.0 / (1.0625 * 9 * 16)); /* past its norm, with PReLU's gain */
    expect_variance(&model, "conv3.weight", 1.0 / (9 * 64));
    expect_constant(&model, "bn1.weight", 1);
    expect_constant(&model, "bn1.bias", 0);
    expect_constant(&model, "bn1.running_mean", 0);
    expect_constant(&model, "bn1.running_var", 1);
    hwv_model_initialise(&model, HWV_INIT_XAVIER, 1);
    expect_uniform(&model, "conv1.weight", sqrt(6.0 / (25 * 16 + 25 * 32)));
    expect_uniform(&model, "conv2.weight", sqrt(6.0 / (9 * 16 + 9 * 32)));
    hwv_model_initialise(&model, HWV_INIT_PYTORCH, 1);
    expect_uniform(&model, "conv1.weight", 1 / sqrt(25 * 16.0));
    expect_uniform(&model, "conv3.bias", 1 / sqrt(9 * 64.0));
    hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
    expect_variance(&model, "conv1.weight", 2.0 / (25 * 16));
    expect_uniform(&model, "conv2.weight", 1 / sqrt(9 * 16.0)); /* its norm undoes the scale */
    expect_constant(&model, "conv1.bias", 0);
    hwv_model_free(&model);
}

static void test_draws_belong_to_their_parameter(void **state)
{
    (void)state;
    size_t n, m;
    hwv_model a = model_make("fc 50; act; fc 40; act; fc 10"), b = model_make("fc 50; act; fc 30; act; fc 10");
    hwv_model_initialise(&a, HWV_INIT_HE, 7);
    hwv_model_initialise(&b, HWV_INIT_HE, 7);
    const float *first = parameter(&a, "fc1.weight", &n), *same = parameter(&b, "fc1.weight", &m);
    assert_int_equal(n, m);
    assert_true(compare_bits("fc1.weight", first, same, n));
    const float *longer = parameter(&a, "fc2.weight", &n), *shorter = parameter(&b, "fc2.weight", &m);
    assert_true(n > m);
    assert_true(compare_bits("fc2.weight", longer, shorter, m));
    hwv_model_initialise(&b, HWV_INIT_HE, 8);
    assert_true(memcmp(first, same, 100) != 0);
    /* two layers of one model are not drawn alike */
    assert_true(memcmp(first, longer, 100) != 0);
    hwv_model_free(&a);
    hwv_model_free(&b);
}

static void test_names(void **state)
{
    (void)state;
    hwv_init init;
    hwv_error error;
    for (size_t i = 0; i < HWV_INIT_COUNT; i++) {
        assert_int_equal(hwv_init_find(&init, hwv_init_name((hwv_init)i), &error), HWV_OK);
        assert_int_equal(init, i);
    }
    assert_string_equal(hwv_init_name(HWV_INIT_COUNT), "unknown");
    assert_int_equal(hwv_init_find(&init, "xaver", &error), HWV_ERR_NAME);
    assert_string_equal(error.text,
                        "unknown initialiser 'xaver' (did you mean 'xavier'?); known: auto, he, xavier, pytorch, gpt");
    assert_int_equal(hwv_init_find(&init, "", &error), HWV_ERR_NAME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_he),    cmocka_unit_test(test_xavier_and_pytorch),
        cmocka_unit_test(test_auto),  cmocka_unit_test(test_draws_belong_to_their_parameter),
        cmocka_unit_test(test_names), cmocka_unit_test(test_convolution),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
