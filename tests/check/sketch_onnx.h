/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Drawn networks as ONNX files: a node for each node, images turned channels first and back around what slides over them.
 * Included after drawings.h. */
#ifndef TESTS_CHECK_SKETCH_ONNX_H
#define TESTS_CHECK_SKETCH_ONNX_H

#include "make.h"
#include "sketch.h"

typedef struct writing {
    maker *m;
    const hwv_network *network;
    const hwv_node *node;
    unsigned named; /* of what is in between */
} writing;

#define WRITE_NAME 32

static inline const hwv_shape *write_shape(const writing *w, hwv_id value)
{
    return &hwv_graph_value(w->network->graph, value)->shape;
}

/* One more value name behind others, with a blank between them. */
static inline char *write_add(char *names, const char *name)
{
    const size_t used = strlen(names);
    names[used] = ' ';
    memcpy(names + used + (used > 0), name, strlen(name) + 1);
    return names;
}

static inline const char *write_name(char to[WRITE_NAME], const writing *w, hwv_id value)
{
    snprintf(to, WRITE_NAME, "v%u", (unsigned)value);
    for (size_t o = 0; o < w->network->output_count; o++)
        if (w->network->outputs[o].value == value)
            snprintf(to, WRITE_NAME, "%s", w->network->outputs[o].name);
    return to;
}

static inline const char *write_fresh(char to[WRITE_NAME], writing *w)
{
    snprintf(to, WRITE_NAME, "t%u", w->named++);
    return to;
}

/* The node itself: its op, with its own inputs or others. */
static inline void write_op(writing *w, const char *op, const char *inputs, const char *output)
{
    char name[WRITE_NAME], label[2 * WRITE_NAME];
    snprintf(label, sizeof label, "%.40s", w->node->name);
    make_node(w->m, op, label, inputs, output ? output : write_name(name, w, w->node->output[0]));
}

static inline const char *write_inputs(char to[6 * WRITE_NAME], const writing *w, size_t first)
{
    to[0] = '\0';
    for (size_t i = first; i < w->node->input_count; i++) {
        char name[WRITE_NAME];
        write_add(to, write_name(name, w, w->node->input[i]));
    }
    return to;
}

static inline const char *write_list(char to[WRITE_NAME], writing *w, const int64_t *list, size_t n)
{
    write_fresh(to, w);
    make_list(w->m, to, list, n);
    return to;
}

/* ---- images ---- */

/* Axis 1 to the end, or back. */
static inline void write_turn(writing *w, size_t rank, bool back, const char *from, const char *to)
{
    int64_t order[4] = {0};
    char name[WRITE_NAME];
    for (size_t i = 1; i < rank; i++)
        order[i] = (int64_t)(back ? (i + 1 == rank ? 1 : i + 1) : (i == 1 ? rank - 1 : i - 1));
    make_ints(w->m, "perm", order, rank);
    make_node(w->m, "Transpose", write_fresh(name, w), from, to);
}

/* An op on its first input channels first, and the others as they are; what the attributes are of was made in `made`. */
static inline void write_turned(writing *w, const char *op, void (*attributes)(writing *w), bool flat)
{
    const size_t rank = write_shape(w, w->node->input[0])->rank;
    char x[WRITE_NAME], first[WRITE_NAME], given[WRITE_NAME], y[WRITE_NAME], all[8 * WRITE_NAME];
    write_name(x, w, w->node->input[0]);
    write_name(y, w, w->node->output[0]);
    write_turn(w, rank, false, x, write_fresh(first, w));
    strcpy(all, first);
    for (size_t i = 1; i < w->node->input_count; i++)
        write_add(all, write_name(given, w, w->node->input[i]));
    if (attributes)
        attributes(w);
    write_op(w, op, all, write_fresh(given, w));
    if (flat)
        make_node(w->m, "Flatten", "", given, y);
    else
        write_turn(w, rank, true, given, y);
}

