/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Networks that are drawn node by node, for tests; and a network with a change carried out on its graph, value by value
 * and node by node. Included after support.h. */
#ifndef TESTS_CHECK_SKETCH_H
#define TESTS_CHECK_SKETCH_H

#include <stdio.h>

#include "halfwave/change.h"
#include "support.h"

typedef struct sketch {
    hwv_graph *graph;
    hwv_weights *weights; /* sketch_weights */
    hwv_error error;
    unsigned named;
    uint64_t seed;
} sketch;

static inline sketch sketch_begin(uint64_t seed)
{
    sketch s = {.seed = seed};
    must(hwv_graph_create(&s.graph, &s.error), &s.error);
    return s;
}

static inline const hwv_shape *sketch_shape(const sketch *s, hwv_id value)
{
    return &hwv_graph_value(s->graph, value)->shape;
}

static inline size_t sketch_last(const sketch *s, hwv_id value)
{
    const hwv_shape *shape = sketch_shape(s, value);
    return shape->dim[shape->rank - 1];
}

static inline hwv_id sketch_input(sketch *s, hwv_shape shape)
{
    hwv_id id;
    must(hwv_graph_input(s->graph, "x", HWV_ELEMENT_F32, &shape, &id, &s->error), &s->error);
    return id;
}

static inline hwv_id sketch_kept(sketch *s, hwv_role role, hwv_element element, hwv_shape shape)
{
    char name[32];
    hwv_id id;
    snprintf(name, sizeof name, "%s%u",
             role == HWV_ROLE_PARAMETER ? "w"
             : role == HWV_ROLE_STATE   ? "s"
                                        : "c",
             s->named++);
    must(role == HWV_ROLE_PARAMETER ? hwv_graph_parameter(s->graph, name, &shape, true, &id, &s->error)
         : role == HWV_ROLE_STATE   ? hwv_graph_state(s->graph, name, &shape, &id, &s->error)
                                    : hwv_graph_constant(s->graph, name, element, &shape, &id, &s->error),
         &s->error);
    return id;
}

static inline hwv_id sketch_parameter(sketch *s, hwv_shape shape)
{
    return sketch_kept(s, HWV_ROLE_PARAMETER, HWV_ELEMENT_F32, shape);
}

static inline hwv_id sketch_node(sketch *s, hwv_node_kind kind, const hwv_node_attributes *attributes,
                                 const hwv_id *inputs, size_t count)
{
    hwv_id outputs[HWV_MAX_OUTPUTS];
    char name[64];
    snprintf(name, sizeof name, "%.40s%u", hwv_node_kind_name(kind), s->named++);
    must(hwv_graph_node(s->graph, kind, name, attributes, inputs, count, outputs, &s->error), &s->error);
    return outputs[0];
}

static inline hwv_id sketch_one(sketch *s, hwv_node_kind kind, const hwv_node_attributes *attributes, hwv_id x)
{
    return sketch_node(s, kind, attributes, &x, 1);
}

static inline hwv_id sketch_two(sketch *s, hwv_node_kind kind, const hwv_node_attributes *attributes, hwv_id a,
                                hwv_id b)
{
    return sketch_node(s, kind, attributes, (const hwv_id[]){a, b}, 2);
}

static inline hwv_id sketch_bias(sketch *s, hwv_id x)
{
    return sketch_two(s, HWV_NODE_BIAS, NULL, x, sketch_parameter(s, (hwv_shape){1, {sketch_last(s, x)}}));
}

static inline hwv_id sketch_dense(sketch *s, hwv_id x, size_t out)
{
    return sketch_two(s, HWV_NODE_DENSE, NULL, x, sketch_parameter(s, (hwv_shape){2, {out, sketch_last(s, x)}}));
}

static inline hwv_window sketch_window(size_t kernel, size_t stride, size_t pad)
{
    return (hwv_window){{kernel, kernel}, {stride, stride}, {pad, pad}, {pad, pad}};
}

