/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Networks become models again: loss and gradients of the same weights on the same samples, bit for bit, whatever stands
 * in front of the first layer and behind the logits; and what is refused. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "allocations.h"
#include "graph/functions.h"
#include "halfwave/network.h"
#include "halfwave/random.h"

enum { ROWS = 6, SIDE = 4, CHANNELS = 3, PIXELS = SIDE * SIDE * CHANNELS };

#define NOTATION "conv 3 4; bn; act; gap; fc 5; act; fc 5"

static const hwv_model_options images = {
    .act = {.act = {.op = HWV_OP_RELU}}, .rank = 3, .dims = {SIDE, SIDE, CHANNELS}, .classes = 5};

static void must(hwv_status status, const hwv_error *error)
{
    if (status != HWV_OK)
        print_message("%s\n", error->text);
    assert_int_equal(status, HWV_OK);
}

/* The same samples in every test: channels last. */
static void samples(float *x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        x[i] = (float)hwv_random_normal(7, 1, 0, i);
}

/* Loss and gradients of a model on the samples. *gradients is to be freed. */
static float measure(const hwv_model *model, const float *x, size_t each, float **gradients, size_t *elements)
{
    const hwv_plan_options options = {.batch = ROWS, .training = true, .passes = HWV_PASS_ALL};
    hwv_plan *plan;
    hwv_error error;
    must(hwv_plan_create(&plan, model->graph, model->weights, model->loss, &options, &error), &error);
    memcpy(hwv_plan_data(plan, model->input), x, ROWS * each * sizeof *x);
    for (size_t r = 0; r < ROWS; r++)
        ((int32_t *)hwv_plan_data(plan, model->labels))[r] = (int32_t)(r % model->options.classes);
    hwv_plan_forward(plan);
    hwv_plan_backward(plan, false);
    const float loss = *(const float *)hwv_plan_data(plan, model->loss);
    const float *of = hwv_plan_parameter_gradients(plan, elements);
    *gradients = malloc(*elements * sizeof **gradients);
    memcpy(*gradients, of, *elements * sizeof **gradients);
    hwv_plan_destroy(plan);
    return loss;
}

/* Every parameter of a has in b the same gradient. */
static void equal_gradients(const hwv_model *a, const float *of_a, const hwv_model *b, const float *of_b)
{
    for (hwv_id id = 0; id < hwv_graph_value_count(a->graph); id++) {
        const hwv_value *value = hwv_graph_value(a->graph, id);
        size_t elements = 1;
        if (value->role != HWV_ROLE_PARAMETER)
            continue;
        for (size_t i = 0; i < value->shape.rank; i++)
            elements *= value->shape.dim[i];
        const hwv_id other = hwv_graph_find(b->graph, value->name);
        assert_int_not_equal(other, HWV_NO_ID);
        assert_int_equal(hwv_graph_value(b->graph, other)->decay, value->decay);
        assert_memory_equal(of_a + hwv_weights_offset(a->weights, id), of_b + hwv_weights_offset(b->weights, other),
                            elements * sizeof *of_a);
    }
}

static hwv_model native(void)
{
    hwv_model model;
    hwv_error error;
    must(hwv_model_build(&model, NOTATION, &images, &error), &error);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 3);
    return model;
}

static hwv_network network_of(hwv_model *model)
{
    hwv_network network;
    hwv_error error;
    must(hwv_network_of_model(&network, model, "net", &error), &error);
    return network;
}

static void block_copy(hwv_weights *to, hwv_weights *from)
{
    size_t elements;
    const float *numbers = hwv_weights_block(from, &elements);
    memcpy(hwv_weights_block(to, &elements), numbers, elements * sizeof *numbers);
}

/* Adds nodes behind a network's output, which they become; weights stay. */
static void output_add(hwv_network *network, hwv_node_kind kind, const char *name,
                       const hwv_node_attributes *attributes)
{
    hwv_id *value = &network->outputs[0].value;
    hwv_error error;
    must(hwv_graph_node(network->graph, kind, name, attributes, value, 1, value, &error), &error);
    hwv_weights *weights = network->weights;
    must(hwv_weights_create(&network->weights, network->graph, &error), &error);
    block_copy(network->weights, weights);
    hwv_weights_destroy(weights);
}

