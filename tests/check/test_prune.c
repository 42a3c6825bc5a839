/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Pruning of networks with units that were killed on purpose, carried out on their graphs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "support.h"
#include "trial.h"

static float x[TRIAL_SAMPLES * 6 * 6 * 3];
static const hwv_shape vector = {2, {HWV_BATCH, 5}}, image = {4, {HWV_BATCH, 6, 6, 3}};

static int setup(void **state)
{
    (void)state;
    normals(x, sizeof x / sizeof *x, 3);
    return 0;
}

typedef hwv_id drawing(sketch *s, hwv_id in);

/* A network of one output. */
static hwv_network drawn(drawing *draw, const hwv_shape *shape, uint64_t seed)
{
    sketch s = sketch_begin(seed);
    const hwv_id in = sketch_input(&s, *shape), y = draw(&s, in);
    return sketch_network(&s, in, &y, 1);
}

/* Units 2 and 4 of a layer are dead. */
static void begin(trial *t, drawing *draw, const hwv_shape *shape, size_t layer)
{
    hwv_network network = drawn(draw, shape, 5);
    trial_kill(&network, layer, 2);
    trial_kill(&network, layer, 4);
    trial_begin(t, network, x);
    assert_int_equal(t->diagnosis.layers[layer].dead, 2);
    trial_make(t, hwv_treat_prune, NULL);
}

static void expect_cut(drawing *draw, const hwv_shape *shape, size_t layer, size_t biases)
{
    trial t;
    begin(&t, draw, shape, layer);
    assert_string_equal(t.layers[layer].reason, "");
    assert_true(t.layers[layer].asked == 2 && t.layers[layer].count == 2);
    assert_true(t.layers[layer].units[0] == 2 && t.layers[layer].units[1] == 4);
    assert_int_equal(t.change.bias_count, biases);
    const hwv_output_change moved = trial_move(&t);
    assert_true(hwv_output_change_keeps(&moved, HWV_PROMISE_EXACT));
    trial_end(&t);
}

static void expect_left(drawing *draw, const hwv_shape *shape, size_t layer, const char *reason)
{
    trial t;
    begin(&t, draw, shape, layer);
    assert_string_equal(t.layers[layer].reason, reason);
    assert_true(t.layers[layer].asked == 2 && t.layers[layer].count == 0);
    assert_true(hwv_change_is_empty(&t.change));
    trial_end(&t);
}

/* ---- what is cut ---- */

static hwv_id draw_dense(sketch *s, hwv_id in)
{
    return sketch_dense(s, sketch_act(s, sketch_bias(s, sketch_dense(s, in, 8)), HWV_OP_RELU), 3);
}

static hwv_id conv_relu(sketch *s, hwv_id h, size_t filters, size_t pad)
{
    return sketch_act(s, sketch_bias(s, sketch_conv(s, h, filters, 3, 1, pad, 1)), HWV_OP_RELU);
}

static hwv_id draw_conv(sketch *s, hwv_id in)
{
    const hwv_node_attributes pool = {.window = sketch_window(2, 2, 1)};
    hwv_id h = sketch_conv(s, in, 6, 3, 1, 1, 1);
    h = sketch_act(s, sketch_batch_norm(s, h), HWV_OP_RELU);
    h = sketch_one(s, HWV_NODE_MAX_POOL2D, &pool, h);
    return sketch_dense(s, sketch_one(s, HWV_NODE_FLATTEN, NULL, conv_relu(s, h, 5, 1)), 3);
}

/* Channels first, as a file may flatten them. */
static hwv_id draw_flatten(sketch *s, hwv_id in)
{
    const size_t order[HWV_MAX_RANK] = {0, 3, 1, 2};
    hwv_id h = conv_relu(s, in, 6, 1);
    h = sketch_reshape(s, sketch_transpose(s, h, order), (hwv_shape){2, {HWV_BATCH, 6 * 36}});
    return sketch_dense(s, sketch_bias(s, sketch_dense(s, h, 7)), 3);
}

/* Dead in front of a depthwise convolution with two filters a channel. */
static hwv_id draw_depthwise(sketch *s, hwv_id in)
{
    hwv_id h = sketch_conv(s, conv_relu(s, in, 6, 0), 12, 3, 1, 1, 6);
    return sketch_conv(s, sketch_act(s, sketch_bias(s, h), HWV_OP_RELU), 2, 1, 1, 0, 1);
}