static inline void write_window(writing *w)
{
    const hwv_window *window = &w->node->attributes.window;
    const int64_t kernel[] = {(int64_t)window->kernel[0], (int64_t)window->kernel[1]};
    const int64_t stride[] = {(int64_t)window->stride[0], (int64_t)window->stride[1]};
    const int64_t pads[] = {(int64_t)window->pad_before[0], (int64_t)window->pad_before[1],
                            (int64_t)window->pad_after[0], (int64_t)window->pad_after[1]};
    make_ints(w->m, "kernel_shape", kernel, 2);
    make_ints(w->m, "strides", stride, 2);
    make_ints(w->m, "pads", pads, 4);
    if (w->node->kind == HWV_NODE_CONV2D)
        make_int(w->m, "group", (int64_t)w->node->attributes.groups);
    if (w->node->kind == HWV_NODE_AVG_POOL2D)
        make_int(w->m, "count_include_pad", w->node->attributes.count_pad);
}

static inline void write_epsilon(writing *w)
{
    make_float(w->m, "epsilon", w->node->attributes.epsilon);
}

/* ---- others ---- */

static inline void write_dense(writing *w)
{
    char in[6 * WRITE_NAME];
    write_inputs(in, w, 0);
    if (write_shape(w, w->node->input[0])->rank == 2) {
        make_int(w->m, "transB", 1);
        write_op(w, "Gemm", in, NULL);
        return;
    }
    memcpy(in + strlen(in), "t", 2); /* the matrix, transposed */
    write_op(w, "MatMul", in, NULL);
}

static inline void write_activation(writing *w)
{
    const hwv_act *act = &w->node->attributes.act;
    char in[8 * WRITE_NAME], a[WRITE_NAME], b[WRITE_NAME], both[8 * WRITE_NAME];
    write_inputs(in, w, 0);
    switch (act->op) {
    case HWV_OP_RELU6:
        make_number(w->m, write_fresh(a, w), 0);
        make_number(w->m, write_fresh(b, w), 6);
        write_op(w, "Clip", write_add(write_add(in, a), b), NULL);
        return;
    case HWV_OP_SILU:
        make_node(w->m, "Sigmoid", "", in, write_fresh(a, w));
        write_op(w, "Mul", write_add(in, a), NULL);
        return;
    case HWV_OP_THRESHOLD:
        make_number(w->m, write_fresh(a, w), 0);
        strcpy(both, in);
        make_node(w->m, "Greater", "", write_add(both, a), write_fresh(b, w));
        make_number(w->m, write_fresh(a, w), act->param[1]);
        strcpy(both, b);
        write_op(w, "Where", write_add(write_add(both, in), a), NULL);
        return;
    case HWV_OP_LEAKY_RELU:
    case HWV_OP_ELU:
        make_float(w->m, "alpha", act->param[0]);
        break;
    default:
        break;
    }
    write_op(w, hwv_op_row(act->op)->onnx, in, NULL);
}

static inline void write_with_list(writing *w, const char *op, const int64_t *list, size_t n)
{
    char in[8 * WRITE_NAME], of[WRITE_NAME];
    write_inputs(in, w, 0);
    write_op(w, op, write_add(in, write_list(of, w, list, n)), NULL);
}

static inline void write_reshape(writing *w)
{
    const hwv_shape *shape = write_shape(w, w->node->output[0]);
    int64_t dims[HWV_MAX_RANK] = {0}; /* 0: the batch as it is; the last is what is left */
    for (size_t i = 1; i < shape->rank; i++)
        dims[i] = i + 1 == shape->rank && w->named % 2 ? -1 : (int64_t)shape->dim[i];
    write_with_list(w, "Reshape", dims, shape->rank);
}