static inline hwv_id sketch_conv(sketch *s, hwv_id x, size_t filters, size_t kernel, size_t stride, size_t pad,
                                 size_t groups)
{
    const hwv_node_attributes attributes = {.window = sketch_window(kernel, stride, pad), .groups = groups};
    const hwv_shape shape = {4, {filters, sketch_last(s, x) / groups, kernel, kernel}};
    return sketch_two(s, HWV_NODE_CONV2D, &attributes, x, sketch_parameter(s, shape));
}

static inline hwv_id sketch_batch_norm(sketch *s, hwv_id x)
{
    const hwv_node_attributes attributes = {.epsilon = 1e-3f, .momentum = 0.1f};
    const hwv_shape channels = {1, {sketch_last(s, x)}};
    hwv_id inputs[5] = {x};
    for (size_t i = 1; i < 5; i++)
        inputs[i] = sketch_kept(s, i < 3 ? HWV_ROLE_PARAMETER : HWV_ROLE_STATE, HWV_ELEMENT_F32, channels);
    return sketch_node(s, HWV_NODE_BATCH_NORM, &attributes, inputs, 5);
}

static inline hwv_id sketch_act(sketch *s, hwv_id x, hwv_op op)
{
    const hwv_node_attributes attributes = {.act = hwv_act_make(op)};
    return sketch_one(s, HWV_NODE_ACTIVATION, &attributes, x);
}

static inline hwv_id sketch_binary(sketch *s, int function, hwv_id a, hwv_id b)
{
    return sketch_two(s, HWV_NODE_BINARY, &(hwv_node_attributes){.function = function}, a, b);
}

static inline hwv_id sketch_reshape(sketch *s, hwv_id x, hwv_shape shape)
{
    return sketch_one(s, HWV_NODE_RESHAPE, &(hwv_node_attributes){.shape = shape}, x);
}

static inline hwv_id sketch_transpose(sketch *s, hwv_id x, const size_t order[HWV_MAX_RANK])
{
    hwv_node_attributes attributes = {0};
    memcpy(attributes.order, order, sizeof attributes.order);
    return sketch_one(s, HWV_NODE_TRANSPOSE, &attributes, x);
}

static inline size_t sketch_elements(const hwv_shape *shape)
{
    size_t elements = 1;
    for (size_t d = 0; d < shape->rank; d++)
        elements *= shape->dim[d];
    return elements;
}

/* Weights of He's size, norms near 1, variances positive, constants near 1. */
static inline void sketch_weights(sketch *s)
{
    must(hwv_weights_create(&s->weights, s->graph, &s->error), &s->error);
    for (hwv_id v = 0; v < hwv_graph_value_count(s->graph); v++) {
        const hwv_value *value = hwv_graph_value(s->graph, v);
        float *to = hwv_weights_data(s->weights, v);
        const size_t elements = to ? sketch_elements(&value->shape) : 0;
        const double in = (double)elements / (double)(value->shape.rank ? value->shape.dim[0] : 1);
        for (size_t e = 0; e < elements; e++) {
            const double draw = hwv_random_normal(s->seed, HWV_STREAM_TEST, v, e);
            if (value->element == HWV_ELEMENT_I32)
                ((int32_t *)to)[e] = (int32_t)hwv_random_below(s->seed, HWV_STREAM_TEST, v, e, 2);
            else if (value->role == HWV_ROLE_PARAMETER && value->shape.rank > 1)
                to[e] = (float)(draw * sqrt(2 / in));
            else if (value->role == HWV_ROLE_PARAMETER)
                to[e] = (float)(0.3 * draw);
            else
                to[e] = (float)(1 + 0.2 * fabs(draw));
        }
    }
    for (hwv_id n = 0; n < hwv_graph_node_count(s->graph); n++) {
        const hwv_node *node = hwv_graph_node_at(s->graph, n);
        for (size_t e = 0; node->kind == HWV_NODE_BATCH_NORM && e < sketch_last(s, node->input[1]); e++)
            hwv_weights_data(s->weights, node->input[1])[e] += 1;
    }
}