/* Constants that are not 0: behind a batch norm into a bias, a running mean, and a bias that is new. */
static hwv_id draw_constant(sketch *s, hwv_id in)
{
    const hwv_id h = sketch_batch_norm(s, conv_relu(s, in, 6, 1));
    const hwv_id a = sketch_bias(s, sketch_conv(s, h, 4, 3, 1, 0, 1));
    const hwv_id b = sketch_batch_norm(s, sketch_conv(s, h, 4, 3, 1, 0, 1));
    const hwv_id c = sketch_conv(s, h, 4, 3, 1, 0, 1);
    return sketch_two(s, HWV_NODE_ADD, NULL, sketch_two(s, HWV_NODE_ADD, NULL, a, b), c);
}

static void test_cut(void **state)
{
    (void)state;
    expect_cut(draw_dense, &vector, 0, 0);
    expect_cut(draw_conv, &image, 0, 0);
    expect_cut(draw_conv, &image, 1, 0);
    expect_cut(draw_flatten, &image, 0, 0);
    expect_cut(draw_constant, &image, 0, 1);
}

/* Behind the depthwise convolution the units of dead channels are constants: they go too, and are named. */
static void test_depthwise(void **state)
{
    static const size_t gone[] = {4, 5, 8, 9};
    trial t;
    (void)state;
    begin(&t, draw_depthwise, &image, 0);
    assert_true(t.layers[0].count == 2 && t.layers[1].count == 4);
    assert_memory_equal(t.layers[1].units, gone, sizeof gone);
    assert_string_equal(t.layers[0].reason, "");
    const hwv_output_change moved = trial_move(&t);
    assert_true(hwv_output_change_keeps(&moved, HWV_PROMISE_EXACT));
    trial_end(&t);
}

/* ---- what is left ---- */

static hwv_id draw_padding(sketch *s, hwv_id in)
{
    return sketch_conv(s, sketch_batch_norm(s, conv_relu(s, in, 6, 1)), 4, 3, 1, 1, 1);
}

static hwv_id draw_residual(sketch *s, hwv_id in)
{
    const hwv_id trunk = conv_relu(s, in, 6, 1), branch = conv_relu(s, trunk, 6, 1);
    return sketch_conv(s, sketch_two(s, HWV_NODE_ADD, NULL, trunk, branch), 3, 1, 1, 0, 1);
}

static hwv_id draw_layer_norm(sketch *s, hwv_id in)
{
    const hwv_node_attributes norm = {.axis = 1, .epsilon = 1e-3f};
    const hwv_id h = sketch_act(s, sketch_bias(s, sketch_dense(s, in, 8)), HWV_OP_RELU);
    return sketch_dense(s, sketch_one(s, HWV_NODE_LAYER_NORM, &norm, h), 3);
}

static hwv_id draw_output(sketch *s, hwv_id in)
{
    return sketch_act(s, sketch_bias(s, sketch_dense(s, in, 8)), HWV_OP_RELU);
}

static void test_left(void **state)
{
    (void)state;
    expect_left(draw_padding, &image, 0, "zero padding of a non-zero constant: 'conv2d11' reads both");
    expect_left(draw_residual, &image, 1,
                "a residual sum, or a gate: others of their channel move, and 'conv2d6' reads them");
    expect_left(draw_layer_norm, &vector, 0, "a layer norm over its channels needs them all: 'layer_norm5'");
    expect_left(draw_output, &vector, 0, "it is an output of the model: 'y'");
}

/* The bias behind two products is one parameter: it cannot take what only one of them adds. */
static hwv_id draw_shared_bias(sketch *s, hwv_id in)
{
    const hwv_id h = sketch_batch_norm(s, draw_output(s, in)), shift = sketch_parameter(s, (hwv_shape){1, {3}});
    const hwv_id a = sketch_two(s, HWV_NODE_BIAS, NULL, sketch_dense(s, h, 3), shift);
    const hwv_id b = sketch_two(s, HWV_NODE_BIAS, NULL, sketch_dense(s, in, 3), shift);
    return sketch_two(s, HWV_NODE_ADD, NULL, a, b);
}

static void test_shared_bias(void **state)
{
    (void)state;
    expect_left(draw_shared_bias, &vector, 0, "they are constants but not 0, and the bias behind 'dense12' is shared");
}

/* A silu is dead by its slope, but not constant. */
static hwv_id draw_silu(sketch *s, hwv_id in)
{
    return sketch_dense(s, sketch_act(s, sketch_bias(s, sketch_dense(s, in, 8)), HWV_OP_SILU), 3);
}

