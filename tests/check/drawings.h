/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Small networks drawn at random: dense layers, convolutions, norms, residual and gated branches, shared weights, pools,
 * reshapes. Included after sketch.h. */
#ifndef TESTS_CHECK_DRAWINGS_H
#define TESTS_CHECK_DRAWINGS_H

#include "graph/functions.h"
#include "sketch.h"

typedef struct drawing {
    sketch s;
    uint64_t seed, draws;
} drawing;

static inline size_t draw_below(drawing *d, uint32_t bound)
{
    return hwv_random_below(d->seed, HWV_STREAM_TEST, 77, d->draws++, bound);
}

static inline bool draw_chance(drawing *d, unsigned percent)
{
    return draw_below(d, 100) < percent;
}

/* An activation: most often relu, sometimes one that is flat elsewhere, or nowhere. */
static inline hwv_id draw_act(drawing *d, hwv_id h)
{
    static const hwv_op ops[] = {HWV_OP_RELU6,     HWV_OP_ELU,        HWV_OP_SILU, HWV_OP_GELU,
                                 HWV_OP_HARDSWISH, HWV_OP_LEAKY_RELU, HWV_OP_TANH};
    hwv_node_attributes attributes = {.act = hwv_act_make(HWV_OP_RELU)};
    const size_t kind = draw_below(d, 12);
    if (kind == 0) {
        attributes.act = hwv_act_make(HWV_OP_THRESHOLD); /* what never fires is a constant, but not 0 */
        attributes.act.param[0] = 0;
        attributes.act.param[1] = 0.4f;
    } else if (kind == 1) {
        const size_t slopes = draw_chance(d, 50) ? 1 : sketch_last(&d->s, h);
        attributes.act = hwv_act_make(HWV_OP_PRELU);
        return sketch_two(&d->s, HWV_NODE_ACTIVATION, &attributes, h,
                          sketch_parameter(&d->s, (hwv_shape){1, {slopes}}));
    } else if (kind <= 3) {
        attributes.act = hwv_act_make(ops[draw_below(d, sizeof ops / sizeof *ops)]);
    }
    return sketch_one(&d->s, HWV_NODE_ACTIVATION, &attributes, h);
}

/* What stands behind a product, and sometimes a norm behind that again, which makes constants of zeros. */
static inline hwv_id draw_behind(drawing *d, hwv_id h)
{
    const bool norm = draw_chance(d, 40);
    if (!norm || draw_chance(d, 40))
        h = sketch_bias(&d->s, h);
    if (norm)
        h = sketch_batch_norm(&d->s, h);
    h = draw_act(d, h);
    if (draw_chance(d, 20))
        h = sketch_batch_norm(&d->s, h);
    if (draw_chance(d, 10))
        h = sketch_one(&d->s, HWV_NODE_DROPOUT, &(hwv_node_attributes){.rate = 0.1f}, h);
    if (draw_chance(d, 10))
        h = sketch_binary(&d->s, HWV_BINARY_ADD, h,
                          sketch_kept(&d->s, HWV_ROLE_CONSTANT, HWV_ELEMENT_F32,
                                      (hwv_shape){1, {draw_chance(d, 50) ? 1 : sketch_last(&d->s, h)}}));
    return h;
}

/* ---- images ---- */

/* The shorter side. */
static inline size_t draw_size(const drawing *d, hwv_id h)
{
    const hwv_shape *shape = sketch_shape(&d->s, h);
    return shape->dim[1] < shape->dim[2] ? shape->dim[1] : shape->dim[2];
}

static inline hwv_id draw_conv(drawing *d, hwv_id h, size_t filters)
{
    const bool three = draw_chance(d, 60) && draw_size(d, h) >= 3;
    return sketch_conv(&d->s, h, filters, three ? 3 : 1, 1, three ? draw_below(d, 2) : 0, 1);
}

