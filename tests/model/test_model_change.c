/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Models with a change of their network: the notation, the numbers, and what layer notation cannot say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "allocations.h"
#include "cut_units.h"
#include "halfwave/random.h"
#include "model/model_change.h"

#define SAMPLES 7
#define CLASSES 5

static const hwv_model_options flat = {
    .act = {.act = {.op = HWV_OP_RELU}}, .rank = 1, .dims = {11}, .classes = CLASSES};
static const hwv_model_options images = {
    .act = {.act = {.op = HWV_OP_RELU}}, .rank = 3, .dims = {8, 6, 3}, .classes = CLASSES};

/* A model, the network that its twin became, and a change of that. */
typedef struct bed {
    hwv_model model;
    hwv_network network;
    hwv_change change;
} bed;

/* All parameters and state differ, variances are positive. */
static void draw(hwv_model *model)
{
    hwv_model_initialise(model, HWV_INIT_PYTORCH, 5);
    for (size_t v = 0; v < hwv_graph_value_count(model->graph); v++) {
        const hwv_value *value = hwv_graph_value(model->graph, (hwv_id)v);
        float *data = hwv_weights_data(model->weights, (hwv_id)v);
        for (size_t i = 0; data && value->shape.rank == 1 && i < value->shape.dim[0]; i++)
            data[i] = (float)(0.2 + hwv_random_uniform(3, (uint32_t)v, 0, i)) * (value->decay && i % 3 == 1 ? -1 : 1);
    }
}