static void expect_native(hwv_network *network, const hwv_model_options *options, const char *notation)
{
    float x[ROWS * PIXELS], *want, *got;
    size_t elements;
    hwv_error error;
    hwv_model model, truth;
    samples(x, ROWS * PIXELS);
    must(hwv_model_build(&truth, notation, &images, &error), &error);
    hwv_model_initialise(&truth, HWV_INIT_AUTO, 3);
    must(hwv_model_of_network(&model, network, options, &error), &error);
    assert_null(network->graph);
    assert_true(model.of_network);
    assert_string_equal(model.notation, "net");
    assert_int_equal(model.options.classes, 5);
    assert_int_equal(hwv_model_parameters(&model), hwv_model_parameters(&truth));
    const float loss = measure(&truth, x, PIXELS, &want, &elements);
    assert_true(measure(&model, x, PIXELS, &got, &elements) == loss);
    equal_gradients(&truth, want, &model, got);
    free(want);
    free(got);
    hwv_model_free(&truth);
    hwv_model_free(&model);
}

static void test_there_and_back(void **state)
{
    static const hwv_act sigmoid = {.op = HWV_OP_SIGMOID};
    (void)state;
    for (int tail = 0; tail < 4; tail++) { /* nothing, softmax, its logarithm, softmax in another shape */
        hwv_model model = native();
        hwv_network network = network_of(&model);
        if (tail > 0)
            output_add(&network, HWV_NODE_SOFTMAX, "p", &(hwv_node_attributes){.axis = 1, .logarithm = tail == 2});
        if (tail == 3)
            output_add(&network, HWV_NODE_RESHAPE, "q", &(hwv_node_attributes){.shape = {3, {HWV_BATCH, 5, 1}}});
        expect_native(&network, &images, NOTATION);
    }
    hwv_model model = native();
    hwv_network network = network_of(&model);
    hwv_error error;
    output_add(&network, HWV_NODE_ACTIVATION, "p", &(hwv_node_attributes){.act = sigmoid});
    assert_int_equal(hwv_model_of_network(&model, &network, &images, &error), HWV_ERR_UNSUPPORTED);
    assert_non_null(strstr(error.text, "sigmoid"));
    assert_null(model.graph);
    hwv_network_free(&network);
}

/* A model made so becomes a network and a model again. */
static void test_again(void **state)
{
    (void)state;
    hwv_model model = native();
    hwv_error error;
    for (int i = 0; i < 3; i++) {
        hwv_network network = network_of(&model);
        must(hwv_model_of_network(&model, &network, &images, &error), &error);
    }
    hwv_network network = network_of(&model);
    expect_native(&network, &images, NOTATION);
}

/* ---- images channels first -------------------------------------------------------------------------- */

/* A graph like the model's with its images channels first: brought back at once, or (plain) read as they are. */
static hwv_network first_of(const char *notation, bool plain)
{
    const hwv_shape first = {4, {HWV_BATCH, CHANNELS, SIDE, SIDE}};
    hwv_network network = {.batched = true, .input_count = 1, .output_count = 1};
    hwv_id map[64], x, y;
    hwv_model model;
    hwv_error error;
    must(hwv_model_build(&model, notation, &images, &error), &error);
    hwv_model_initialise(&model, HWV_INIT_AUTO, 3);
    network.name = hwv_strdup("net");
    network.inputs = hwv_calloc(1, sizeof *network.inputs);
    network.outputs = hwv_calloc(1, sizeof *network.outputs);
    must(hwv_graph_create(&network.graph, &error), &error);
    must(hwv_graph_input(network.graph, "image", HWV_ELEMENT_F32, &first, &x, &error), &error);
    network.inputs[0] = (hwv_port){.name = hwv_strdup("image"), .value = x, .shape = first};
    y = x;
    if (plain) /* somebody else reads it too */
        must(hwv_graph_node(network.graph, HWV_NODE_RESHAPE, "same", &(hwv_node_attributes){.shape = first}, &x, 1, &y,
                            &error),
             &error);
    must(hwv_graph_node(network.graph, HWV_NODE_TRANSPOSE, "last", &(hwv_node_attributes){.order = {0, 2, 3, 1}}, &y, 1,
                        &map[model.input], &error),
         &error);
    for (hwv_id id = 0; id < hwv_graph_value_count(model.graph); id++) {
        const hwv_value *value = hwv_graph_value(model.graph, id);
        if (id == model.input || id == model.labels || id == model.loss)
            continue;
        if (value->role == HWV_ROLE_PARAMETER)
            must(hwv_graph_parameter(network.graph, value->name, &value->shape, value->decay, &map[id], &error),
                 &error);
        else if (value->role == HWV_ROLE_STATE)
            must(hwv_graph_state(network.graph, value->name, &value->shape, &map[id], &error), &error);
        else {
            const hwv_node *node = hwv_graph_node_at(model.graph, value->producer);
            hwv_id inputs[HWV_MAX_INPUTS];
            for (size_t i = 0; i < node->input_count; i++)
                inputs[i] = map[node->input[i]];
            must(hwv_graph_node(network.graph, node->kind, node->name, &node->attributes, inputs, node->input_count,
                                &map[id], &error),
                 &error);
        }
    }
    network.outputs[0] = (hwv_port){.name = hwv_strdup("logits"), .value = map[model.logits]};
    network.outputs[0].shape = hwv_graph_value(network.graph, map[model.logits])->shape;
    must(hwv_weights_create(&network.weights, network.graph, &error), &error);
    block_copy(network.weights, model.weights);
    hwv_model_free(&model);
    return network;
}