static inline hwv_id draw_pool(drawing *d, hwv_id h)
{
    const hwv_node_attributes attributes = {.window = sketch_window(2, 1 + draw_below(d, 2), draw_below(d, 2)),
                                            .count_pad = draw_chance(d, 50)};
    if (draw_size(d, h) < 2)
        return h;
    return sketch_one(&d->s, draw_chance(d, 50) ? HWV_NODE_MAX_POOL2D : HWV_NODE_AVG_POOL2D, &attributes, h);
}

/* Squeeze and excite: a gate for each channel, of all pixels. */
static inline hwv_id draw_excite(drawing *d, hwv_id h)
{
    const size_t channels = sketch_last(&d->s, h);
    hwv_id g = sketch_one(&d->s, HWV_NODE_GLOBAL_AVG_POOL2D, NULL, h);
    g = sketch_act(&d->s, sketch_bias(&d->s, sketch_dense(&d->s, g, 3)), HWV_OP_RELU);
    g = sketch_act(&d->s, sketch_bias(&d->s, sketch_dense(&d->s, g, channels)), HWV_OP_SIGMOID);
    g = sketch_reshape(&d->s, g, (hwv_shape){4, {HWV_BATCH, 1, 1, channels}});
    return sketch_binary(&d->s, HWV_BINARY_MUL, h, g);
}

static inline hwv_id draw_depthwise(drawing *d, hwv_id h)
{
    const size_t channels = sketch_last(&d->s, h), kernel = draw_size(d, h) >= 3 ? 3 : 1;
    return draw_behind(d, sketch_conv(&d->s, h, channels * (1 + draw_below(d, 2)), kernel, 1,
                                      kernel == 3 ? draw_below(d, 2) : 0, channels));
}

static inline hwv_id draw_image_residual(drawing *d, hwv_id h)
{
    const size_t channels = sketch_last(&d->s, h);
    hwv_id branch = draw_behind(d, sketch_conv(&d->s, h, 2 + draw_below(d, 4), 1, 1, 0, 1));
    branch = sketch_bias(&d->s, sketch_conv(&d->s, branch, channels, 3, 1, 1, 1));
    if (draw_chance(d, 50))
        branch = draw_act(d, branch);
    h = sketch_two(&d->s, HWV_NODE_ADD, NULL, h, branch);
    return draw_chance(d, 60) ? draw_act(d, h) : h;
}

/* One filter bank twice. */
static inline hwv_id draw_shared_conv(drawing *d, hwv_id h)
{
    const size_t channels = sketch_last(&d->s, h);
    const hwv_id weight = sketch_parameter(&d->s, (hwv_shape){4, {channels, channels, 1, 1}});
    const hwv_node_attributes attributes = {.window = sketch_window(1, 1, 0), .groups = 1};
    const bool bias = draw_chance(d, 50);
    const hwv_id shift = sketch_parameter(&d->s, (hwv_shape){1, {channels}});
    for (size_t i = 0; i < 2; i++) {
        h = sketch_two(&d->s, HWV_NODE_CONV2D, &attributes, h, weight);
        h = bias ? sketch_two(&d->s, HWV_NODE_BIAS, NULL, h, shift) : sketch_bias(&d->s, h);
        h = draw_act(d, h);
    }
    return h;
}

static inline hwv_id draw_padded(drawing *d, hwv_id h)
{
    hwv_node_attributes attributes = {.pad_mode = (hwv_pad_mode)draw_below(d, 3),
                                      .fill = draw_chance(d, 50) ? 0 : 0.4f};
    if (attributes.pad_mode == HWV_PAD_REFLECT && draw_size(d, h) < 2)
        return h;
    attributes.before[1] = attributes.after[2] = 1;
    return sketch_one(&d->s, HWV_NODE_PAD, &attributes, h);
}

static inline hwv_id draw_concat(drawing *d, hwv_id h)
{
    const hwv_id a = draw_behind(d, sketch_conv(&d->s, h, 2, 1, 1, 0, 1));
    return sketch_two(&d->s, HWV_NODE_CONCAT, &(hwv_node_attributes){.axis = 3}, a, h);
}

