/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Tracks of graphs drawn by hand: what each kind of node ties, and what it closes with which reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "allocations.h"
#include "check/channels.h"
#include "graph/functions.h"
#include "support.h"

#include "sketch.h"

static const hwv_shape vector = {2, {HWV_BATCH, 5}}, image = {4, {HWV_BATCH, 6, 6, 3}}, tokens = {3, {HWV_BATCH, 4, 6}};

typedef struct drawn {
    sketch s;
    hwv_id in;
    hwv_network network;
    hwv_tracks tracks;
} drawn;

static void begin(drawn *d, const hwv_shape *shape)
{
    *d = (drawn){.s = sketch_begin(1)};
    d->in = sketch_input(&d->s, *shape);
}

static void finish(drawn *d, hwv_id y)
{
    hwv_error error;
    d->network = sketch_network(&d->s, d->in, &y, 1);
    must(hwv_tracks_make(&d->tracks, &d->network, &error), &error);
}

static void end(drawn *d)
{
    hwv_tracks_free(&d->tracks);
    hwv_network_free(&d->network);
}

static const hwv_node *node_of(const drawn *d, hwv_id y)
{
    return hwv_graph_node_at(d->network.graph, hwv_graph_value(d->network.graph, y)->producer);
}

static hwv_id input_of(const drawn *d, hwv_id y, size_t i)
{
    return node_of(d, y)->input[i];
}

static const hwv_track *track_of(const drawn *d, hwv_id value, size_t axis)
{
    const size_t at = hwv_tracks_find(&d->tracks, value, axis);
    assert_true(at != HWV_NO_TRACK);
    return &d->tracks.tracks[at];
}

static void expect_tied(const drawn *d, hwv_id a, size_t axis_a, hwv_id b, size_t axis_b)
{
    assert_ptr_equal(track_of(d, a, axis_a), track_of(d, b, axis_b));
}

static void expect_open(const drawn *d, hwv_id value, size_t axis)
{
    assert_string_equal(track_of(d, value, axis)->closed, "");
}

/* `reason` with %s for the name of the node that gives `by`. */
static void expect_closed(const drawn *d, hwv_id value, size_t axis, const char *reason, hwv_id by)
{
    const char *name = node_of(d, by)->name, *mark = strstr(reason, "%s");
    char want[160];
    if (mark)
        snprintf(want, sizeof want, "%.*s%s%s", (int)(mark - reason), reason, name, mark + 2);
    else
        snprintf(want, sizeof want, "%s", reason);
    assert_string_equal(track_of(d, value, axis)->closed, want);
}

static void expect_place(const drawn *d, hwv_id value, size_t axis, size_t channels, size_t outer, size_t inner)
{
    const hwv_place *place = hwv_tracks_place(&d->tracks, value, axis);
    assert_non_null(place);
    assert_int_equal(track_of(d, value, axis)->channels, channels);
    assert_true(place->outer == outer && place->inner == inner);
}

static hwv_id relu(drawn *d, hwv_id h)
{
    return sketch_act(&d->s, h, HWV_OP_RELU);
}

static hwv_id dense_relu(drawn *d, hwv_id h, size_t units)
{
    return relu(d, sketch_dense(&d->s, h, units));
}

static hwv_id conv_relu(drawn *d, hwv_id h, size_t filters)
{
    return relu(d, sketch_conv(&d->s, h, filters, 3, 1, 1, 1));
}

/* ---- products, norms, activations ---- */

static void test_dense(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_id product = sketch_dense(&d.s, d.in, 8), biased = sketch_bias(&d.s, product);
    const hwv_id h = relu(&d, biased), y = sketch_dense(&d.s, h, 3);
    finish(&d, y);
    expect_tied(&d, product, 1, h, 1);
    expect_tied(&d, input_of(&d, product, 1), 0, h, 1);
    expect_tied(&d, input_of(&d, biased, 1), 0, h, 1);
    expect_tied(&d, input_of(&d, y, 1), 1, h, 1);
    expect_tied(&d, input_of(&d, y, 1), 0, y, 1);
    expect_tied(&d, input_of(&d, product, 1), 1, d.in, 1);
    const hwv_track *track = track_of(&d, h, 1);
    expect_open(&d, h, 1);
    assert_true(track->channels == 8 && track->place_count == 6 && track->layer_count == 1);
    assert_true(track->reader_count == 1 && track->readers[0].node == hwv_graph_value(d.network.graph, y)->producer);
    assert_true(track->readers[0].axis == 1 && !track->readers[0].pads);
    expect_closed(&d, y, 1, "it is an output of the model: 'y'", y);
    expect_closed(&d, d.in, 1, "it is an input of the model: 'x'", y);
    expect_closed(&d, h, 0, "it counts samples", y);
    assert_int_equal(hwv_tracks_find(&d.tracks, h, 2), HWV_NO_TRACK);
    assert_int_equal(hwv_tracks_find(&d.tracks, 1000, 0), HWV_NO_TRACK);
    assert_null(hwv_tracks_place(&d.tracks, h, 2));
    end(&d);
}