static void test_channels_first(void **state)
{
    (void)state;
    for (int plain = 0; plain < 2; plain++) {
        hwv_network network = first_of(NOTATION, plain);
        const size_t nodes = hwv_graph_node_count(network.graph);
        hwv_model model;
        hwv_error error;
        must(hwv_model_of_network(&model, &network, &images, &error), &error);
        /* the loss comes, and the transpose goes, or another comes */
        assert_int_equal(hwv_graph_node_count(model.graph), plain ? nodes + 2 : nodes);
        assert_int_equal(hwv_graph_value(model.graph, model.input)->shape.dim[3], CHANNELS);
        hwv_model_free(&model);
        network = first_of(NOTATION, plain);
        expect_native(&network, &images, NOTATION);
    }
}

/* ---- one number a sample ---------------------------------------------------------------------------- */

/* The loss is that of yes against no, with and without a sigmoid behind the logit. */
static void test_single_logit(void **state)
{
    const hwv_model_options rows = {.rank = 1, .dims = {8}, .classes = 1};
    hwv_model_options two = rows;
    float x[ROWS * 8], *gradients;
    size_t elements;
    (void)state;
    samples(x, ROWS * 8);
    two.classes = 2;
    for (int sigmoid = 0; sigmoid < 2; sigmoid++) {
        hwv_model model;
        hwv_error error;
        must(hwv_model_build(&model, "fc 4; act tanh; fc 1", &rows, &error), &error);
        hwv_model_initialise(&model, HWV_INIT_XAVIER, 5);
        const hwv_plan_options options = {.batch = ROWS};
        hwv_plan *plan;
        must(hwv_plan_create(&plan, model.graph, model.weights, model.logits, &options, &error), &error);
        memcpy(hwv_plan_data(plan, model.input), x, sizeof x);
        hwv_plan_forward(plan);
        double loss = 0;
        for (size_t r = 0; r < ROWS; r++) {
            const double z = (double)((const float *)hwv_plan_data(plan, model.logits))[r];
            loss += log1p(exp(r % 2 ? -z : z)) / ROWS;
        }
        hwv_plan_destroy(plan);
        hwv_network network = network_of(&model);
        if (sigmoid)
            output_add(&network, HWV_NODE_ACTIVATION, "p", &(hwv_node_attributes){.act = hwv_act_make(HWV_OP_SIGMOID)});
        must(hwv_model_of_network(&model, &network, &two, &error), &error);
        assert_int_equal(model.options.classes, 2);
        assert_int_equal(hwv_model_parameters(&model), 4 * 8 + 4 + 4 + 1);
        assert_true(fabs((double)measure(&model, x, 8, &gradients, &elements) - loss) < 1e-6);
        free(gradients);
        hwv_model_free(&model);
    }
}

/* ---- what is refused, and what is left out ---------------------------------------------------------- */

static void refused(hwv_network *network, const hwv_model_options *options, hwv_status expected, const char *word)
{
    hwv_model model;
    hwv_error error = {0};
    const hwv_graph *graph = network->graph;
    assert_int_equal(hwv_model_of_network(&model, network, options, &error), expected);
    if (strstr(error.text, word) == NULL)
        print_message("%s\n", error.text);
    assert_non_null(strstr(error.text, word));
    assert_null(model.graph);
    assert_null(model.notation);
    assert_ptr_equal(network->graph, graph);
}

