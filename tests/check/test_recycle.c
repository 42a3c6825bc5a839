/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Recycled units fire, nothing else changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "support.h"
#include "trial.h"

static float x[TRIAL_SAMPLES * 6 * 6 * 3];
static const hwv_shape vector = {2, {HWV_BATCH, 5}}, image = {4, {HWV_BATCH, 6, 6, 3}};

static int setup(void **state)
{
    (void)state;
    normals(x, sizeof x / sizeof *x, 4);
    return 0;
}

typedef hwv_id drawing(sketch *s, hwv_id in);

/* Units 1 and 3 of a layer are dead, and treated. */
static void begin(trial *t, drawing *draw, const hwv_shape *shape, size_t layer, const hwv_treatment_options *options)
{
    sketch s = sketch_begin(9);
    const hwv_id in = sketch_input(&s, *shape), y = draw(&s, in);
    hwv_network network = sketch_network(&s, in, &y, 1);
    trial_kill(&network, layer, 1);
    trial_kill(&network, layer, 3);
    trial_begin(t, network, x);
    trial_make(t, hwv_treat_recycle, options);
}

/* Outputs are equal, and the units fire. */
static void expect_recycled(drawing *draw, const hwv_shape *shape, size_t layer)
{
    trial t;
    begin(&t, draw, shape, layer, NULL);
    assert_string_equal(t.layers[layer].reason, "");
    assert_true(t.layers[layer].asked == 2 && t.layers[layer].count == 2);
    assert_true(t.layers[layer].units[0] == 1 && t.layers[layer].units[1] == 3);
    assert_true(t.change.bias_count == 0 && t.change.act_count == 0);
    const hwv_output_change moved = trial_move(&t);
    assert_true(hwv_output_change_keeps(&moved, HWV_PROMISE_EQUAL));
    hwv_network changed = rebuild(&t.change);
    const sample_feed *feed = &t.samples.feed;
    hwv_tally tally = count_of(&changed, x, feed->each, 0, TRIAL_SAMPLES, 1, NULL);
    for (size_t u = 0; u < tally.layers[layer].units; u++) {
        const hwv_unit_tally *old = &t.tally.layers[layer].unit[u], *new = &tally.layers[layer].unit[u];
        if (u == 1 || u == 3)
            assert_true(new->fired_samples > TRIAL_SAMPLES / 10);
        else
            assert_true(new->fired == old->fired &&new->z.hi == old->z.hi);
    }
    hwv_tally_free(&tally);
    hwv_network_free(&changed);
    trial_end(&t);
}

static void expect_left(drawing *draw, const hwv_shape *shape, size_t layer, const char *reason)
{
    trial t;
    begin(&t, draw, shape, layer, NULL);
    assert_string_equal(t.layers[layer].reason, reason);
    assert_true(t.layers[layer].count == 0 && hwv_change_is_empty(&t.change));
    trial_end(&t);
}

static hwv_id draw_dense(sketch *s, hwv_id in)
{
    return sketch_dense(s, sketch_act(s, sketch_bias(s, sketch_dense(s, in, 8)), HWV_OP_RELU), 3);
}

static hwv_id norm_relu(sketch *s, hwv_id h)
{
    return sketch_act(s, sketch_batch_norm(s, h), HWV_OP_RELU);
}

static hwv_id draw_conv(sketch *s, hwv_id in)
{
    hwv_id h = norm_relu(s, sketch_bias(s, sketch_conv(s, in, 6, 3, 1, 1, 1)));
    h = norm_relu(s, sketch_conv(s, h, 5, 3, 2, 1, 1));
    return sketch_dense(s, sketch_one(s, HWV_NODE_FLATTEN, NULL, h), 3);
}

/* Both norms of a depthwise block are new. */
static hwv_id draw_depthwise(sketch *s, hwv_id in)
{
    hwv_id h = norm_relu(s, sketch_conv(s, in, 6, 3, 1, 1, 1));
    h = norm_relu(s, sketch_conv(s, h, 6, 3, 1, 1, 6));
    return sketch_conv(s, h, 3, 1, 1, 0, 1);
}

/* The branch reads and writes one track: incoming and outgoing weights meet in one matrix. */
static hwv_id draw_residual(sketch *s, hwv_id in)
{
    const hwv_id trunk = sketch_act(s, sketch_bias(s, sketch_dense(s, in, 6)), HWV_OP_RELU);
    const hwv_id branch = sketch_act(s, sketch_bias(s, sketch_dense(s, trunk, 6)), HWV_OP_RELU);
    return sketch_dense(s, sketch_two(s, HWV_NODE_ADD, NULL, trunk, branch), 3);
}

static void test_recycled(void **state)
{
    (void)state;
    expect_recycled(draw_dense, &vector, 0);
    expect_recycled(draw_conv, &image, 0);
    expect_recycled(draw_conv, &image, 1);
}

