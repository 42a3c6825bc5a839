/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Gated pairs in layer notation: what is built, against sums in double; initial weights; the message of everything wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "act/reference.h"
#include "halfwave/model.h"
#include "halfwave/random.h"

enum { IN = 11, CLASSES = 10, ROWS = 7 };

static hwv_model_options options_of(const char *act)
{
    hwv_model_options options = {.rank = 1, .dims = {IN}, .classes = CLASSES};
    hwv_error error;
    if (hwv_model_act_parse(&options.act, act, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return options;
}

static hwv_model build(const char *notation, const char *act)
{
    const hwv_model_options options = options_of(act);
    hwv_model model;
    hwv_error error;
    if (hwv_model_build(&model, notation, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return model;
}

static size_t rows_of(const hwv_model *model, const char *parameter)
{
    const hwv_id id = hwv_graph_find(model->graph, parameter);
    assert_int_not_equal(id, HWV_NO_ID);
    return hwv_graph_value(model->graph, id)->shape.dim[0];
}

static const hwv_node *node_of(const hwv_model *model, const char *name)
{
    const hwv_id id = hwv_graph_find(model->graph, name);
    assert_int_not_equal(id, HWV_NO_ID);
    return hwv_graph_node_at(model->graph, hwv_graph_value(model->graph, id)->producer);
}

static void test_names(void **state)
{
    hwv_model_act act = {.gated = false};
    hwv_error error;
    (void)state;
    for (size_t i = 0; hwv_gate_get(i) != NULL; i++) {
        assert_int_equal(hwv_model_act_parse(&act, hwv_gate_get(i)->name, &error), HWV_OK);
        assert_true(act.gated && act.gate == hwv_gate_get(i)->gate);
        assert_string_equal(hwv_model_act_name(&act), hwv_gate_get(i)->name);
        assert_int_equal(hwv_model_act_check(&act, &error), HWV_OK);
    }
    assert_int_equal(hwv_model_act_parse(&act, "leaky_relu(slope=0.2)", &error), HWV_OK);
    assert_true(!act.gated && act.act.op == HWV_OP_LEAKY_RELU && act.act.param[0] == 0.2f);
    assert_string_equal(hwv_model_act_name(&act), "leaky_relu");
    assert_int_equal(hwv_model_act_parse(&act, "swigul", &error), HWV_ERR_NAME);
    assert_non_null(strstr(error.text, "unknown activation 'swigul' (did you mean 'swiglu'?); known: identity, relu"));
    assert_non_null(strstr(error.text, "glu, reglu, geglu, geglu_tanh, swiglu"));
    assert_int_equal(hwv_model_act_parse(&act, "rleu", &error), HWV_ERR_NAME);
    assert_non_null(strstr(error.text, "did you mean 'relu'?"));
    assert_int_equal(hwv_model_act_parse(&act, "reglu(1)", &error), HWV_ERR_ARGUMENT);
    assert_string_equal(error.text, "reglu takes no parameters, at '(1)'");
    assert_int_equal(hwv_model_act_parse(&act, "relu(1)", &error), HWV_ERR_ARGUMENT);
    assert_string_equal(hwv_model_act_name(&act), "leaky_relu"); /* as it was */
    act = (hwv_model_act){.gated = true, .gate = HWV_GATE_END_};
    assert_int_equal(hwv_model_act_check(&act, &error), HWV_ERR_ARGUMENT);
}

/* A bare act takes the fc in front of it to 2/3, twice; a named one leaves it alone. */
static void test_what_is_built(void **state)
{
    static const size_t sizes[][2] = {{1, 2}, {2, 2}, {3, 4}, {4, 6}, {5, 6}, {8, 10}, {128, 170}, {512, 682}};
    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char notation[64];
        snprintf(notation, sizeof notation, "fc %zu; act; fc classes", sizes[i][0]);
        hwv_model model = build(notation, "reglu");
        assert_int_equal(rows_of(&model, "fc1.weight"), sizes[i][1]);
        assert_int_equal(rows_of(&model, "fc1.bias"), sizes[i][1]);
        assert_int_equal(node_of(&model, "act1")->kind, HWV_NODE_GATE);
        assert_int_equal(node_of(&model, "act1")->attributes.gate, HWV_GATE_REGLU);
        assert_int_equal(hwv_graph_value(model.graph, hwv_graph_find(model.graph, "act1"))->shape.dim[1],
                         sizes[i][1] / 2);
        assert_string_equal(model.notation, notation);
        hwv_model_free(&model);
    }
    hwv_model model =
        build("fc 12; act geglu; fc 8; act; fc 8 ;act relu; res { fc 8; act swiglu; fc 8 }; fc classes", "glu");
    assert_int_equal(rows_of(&model, "fc1.weight"), 12);
    assert_int_equal(rows_of(&model, "fc2.weight"), 10);
    assert_int_equal(rows_of(&model, "fc3.weight"), 8);
    assert_int_equal(rows_of(&model, "fc4.weight"), 8);
    assert_int_equal(node_of(&model, "act1")->attributes.gate, HWV_GATE_GEGLU);
    assert_int_equal(node_of(&model, "act2")->attributes.gate, HWV_GATE_GLU);
    assert_int_equal(node_of(&model, "act3")->kind, HWV_NODE_ACTIVATION);
    assert_int_equal(node_of(&model, "act4")->attributes.gate, HWV_GATE_SWIGLU);
    hwv_model_free(&model);
}

/* Channels of images are halved as features are. */
static void test_images(void **state)
{
    hwv_model_options options = options_of("relu");
    hwv_model model;
    (void)state;
    options.rank = 3;
    options.dims[0] = options.dims[1] = 6;
    options.dims[2] = 1;
    assert_int_equal(hwv_model_build(&model, "conv 3 8; act reglu; gap; fc classes", &options, NULL), HWV_OK);
    const hwv_shape *y = &hwv_graph_value(model.graph, hwv_graph_find(model.graph, "act1"))->shape;
    assert_true(y->rank == 4 && y->dim[1] == 6 && y->dim[2] == 6 && y->dim[3] == 4);
    hwv_model_free(&model);
}

/* The same parameters within 1 %, in a block as transformers have it. */
static void test_as_many_parameters(void **state)
{
    hwv_model_options options = options_of("relu"), gated = options_of("swiglu");
    hwv_model plain, pair;
    (void)state;
    options.dims[0] = gated.dims[0] = 16;
    options.classes = gated.classes = 65;
    assert_int_equal(hwv_model_build(&plain, "char-gpt", &options, NULL), HWV_OK);
    assert_int_equal(hwv_model_build(&pair, "char-gpt", &gated, NULL), HWV_OK);
    const double ratio = (double)hwv_model_parameters(&pair) / (double)hwv_model_parameters(&plain);
    assert_true(ratio > 0.99 && ratio < 1.01);
    hwv_model_free(&plain);
    hwv_model_free(&pair);
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

static double product(const hwv_model *model, const char *weight, const char *bias, size_t row, const double *x,
                      size_t n)
{
    const float *w = hwv_weights_data(model->weights, hwv_graph_find(model->graph, weight)) + row * n;
    double sum = (double)hwv_weights_data(model->weights, hwv_graph_find(model->graph, bias))[row];
    for (size_t i = 0; i < n; i++)
        sum += (double)w[i] * x[i];
    return sum;
}

static void weights_draw(hwv_model *model)
{
    size_t elements;
    float *block = hwv_weights_block(model->weights, &elements);
    for (size_t i = 0; i < elements; i++)
        block[i] = (float)hwv_random_normal(5, HWV_STREAM_TEST, 0, i) / 2;
}

/* value * f(gate): the values come first, as torch.glu has them. */
static void test_against_sums(void **state)
{
    enum { UNITS = 5 };
    (void)state;
    for (size_t g = 0; hwv_gate_get(g) != NULL; g++) {
        const hwv_act f = hwv_act_make(hwv_gate_get(g)->op);
        hwv_model model = build("fc 8; act; fc classes", hwv_gate_get(g)->name); /* 2 round(16 / 3) = 10 */
        const hwv_plan_options options = {.batch = ROWS, .passes = HWV_PASS_ALL};
        hwv_plan *plan;
        weights_draw(&model);
        assert_int_equal(hwv_plan_create(&plan, model.graph, model.weights, model.logits, &options, NULL), HWV_OK);
        float *x = hwv_plan_data(plan, model.input);
        for (size_t i = 0; i < ROWS * IN; i++)
            x[i] = (float)hwv_random_normal(6, HWV_STREAM_TEST, 0, i);
        hwv_plan_forward(plan);
        for (size_t r = 0; r < ROWS; r++) {
            double in[IN], h[UNITS];
            for (size_t i = 0; i < IN; i++)
                in[i] = (double)x[r * IN + i];
            for (size_t u = 0; u < UNITS; u++)
                h[u] = product(&model, "fc1.weight", "fc1.bias", u, in, IN) *
                       hwv_act_reference(&f, product(&model, "fc1.weight", "fc1.bias", UNITS + u, in, IN));
            for (size_t c = 0; c < CLASSES; c++) {
                const double wanted = product(&model, "fc2.weight", "fc2.bias", c, h, UNITS);
                const double got = (double)((float *)hwv_plan_data(plan, model.logits))[r * CLASSES + c];
                assert_true(fabs(got - wanted) < 1e-5 * (1 + fabs(wanted)));
            }
        }
        hwv_plan_destroy(plan);
        hwv_model_free(&model);
    }
}

static double variance(const hwv_model *model, const char *parameter)
{
    const hwv_id id = hwv_graph_find(model->graph, parameter);
    const float *x = hwv_weights_data(model->weights, id);
    const size_t n = hwv_weights_elements(model->weights, id);
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum / (double)n;
}

/* A product in front of a pair is initialised as one in front of its f; of 5 % five standard errors are less. */
static void test_initial_weights(void **state)
{
    (void)state;
    hwv_model model = build("fc 2048; act reglu; fc 2048; act glu; fc 2048; act relu; fc classes", "relu");
    hwv_model_initialise(&model, HWV_INIT_HE, 1);
    assert_true(fabs(variance(&model, "fc2.weight") * 1024 / 2 - 1) < 0.05);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 1);
    assert_true(fabs(variance(&model, "fc2.weight") * (1024 + 2048) / 2 - 1) < 0.05); /* Xavier: sigmoid is bounded */
    assert_true(fabs(variance(&model, "fc3.weight") * 1024 / 2 - 1) < 0.05);          /* He */
    hwv_model_initialise(&model, HWV_INIT_GPT, 1);
    assert_true(fabs(variance(&model, "fc1.weight") / (0.02 * 0.02) - 1) < 0.05);
    hwv_model_free(&model);
}

/* ---- wrong ------------------------------------------------------------------------------------------ */

static void refuse(const char *notation, const char *act, hwv_status status, const char *message)
{
    const hwv_model_options options = options_of(act);
    hwv_model model;
    hwv_error error;
    assert_int_equal(hwv_model_build(&model, notation, &options, &error), status);
    if (strstr(error.text, message) == NULL)
        fail_msg("'%s' does not contain '%s'", error.text, message);
}

static void test_messages(void **state)
{
    (void)state;
    refuse("fc 9; act reglu; fc classes", "relu", HWV_ERR_SHAPE,
           "model: layer 2, column 7: reglu halves what it reads, values first; 9 values, an odd number, arrive here");
    refuse("act; fc classes", "swiglu", HWV_ERR_SHAPE,
           "model: layer 1, column 1: a bare act is swiglu, which halves what it reads: it stands right behind an fc");
    refuse("fc 8; ln; act; fc classes", "reglu", HWV_ERR_SHAPE, "model: layer 3, column 11: a bare act is reglu");
    refuse("fc 8; act; act; fc classes", "reglu", HWV_ERR_SHAPE, "model: layer 3, column 12: a bare act is reglu");
    refuse("fc 8; res { act; fc 8 }; fc classes", "reglu", HWV_ERR_SHAPE, "layer 3, column 13: a bare act is reglu");
    refuse("fc 8; act reglu(2); fc classes", "relu", HWV_ERR_ARGUMENT,
           "model: layer 2, column 11: reglu takes no parameters, at '(2)'");
    refuse("fc 8; act regul; fc classes", "relu", HWV_ERR_NAME,
           "model: layer 2, column 11: unknown activation 'regul' (did you mean 'reglu'?)");
    refuse("fc 8; act reglu; fc 4", "relu", HWV_ERR_SHAPE, "is the last and has 4 outputs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),        cmocka_unit_test(test_what_is_built),
        cmocka_unit_test(test_images),       cmocka_unit_test(test_as_many_parameters),
        cmocka_unit_test(test_against_sums), cmocka_unit_test(test_initial_weights),
        cmocka_unit_test(test_messages),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
