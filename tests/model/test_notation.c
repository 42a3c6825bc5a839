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
    return (hwv_model_options){.act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 1, .dims = {64}, .classes = 10};
}

static hwv_model_options image_options(size_t side, size_t channels)
{
    return (hwv_model_options){
        .act = {.act = hwv_act_make(HWV_OP_RELU)}, .rank = 3, .dims = {side, side, channels}, .classes = 10};
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
    hwv_model_options options = image_options(4, 3);
    options.dims[1] = 5;
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
    options.act.act = hwv_act_make(HWV_OP_PRELU);
    model = build("fc 4; act; fc 10", options);
    assert_true(hwv_graph_find(model.graph, "act1.slope") != HWV_NO_ID);
    hwv_model_free(&model);
}

static void expect_shape(const hwv_model *model, const char *value, size_t height, size_t width, size_t channels)
{
    hwv_id id = hwv_graph_find(model->graph, value);
    assert_int_not_equal(id, HWV_NO_ID);
    const hwv_shape *shape = &hwv_graph_value(model->graph, id)->shape;
    assert_int_equal(shape->rank, 4);
    assert_int_equal(shape->dim[1], height);
    assert_int_equal(shape->dim[2], width);
    assert_int_equal(shape->dim[3], channels);
}

static void test_image_layers(void **state)
{
    (void)state;
    hwv_model model = build("conv 5 8; act prelu; pool 2; conv 3 16 valid stride 2; bn; act; avgpool 3 stride 2 pad 1; "
                            "drop 25%; conv 4 16 groups 8 nobias; gap; fc classes",
                            image_options(28, 1));
    expect_nodes(&model,
                 "conv1.product conv1 act1 pool1 conv2 bn1 act2 avgpool1 drop1 conv3 gap1 fc1.product fc1 loss");
    expect_shape(&model, "conv1", 28, 28, 8);
    expect_shape(&model, "pool1", 14, 14, 8);
    expect_shape(&model, "conv2", 6, 6, 16);
    expect_shape(&model, "avgpool1", 3, 3, 16);
    expect_shape(&model, "conv3", 3, 3, 16);
    /* 5*5*8 + 8, 8 slopes, 3*3*8*16 without bias in front of bn, 2*16, 4*4*2*16, 160 + 10 */
    assert_int_equal(hwv_model_parameters(&model), 208 + 8 + 1152 + 32 + 512 + 170);
    const hwv_value *variance = hwv_graph_value(model.graph, hwv_graph_find(model.graph, "bn1.running_var"));
    assert_int_equal(variance->role, HWV_ROLE_STATE);
    hwv_id drop = hwv_graph_value(model.graph, hwv_graph_find(model.graph, "drop1"))->producer;
    assert_true(hwv_graph_node_at(model.graph, drop)->attributes.rate == 0.25f);
    hwv_model_free(&model);
}

static void test_residual(void **state)
{
    (void)state;
    hwv_model model =
        build("conv 3 4; res { conv 3 4; act; conv 3 4 }; act; res{conv 3 8 stride 2;bn;act;conv 3 8;bn;}; "
              "res { res { conv 1 8 }; act }; gap; fc 10",
              image_options(9, 3));
    expect_nodes(&model,
                 "conv1.product conv1 conv2.product conv2 act1 conv3.product conv3 res1 act2 conv4 bn1 act3 conv5 "
                 "bn2 conv6 bn3 res2 conv7.product conv7 res3 act4 res4 gap1 fc1.product fc1 loss");
    expect_shape(&model, "res1", 9, 9, 4);
    expect_shape(&model, "conv6", 5, 5, 8);
    expect_shape(&model, "res4", 5, 5, 8);
    hwv_model_free(&model);
}