/* Two layers have a channel dead. */
static void test_both(void **state)
{
    static const struct {
        drawing *draw;
        const hwv_shape *shape;
    } cases[] = {{draw_depthwise, &image}, {draw_residual, &vector}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        sketch s = sketch_begin(9);
        const hwv_id in = sketch_input(&s, *cases[i].shape), y = cases[i].draw(&s, in);
        trial t;
        hwv_network network = sketch_network(&s, in, &y, 1);
        trial_kill(&network, 0, 2);
        trial_kill(&network, 1, 2);
        trial_begin(&t, network, x);
        trial_make(&t, hwv_treat_recycle, NULL);
        assert_true(t.layers[0].count > 0 && t.layers[1].count > 0);
        const hwv_output_change moved = trial_move(&t);
        assert_true(hwv_output_change_keeps(&moved, HWV_PROMISE_EQUAL));
        hwv_network changed = rebuild(&t.change);
        hwv_tally tally = count_of(&changed, x, t.samples.feed.each, 0, TRIAL_SAMPLES, 1, NULL);
        assert_true(tally.layers[0].unit[2].fired > 0 && tally.layers[1].unit[2].fired > 0);
        for (size_t l = 0; i == 0 && l < 2; l++) { /* what norms give has mean 0 and variance 1 */
            const hwv_unit_tally *z = &tally.layers[l].unit[2];
            const double looks = (double)tally.layers[l].looks, mean = z->z.hi / looks;
            assert_true(fabs(mean) < 1e-3 && fabs(z->square.hi / looks - 1) < 0.01);
        }
        hwv_tally_free(&tally);
        hwv_network_free(&changed);
        trial_end(&t);
    }
}

/* Far from the origin a new unit fires for all samples or for none; whatever is drawn, it fires. */
static void test_woken(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] += 20;
    for (uint64_t seed = 1; seed <= 8; seed++) {
        const hwv_treatment_options options = {.seed = seed};
        trial t;
        begin(&t, draw_dense, &vector, 0, &options);
        const hwv_output_change moved = trial_move(&t);
        assert_true(t.layers[0].count >= 2 && hwv_output_change_keeps(&moved, HWV_PROMISE_EQUAL));
        hwv_network changed = rebuild(&t.change);
        hwv_tally tally = count_of(&changed, x, t.samples.feed.each, 0, TRIAL_SAMPLES, 1, NULL);
        for (size_t i = 0; i < t.layers[0].count; i++)
            assert_true(tally.layers[0].unit[t.layers[0].units[i]].fired > 0);
        hwv_tally_free(&tally);
        hwv_network_free(&changed);
        trial_end(&t);
    }
    for (size_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] -= 20;
}

/* Numbers depend on the seed alone; what an optimiser keeps of them starts anew. */
static void test_numbers(void **state)
{
    const hwv_treatment_options other = {.seed = 2};
    float first[40];
    trial t;
    (void)state;
    begin(&t, draw_dense, &vector, 0, NULL);
    const hwv_id weight = hwv_graph_node_at(t.network.graph, 0)->input[1];
    const hwv_value_change *in = &t.change.values[weight];
    const hwv_value_change *out = &t.change.values[hwv_graph_node_at(t.network.graph, 3)->input[1]];
    for (size_t e = 0; e < 40; e++)
        assert_int_equal(in->fresh[e], e / 5 == 1 || e / 5 == 3);
    for (size_t e = 0; e < 24; e++) {
        assert_int_equal(out->fresh[e], e % 8 == 1 || e % 8 == 3);
        assert_true(!out->fresh[e] || out->data[e] == 0);
    }
    memcpy(first, in->data, sizeof first);
    trial_end(&t);
    begin(&t, draw_dense, &vector, 0, NULL);
    assert_memory_equal(first, t.change.values[weight].data, sizeof first);
    trial_end(&t);
    begin(&t, draw_dense, &vector, 0, &other);
    assert_memory_not_equal(first, t.change.values[weight].data, sizeof first);
    trial_end(&t);
}

static hwv_id draw_constant(sketch *s, hwv_id in)
{
    return sketch_dense(s, sketch_batch_norm(s, sketch_act(s, sketch_bias(s, sketch_dense(s, in, 8)), HWV_OP_RELU)), 3);
}

/* A matrix that another product reads too. */
static hwv_id draw_shared(sketch *s, hwv_id in)
{
    const hwv_id weight = sketch_parameter(s, (hwv_shape){2, {8, 5}});
    sketch_two(s, HWV_NODE_DENSE, NULL, in, weight);
    return sketch_dense(s, sketch_act(s, sketch_bias(s, sketch_two(s, HWV_NODE_DENSE, NULL, in, weight)), HWV_OP_RELU),
                        3);
}

static hwv_id draw_output(sketch *s, hwv_id in)
{
    return sketch_act(s, sketch_bias(s, sketch_dense(s, in, 8)), HWV_OP_RELU);
}

static void test_left(void **state)
{
    (void)state;
    expect_left(draw_constant, &vector, 0, "they are constants but not 0 where 'dense11' reads them");
    expect_left(draw_shared, &vector, 0, "shared weights: what is in front of it is read elsewhere too");
    expect_left(draw_output, &vector, 0, "it is an output of the model: 'y'");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recycled), cmocka_unit_test(test_both), cmocka_unit_test(test_woken),
        cmocka_unit_test(test_numbers),  cmocka_unit_test(test_left),
    };
    return cmocka_run_group_tests_name("recycle", tests, setup, NULL);
}
