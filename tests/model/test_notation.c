/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layer notation and the zoo: what is built, and the message of everything that is wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "halfwave/model.h"

static hwv_model_options flat_options(void)
{
    return (hwv_model_options){.act = hwv_act_make(HWV_OP_RELU), .rank = 1, .dims = {64}, .classes = 10};
}

static hwv_model build(const char *notation, hwv_model_options options)
{
    hwv_model model;
    hwv_error error;
    if (hwv_model_build(&model, notation, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    return model;
}

/* Names of all nodes, separated by blanks. */
static void expect_nodes(const hwv_model *model, const char *wanted)
{
    char nodes[500] = "";
    for (size_t n = 0; n < hwv_graph_node_count(model->graph); n++) {
        strcat(nodes, n ? " " : "");
        strcat(nodes, hwv_graph_node_at(model->graph, (hwv_id)n)->name);
    }
    assert_string_equal(nodes, wanted);
}

static void test_what_is_built(void **state)
{
    (void)state;
    hwv_model model = build("fc 32; act; fc 10", flat_options());
    expect_nodes(&model, "fc1.product fc1 act1 fc2.product fc2 loss");
    assert_int_equal(hwv_model_parameters(&model), 2410);
    assert_string_equal(model.notation, "fc 32; act; fc 10");
    assert_int_equal(model.logits, hwv_graph_find(model.graph, "fc2"));
    const hwv_value *weight = hwv_graph_value(model.graph, hwv_graph_find(model.graph, "fc1.weight"));
    assert_int_equal(weight->shape.dim[0], 32);
    assert_int_equal(weight->shape.dim[1], 64);
    assert_true(weight->decay);
    assert_int_equal(hwv_graph_node_at(model.graph, 2)->attributes.act.op, HWV_OP_RELU);
    hwv_model_free(&model);
    hwv_model_free(&model); /* a zero model */
}

static void test_images_are_flattened(void **state)
{
    (void)state;
    hwv_model_options options = flat_options();
    options.rank = 3;
    options.dims[0] = 4;
    options.dims[1] = 5;
    options.dims[2] = 3;
    hwv_model model = build("fc 10", options);
    expect_nodes(&model, "flatten1 fc1.product fc1 loss");
    assert_int_equal(hwv_model_parameters(&model), 610);
    hwv_model_free(&model);
    model = build("act; flatten; flatten; fc classes", options);
    expect_nodes(&model, "act1 flatten1 fc1.product fc1 loss");
    hwv_model_free(&model);
}

static void test_activations(void **state)
{
    (void)state;
    hwv_model model = build(" fc 7 ;act prelu;\n fc 5; act leaky_relu( slope = 0.2 ) ; fc\t10;", flat_options());
    const hwv_value *slope = hwv_graph_value(model.graph, hwv_graph_find(model.graph, "act1.slope"));
    assert_non_null(slope);
    assert_int_equal(slope->shape.rank, 1);
    assert_int_equal(slope->shape.dim[0], 7);
    assert_false(slope->decay);
    const hwv_node *leaky =
        hwv_graph_node_at(model.graph, hwv_graph_value(model.graph, hwv_graph_find(model.graph, "act2"))->producer);
    assert_int_equal(leaky->attributes.act.op, HWV_OP_LEAKY_RELU);
    assert_true(leaky->attributes.act.param[0] == 0.2f);
    hwv_model_free(&model);
    hwv_model_options options = flat_options();
    options.act = hwv_act_make(HWV_OP_PRELU);
    model = build("fc 4; act; fc 10", options);
    assert_true(hwv_graph_find(model.graph, "act1.slope") != HWV_NO_ID);
    hwv_model_free(&model);
}

static void test_zoo(void **state)
{
    (void)state;
    for (size_t classes = 1; classes < 30; classes += 9) {
        hwv_model_options options = {
            .act = hwv_act_make(HWV_OP_RELU), .rank = 3, .dims = {28, 28, 3}, .classes = classes};
        for (size_t i = 0; i < hwv_zoo_count(); i++) {
            hwv_model model = build(hwv_zoo_name(i), options);
            assert_string_equal(model.notation, hwv_zoo_notation(i));
            assert_true(strlen(hwv_zoo_sentence(i)) > 10);
            hwv_model_free(&model);
        }
    }
    hwv_model model = build("  mlp ", flat_options());
    hwv_model_free(&model);
    assert_null(hwv_zoo_name(hwv_zoo_count()));
    assert_null(hwv_zoo_notation(hwv_zoo_count()));
    assert_null(hwv_zoo_sentence(hwv_zoo_count()));
}

static const struct {
    const char *notation;
    hwv_status status;
    const char *message;
} wrongs[] = {
    {"fc 32; fx; fc 10", HWV_ERR_NAME,
     "model: layer 2, column 8: unknown layer 'fx' (did you mean 'fc'?); layers are: fc, act, flatten, conv, "},
    {"fc 32; conf 3 64", HWV_ERR_NAME, "layer 2, column 8: unknown layer 'conf' (did you mean 'conv'?)"},
    {"fc 32; conv 3 64", HWV_ERR_SHAPE,
     "layer 2, column 12: conv works on images (height x width x channels); 32 values arrive here"},
    {"fc 32; a_word_longer_than_any_that_could_be_meant_by_it 3", HWV_ERR_NAME,
     "unknown layer 'a_word_longer_than_any_that_could_be_mea'"},
    {"", HWV_ERR_ARGUMENT, "layer 1, column 1: a layer starts with a word; found the end of the layer"},
    {"  ;", HWV_ERR_ARGUMENT, "layer 1, column 3: a layer starts with a word"},
    {"fc 3;; fc 10", HWV_ERR_ARGUMENT, "layer 2, column 6: a layer starts with a word"},
    {"(fc 3)", HWV_ERR_ARGUMENT, "layer 1, column 1: a layer starts with a word; found '('"},
    {"fc", HWV_ERR_ARGUMENT, "layer 1, column 3: fc N: the number of outputs is a whole number from 1"},
    {"fc ; act", HWV_ERR_ARGUMENT, "layer 1, column 4: fc N: the number of outputs is a whole number from 1"},
    {"fc 0", HWV_ERR_ARGUMENT,
     "column 4: fc N: the number of outputs is a whole number from 1 to 4294967295, or the word 'classes'; found '0'"},
    {"fc -3", HWV_ERR_ARGUMENT, "found '-3'"},
    {"fc 3.5", HWV_ERR_ARGUMENT, "found '3.5'"},
    {"fc 3x", HWV_ERR_ARGUMENT, "found '3x'"},
    {"fc ten", HWV_ERR_ARGUMENT, "found 'ten'"},
    {"fc 99999999999999999999999", HWV_ERR_ARGUMENT, "found '99999999999999999999999'"},
    {"fc 10 20", HWV_ERR_ARGUMENT, "layer 1, column 7: found '20' where ';' or the end is expected"},
    {"fc 10, act", HWV_ERR_ARGUMENT, "layer 1, column 6: found ',' where ';' or the end is expected"},
    {"fc 4; flatten 3; fc 10", HWV_ERR_ARGUMENT, "layer 2, column 15: found '3'"},
    {"fc 4; act relo; fc 10", HWV_ERR_NAME, "layer 2, column 11: "},
    {"fc 4; act relo; fc 10", HWV_ERR_NAME, "did you mean 'relu'"},
    {"fc 4; act leaky_relu(slop=1); fc 10", HWV_ERR_ARGUMENT, "layer 2, column 11: "},
    {"fc 4; act leaky_relu(0.1; fc 10", HWV_ERR_ARGUMENT, "layer 2, column 11: "},
    {"fc 4; act relu relu; fc 10", HWV_ERR_NAME, "layer 2, column 11: "},
    {"fc 4; act", HWV_ERR_SHAPE,
     "layer 2 is the last and has 4 outputs, the data has 10 classes; accepted is a last layer \"fc 10\""},
    {"act", HWV_ERR_SHAPE, "layer 1 is the last and has 64 outputs"},
    {"mpl", HWV_ERR_NAME,
     "unknown model 'mpl' (did you mean 'mlp'?); a model is a name (mlp, lenet) or layers such as"},
    {"fcc", HWV_ERR_NAME, "unknown model 'fcc' (did you mean 'fc'?)"},
    {"resnet-1000000000000000000000000000000000000000000000000000000000000000000000000000000000000", HWV_ERR_NAME,
     "unknown model 'resnet-1"},
};

static void test_wrong_notation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++) {
        hwv_model model;
        hwv_error error = {0};
        hwv_model_options options = flat_options();
        hwv_status status = hwv_model_build(&model, wrongs[i].notation, &options, &error);
        if (status != wrongs[i].status || strstr(error.text, wrongs[i].message) == NULL)
            fail_msg("\"%s\": %s \"%s\", expected %s \"%s\"", wrongs[i].notation, hwv_status_name(status), error.text,
                     hwv_status_name(wrongs[i].status), wrongs[i].message);
        assert_null(model.graph);
        assert_null(model.notation);
        assert_int_equal(hwv_model_build(&model, wrongs[i].notation, &options, NULL), status);
    }
}