static void bed_make(bed *b, const char *notation, const hwv_model_options *options)
{
    hwv_error error;
    hwv_model twin;
    memset(b, 0, sizeof *b);
    if (hwv_model_build(&b->model, notation, options, &error) != HWV_OK ||
        hwv_model_build(&twin, notation, options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    draw(&b->model);
    draw(&twin);
    assert_int_equal(hwv_network_of_model(&b->network, &twin, "twin", &error), HWV_OK);
    assert_int_equal(hwv_change_create(&b->change, &b->network, &error), HWV_OK);
}

static void bed_free(bed *b)
{
    hwv_change_free(&b->change);
    hwv_network_free(&b->network);
    hwv_model_free(&b->model);
}

/* Units that are cut become dead ones: before their activation they are -1 for every sample. */
static void plant(bed *b)
{
    for (size_t v = 0; v < b->change.value_count; v++) {
        const hwv_value *value = hwv_graph_value(b->model.graph, (hwv_id)v);
        float *data = hwv_weights_data(b->model.weights, (hwv_id)v);
        const uint8_t *cut = b->change.values[v].cut[0];
        size_t each = 1;
        for (size_t a = 1; a < value->shape.rank; a++)
            each *= value->shape.dim[a];
        for (size_t i = 0; data && cut && value->role == HWV_ROLE_PARAMETER && i < value->shape.dim[0] * each; i++)
            if (cut[i / each])
                data[i] = strstr(value->name, ".bias") ? -1.0f : 0.0f;
    }
}

static void logits(const hwv_model *model, float out[SAMPLES * CLASSES])
{
    hwv_plan *plan;
    hwv_plan_options options = {.batch = SAMPLES, .passes = HWV_PASS_ALL};
    size_t elements = SAMPLES;
    hwv_error error;
    if (hwv_plan_create(&plan, model->graph, model->weights, model->logits, &options, &error) != HWV_OK)
        fail_msg("%s", error.text);
    for (size_t d = 0; d < model->options.rank; d++)
        elements *= model->options.dims[d];
    float *x = hwv_plan_data(plan, model->input);
    for (size_t i = 0; i < elements; i++)
        x[i] = (float)hwv_random_normal(11, 1, 0, i);
    hwv_plan_forward(plan);
    memcpy(out, hwv_plan_data(plan, model->logits), SAMPLES * CLASSES * sizeof *out);
    hwv_plan_destroy(plan);
}

/* The same up to the order of sums. */
static void assert_same_logits(const hwv_model *a, const hwv_model *b)
{
    float x[SAMPLES * CLASSES], y[SAMPLES * CLASSES], most = 1;
    logits(a, x);
    logits(b, y);
    for (size_t i = 0; i < SAMPLES * CLASSES; i++) {
        float size = x[i] < 0 ? -x[i] : x[i];
        most = size > most ? size : most;
    }
    for (size_t i = 0; i < SAMPLES * CLASSES; i++)
        assert_float_equal(x[i], y[i], 1e-5f * most);
}

static hwv_changed_model changed_of(bed *b, const char *notation)
{
    hwv_error error;
    hwv_changed_model changed;
    if (hwv_model_change(&changed, &b->model, &b->change, &error) != HWV_OK)
        fail_msg("%s", error.text);
    assert_string_equal(changed.model.notation, notation);
    return changed;
}

/* ---- cuts ------------------------------------------------------------------------------------------- */

/* Units first, first + step, ... of a product. */
typedef struct cut {
    const char *product;
    size_t first, step;
} cut;

static const struct {
    const hwv_model_options *options;
    const char *before, *after;
    cut cuts[3];
} cut_cases[] = {
    {&flat, "mlp", "fc 96; act; fc 63; act; fc classes", {{"fc1.product", 1, 4}, {"fc2.product", 63, 64}}},
    /* blanks stay */
    {&flat,
     "\tfc  12 ;act ;\n fc 8;act  relu;fc classes ;",
     "\tfc  6 ;act ;\n fc 8;act  relu;fc classes ;",
     {{"fc1.product", 0, 2}}},
    {&flat, "fc classes; act; fc classes", "fc 3; act; fc classes", {{"fc1.product", 1, 2}}},
    {&flat, "fc 8; bn; act; drop 25%; fc 5", "fc 5; bn; act; drop 25%; fc 5", {{"fc1.product", 2, 2}}},
    {&flat, "fc 8; act prelu; fc 5", "fc 4; act prelu; fc 5", {{"fc1.product", 1, 2}}},
    /* flatten goes through [height, width, channels] */
    {&images,
     "conv 3 6; act; pool 2; fc 9; act; fc classes",
     "conv 3 4; act; pool 2; fc 9; act; fc classes",
     {{"conv1.product", 2, 3}}},
    {&images,
     "conv 3 6; act; avgpool 3 stride 2 pad 1; flatten; fc classes",
     "conv 3 3; act; avgpool 3 stride 2 pad 1; flatten; fc classes",
     {{"conv1.product", 0, 2}}},
    {&images,
     "conv 3 6; bn; act; conv 3 4; bn; act; gap; fc classes",
     "conv 3 5; bn; act; conv 3 3; bn; act; gap; fc classes",
     {{"conv1", 4, 6}, {"conv2", 0, 4}}},
    {&images,
     "conv 5 9 valid stride 2; act; gap; fc classes",
     "conv 5 6 valid stride 2; act; gap; fc classes",
     {{"conv1.product", 0, 3}}},
    /* depthwise: groups follow; the cut goes on to what reads it */
    {&images,
     "conv 1 8; act; conv 3 8 groups 8; act; conv 1 6; act; gap; fc classes",
     "conv 1 5; act; conv 3 5 groups 5; act; conv 1 6; act; gap; fc classes",
     {{"conv1.product", 0, 3}}},
    {&images,
     "conv 1 6; bn; act; conv 3 6 nobias groups 6 stride 2; bn; act; fc classes",
     "conv 1 3; bn; act; conv 3 3 nobias groups 3 stride 2; bn; act; fc classes",
     {{"conv1", 1, 2}}},
    /* inside of a block, and all that is added */
    {&images,
     "conv 3 6; bn; act; res { conv 3 5; bn; act; conv 3 6; bn }; act; gap; fc classes",
     "conv 3 6; bn; act; res { conv 3 3; bn; act; conv 3 6; bn }; act; gap; fc classes",
     {{"conv2", 1, 2}}},
    {&images,
     "conv 3 6; bn; act; res { conv 3 5; bn; act; conv 3 6; bn }; act; gap; fc classes",
     "conv 3 4; bn; act; res { conv 3 5; bn; act; conv 3 4; bn }; act; gap; fc classes",
     {{"conv1", 0, 3}, {"conv3", 0, 3}}},
    {&images,
     "conv 3 4; act; res { conv 3 6 stride 2; bn; act; conv 3 8; bn }; act; gap; fc classes",
     "conv 3 4; act; res { conv 3 6 stride 2; bn; act; conv 3 6; bn }; act; gap; fc classes",
     {{"conv3", 3, 4}, {"conv4", 3, 4}}},
};

static void test_cuts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cut_cases / sizeof cut_cases[0]; i++) {
        bed b;
        print_message("%s\n", cut_cases[i].before);
        bed_make(&b, cut_cases[i].before, cut_cases[i].options);
        for (const cut *c = cut_cases[i].cuts; c->product; c++)
            cut_units(&b.change, c->product, c->first, c->step);
        plant(&b);
        hwv_changed_model changed = changed_of(&b, cut_cases[i].after);
        assert_true(hwv_model_parameters(&changed.model) < hwv_model_parameters(&b.model));
        assert_same_logits(&b.model, &changed.model);
        hwv_changed_model_free(&changed);
        bed_free(&b);
    }
}