/* Channels first for a while. */
static inline hwv_id draw_turned(drawing *d, hwv_id h)
{
    const size_t first[HWV_MAX_RANK] = {0, 3, 1, 2}, last[HWV_MAX_RANK] = {0, 2, 3, 1};
    const hwv_shape shape = {3, {sketch_last(&d->s, h), 1, 1}};
    h = sketch_transpose(&d->s, h, first);
    h = sketch_binary(&d->s, HWV_BINARY_MUL, h, sketch_kept(&d->s, HWV_ROLE_CONSTANT, HWV_ELEMENT_F32, shape));
    return sketch_transpose(&d->s, h, last);
}

static inline hwv_id draw_image_norm(drawing *d, hwv_id h)
{
    return sketch_one(&d->s, HWV_NODE_LAYER_NORM, &(hwv_node_attributes){.axis = 3, .epsilon = 0.1f}, h);
}

static inline hwv_id draw_grouped(drawing *d, hwv_id h)
{
    h = draw_behind(d, draw_conv(d, h, 4));
    return draw_behind(d, sketch_conv(&d->s, h, 6, 1, 1, 0, 2));
}

static inline hwv_id draw_image_step(drawing *d, hwv_id h)
{
    switch (draw_below(d, 16)) {
    case 0:
        return draw_pool(d, h);
    case 1:
        return draw_excite(d, h);
    case 2:
    case 3:
        return draw_depthwise(d, h);
    case 4:
    case 5:
        return draw_image_residual(d, h);
    case 6:
        return draw_shared_conv(d, h);
    case 7:
        return draw_padded(d, h);
    case 8:
        return draw_concat(d, h);
    case 9:
        return draw_turned(d, h);
    case 10:
        return draw_chance(d, 50) ? draw_image_norm(d, h) : draw_grouped(d, h);
    default:
        return draw_behind(d, draw_conv(d, h, 2 + draw_below(d, 5)));
    }
}

/* From images to vectors, in all the ways that files do it. */
static inline hwv_id draw_flat(drawing *d, hwv_id h)
{
    const hwv_shape shape = *sketch_shape(&d->s, h);
    const size_t features = shape.dim[1] * shape.dim[2] * shape.dim[3], first[HWV_MAX_RANK] = {0, 3, 1, 2};
    switch (draw_below(d, 5)) {
    case 0:
        return sketch_one(&d->s, HWV_NODE_GLOBAL_AVG_POOL2D, NULL, h);
    case 1:
        return sketch_one(&d->s, HWV_NODE_FLATTEN, NULL, sketch_transpose(&d->s, h, first));
    case 2:
        h = sketch_reshape(&d->s, h, (hwv_shape){3, {HWV_BATCH, shape.dim[1] * shape.dim[2], shape.dim[3]}});
        return sketch_one(
            &d->s, HWV_NODE_REDUCE,
            &(hwv_node_attributes){.function = draw_chance(d, 50) ? HWV_REDUCTION_MEAN : HWV_REDUCTION_MAX, .axes = 2},
            h);
    case 3:
        return sketch_reshape(&d->s, sketch_transpose(&d->s, h, first), (hwv_shape){2, {HWV_BATCH, features}});
    default:
        return sketch_one(&d->s, HWV_NODE_FLATTEN, NULL, h);
    }
}

/* ---- vectors, and tokens: the last axis counts features ---- */

static inline hwv_id draw_dense(drawing *d, hwv_id h)
{
    return draw_behind(d, sketch_dense(&d->s, h, 3 + draw_below(d, 6)));
}