static void test_silu(void **state)
{
    trial t;
    (void)state;
    hwv_network network = drawn(draw_silu, &vector, 5);
    float *bias = hwv_weights_data(network.weights, hwv_graph_node_at(network.graph, 1)->input[1]);
    bias[1] = bias[6] = -30;
    trial_begin(&t, network, x);
    assert_int_equal(t.diagnosis.layers[0].dead, 2);
    trial_make(&t, hwv_treat_prune, NULL);
    assert_true(t.layers[0].asked == 2 && t.layers[0].count == 0 && hwv_change_is_empty(&t.change));
    assert_string_equal(t.layers[0].reason, "silu is not flat there: they still move where 'dense6' reads them");
    trial_end(&t);
}

/* ---- what is asked for ---- */

static void test_margin(void **state)
{
    trial t;
    (void)state;
    begin(&t, draw_dense, &vector, 0);
    const double near = t.diagnosis.layers[0].unit[2].margin, far = t.diagnosis.layers[0].unit[4].margin;
    assert_true(near < 0 && far < 0 && near != far);
    const double between = -(near + far) / 2;
    const hwv_treatment_options options = {.keep_margin = between};
    trial_unmake(&t);
    trial_make(&t, hwv_treat_prune, &options);
    assert_true(t.layers[0].asked == 2 && t.layers[0].near == 1 && t.layers[0].count == 1);
    assert_int_equal(t.layers[0].units[0], near < far ? 2 : 4);
    assert_string_equal(t.layers[0].reason, "");
    trial_end(&t);
}

static void test_layers(void **state)
{
    const bool only[] = {false, true}, neither[] = {false, false};
    const hwv_treatment_options second = {.layers = only}, none = {.layers = neither};
    trial t;
    (void)state;
    hwv_network network = drawn(draw_conv, &image, 5);
    for (size_t l = 0; l < 2; l++)
        trial_kill(&network, l, 2);
    trial_begin(&t, network, x);
    trial_make(&t, hwv_treat_prune, &second);
    assert_true(t.layers[0].asked == 0 && t.layers[0].count == 0);
    assert_true(t.layers[1].count == t.diagnosis.layers[1].dead && t.layers[1].count > 0);
    trial_unmake(&t);
    trial_make(&t, hwv_treat_prune, &none);
    assert_true(hwv_change_is_empty(&t.change));
    trial_end(&t);
}

/* A layer needs a unit; the second time there is nothing to do. */
static void test_all_dead(void **state)
{
    trial t, again;
    (void)state;
    hwv_network network = drawn(draw_dense, &vector, 5);
    for (size_t u = 0; u < 8; u++)
        trial_kill(&network, 0, u);
    trial_begin(&t, network, x);
    trial_make(&t, hwv_treat_prune, NULL);
    assert_true(t.layers[0].asked == 8 && t.layers[0].count == 7);
    assert_string_equal(t.layers[0].reason, "1 unit: one stays: a layer needs a unit");
    const hwv_output_change moved = trial_move(&t);
    assert_true(hwv_output_change_keeps(&moved, HWV_PROMISE_EXACT));
    trial_begin(&again, rebuild(&t.change), x);
    trial_make(&again, hwv_treat_prune, NULL);
    assert_true(again.layers[0].asked == 1 && again.layers[0].count == 0 && hwv_change_is_empty(&again.change));
    trial_end(&again);
    trial_end(&t);
}

/* ---- memory ---- */

static void test_memory(void **state)
{
    static hwv_treatment_make *const each[] = {hwv_treat_prune, hwv_treat_recycle};
    static drawing *const draws[] = {draw_constant, draw_conv};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        trial t;
        begin(&t, draws[i], &image, 0);
        trial_unmake(&t);
        for (size_t n = 1;; n++) {
            const size_t live = allocations_live();
            allocations_fail_at(n);
            const hwv_status status = trial_try(&t, each[i], NULL);
            allocations_fail_at(0);
            assert_true(status == HWV_ERR_MEMORY || (status == HWV_OK && t.layers[0].count == 2 && n > 20));
            trial_unmake(&t);
            assert_int_equal(allocations_live(), live);
            if (status == HWV_OK)
                break;
        }
        trial_end(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut),         cmocka_unit_test(test_depthwise), cmocka_unit_test(test_left),
        cmocka_unit_test(test_shared_bias), cmocka_unit_test(test_silu),      cmocka_unit_test(test_margin),
        cmocka_unit_test(test_layers),      cmocka_unit_test(test_all_dead),  cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("prune", tests, setup, NULL);
}