static inline void port_make(hwv_port *port, const sketch *s, const char *name, hwv_id value)
{
    *port = (hwv_port){.name = hwv_strdup(name), .value = value, .shape = *sketch_shape(s, value)};
    assert_non_null(port->name);
}

/* Every activation is a layer. The sketch's graph and weights are the network's then. */
static inline hwv_network sketch_network(sketch *s, hwv_id input, const hwv_id *outputs, size_t output_count)
{
    const size_t nodes = hwv_graph_node_count(s->graph);
    if (s->weights == NULL)
        sketch_weights(s);
    hwv_network network = {.name = hwv_strdup("sketch"),
                           .graph = s->graph,
                           .weights = s->weights,
                           .inputs = hwv_calloc(1, sizeof *network.inputs),
                           .outputs = hwv_calloc(output_count, sizeof *network.outputs),
                           .input_count = 1,
                           .output_count = output_count,
                           .layers = hwv_calloc(nodes + 1, sizeof *network.layers),
                           .batched = true};
    assert_true(network.name && network.inputs && network.outputs && network.layers);
    port_make(&network.inputs[0], s, "x", input);
    for (size_t o = 0; o < output_count; o++)
        port_make(&network.outputs[o], s, o ? "z" : "y", outputs[o]);
    for (hwv_id n = 0; n < nodes; n++)
        if (hwv_graph_node_at(s->graph, n)->kind == HWV_NODE_ACTIVATION)
            network.layers[network.layer_count++] =
                (hwv_network_layer){n, hwv_strdup(hwv_graph_node_at(s->graph, n)->name), "Relu"};
    *s = (sketch){0};
    return network;
}

/* ---- a change carried out ---------------------------------------------------------------------------- */

typedef struct rebuilding {
    const hwv_change *change;
    const hwv_graph *from;
    sketch to;
    hwv_id *now; /* by value of the old graph */
} rebuilding;

static inline void rebuild_value(rebuilding *r, hwv_id v)
{
    const hwv_value *value = hwv_graph_value(r->from, v);
    const hwv_shape shape = hwv_change_shape(r->change, v);
    hwv_error *error = &r->to.error;
    hwv_id *id = &r->now[v];
    switch (value->role) {
    case HWV_ROLE_INPUT:
        must(hwv_graph_input(r->to.graph, value->name, value->element, &shape, id, error), error);
        break;
    case HWV_ROLE_PARAMETER:
        must(hwv_graph_parameter(r->to.graph, value->name, &shape, value->decay, id, error), error);
        break;
    case HWV_ROLE_STATE:
        must(hwv_graph_state(r->to.graph, value->name, &shape, id, error), error);
        break;
    case HWV_ROLE_CONSTANT:
        must(hwv_graph_constant(r->to.graph, value->name, value->element, &shape, id, error), error);
        break;
    default:
        fail_msg("%s has no producer", value->name);
    }
}