static void test_norm_and_slopes(void **state)
{
    const hwv_node_attributes prelu = {.act = hwv_act_make(HWV_OP_PRELU)};
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_id norm = sketch_batch_norm(&d.s, sketch_dense(&d.s, d.in, 8));
    const hwv_id each =
        sketch_two(&d.s, HWV_NODE_ACTIVATION, &prelu, norm, sketch_parameter(&d.s, (hwv_shape){1, {8}}));
    const hwv_id one = sketch_two(&d.s, HWV_NODE_ACTIVATION, &prelu, each, sketch_parameter(&d.s, (hwv_shape){1, {1}}));
    const hwv_id dropped = sketch_one(&d.s, HWV_NODE_DROPOUT, &(hwv_node_attributes){.rate = 0.5f}, one);
    finish(&d, sketch_dense(&d.s, dropped, 3));
    for (size_t i = 0; i < 5; i++)
        expect_tied(&d, input_of(&d, norm, i), i == 0 ? 1 : 0, dropped, 1);
    expect_tied(&d, input_of(&d, each, 1), 0, dropped, 1);
    assert_true(hwv_tracks_find(&d.tracks, input_of(&d, one, 1), 0) != hwv_tracks_find(&d.tracks, dropped, 1));
    expect_open(&d, dropped, 1);
    assert_int_equal(track_of(&d, dropped, 1)->layer_count, 2);
    end(&d);
}

static void test_conv(void **state)
{
    const hwv_node_attributes pool = {.window = sketch_window(2, 2, 0)};
    drawn d;
    (void)state;
    begin(&d, &image);
    const hwv_id a = conv_relu(&d, d.in, 6), pooled = sketch_one(&d.s, HWV_NODE_MAX_POOL2D, &pool, a);
    const hwv_id product = sketch_conv(&d.s, pooled, 5, 3, 1, 1, 1), b = relu(&d, product);
    const hwv_id mean = sketch_one(&d.s, HWV_NODE_GLOBAL_AVG_POOL2D, NULL, b);
    const hwv_id unpadded = sketch_conv(&d.s, b, 5, 1, 1, 0, 1);
    finish(&d, sketch_dense(&d.s, mean, 3));
    expect_tied(&d, a, 3, pooled, 3);
    expect_tied(&d, input_of(&d, product, 1), 1, pooled, 3);
    expect_tied(&d, input_of(&d, product, 1), 0, b, 3);
    expect_tied(&d, b, 3, mean, 1);
    expect_open(&d, a, 3);
    expect_open(&d, b, 3);
    assert_true(track_of(&d, a, 3)->readers[0].pads && track_of(&d, a, 3)->readers[0].axis == 3);
    assert_int_equal(track_of(&d, b, 3)->reader_count, 2);
    assert_false(track_of(&d, b, 3)->readers[0].pads);
    expect_closed(&d, pooled, 1, "pool '%s' slides along it", pooled);
    expect_closed(&d, product, 2, "convolution '%s' slides along it", product);
    expect_closed(&d, input_of(&d, product, 1), 2, "it is the size of the filters of '%s'", product);
    expect_open(&d, unpadded, 3);
    end(&d);
}

static void test_groups(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &image);
    const hwv_id a = conv_relu(&d, d.in, 6), twice = sketch_conv(&d.s, a, 12, 3, 1, 1, 6);
    const hwv_id grouped = sketch_conv(&d.s, relu(&d, twice), 4, 1, 1, 0, 2);
    const hwv_id after = sketch_conv(&d.s, a, 5, 1, 1, 0, 1);
    finish(&d, grouped);
    expect_place(&d, a, 3, 6, 1, 1);
    expect_place(&d, twice, 3, 6, 1, 2);
    expect_place(&d, input_of(&d, twice, 1), 0, 6, 1, 2);
    expect_closed(&d, a, 3, "'%s' is a grouped convolution, which needs as many in each group", grouped);
    expect_closed(&d, input_of(&d, twice, 1), 1, "'%s' reads each channel by itself", twice);
    assert_int_equal(track_of(&d, a, 3)->reader_count, 1);
    expect_tied(&d, input_of(&d, after, 1), 1, twice, 3);
    end(&d);
}