static void test_zoo(void **state)
{
    (void)state;
    for (size_t classes = 1; classes < 30; classes += 9) {
        hwv_model_options options = image_options(28, 3);
        options.classes = classes;
        for (size_t i = 0; i < hwv_zoo_count(); i++) {
            options.rank = strncmp(hwv_zoo_notation(i), "embed ", 6) == 0 ? 1 : 3; /* tokens, images */
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

typedef struct wrong {
    const char *notation;
    hwv_status status;
    const char *message;
} wrong;

static const wrong wrongs[] = {
    {"fc 32; fx; fc 10", HWV_ERR_NAME,
     "model: layer 2, column 8: unknown layer 'fx' (did you mean 'fc'?); layers are: fc, act, flatten, conv, "},
    {"fc 32; conf 3 64", HWV_ERR_NAME, "layer 2, column 8: unknown layer 'conf' (did you mean 'conv'?)"},
    {"fc 32; conv 3 64", HWV_ERR_SHAPE,
     "layer 2, column 12: conv works on images (height x width x channels); 32 values arrive here"},
    {"pool 2; fc 10", HWV_ERR_SHAPE, "layer 1, column 5: pool works on images"},
    {"gap; fc 10", HWV_ERR_SHAPE, "layer 1, column 4: gap works on images"},
    {"conv", HWV_ERR_ARGUMENT, "layer 1, column 5: conv K C: the side of the kernel is a whole number"},
    {"conv classes 8", HWV_ERR_ARGUMENT,
     "the side of the kernel is a whole number from 1 to 4294967295; found 'classes'"},
    {"conv 3", HWV_ERR_ARGUMENT, "layer 1, column 7: conv K C: the number of filters is a whole number"},
    {"drop; fc 10", HWV_ERR_ARGUMENT, "layer 1, column 5: drop R: the share to drop is a number from 0 to below 1"},
    {"drop 1; fc 10", HWV_ERR_ARGUMENT, "or percent; found '1'"},
    {"drop 100%; fc 10", HWV_ERR_ARGUMENT, "or percent; found '100'"},
    {"drop 0.1.1; fc 10", HWV_ERR_ARGUMENT, "found '0.1.1'"},
    {"drop -0.1; fc 10", HWV_ERR_ARGUMENT, "found '-0.1'"},
    {"res fc 10", HWV_ERR_ARGUMENT, "layer 1, column 5: res is followed by layers in braces"},
    {"res { fc 64; act", HWV_ERR_ARGUMENT, "column 17: the brace of res is not closed with '}'"},
    {"res { }; fc 10", HWV_ERR_ARGUMENT, "layer 2, column 7: a layer starts with a word; found the end of the layer"},
    {"fc 10 }", HWV_ERR_ARGUMENT, "layer 1, column 7: a '}' without its '{'"},
    {"res { fc 32 }; fc 10", HWV_ERR_SHAPE,
     "layer 1, column 4: res gets 64 values, its layers give 32 values; accepted"},
    {"res{res{res{res{res{res{res{res{res{act}}}}}}}}}; fc 10", HWV_ERR_ARGUMENT, "more than 8 blocks"},
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
     "unknown model 'mpl' (did you mean 'mlp'?); a model is a name (mlp, lenet, vgg-small, resnet-small, "
     "char-gpt, char-gpt-post, vit-tiny) or layers such as"},
    {"fcc", HWV_ERR_NAME, "unknown model 'fcc' (did you mean 'fc'?)"},
    {"resnet-1000000000000000000000000000000000000000000000000000000000000000000000000000000000000", HWV_ERR_NAME,
     "unknown model 'resnet-1"},
};

static void expect_wrong(const wrong *w, hwv_model_options options)
{
    hwv_model model;
    hwv_error error = {0};
    hwv_status status = hwv_model_build(&model, w->notation, &options, &error);
    if (status != w->status || strstr(error.text, w->message) == NULL)
        fail_msg("\"%s\": %s \"%s\", expected %s \"%s\"", w->notation, hwv_status_name(status), error.text,
                 hwv_status_name(w->status), w->message);
    assert_null(model.graph);
    assert_null(model.notation);
    assert_int_equal(hwv_model_build(&model, w->notation, &options, NULL), status);
}

static void test_wrong_notation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof wrongs / sizeof wrongs[0]; i++)
        expect_wrong(&wrongs[i], flat_options());
}

static void test_wrong_on_images(void **state)
{
    static const wrong of_images[] = {
        {"conv 5 4 valid; pool 2; pool 2; conv 3 4 valid; fc 10", HWV_ERR_SHAPE,
         "layer 4, column 37: a window of 3 x 3 is larger than the images that arrive here, 1 x 1"},
        {"conv 3 4 groups 2; fc 10", HWV_ERR_SHAPE, "layer 1, column 9: 2 groups do not divide the 3 channels"},
        {"conv 3 4 padded; fc 10", HWV_ERR_ARGUMENT, "layer 1, column 10: found 'padded' where ';' or the end"},
        {"conv 3 4 stride 0; fc 10", HWV_ERR_ARGUMENT, "stride S is a whole number from 1"},
        {"pool 3 pad 2; fc 10", HWV_ERR_ARGUMENT, "column 7: a pad of 2; at most half of the window, 1, is accepted"},
        {"res { pool 2 stride 1 pad 1 }; fc 10", HWV_ERR_SHAPE, "layer 1, column 4: res gets "},
        {"conv 3 4", HWV_ERR_SHAPE, "layer 1 is the last and has 9x9x4 outputs, the data has 10 classes"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof of_images / sizeof of_images[0]; i++)
        expect_wrong(&of_images[i], image_options(9, 3));
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
    options.act.act.op = (hwv_op)9999;
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
        cmocka_unit_test(test_what_is_built),   cmocka_unit_test(test_images_are_flattened),
        cmocka_unit_test(test_activations),     cmocka_unit_test(test_zoo),
        cmocka_unit_test(test_wrong_notation),  cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_image_layers),    cmocka_unit_test(test_residual),
        cmocka_unit_test(test_wrong_on_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