static inline void rebuild_node(rebuilding *r, hwv_id n)
{
    const hwv_node *node = hwv_graph_node_at(r->from, n);
    const hwv_shape y = hwv_change_shape(r->change, node->output[0]),
                    *x = &hwv_graph_value(r->from, node->input[0])->shape;
    hwv_node_attributes attributes = node->attributes;
    hwv_id inputs[HWV_MAX_INPUTS], outputs[HWV_MAX_OUTPUTS];
    for (size_t i = 0; i < node->input_count; i++)
        inputs[i] = r->now[node->input[i]];
    if (node->kind == HWV_NODE_RESHAPE || node->kind == HWV_NODE_SLICE || node->kind == HWV_NODE_EXPAND)
        attributes.shape = y;
    if (node->kind == HWV_NODE_CONV2D && attributes.groups > 1 && attributes.groups == x->dim[3])
        attributes.groups = sketch_last(&r->to, inputs[0]);
    must(hwv_graph_node(r->to.graph, node->kind, node->name, &attributes, inputs, node->input_count, outputs,
                        &r->to.error),
         &r->to.error);
    assert_int_equal(sketch_shape(&r->to, outputs[0])->rank, y.rank);
    for (size_t d = 0; d < y.rank; d++) /* the change names all that follows */
        assert_int_equal(sketch_shape(&r->to, outputs[0])->dim[d], y.dim[d]);
    r->now[node->output[0]] = outputs[0];
    for (size_t b = 0; b < r->change->bias_count; b++) {
        const hwv_bias_change *bias = &r->change->biases[b];
        if (bias->node != n)
            continue;
        const hwv_id added = sketch_parameter(&r->to, (hwv_shape){1, {sketch_last(&r->to, outputs[0])}});
        r->now[node->output[0]] = sketch_two(&r->to, HWV_NODE_BIAS, NULL, outputs[0], added);
    }
}

/* Elements that are not cut, in their order, of 4 bytes. */
static inline void rebuild_data(const hwv_value_change *change, const hwv_shape *shape, const float *from, float *to)
{
    const size_t elements = sketch_elements(shape);
    for (size_t e = 0; e < elements; e++) {
        bool stays = true;
        for (size_t d = shape->rank, rest = e; d-- > 0; rest /= shape->dim[d])
            stays = stays && !(change->cut[d] && change->cut[d][rest % shape->dim[d]]);
        if (stays)
            *to++ = from[e];
    }
}

static inline void rebuild_bias(rebuilding *r, const hwv_bias_change *bias)
{
    const hwv_id y = hwv_graph_node_at(r->from, bias->node)->output[0];
    const hwv_id node = hwv_graph_value(r->to.graph, r->now[y])->producer;
    const hwv_shape *old = &hwv_graph_value(r->from, y)->shape, units = {1, {bias->units}};
    const hwv_value_change cut = {.cut = {r->change->values[y].cut[old->rank - 1]}};
    rebuild_data(&cut, &units, bias->bias,
                 hwv_weights_data(r->to.weights, hwv_graph_node_at(r->to.graph, node)->input[1]));
}

/* The network with a change carried out (of data, cuts and biases). */
static inline hwv_network rebuild(const hwv_change *change)
{
    const hwv_network *from = change->network;
    const size_t values = hwv_graph_value_count(from->graph);
    rebuilding r = {.change = change, .from = from->graph, .to = sketch_begin(0)};
    hwv_id outputs[4];
    assert_true(change->act_count == 0 && change->norm_count == 0 && from->output_count <= 4);
    r.to.named = 100000;
    r.now = hwv_calloc(values, sizeof *r.now);
    assert_non_null(r.now);
    for (hwv_id v = 0; v < values; v++)
        if (hwv_graph_value(r.from, v)->producer == HWV_NO_ID)
            rebuild_value(&r, v);
        else
            rebuild_node(&r, hwv_graph_value(r.from, v)->producer);
    must(hwv_weights_create(&r.to.weights, r.to.graph, &r.to.error), &r.to.error);
    for (hwv_id v = 0; v < values; v++) {
        const float *data = change->values[v].data ? change->values[v].data : hwv_weights_data(from->weights, v);
        if (data)
            rebuild_data(&change->values[v], &hwv_graph_value(r.from, v)->shape, data,
                         hwv_weights_data(r.to.weights, r.now[v]));
    }
    for (size_t b = 0; b < change->bias_count; b++)
        rebuild_bias(&r, &change->biases[b]);
    for (size_t o = 0; o < from->output_count; o++)
        outputs[o] = r.now[from->outputs[o].value];
    hwv_network made = sketch_network(&r.to, r.now[from->inputs[0].value], outputs, from->output_count);
    hwv_free(r.now);
    return made;
}

#endif