/* One matrix for two inputs ties what goes in, and what comes out. */
static void test_shared_weights(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_id a = dense_relu(&d, d.in, 7), b = dense_relu(&d, d.in, 7);
    const hwv_id weight = sketch_parameter(&d.s, (hwv_shape){2, {4, 7}});
    const hwv_id ya = sketch_two(&d.s, HWV_NODE_DENSE, NULL, a, weight);
    const hwv_id yb = sketch_two(&d.s, HWV_NODE_DENSE, NULL, b, weight);
    finish(&d, sketch_dense(&d.s, sketch_two(&d.s, HWV_NODE_ADD, NULL, relu(&d, ya), yb), 2));
    expect_tied(&d, a, 1, b, 1);
    expect_tied(&d, ya, 1, yb, 1);
    assert_true(track_of(&d, a, 1)->reader_count == 2 && track_of(&d, a, 1)->layer_count == 2);
    expect_open(&d, a, 1);
    end(&d);
}

/* ---- elements ---- */

static void test_gate(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &image);
    const hwv_id a = conv_relu(&d, d.in, 6), mean = sketch_one(&d.s, HWV_NODE_GLOBAL_AVG_POOL2D, NULL, a);
    const hwv_id excited = sketch_act(&d.s, sketch_dense(&d.s, dense_relu(&d, mean, 3), 6), HWV_OP_SIGMOID);
    const hwv_id gate = sketch_reshape(&d.s, excited, (hwv_shape){4, {HWV_BATCH, 1, 1, 6}});
    const hwv_id gated = sketch_binary(&d.s, HWV_BINARY_MUL, a, gate);
    finish(&d, sketch_conv(&d.s, gated, 2, 1, 1, 0, 1));
    expect_tied(&d, a, 3, gated, 3);
    expect_tied(&d, excited, 1, gated, 3);
    expect_open(&d, a, 3);
    assert_true(track_of(&d, a, 3)->layer_count == 2 && track_of(&d, a, 3)->reader_count == 2);
    end(&d);
}

static void test_elements(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_id h = dense_relu(&d, d.in, 6);
    const hwv_id one = sketch_kept(&d.s, HWV_ROLE_CONSTANT, HWV_ELEMENT_F32, (hwv_shape){1, {1}});
    const hwv_id row = sketch_kept(&d.s, HWV_ROLE_CONSTANT, HWV_ELEMENT_F32, (hwv_shape){1, {6}});
    const hwv_id test =
        sketch_two(&d.s, HWV_NODE_COMPARE, &(hwv_node_attributes){.function = HWV_COMPARE_GREATER}, h, one);
    const hwv_id where = sketch_node(&d.s, HWV_NODE_WHERE, NULL, (const hwv_id[]){test, h, row}, 3);
    const hwv_id squared = sketch_one(&d.s, HWV_NODE_UNARY, &(hwv_node_attributes){.function = HWV_UNARY_ABS}, where);
    const hwv_id cast = sketch_one(
        &d.s, HWV_NODE_CAST, &(hwv_node_attributes){.to = HWV_ELEMENT_F32, .function = HWV_CAST_FLOAT16}, squared);
    finish(&d, sketch_dense(&d.s, cast, 2));
    expect_tied(&d, h, 1, test, 1);
    expect_tied(&d, h, 1, row, 0);
    expect_tied(&d, h, 1, cast, 1);
    assert_true(hwv_tracks_find(&d.tracks, one, 0) != hwv_tracks_find(&d.tracks, h, 1));
    expect_open(&d, h, 1);
    end(&d);
}

static void test_reduce(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &tokens);
    const hwv_id h = dense_relu(&d, d.in, 5);
    const hwv_id mean =
        sketch_one(&d.s, HWV_NODE_REDUCE, &(hwv_node_attributes){.function = HWV_REDUCTION_MEAN, .axes = 2}, h);
    const hwv_id rms = sketch_one(&d.s, HWV_NODE_REDUCE,
                                  &(hwv_node_attributes){.function = HWV_REDUCTION_MEAN, .axes = 2, .keep_axes = true},
                                  dense_relu(&d, mean, 4));
    finish(&d, sketch_two(&d.s, HWV_NODE_ADD, NULL, sketch_dense(&d.s, mean, 1), rms));
    expect_tied(&d, h, 2, mean, 1);
    expect_open(&d, h, 2);
    expect_closed(&d, input_of(&d, rms, 0), 1, "'%s' reduces its channels to one number", rms);
    end(&d);
}