static inline hwv_id draw_layer_norm(drawing *d, hwv_id h)
{
    const hwv_shape *shape = sketch_shape(&d->s, h);
    const hwv_node_attributes attributes = {.axis = shape->rank - 1, .epsilon = 0.1f};
    const hwv_shape features = {1, {sketch_last(&d->s, h)}};
    const hwv_id inputs[] = {h, sketch_kept(&d->s, HWV_ROLE_CONSTANT, HWV_ELEMENT_F32, features),
                             sketch_parameter(&d->s, features)};
    return sketch_node(&d->s, HWV_NODE_LAYER_NORM, &attributes, inputs, 1 + draw_below(d, 3));
}

/* A transformer's feed-forward block, its norm in front or behind. */
static inline hwv_id draw_forward(drawing *d, hwv_id h)
{
    const size_t features = sketch_last(&d->s, h);
    const bool pre = draw_chance(d, 50);
    hwv_id branch = pre ? draw_layer_norm(d, h) : h;
    branch = draw_behind(d, sketch_dense(&d->s, branch, 4 + draw_below(d, 5)));
    branch = sketch_dense(&d->s, branch, features);
    if (draw_chance(d, 70))
        branch = sketch_bias(&d->s, branch);
    h = sketch_two(&d->s, HWV_NODE_ADD, NULL, h, branch);
    return pre ? h : draw_layer_norm(d, h);
}

static inline hwv_id draw_gated(drawing *d, hwv_id h)
{
    const size_t units = 3 + draw_below(d, 5);
    const hwv_id a = draw_behind(d, sketch_dense(&d->s, h, units)), b = sketch_dense(&d->s, h, units);
    return sketch_binary(&d->s, draw_chance(d, 70) ? HWV_BINARY_MUL : HWV_BINARY_MAX, a, b);
}

/* One matrix for two inputs, whose sum goes on. */
static inline hwv_id draw_twins(drawing *d, hwv_id h)
{
    const size_t units = 4 + draw_below(d, 4);
    const hwv_id weight = sketch_parameter(&d->s, (hwv_shape){2, {4, units}});
    const hwv_id shift = sketch_parameter(&d->s, (hwv_shape){1, {4}});
    const bool one = draw_chance(d, 50);
    hwv_id y[2];
    for (size_t i = 0; i < 2; i++) {
        y[i] = sketch_two(&d->s, HWV_NODE_DENSE, NULL, draw_behind(d, sketch_dense(&d->s, h, units)), weight);
        y[i] = one ? sketch_two(&d->s, HWV_NODE_BIAS, NULL, y[i], shift) : sketch_bias(&d->s, y[i]);
        if (draw_chance(d, 40))
            y[i] = draw_act(d, y[i]);
    }
    return sketch_two(&d->s, HWV_NODE_ADD, NULL, y[0], y[1]);
}

/* What a product gives is read by its bias and beside it. */
static inline hwv_id draw_split(drawing *d, hwv_id h)
{
    const hwv_id product = sketch_dense(&d->s, draw_dense(d, h), 5);
    const hwv_id biased = draw_chance(d, 50) ? sketch_bias(&d->s, product) : sketch_batch_norm(&d->s, product);
    return sketch_two(&d->s, HWV_NODE_ADD, NULL, product, draw_act(d, biased));
}

static inline hwv_id draw_part(drawing *d, hwv_id h)
{
    hwv_node_attributes attributes = {.shape = *sketch_shape(&d->s, h)};
    size_t *last = &attributes.shape.dim[attributes.shape.rank - 1];
    for (size_t i = 0; i < attributes.shape.rank; i++)
        attributes.step[i] = 1;
    if (*last > 2 && draw_chance(d, 50))
        --*last;
    return sketch_one(&d->s, HWV_NODE_SLICE, &attributes, h);
}

/* Where something is positive, and a constant elsewhere. */
static inline hwv_id draw_where(drawing *d, hwv_id h)
{
    const hwv_shape one = {1, {1}};
    const hwv_id zero = sketch_kept(&d->s, HWV_ROLE_CONSTANT, HWV_ELEMENT_F32, one);
    const hwv_id test =
        sketch_two(&d->s, HWV_NODE_COMPARE, &(hwv_node_attributes){.function = HWV_COMPARE_GREATER}, h, zero);
    return sketch_node(&d->s, HWV_NODE_WHERE, NULL, (const hwv_id[]){test, h, zero}, 3);
}