static inline void write_slice(writing *w)
{
    const hwv_shape *shape = write_shape(w, w->node->output[0]);
    char in[9 * WRITE_NAME], list[WRITE_NAME];
    const int64_t axis = (int64_t)shape->rank - 1, begin = 0, end = (int64_t)shape->dim[axis];
    write_inputs(in, w, 0);
    write_add(in, write_list(list, w, &begin, 1));
    write_add(in, write_list(list, w, &end, 1));
    write_op(w, "Slice", write_add(in, write_list(list, w, &axis, 1)), NULL);
}

static inline void write_pad(writing *w)
{
    static const char *const modes[] = {"constant", "reflect", "edge"};
    const hwv_node_attributes *attributes = &w->node->attributes;
    const size_t rank = write_shape(w, w->node->input[0])->rank;
    int64_t pads[2 * HWV_MAX_RANK];
    char in[8 * WRITE_NAME], list[WRITE_NAME], fill[WRITE_NAME];
    for (size_t i = 0; i < rank; i++) {
        pads[i] = (int64_t)attributes->before[i];
        pads[rank + i] = (int64_t)attributes->after[i];
    }
    write_inputs(in, w, 0);
    write_list(list, w, pads, 2 * rank);
    make_number(w->m, write_fresh(fill, w), attributes->fill);
    make_string(w->m, "mode", modes[attributes->pad_mode]);
    write_op(w, "Pad", write_add(write_add(in, list), fill), NULL);
}

static inline void write_layer_norm(writing *w)
{
    char in[8 * WRITE_NAME], ones[WRITE_NAME];
    const size_t axis = w->node->attributes.axis, length = write_shape(w, w->node->input[0])->dim[axis];
    float one[64];
    write_inputs(in, w, 0);
    assert_true(length <= 64);
    for (size_t i = 0; i < length; i++)
        one[i] = 1;
    if (w->node->input_count == 1) {
        make_floats(w->m, write_fresh(ones, w), &length, 1, one);
        write_add(in, ones);
    }
    make_int(w->m, "axis", (int64_t)axis);
    write_epsilon(w);
    write_op(w, "LayerNormalization", in, NULL);
}

static inline void write_axis(writing *w, const char *op)
{
    char in[6 * WRITE_NAME];
    make_int(w->m, "axis", (int64_t)w->node->attributes.axis);
    write_op(w, op, write_inputs(in, w, 0), NULL);
}

static inline void write_transpose(writing *w)
{
    char in[6 * WRITE_NAME];
    int64_t order[HWV_MAX_RANK];
    const size_t rank = write_shape(w, w->node->input[0])->rank;
    for (size_t i = 0; i < rank; i++)
        order[i] = (int64_t)w->node->attributes.order[i];
    make_ints(w->m, "perm", order, rank);
    write_op(w, "Transpose", write_inputs(in, w, 0), NULL);
}