/* ---- norms and products over channels ---- */

static void test_together(void **state)
{
    const hwv_node_attributes norm = {.axis = 2, .epsilon = 0.1f}, all = {.axis = 1, .epsilon = 0.1f};
    drawn d;
    (void)state;
    begin(&d, &tokens);
    const hwv_id a = dense_relu(&d, d.in, 5), b = dense_relu(&d, d.in, 7), c = dense_relu(&d, d.in, 4);
    const hwv_id inputs[] = {a, sketch_parameter(&d.s, (hwv_shape){1, {5}}),
                             sketch_parameter(&d.s, (hwv_shape){1, {5}})};
    const hwv_id na = sketch_node(&d.s, HWV_NODE_LAYER_NORM, &norm, inputs, 3);
    const hwv_id sb = sketch_one(&d.s, HWV_NODE_SOFTMAX, &all, b);
    const hwv_id mc = sketch_two(&d.s, HWV_NODE_MATMUL, NULL, c,
                                 sketch_kept(&d.s, HWV_ROLE_CONSTANT, HWV_ELEMENT_F32, (hwv_shape){3, {1, 4, 2}}));
    const hwv_id y = sketch_two(&d.s, HWV_NODE_ADD, NULL, sketch_dense(&d.s, na, 2), sketch_dense(&d.s, sb, 2));
    finish(&d, sketch_two(&d.s, HWV_NODE_ADD, NULL, y, mc));
    expect_closed(&d, a, 2, "a layer norm over its channels needs them all: '%s'", na);
    expect_tied(&d, na, 2, a, 2);
    assert_true(track_of(&d, inputs[1], 0)->closed[0] && track_of(&d, inputs[2], 0)->closed[0]);
    expect_closed(&d, b, 2, "a softmax over its channels needs them all: '%s'", sb);
    expect_closed(&d, c, 2, "the product of computed matrices '%s' reads it", mc);
    end(&d);
}

static void test_loss(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_shape one = {1, {HWV_BATCH}};
    hwv_id labels;
    must(hwv_graph_input(d.s.graph, "labels", HWV_ELEMENT_I32, &one, &labels, &d.s.error), &d.s.error);
    const hwv_id h = dense_relu(&d, d.in, 5);
    const hwv_id loss = sketch_two(&d.s, HWV_NODE_SOFTMAX_CROSS_ENTROPY, &(hwv_node_attributes){0}, h, labels);
    finish(&d, sketch_dense(&d.s, dense_relu(&d, d.in, 4), 2));
    expect_closed(&d, h, 1, "loss '%s' reads it", loss);
    end(&d);
}

/* ---- moves ---- */

static void test_flatten(void **state)
{
    const size_t first[HWV_MAX_RANK] = {0, 3, 1, 2};
    drawn d;
    (void)state;
    begin(&d, &image);
    const hwv_id a = conv_relu(&d, d.in, 5), b = conv_relu(&d, d.in, 4);
    const hwv_id last = sketch_one(&d.s, HWV_NODE_FLATTEN, NULL, a);
    const hwv_id turned = sketch_transpose(&d.s, b, first);
    const hwv_id front = sketch_reshape(&d.s, turned, (hwv_shape){2, {HWV_BATCH, 4 * 36}});
    const hwv_id wide = relu(&d, front); /* its units are 36 of each channel */
    const hwv_id y = sketch_dense(&d.s, last, 3);
    finish(&d, sketch_two(&d.s, HWV_NODE_ADD, NULL, y, sketch_dense(&d.s, wide, 3)));
    expect_place(&d, last, 1, 5, 36, 1);
    expect_place(&d, input_of(&d, y, 1), 1, 5, 36, 1);
    expect_place(&d, turned, 1, 4, 1, 1);
    expect_place(&d, front, 1, 4, 1, 36);
    expect_tied(&d, wide, 1, b, 3);
    expect_open(&d, a, 3);
    expect_open(&d, b, 3);
    assert_int_equal(track_of(&d, b, 3)->layer_count, 2);
    assert_int_equal(hwv_place_channel(track_of(&d, b, 3), hwv_tracks_place(&d.tracks, front, 1), 40), 1);
    assert_int_equal(hwv_place_channel(track_of(&d, a, 3), hwv_tracks_place(&d.tracks, last, 1), 12), 2);
    end(&d);
}