static void test_wrong_options(void **state)
{
    (void)state;
    hwv_model model;
    hwv_model_options options = flat_options();
    options.rank = 4;
    assert_int_equal(hwv_model_build(&model, "fc 10", &options, NULL), HWV_ERR_SHAPE);
    options.rank = 0;
    assert_int_equal(hwv_model_build(&model, "fc 10", &options, NULL), HWV_ERR_SHAPE);
    options = flat_options();
    options.dims[0] = 0;
    assert_int_equal(hwv_model_build(&model, "fc 10", &options, NULL), HWV_ERR_SHAPE);
    options = flat_options();
    options.classes = 0;
    assert_int_equal(hwv_model_build(&model, "fc classes", &options, NULL), HWV_ERR_SHAPE);
    options = flat_options();
    options.smoothing = 1;
    assert_int_equal(hwv_model_build(&model, "fc 10", &options, NULL), HWV_ERR_ARGUMENT);
    options = flat_options();
    options.act.op = (hwv_op)9999;
    assert_int_equal(hwv_model_build(&model, "fc 10", &options, NULL), HWV_ERR_ARGUMENT);
    options = flat_options();
    options.dims[0] = SIZE_MAX / 2;
    assert_int_not_equal(hwv_model_build(&model, "fc 10", &options, NULL), HWV_OK);
    options = flat_options();
    options.classes = 4294967295u;
    assert_int_not_equal(hwv_model_build(&model, "fc 4294967295; fc classes", &options, NULL), HWV_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_built),  cmocka_unit_test(test_images_are_flattened),
        cmocka_unit_test(test_activations),    cmocka_unit_test(test_zoo),
        cmocka_unit_test(test_wrong_notation), cmocka_unit_test(test_wrong_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