static void test_nothing(void **state)
{
    (void)state;
    bed b;
    bed_make(&b, "resnet-small", &images);
    hwv_changed_model changed = changed_of(&b, b.model.notation);
    float x[SAMPLES * CLASSES], y[SAMPLES * CLASSES];
    logits(&b.model, x);
    logits(&changed.model, y);
    assert_memory_equal(x, y, sizeof x);
    for (size_t v = 0; v < b.change.value_count; v++)
        if (hwv_weights_data(b.model.weights, (hwv_id)v))
            assert_int_equal(changed.origin[v], v);
    hwv_changed_model_free(&changed);
    bed_free(&b);
}

/* Numbers are replaced first, cut then; each lands where its unit went. */
static void test_data_then_cut(void **state)
{
    (void)state;
    bed b;
    bed_make(&b, "fc 4; act; fc 5", &flat);
    hwv_id weight = hwv_graph_find(b.network.graph, "fc2.weight");
    float *data = hwv_change_data(&b.change, weight);
    for (size_t i = 0; i < 20; i++)
        data[i] = (float)i;
    cut_units(&b.change, "fc1.product", 1, 2);
    hwv_changed_model changed = changed_of(&b, "fc 2; act; fc 5");
    const float *now = hwv_weights_data(changed.model.weights, hwv_graph_find(changed.model.graph, "fc2.weight"));
    for (size_t i = 0; i < 10; i++)
        assert_true(now[i] == (float)(i / 2 * 4 + i % 2 * 2));
    hwv_changed_model_free(&changed);
    bed_free(&b);
}

/* ---- activations ------------------------------------------------------------------------------------ */

static void change_act(bed *b, const char *node, const char *text)
{
    hwv_act act;
    hwv_error error;
    assert_int_equal(hwv_act_parse(&act, text, &error), HWV_OK);
    assert_int_equal(hwv_change_act(&b->change, node_named(&b->change, node), &act, &error), HWV_OK);
}