static inline hwv_id draw_feature_step(drawing *d, hwv_id h)
{
    switch (draw_below(d, 13)) {
    case 0:
    case 1:
        return draw_forward(d, h);
    case 7:
        return draw_split(d, h);
    case 2:
        return draw_gated(d, h);
    case 3:
        return draw_twins(d, h);
    case 4:
        return draw_part(d, h);
    case 5:
        return draw_where(d, h);
    case 6:
        return draw_chance(d, 50) ? draw_layer_norm(d, h)
                                  : sketch_one(&d->s, HWV_NODE_SOFTMAX,
                                               &(hwv_node_attributes){.axis = sketch_shape(&d->s, h)->rank - 1}, h);
    default:
        return draw_dense(d, h);
    }
}

/* Tokens mix through a dense layer along their axis, or become one vector. */
static inline hwv_id draw_mixed(drawing *d, hwv_id h)
{
    const size_t order[HWV_MAX_RANK] = {0, 2, 1};
    h = sketch_dense(&d->s, sketch_transpose(&d->s, h, order), sketch_shape(&d->s, h)->dim[1]);
    return sketch_transpose(&d->s, draw_act(d, h), order);
}

/* ---- whole networks ---- */

static inline hwv_network draw_network(uint64_t seed)
{
    static const hwv_shape shapes[] = {
        {4, {HWV_BATCH, 6, 6, 3}}, {4, {HWV_BATCH, 5, 4, 2}}, {2, {HWV_BATCH, 7}}, {3, {HWV_BATCH, 3, 5}}};
    drawing d = {.seed = seed, .s = sketch_begin(seed)};
    const size_t kind = draw_below(&d, 4), steps = 1 + draw_below(&d, 4);
    const hwv_id in = sketch_input(&d.s, shapes[kind]);
    hwv_id h = in, outputs[2];
    for (size_t i = 0; i <= steps; i++)
        h = kind < 2                           ? draw_image_step(&d, h)
            : kind == 3 && draw_chance(&d, 20) ? draw_mixed(&d, h)
                                               : draw_feature_step(&d, h);
    outputs[1] = h;
    if (kind < 2)
        h = draw_flat(&d, h);
    else if (kind == 3)
        h = sketch_one(&d.s, HWV_NODE_FLATTEN, NULL, h);
    if (draw_chance(&d, 40))
        h = draw_dense(&d, h);
    outputs[0] = sketch_dense(&d.s, h, 3);
    return sketch_network(&d.s, in, outputs, outputs[1] != in && draw_chance(&d, 10) ? 2 : 1);
}

/* Some units of all layers behind a bias or a norm go far below, or not so far. */
static inline void draw_deaths(const hwv_network *network, uint64_t seed)
{
    drawing d = {.seed = seed ^ 0x5eed};
    for (size_t l = 0; l < network->layer_count; l++) {
        const hwv_graph *graph = network->graph;
        const hwv_id z = hwv_graph_node_at(graph, network->layers[l].node)->input[0];
        const hwv_id producer = hwv_graph_value(graph, z)->producer;
        const hwv_node *node = producer == HWV_NO_ID ? NULL : hwv_graph_node_at(graph, producer);
        if (node == NULL || (node->kind != HWV_NODE_BIAS && node->kind != HWV_NODE_BATCH_NORM))
            continue;
        const hwv_id bias = node->input[node->kind == HWV_NODE_BIAS ? 1 : 2];
        for (size_t u = 0; u < hwv_graph_value(graph, bias)->shape.dim[0]; u++)
            if (draw_chance(&d, 40))
                hwv_weights_data(network->weights, bias)[u] = draw_chance(&d, 80) ? -1000 : -12;
    }
}

#endif