static void test_refusals(void **state)
{
    hwv_model model = native();
    hwv_network network = network_of(&model);
    hwv_model_options options = images;
    (void)state;
    options.classes = 6;
    refused(&network, &options, HWV_ERR_SHAPE, "5 classes, the data has 6");
    options = images;
    options.dims[0] = 5;
    refused(&network, &options, HWV_ERR_SHAPE, "samples of 5 x 4 x 3, its input 'x' takes 4 x 4 x 3");
    network.batched = false;
    refused(&network, &images, HWV_ERR_UNSUPPORTED, "one sample a run");
    network.batched = true;
    network.input_count = 2;
    refused(&network, &images, HWV_ERR_UNSUPPORTED, "2 inputs");
    network.input_count = 1;
    network.outputs[0].value = hwv_graph_find(network.graph, "act1");
    refused(&network, &images, HWV_ERR_UNSUPPORTED, "has another shape");
    hwv_network_free(&network);
}

/* Weights behind which a node jumps get no gradient: their names are said. Weights of other outputs are left out. */
static void test_gradients_that_do_not_arrive(void **state)
{
    const hwv_model_options rows = {.rank = 1, .dims = {2}, .classes = 2};
    const hwv_shape x_shape = {2, {HWV_BATCH, 2}}, square = {2, {2, 2}};
    (void)state;
    for (int floor = 0; floor < 2; floor++) {
        hwv_network network = {.batched = true, .input_count = 1, .output_count = 1};
        hwv_port port = {.shape = x_shape}, out = {.shape = x_shape};
        hwv_id inputs[2], y[3];
        hwv_model model;
        hwv_error error;
        must(hwv_graph_create(&network.graph, &error), &error);
        must(hwv_graph_input(network.graph, "x", HWV_ELEMENT_F32, &x_shape, &port.value, &error), &error);
        inputs[0] = port.value;
        for (int l = 0; l < 3; l++) { /* y0 -> y1, y0 -> y2; y1 is the output */
            static const char *const weights[] = {"w0", "w1", "w2"}, *const names[] = {"fc0", "fc1", "fc2"};
            must(hwv_graph_parameter(network.graph, weights[l], &square, true, &inputs[1], &error), &error);
            must(hwv_graph_node(network.graph, HWV_NODE_DENSE, names[l], NULL, inputs, 2, &y[l], &error), &error);
            inputs[0] = y[0];
            if (floor && l == 0)
                must(hwv_graph_node(network.graph, HWV_NODE_UNARY, "step",
                                    &(hwv_node_attributes){.function = HWV_UNARY_FLOOR}, &y[0], 1, &inputs[0], &error),
                     &error);
        }
        out.value = y[1];
        must(hwv_weights_create(&network.weights, network.graph, &error), &error);
        network.inputs = &port;
        network.outputs = &out;
        if (floor)
            refused(&network, &rows, HWV_ERR_UNSUPPORTED, "no gradient reaches 'w0': node 'step' (unary) passes none");
        hwv_network copy = network;
        copy.inputs = hwv_calloc(1, sizeof port);
        copy.outputs = hwv_calloc(1, sizeof out);
        copy.inputs[0] = port;
        copy.outputs[0] = out;
        if (!floor) {
            must(hwv_model_of_network(&model, &copy, &rows, &error), &error);
            assert_int_equal(hwv_model_parameters(&model), 8);
            assert_int_equal(hwv_graph_find(model.graph, "w2"), HWV_NO_ID);
            hwv_model_free(&model);
        }
        hwv_network_free(&copy);
    }
}

static void test_each_allocation_fails(void **state)
{
    (void)state;
    hwv_status status = HWV_ERR_MEMORY;
    for (size_t n = 1; status != HWV_OK; n++) {
        hwv_network network = first_of(NOTATION, true);
        hwv_model model = {0};
        size_t live = allocations_live();
        allocations_fail_at(n);
        status = hwv_model_of_network(&model, &network, &images, NULL);
        allocations_fail_at(0);
        if (status != HWV_OK) {
            assert_int_equal(status, HWV_ERR_MEMORY);
            assert_int_equal(allocations_live(), live);
            assert_non_null(network.graph);
            assert_null(model.graph);
        }
        hwv_network_free(&network);
        hwv_model_free(&model);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_again),
        cmocka_unit_test(test_channels_first),
        cmocka_unit_test(test_single_logit),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_gradients_that_do_not_arrive),
        cmocka_unit_test(test_each_allocation_fails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