/* A flatten twice, and back into images: blocks in blocks. */
static void test_blocks(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_id h = dense_relu(&d, d.in, 2 * 2 * 6);
    const hwv_id spread = sketch_reshape(&d.s, h, (hwv_shape){4, {HWV_BATCH, 2, 2, 6}});
    const hwv_id twice = sketch_conv(&d.s, spread, 12, 1, 1, 0, 6);
    const hwv_id flat = sketch_one(&d.s, HWV_NODE_FLATTEN, NULL, twice);
    finish(&d, sketch_dense(&d.s, flat, 3));
    expect_place(&d, h, 1, 6, 4, 1);
    expect_place(&d, spread, 3, 6, 1, 1);
    expect_place(&d, twice, 3, 6, 1, 2);
    expect_place(&d, flat, 1, 6, 4, 2);
    expect_open(&d, h, 1);
    end(&d);
}

static void test_reshapes(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_id a = dense_relu(&d, d.in, 12), b = dense_relu(&d, d.in, 12), c = dense_relu(&d, d.in, 12);
    const hwv_id heads = sketch_reshape(&d.s, a, (hwv_shape){3, {HWV_BATCH, 3, 4}});
    const hwv_id ones = sketch_reshape(&d.s, b, (hwv_shape){4, {HWV_BATCH, 1, 12, 1}});
    const hwv_id spread = sketch_reshape(&d.s, c, (hwv_shape){3, {HWV_BATCH, 3, 4}});
    const hwv_id mixed = sketch_reshape(&d.s, spread, (hwv_shape){3, {HWV_BATCH, 2, 6}});
    finish(&d, d.in);
    expect_closed(&d, a, 1, "'%s' lays several axes into one", heads);
    expect_tied(&d, ones, 2, b, 1);
    expect_open(&d, b, 1);
    expect_closed(&d, spread, 1, "'%s' mixes it with other axes", mixed);
    expect_closed(&d, mixed, 2, "'%s' mixes it of other axes", mixed);
    assert_true(track_of(&d, c, 1)->closed[0]);
    end(&d);
}

static void test_moves(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &tokens);
    const hwv_id h = dense_relu(&d, d.in, 5);
    hwv_node_attributes pad = {.before = {0, 0, 1}}, part = {.shape = {3, {HWV_BATCH, 4, 3}}, .step = {1, 1, 1}};
    const hwv_id joined =
        sketch_two(&d.s, HWV_NODE_CONCAT, &(hwv_node_attributes){.axis = 2}, h, dense_relu(&d, d.in, 3));
    const hwv_id padded = sketch_one(&d.s, HWV_NODE_PAD, &pad, dense_relu(&d, d.in, 4));
    const hwv_id sliced = sketch_one(&d.s, HWV_NODE_SLICE, &part, dense_relu(&d, d.in, 4));
    const hwv_id tiled =
        sketch_one(&d.s, HWV_NODE_TILE, &(hwv_node_attributes){.repeat = {1, 1, 2}}, dense_relu(&d, d.in, 4));
    const hwv_id index = sketch_kept(&d.s, HWV_ROLE_CONSTANT, HWV_ELEMENT_I32, (hwv_shape){1, {2}});
    const hwv_id picked =
        sketch_two(&d.s, HWV_NODE_GATHER, &(hwv_node_attributes){.axis = 2}, dense_relu(&d, d.in, 4), index);
    finish(&d, d.in);
    expect_closed(&d, h, 2, "'%s' joins it with others", joined);
    expect_closed(&d, joined, 2, "'%s' joins it of others", joined);
    expect_closed(&d, padded, 2, "'%s' pads it", padded);
    expect_closed(&d, input_of(&d, sliced, 0), 2, "'%s' takes a part of it", sliced);
    expect_closed(&d, sliced, 2, "'%s' takes a part of it", sliced);
    expect_closed(&d, tiled, 2, "'%s' repeats it", tiled);
    expect_closed(&d, input_of(&d, picked, 0), 2, "'%s' picks from it", picked);
    end(&d);
}