static inline void write_node(writing *w)
{
    const hwv_node_attributes *attributes = &w->node->attributes;
    const int64_t one = 1;
    char in[6 * WRITE_NAME];
    write_inputs(in, w, 0);
    switch (w->node->kind) {
    case HWV_NODE_DENSE:
        write_dense(w);
        break;
    case HWV_NODE_BIAS:
    case HWV_NODE_ADD:
        write_op(w, "Add", in, NULL);
        break;
    case HWV_NODE_FLATTEN:
        write_op(w, "Flatten", in, NULL);
        break;
    case HWV_NODE_ACTIVATION:
        write_activation(w);
        break;
    case HWV_NODE_CONV2D:
        write_turned(w, "Conv", write_window, false);
        break;
    case HWV_NODE_MAX_POOL2D:
        write_turned(w, "MaxPool", write_window, false);
        break;
    case HWV_NODE_AVG_POOL2D:
        write_turned(w, "AveragePool", write_window, false);
        break;
    case HWV_NODE_GLOBAL_AVG_POOL2D:
        write_turned(w, "GlobalAveragePool", NULL, true);
        break;
    case HWV_NODE_BATCH_NORM:
        write_turned(w, "BatchNormalization", write_epsilon, false);
        break;
    case HWV_NODE_DROPOUT:
        write_op(w, "Identity", in, NULL);
        break;
    case HWV_NODE_BINARY:
        write_op(w, hwv_function_row(HWV_NODE_BINARY, attributes->function)->onnx, in, NULL);
        break;
    case HWV_NODE_COMPARE:
        write_op(w, hwv_function_row(HWV_NODE_COMPARE, attributes->function)->onnx, in, NULL);
        break;
    case HWV_NODE_WHERE:
        write_op(w, "Where", in, NULL);
        break;
    case HWV_NODE_REDUCE: /* over axis 1 */
        make_int(w->m, "keepdims", 0);
        write_with_list(w, hwv_function_row(HWV_NODE_REDUCE, attributes->function)->onnx, &one, 1);
        break;
    case HWV_NODE_SOFTMAX:
        write_axis(w, "Softmax");
        break;
    case HWV_NODE_CONCAT:
        write_axis(w, "Concat");
        break;
    case HWV_NODE_TRANSPOSE:
        write_transpose(w);
        break;
    case HWV_NODE_RESHAPE:
        write_reshape(w);
        break;
    case HWV_NODE_SLICE:
        write_slice(w);
        break;
    case HWV_NODE_PAD:
        write_pad(w);
        break;
    case HWV_NODE_LAYER_NORM:
        write_layer_norm(w);
        break;
    default:
        fail_msg("%s is not written", hwv_node_kind_name(w->node->kind));
    }
}

/* Kept values as they are, matrices transposed too where a product of three dimensions reads them. */
static inline void write_kept(writing *w)
{
    for (hwv_id v = 0; v < hwv_graph_value_count(w->network->graph); v++) {
        const hwv_shape *shape = write_shape(w, v);
        const float *data = hwv_weights_data(w->network->weights, v);
        float turned[4096];
        char name[WRITE_NAME];
        if (data == NULL)
            continue;
        write_name(name, w, v);
        bool flat = true;
        for (hwv_id n = 0; n < hwv_graph_node_count(w->network->graph); n++) {
            const hwv_node *node = hwv_graph_node_at(w->network->graph, n);
            if (node->kind == HWV_NODE_DENSE && node->input[1] == v)
                flat = write_shape(w, node->input[0])->rank == 2;
        }
        if (flat) {
            make_floats(w->m, name, shape->dim, shape->rank, data);
            continue;
        }
        const size_t dim[] = {shape->dim[1], shape->dim[0]};
        assert_true(sketch_elements(shape) <= 4096);
        for (size_t e = 0; e < sketch_elements(shape); e++)
            turned[e % dim[0] * dim[1] + e / dim[0]] = data[e];
        memcpy(name + strlen(name), "t", 2);
        make_floats(w->m, name, dim, 2, turned);
    }
}

/* The file is in *m; false: it would be too large for that. */
static inline bool sketch_onnx(const hwv_network *network, maker *m)
{
    writing w = {.m = m, .network = network};
    const hwv_shape *shape = write_shape(&w, network->inputs[0].value);
    int64_t dims[HWV_MAX_RANK] = {-1};
    char name[WRITE_NAME];
    size_t elements;
    hwv_weights_block(network->weights, &elements);
    memset(m, 0, sizeof *m);
    if (elements * sizeof(float) + 400 * hwv_graph_node_count(network->graph) > MAKE_ROOM)
        return false;
    for (size_t d = 1; d < shape->rank; d++)
        dims[d] = (int64_t)shape->dim[d];
    make_input(m, write_name(name, &w, network->inputs[0].value), dims, shape->rank);
    write_kept(&w);
    for (hwv_id n = 0; n < hwv_graph_node_count(network->graph); n++) {
        w.node = hwv_graph_node_at(network->graph, n);
        write_node(&w);
    }
    for (size_t o = 0; o < network->output_count; o++)
        make_output(m, network->outputs[o].name);
    make_model(m, 20);
    return true;
}

#endif