static void test_activations(void **state)
{
    (void)state;
    static const struct {
        const char *act, *notation;
    } cases[] = {
        {"leaky_relu(slope=0.01)", "fc 6; act leaky_relu(slope=0.01); fc 7; act; fc classes"},
        {"leaky_relu(slope=-0.333333343)", "fc 6; act leaky_relu(slope=-0.33333334); fc 7; act; fc classes"},
        {"clip(min=-1e-20, max=6)", "fc 6; act clip(min=-1e-20, max=6); fc 7; act; fc classes"},
        {"tanh", "fc 6; act tanh; fc 7; act; fc classes"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bed b, wanted;
        bed_make(&b, "fc 6; act; fc 7; act; fc classes", &flat);
        bed_make(&wanted, cases[i].notation, &flat);
        change_act(&b, "act1", cases[i].act);
        hwv_changed_model changed = changed_of(&b, cases[i].notation);
        float x[SAMPLES * CLASSES], y[SAMPLES * CLASSES];
        logits(&wanted.model, x);
        logits(&changed.model, y);
        assert_memory_equal(x, y, sizeof x);
        hwv_changed_model_free(&changed);
        bed_free(&wanted);
        bed_free(&b);
    }
}

/* Slopes are new, one a unit that is left; names of what is behind do not move. */
static void test_prelu(void **state)
{
    (void)state;
    bed b;
    bed_make(&b, "conv 3 6; bn; act; conv 3 4; act  relu ; fc classes", &images);
    change_act(&b, "act1", "prelu(slope=0)");
    change_act(&b, "act2", "prelu(slope=0)");
    cut_units(&b.change, "conv1", 1, 3);
    plant(&b);
    hwv_changed_model changed = changed_of(&b, "conv 3 4; bn; act prelu; conv 3 4; act prelu ; fc classes");
    hwv_id slope = hwv_graph_find(changed.model.graph, "act1.slope");
    assert_int_equal(hwv_graph_value(changed.model.graph, slope)->shape.dim[0], 4);
    assert_int_equal(changed.origin[slope], HWV_NO_ID);
    for (size_t i = 0; i < 4; i++)
        assert_true(hwv_weights_data(changed.model.weights, slope)[i] == 0);
    assert_same_logits(&b.model, &changed.model);
    hwv_changed_model_free(&changed);
    bed_free(&b);

    bed_make(&b, "fc 6; act prelu; fc 5", &flat); /* slopes that go */
    change_act(&b, "act1", "leaky_relu(slope=0.5)");
    changed = changed_of(&b, "fc 6; act leaky_relu(slope=0.5); fc 5");
    assert_int_equal(hwv_graph_find(changed.model.graph, "act1.slope"), HWV_NO_ID);
    hwv_changed_model_free(&changed);
    bed_free(&b);
}

/* ---- norms and biases ------------------------------------------------------------------------------- */

/* A norm that changes nothing but rounding: mean 0, variance + epsilon 1. */
static void change_norm(bed *b, const char *act, float mean)
{
    hwv_id node = node_named(&b->change, act);
    const hwv_graph *graph = b->network.graph;
    const hwv_shape *z = &hwv_graph_value(graph, hwv_graph_node_at(graph, node)->input[0])->shape;
    hwv_norm_change *norm = hwv_change_norm(&b->change, node, z->dim[z->rank - 1], 1e-5f);
    for (size_t i = 0; i < norm->units; i++) {
        norm->mean[i] = mean * (float)i;
        norm->variance[i] = 1 - 1e-5f;
    }
}

static void test_norms(void **state)
{
    (void)state;
    static const struct {
        const hwv_model_options *options;
        const char *act, *before, *after;
    } cases[] = {
        {&flat, "act1", "fc 6; act; fc 5", "fc 6; bn; act; fc 5"},
        {&flat, "act2", "fc 6; bn; act; fc 4 ;\n act tanh; fc 5", "fc 6; bn; act; fc 4 ;\n bn; act tanh; fc 5"},
        /* the bias of a convolution goes into the mean */
        {&images, "act1", "conv 3 6; act; gap; fc 5", "conv 3 6; bn; act; gap; fc 5"},
        {&images, "act1", "conv 3 6; pool 2; act; gap; fc 5", "conv 3 6; pool 2; bn; act; gap; fc 5"},
        {&images, "act1", "conv 3 6 nobias; act; gap; fc 5", "conv 3 6 nobias; bn; act; gap; fc 5"},
        {&images, "act2", "conv 3 6; act; res { conv 3 4; act; conv 3 6 }; act; gap; fc 5",
         "conv 3 6; act; res { conv 3 4; bn; act; conv 3 6 }; act; gap; fc 5"},
        {&images, "act1", "conv 3 6; res {act; conv 3 6 }; act; gap; fc 5",
         "conv 3 6; res {bn; act; conv 3 6 }; act; gap; fc 5"},
        {&images, "act3", "conv 3 6; act; res { conv 3 4; act; conv 3 6 }; act; gap; fc 5",
         "conv 3 6; act; res { conv 3 4; act; conv 3 6 }; bn; act; gap; fc 5"},
        {&images, "act1", "act; conv 3 6; gap; fc 5", "bn; act; conv 3 6; gap; fc 5"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bed b;
        print_message("%s\n", cases[i].before);
        bed_make(&b, cases[i].before, cases[i].options);
        change_norm(&b, cases[i].act, 0);
        hwv_changed_model changed = changed_of(&b, cases[i].after);
        assert_same_logits(&b.model, &changed.model);
        hwv_changed_model_free(&changed);
        bed_free(&b);
    }
}

static const float *data_named(const hwv_model *model, const char *name)
{
    hwv_id id = hwv_graph_find(model->graph, name);
    assert_true(id != HWV_NO_ID);
    return hwv_weights_data(model->weights, id);
}

/* bn1 becomes bn2; cut along; the mean takes the bias. */
static void test_norm_numbers(void **state)
{
    (void)state;
    bed b;
    bed_make(&b, "conv 3 6; act; conv 1 4; bn; act; gap; fc 5", &images);
    change_norm(&b, "act1", 0.5f);
    cut_units(&b.change, "conv1.product", 0, 2);
    hwv_changed_model changed = changed_of(&b, "conv 3 3; bn; act; conv 1 4; bn; act; gap; fc 5");
    const float *bias = data_named(&b.model, "conv1.bias"), *mean = data_named(&changed.model, "bn1.running_mean");
    const float *var = data_named(&changed.model, "bn1.running_var");
    for (size_t i = 0; i < 3; i++) {
        assert_true(mean[i] == 0.5f * (float)(2 * i + 1) - bias[2 * i + 1]);
        assert_true(var[i] == 1 - 1e-5f);
        assert_true(data_named(&changed.model, "bn1.weight")[i] == 1);
        assert_true(data_named(&changed.model, "bn1.bias")[i] == 0);
    }
    assert_memory_equal(data_named(&changed.model, "bn2.running_mean"), data_named(&b.model, "bn1.running_mean"),
                        4 * sizeof(float));
    assert_int_equal(changed.origin[hwv_graph_find(changed.model.graph, "bn1.running_mean")], HWV_NO_ID);
    hwv_changed_model_free(&changed);
    bed_free(&b);
}

static void change_bias(bed *b, const char *node, size_t units)
{
    float *bias = hwv_change_bias(&b->change, node_named(&b->change, node), units);
    for (size_t i = 0; i < units; i++)
        bias[i] = 0.25f * (float)(i + 1);
}

static void test_biases(void **state)
{
    (void)state;
    static const struct {
        const char *node, *before, *after, *mean;
    } cases[] = {
        {"conv1", "conv 3 4 nobias; act; gap; fc 5", "conv 3 4; act; gap; fc 5", NULL},
        {"conv1", "conv 3 4 nobias groups 1 stride 2; act; gap; fc 5", "conv 3 4 groups 1 stride 2; act; gap; fc 5",
         NULL},
        {"conv1", "conv 3 4 groups 1  nobias; act; gap; fc 5", "conv 3 4 groups 1; act; gap; fc 5", NULL},
        {"conv1", "conv 3 4; bn; act; gap; fc 5", "conv 3 4; bn; act; gap; fc 5", "bn1.running_mean"},
        {"conv1", "conv 3 4 nobias; bn; act; gap; fc 5", "conv 3 4 nobias; bn; act; gap; fc 5", "bn1.running_mean"},
        {"conv2", "res { conv 3 4 nobias }; act; gap; fc 5", "res { conv 3 4 nobias }; act; gap; fc 5",
         "bn1.running_mean"}, /* that of the shortcut */
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        bed b;
        print_message("%s\n", cases[i].before);
        bed_make(&b, cases[i].before, &images);
        change_bias(&b, cases[i].node, 4);
        hwv_changed_model changed = changed_of(&b, cases[i].after);
        for (size_t u = 0; u < 4; u++) {
            float bias = 0.25f * (float)(u + 1);
            if (cases[i].mean)
                assert_true(data_named(&changed.model, cases[i].mean)[u] ==
                            data_named(&b.model, cases[i].mean)[u] - bias);
            else
                assert_true(data_named(&changed.model, "conv1.bias")[u] == bias);
        }
        hwv_changed_model_free(&changed);
        bed_free(&b);
    }
}

/* A new bias that a new norm takes, cut along. */
static void test_bias_into_a_new_norm(void **state)
{
    (void)state;
    bed b;
    bed_make(&b, "conv 3 4 nobias; act; gap; fc 5", &images);
    change_bias(&b, "conv1", 4);
    change_norm(&b, "act1", 2);
    cut_units(&b.change, "conv1", 0, 2);
    hwv_changed_model changed = changed_of(&b, "conv 3 2; bn; act; gap; fc 5");
    for (size_t u = 0; u < 2; u++)
        assert_true(data_named(&changed.model, "bn1.running_mean")[u] ==
                    2 * (float)(2 * u + 1) - 0.25f * (float)(2 * u + 2));
    hwv_changed_model_free(&changed);
    bed_free(&b);
}

/* ---- what is refused -------------------------------------------------------------------------------- */

static void cut_all(bed *b)
{
    cut_units(&b->change, "fc1.product", 0, 1);
}

static void cut_logits(bed *b)
{
    cut_units(&b->change, "fc2.product", 1, 2);
}

static void cut_input(bed *b)
{
    uint8_t marks[11] = {0, 1};
    cut_last(&b->change, b->model.input, marks);
}

static void cut_weight_only(bed *b)
{
    uint8_t marks[6] = {0, 1};
    cut_axis(&b->change, hwv_graph_find(b->network.graph, "fc1.weight"), 0, marks);
}

static void cut_one_side(bed *b)
{
    uint8_t marks[6] = {0, 1};
    cut_axis(&b->change, hwv_graph_find(b->network.graph, "conv3.weight"), 0, marks);
    cut_last(&b->change, hwv_graph_find(b->network.graph, "conv3.bias"), marks);
    cut_last(&b->change, hwv_graph_find(b->network.graph, "conv3.product"), marks);
    cut_last(&b->change, hwv_graph_find(b->network.graph, "conv3"), marks);
}

static void cut_to_the_width_before(bed *b)
{
    cut_units(&b->change, "conv2.product", 0, 3);
    cut_units(&b->change, "conv3", 0, 3);
}

static void cut_a_part_of_a_group(bed *b)
{
    uint8_t marks[6] = {1};
    cut_axis(&b->change, hwv_graph_find(b->network.graph, "conv2.weight"), 0, marks);
    cut_value(&b->change, hwv_graph_find(b->network.graph, "conv2.product"), marks);
}

static void norm_of_another_epsilon(bed *b)
{
    (void)hwv_change_norm(&b->change, node_named(&b->change, "act1"), 6, 1e-3f);
}

static void fast_tier(bed *b)
{
    const hwv_act act = {.op = HWV_OP_GELU, .tier = HWV_FAST};
    assert_int_equal(hwv_change_act(&b->change, node_named(&b->change, "act1"), &act, NULL), HWV_OK);
}

static void act_out_of_range(bed *b)
{
    const hwv_act act = {.op = HWV_OP_LEAKY_RELU, .param = {1e30f}};
    assert_int_equal(hwv_change_act(&b->change, node_named(&b->change, "act1"), &act, NULL), HWV_OK);
}

static void act_of_a_product(bed *b)
{
    const hwv_act act = {.op = HWV_OP_TANH};
    assert_int_equal(hwv_change_act(&b->change, node_named(&b->change, "fc1.product"), &act, NULL), HWV_OK);
}

static void norm_twice(bed *b)
{
    change_norm(b, "act1", 0);
    change_norm(b, "act1", 0);
}

static void norm_of_other_units(bed *b)
{
    (void)hwv_change_norm(&b->change, node_named(&b->change, "act1"), 7, 1e-5f);
}

static void bias_where_one_is(bed *b)
{
    change_bias(b, "fc1.product", 6);
}

static void bias_of_other_units(bed *b)
{
    change_bias(b, "conv1", 5);
}

static const struct {
    const char *words;
    const hwv_model_options *options;
    hwv_status status;
    const char *notation;
    void (*make)(bed *b);
} refusals[] = {
    {"layer 1, column 1: the cut leaves no output", &flat, HWV_ERR_UNSUPPORTED, "fc 6; act; fc 5", cut_all},
    {"the data has 5 classes", &flat, HWV_ERR_UNSUPPORTED, "fc 6; act; fc 5", cut_logits},
    {"the change makes 'x' 10, but in layer notation it becomes 11", &flat, HWV_ERR_UNSUPPORTED, "fc 6; act; fc 5",
     cut_input},
    {"layer 1, column 2: the change makes 'fc1.product' 6, but in layer notation it becomes 5", &flat,
     HWV_ERR_UNSUPPORTED, " fc 6; act; fc 5", cut_weight_only},
    {"layer 3, column 16: with these widths the shortcut of res would get its convolution", &images,
     HWV_ERR_UNSUPPORTED, "conv 3 6; act; res { conv 3 6; act; conv 3 6 }; act; gap; fc 5", cut_one_side},
    {"layer 3, column 16: with these widths the shortcut of res would lose its convolution", &images,
     HWV_ERR_UNSUPPORTED, "conv 3 4; act; res { conv 3 6 }; act; gap; fc 5", cut_to_the_width_before},
    {"layer 3, column 16: the cut leaves groups of different sizes", &images, HWV_ERR_UNSUPPORTED,
     "conv 3 6; act; conv 3 6 groups 2; act; gap; fc 5", cut_a_part_of_a_group},
    {"layer 2, column 7: a norm of epsilon 0.001", &flat, HWV_ERR_UNSUPPORTED, "fc 6; act; fc 5",
     norm_of_another_epsilon},
    {"layer 2, column 7: layer notation has no words for another tier", &flat, HWV_ERR_UNSUPPORTED, "fc 6; act; fc 5",
     fast_tier},
    {"leaky_relu: slope is 1e+30", &flat, HWV_ERR_ARGUMENT, "fc 6; act; fc 5", act_out_of_range},
    {"what is not for its kind", &flat, HWV_ERR_ARGUMENT, "fc 6; act; fc 5", act_of_a_product},
    {"or twice", &flat, HWV_ERR_ARGUMENT, "fc 6; act; fc 5", norm_twice},
    {"a norm of 7 units in front of 'act1', which has 6", &flat, HWV_ERR_ARGUMENT, "fc 6; act; fc 5",
     norm_of_other_units},
    {"but has one", &flat, HWV_ERR_ARGUMENT, "fc 6; act; fc 5", bias_where_one_is},
    {"of 6 units gets a bias of 5", &images, HWV_ERR_ARGUMENT, "conv 3 6 nobias; act; gap; fc 5", bias_of_other_units},
};

static void test_refusals(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        bed b;
        hwv_error error;
        hwv_changed_model changed;
        size_t live = allocations_live();
        bed_make(&b, refusals[i].notation, refusals[i].options);
        refusals[i].make(&b);
        hwv_status status = hwv_model_change(&changed, &b.model, &b.change, &error);
        if (status != refusals[i].status || !strstr(error.text, refusals[i].words))
            fail_msg("case %zu: %s: '%s' has no '%s'", i, hwv_status_name(status), error.text, refusals[i].words);
        assert_null(changed.model.graph);
        assert_null(changed.origin);
        bed_free(&b);
        assert_int_equal(allocations_live(), live);
    }
}

static void test_another_network(void **state)
{
    (void)state;
    bed a, b;
    hwv_changed_model changed;
    hwv_error error;
    bed_make(&a, "fc 6; act; fc 5", &flat);
    bed_make(&b, "fc 7; act; fc 5", &flat);
    assert_int_equal(hwv_model_change(&changed, &a.model, &b.change, &error), HWV_ERR_MISMATCH);
    bed_free(&a);
    bed_free(&b);
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    bed b;
    bed_make(&b, "conv 3 6; act; res { conv 3 5; act; conv 3 6 }; act; gap; fc 5", &images);
    cut_units(&b.change, "conv2.product", 0, 2);
    change_act(&b, "act1", "prelu");
    change_norm(&b, "act3", 1);
    hwv_status status = HWV_ERR_MEMORY;
    size_t failed = 0, live = allocations_live();
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_changed_model changed;
        hwv_error error = {0};
        allocations_fail_at(n);
        status = hwv_model_change(&changed, &b.model, &b.change, &error);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            hwv_changed_model_free(&changed);
        } else {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_true(error.text[0] != '\0');
            failed++;
        }
        assert_int_equal(allocations_live(), live);
    }
    assert_true(failed > 15);
    bed_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_data_then_cut),
        cmocka_unit_test(test_activations),
        cmocka_unit_test(test_prelu),
        cmocka_unit_test(test_norms),
        cmocka_unit_test(test_norm_numbers),
        cmocka_unit_test(test_biases),
        cmocka_unit_test(test_bias_into_a_new_norm),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_another_network),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