/* The same along another axis: channels go through. */
static void test_whole(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &tokens);
    hwv_node_attributes pad = {.before = {0, 1}}, part = {.shape = {3, {HWV_BATCH, 3, 5}}, .step = {1, 1, 1}};
    const hwv_id h = dense_relu(&d, d.in, 5);
    hwv_id to = sketch_one(&d.s, HWV_NODE_PAD, &pad, h);
    to = sketch_one(&d.s, HWV_NODE_SLICE, &part, to);
    to = sketch_one(&d.s, HWV_NODE_TILE, &(hwv_node_attributes){.repeat = {1, 2, 1}}, to);
    to = sketch_two(&d.s, HWV_NODE_CONCAT, &(hwv_node_attributes){.axis = 1}, to, dense_relu(&d, d.in, 5));
    to = sketch_two(&d.s, HWV_NODE_GATHER, &(hwv_node_attributes){.axis = 1}, to,
                    sketch_kept(&d.s, HWV_ROLE_CONSTANT, HWV_ELEMENT_I32, (hwv_shape){2, {2, 3}}));
    to = sketch_one(&d.s, HWV_NODE_EXPAND, &(hwv_node_attributes){.shape = {5, {HWV_BATCH, 1, 2, 3, 5}}},
                    sketch_reshape(&d.s, to, (hwv_shape){5, {HWV_BATCH, 1, 2, 3, 5}}));
    const hwv_id y = sketch_dense(&d.s, to, 2);
    finish(&d, y);
    expect_tied(&d, h, 2, to, 4);
    expect_open(&d, h, 2);
    assert_int_equal(track_of(&d, h, 2)->layer_count, 2);
    end(&d);
}

/* Two ways to count the channels of one axis do not go together. */
static void test_conflict(void **state)
{
    const size_t turned[HWV_MAX_RANK] = {0, 2, 1};
    drawn d;
    (void)state;
    begin(&d, &tokens);
    const hwv_id h = dense_relu(&d, d.in, 5);
    const hwv_id a = sketch_reshape(&d.s, h, (hwv_shape){2, {HWV_BATCH, 20}});
    const hwv_id b = sketch_reshape(&d.s, sketch_transpose(&d.s, h, turned), (hwv_shape){2, {HWV_BATCH, 20}});
    finish(&d, sketch_dense(&d.s, sketch_two(&d.s, HWV_NODE_ADD, NULL, a, b), 2));
    expect_closed(&d, h, 2, "its channels are counted in two ways", h);
    end(&d);
}

/* ---- networks that are not whole, and memory ---- */

static void test_partial(void **state)
{
    hwv_error error;
    drawn d;
    (void)state;
    begin(&d, &vector);
    const hwv_id h = dense_relu(&d, d.in, 5);
    finish(&d, sketch_dense(&d.s, h, 2));
    expect_open(&d, h, 1);
    hwv_tracks_free(&d.tracks);
    d.network.outputs[0].value = HWV_NO_ID;
    must(hwv_tracks_make(&d.tracks, &d.network, &error), &error);
    expect_closed(&d, h, 1, "a part of the model that is not supported may read it", h);
    end(&d);
}

static void test_memory(void **state)
{
    drawn d;
    (void)state;
    begin(&d, &image);
    const hwv_id h = sketch_one(&d.s, HWV_NODE_FLATTEN, NULL, conv_relu(&d, conv_relu(&d, d.in, 6), 5));
    finish(&d, sketch_dense(&d.s, h, 2));
    hwv_tracks_free(&d.tracks);
    for (size_t n = 1;; n++) {
        const size_t live = allocations_live();
        allocations_fail_at(n);
        const hwv_status status = hwv_tracks_make(&d.tracks, &d.network, NULL);
        allocations_fail_at(0);
        if (status == HWV_OK) {
            assert_true(n > 20);
            break;
        }
        assert_int_equal(status, HWV_ERR_MEMORY);
        assert_int_equal(allocations_live(), live);
    }
    end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_dense),    cmocka_unit_test(test_norm_and_slopes), cmocka_unit_test(test_conv),
        cmocka_unit_test(test_groups),   cmocka_unit_test(test_shared_weights),  cmocka_unit_test(test_gate),
        cmocka_unit_test(test_elements), cmocka_unit_test(test_reduce),          cmocka_unit_test(test_together),
        cmocka_unit_test(test_loss),     cmocka_unit_test(test_flatten),         cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_reshapes), cmocka_unit_test(test_moves),           cmocka_unit_test(test_whole),
        cmocka_unit_test(test_conflict), cmocka_unit_test(test_partial),         cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests_name("channels", tests, NULL, NULL);
}
