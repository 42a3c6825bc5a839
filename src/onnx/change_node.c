/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations that become others, biases for products that have none, norms in front of activations. */
#include "onnx/change.h"

#include <math.h>
#include <string.h>

/* ---- what they share ------------------------------------------------------------------------------ */

/* The file's node of a node of the graph. */
static hwv_status node_find(const hwv_edit *edit, hwv_id node, size_t *n)
{
    const hwv_onnx_trace *trace = edit->trace;
    if (node >= trace->made_count || trace->made_by[node] == HWV_IMPORT_NO_NAME)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "a node of the network that the file does not have");
    *n = trace->made_by[node];
    return HWV_OK;
}

static const hwv_trace_value *output_of(const hwv_edit *edit, size_t n)
{
    uint32_t y = hwv_import_walk_out(&edit->walk, n, 0);
    return y == HWV_IMPORT_NONE ? NULL : &edit->trace->values[y];
}

/* Numbers of the units that are left; NULL: no memory. */
static float *units_left(hwv_edit *edit, hwv_id value, size_t axis, const float *numbers, size_t units, size_t *left)
{
    const uint8_t *cut = hwv_edit_cut(edit, value, axis);
    float *kept = hwv_edit_take(edit, units, sizeof *kept);
    *left = 0;
    for (size_t i = 0; kept && i < units; i++)
        if (!(cut && cut[i]))
            kept[(*left)++] = numbers[i];
    return kept;
}

/* The last dimension of a value of the graph must count these units. */
static hwv_status units_check(const hwv_edit *edit, hwv_id value, size_t units, size_t n, size_t *axis)
{
    const hwv_shape *shape = &hwv_graph_value(edit->change->network->graph, value)->shape;
    *axis = shape->rank - 1;
    if (shape->rank > 0 && shape->dim[*axis] == units)
        return HWV_OK;
    return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "%s: %zu numbers for other units", hwv_edit_node_words(edit, n).text,
                    units);
}

/* How a number for each unit is shaped so that it is broadcast along axis 1, or along the last. */
static size_t units_shape(const hwv_trace_value *y, size_t units, size_t dim[HWV_MAX_RANK])
{
    size_t rank = y->channels_last ? y->shape.rank - 1 : 1;
    dim[0] = units;
    for (size_t i = 1; i < rank; i++)
        dim[i] = 1;
    return rank;
}

/* y = op(a, b) with numbers for units, whose node is named as its output is; `name` where that is another. */
static void pair_add(const hwv_edit *edit, hwv_text *text, const char *op, const char *name, const char *a,
                     const char *b, const char *y, const hwv_trace_value *like)
{
    size_t begin = hwv_proto_begin(text, HWV_GRAPH_NODE);
    hwv_proto_write_text(text, HWV_NODE_INPUT_FIELD, a);
    hwv_proto_write_text(text, HWV_NODE_INPUT_FIELD, b);
    hwv_proto_write_text(text, HWV_NODE_OUTPUT_FIELD, y);
    hwv_proto_write_text(text, HWV_NODE_NAME_FIELD, name);
    hwv_proto_write_text(text, HWV_NODE_OP_FIELD, op);
    if (edit->file->opset < 7) { /* before NumPy's rule */
        hwv_attribute_write_int(text, "broadcast", 1);
        if (like->channels_last)
            hwv_attribute_write_int(text, "axis", 1);
    }
    hwv_proto_end(text, begin);
}

static size_t pair_shape(const hwv_edit *edit, const hwv_trace_value *y, size_t units, size_t dim[HWV_MAX_RANK])
{
    if (edit->file->opset >= 7)
        return units_shape(y, units, dim);
    dim[0] = units;
    return 1;
}

/* Inputs of a node that can be changed, with room for one more; NULL: no memory. */
static const char **inputs_of(hwv_edit *edit, size_t n, hwv_edit_node **to)
{
    const hwv_onnx_node *node = &edit->file->nodes[n];
    *to = hwv_edit_node_at(edit, n);
    if (*to == NULL)
        return NULL;
    if ((*to)->inputs == NULL) {
        const char **inputs = hwv_edit_take(edit, node->input_count + 3, sizeof *inputs);
        for (size_t i = 0; inputs && i < node->input_count; i++)
            inputs[i] = node->inputs[i];
        (*to)->inputs = inputs;
        (*to)->input_count = node->input_count;
    }
    return (*to)->inputs;
}

/* ---- activations ---------------------------------------------------------------------------------- */

static hwv_status act_change(hwv_edit *edit, const hwv_act_change *change)
{
    const hwv_node *node = hwv_graph_node_at(edit->change->network->graph, change->node);
    size_t n = 0;
    if (node == NULL || node->kind != HWV_NODE_ACTIVATION)
        return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "the change is of a node that is no activation");
    HWV_TRY(node_find(edit, change->node, &n));
    const hwv_trace_value *y = output_of(edit, n);
    if (edit->trace->nodes[n].state != HWV_TRACE_IMPORTED || y == NULL ||
        node->output[0] != (y->channels_last ? y->last : y->plain) || edit->file->nodes[n].output_count != 1)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED,
                        "%s: the activation is written out as several nodes, which cannot become another",
                        hwv_edit_node_words(edit, n).text);
    const hwv_shape *shape = &hwv_graph_value(edit->change->network->graph, node->output[0])->shape;
    const size_t axis = shape->rank - 1, units = shape->dim[axis] == HWV_BATCH ? 1 : shape->dim[axis];
    return hwv_edit_activation(edit, n, &change->act,
                               units - hwv_edit_marked(hwv_edit_cut(edit, node->output[0], axis), units));
}

/* ---- biases --------------------------------------------------------------------------------------- */

static float alpha_of(const hwv_onnx_node *node)
{
    const hwv_onnx_attribute *alpha = hwv_onnx_attribute_find(node, "alpha");
    return strcmp(node->op, "Gemm") == 0 && alpha && alpha->type == HWV_ONNX_ATTRIBUTE_FLOAT ? alpha->f : 1;
}

/* As input 2. */
static hwv_status bias_input(hwv_edit *edit, size_t n, const char *name)
{
    hwv_edit_node *to;
    const char **inputs = inputs_of(edit, n, &to);
    if (inputs == NULL)
        return hwv_edit_memory(edit);
    inputs[2] = name;
    to->input_count = 3;
    if (strcmp(edit->file->nodes[n].op, "Gemm") != 0)
        return HWV_OK;
    to->without[1] = "beta"; /* of nothing, so far */
    if (edit->file->opset < 7) {
        to->without[0] = "broadcast";
        hwv_attribute_write_int(&to->attributes, "broadcast", 1);
    }
    return HWV_OK;
}

/* As a node behind the product, whose readers take it for the product. */
static hwv_status bias_behind(hwv_edit *edit, size_t n, const char *name, const hwv_trace_value *y)
{
    const hwv_onnx_node *node = &edit->file->nodes[n];
    hwv_edit_node *to = hwv_edit_node_at(edit, n);
    const char **outputs = hwv_edit_take(edit, node->output_count, sizeof *outputs);
    const char *product = hwv_edit_name(edit, node->outputs[0], "product"),
               *sum = hwv_edit_name(edit, hwv_import_node_name(node), "sum");
    if (to == NULL || outputs == NULL || product == NULL || sum == NULL)
        return hwv_edit_memory(edit);
    for (size_t o = 0; o < node->output_count; o++)
        outputs[o] = node->outputs[o];
    outputs[0] = product;
    to->outputs = outputs;
    to->output_count = node->output_count;
    pair_add(edit, &to->after, "Add", sum, product, name, node->outputs[0], y);
    return HWV_OK;
}

static hwv_status bias_change(hwv_edit *edit, const hwv_bias_change *change)
{
    const hwv_node *product = hwv_graph_node_at(edit->change->network->graph, change->node);
    size_t n = 0, axis, left, dim[HWV_MAX_RANK];
    if (product == NULL || (product->kind != HWV_NODE_DENSE && product->kind != HWV_NODE_CONV2D))
        return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "the change is of a node that is no product");
    HWV_TRY(node_find(edit, change->node, &n));
    HWV_TRY(units_check(edit, product->output[0], change->units, n, &axis));
    const hwv_onnx_node *node = &edit->file->nodes[n];
    const hwv_trace_value *y = output_of(edit, n);
    if (y == NULL || edit->trace->nodes[n].state != HWV_TRACE_IMPORTED)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "%s cannot be given a bias",
                        hwv_edit_node_words(edit, n).text);
    float *bias = units_left(edit, product->output[0], axis, change->bias, change->units, &left);
    const char *name = hwv_edit_name(edit, hwv_import_node_name(node), "bias");
    if (bias == NULL || name == NULL)
        return hwv_edit_memory(edit);
    for (size_t i = 0; i < left; i++)
        bias[i] *= alpha_of(node);
    bool input = (strcmp(node->op, "Gemm") == 0 || strcmp(node->op, "Conv") == 0) &&
                 (node->input_count < 3 || node->inputs[2][0] == '\0') && !(edit->nodes[n] && edit->nodes[n]->outputs);
    dim[0] = left;
    HWV_TRY(hwv_edit_floats(edit, name, y->type, dim, input ? 1 : pair_shape(edit, y, left, dim), bias));
    return input ? bias_input(edit, n, name) : bias_behind(edit, n, name, y);
}

/* ---- norms ---------------------------------------------------------------------------------------- */

/* BatchNormalization from x to y. */
static hwv_status norm_node(hwv_edit *edit, hwv_text *text, const char *base, const char *x, const char *y,
                            int32_t type, float *const numbers[4], size_t units, float epsilon)
{
    static const char *const words[4] = {"scale", "shift", "mean", "variance"};
    const char *names[4];
    for (size_t i = 0; i < 4; i++) {
        names[i] = hwv_edit_name(edit, base, words[i]);
        if (names[i] == NULL)
            return hwv_edit_memory(edit);
        HWV_TRY(hwv_edit_floats(edit, names[i], type, &units, 1, numbers[i]));
    }
    size_t begin = hwv_proto_begin(text, HWV_GRAPH_NODE);
    hwv_proto_write_text(text, HWV_NODE_INPUT_FIELD, x);
    for (size_t i = 0; i < 4; i++)
        hwv_proto_write_text(text, HWV_NODE_INPUT_FIELD, names[i]);
    hwv_proto_write_text(text, HWV_NODE_OUTPUT_FIELD, y);
    hwv_proto_write_text(text, HWV_NODE_NAME_FIELD, y);
    hwv_proto_write_text(text, HWV_NODE_OP_FIELD, "BatchNormalization");
    hwv_attribute_write_float(text, "epsilon", epsilon);
    if (edit->file->opset < 7)
        hwv_attribute_write_int(text, "is_test", 1);
    hwv_proto_end(text, begin);
    return HWV_OK;
}

/* The same as a product and a sum, where units stand last: x scale + shift. */
static hwv_status norm_pair(hwv_edit *edit, hwv_text *text, const char *base, const char *x, const char *y,
                            const hwv_trace_value *like, float *const numbers[4], size_t units, float epsilon)
{
    size_t dim[HWV_MAX_RANK], rank = pair_shape(edit, like, units, dim);
    const char *scale = hwv_edit_name(edit, base, "scale"), *shift = hwv_edit_name(edit, base, "shift"),
               *scaled = hwv_edit_name(edit, base, "scaled");
    if (scale == NULL || shift == NULL || scaled == NULL)
        return hwv_edit_memory(edit);
    for (size_t i = 0; i < units; i++) {
        double factor = 1 / sqrt((double)numbers[3][i] + (double)epsilon);
        numbers[0][i] = (float)factor;
        numbers[1][i] = (float)(-(double)numbers[2][i] * factor);
    }
    HWV_TRY(hwv_edit_floats(edit, scale, like->type, dim, rank, numbers[0]));
    HWV_TRY(hwv_edit_floats(edit, shift, like->type, dim, rank, numbers[1]));
    pair_add(edit, text, "Mul", scaled, x, scale, scaled, like);
    pair_add(edit, text, "Add", y, scaled, shift, y, like);
    return HWV_OK;
}

/* Nodes of the file that are this activation and read x: they read y now. The first of them in the file: *first. */
static hwv_status readers_turn(hwv_edit *edit, size_t n, const char *x, const char *y, size_t *first)
{
    *first = SIZE_MAX;
    for (size_t i = 0; i < edit->file->node_count; i++) {
        const hwv_onnx_node *node = &edit->file->nodes[i];
        if (edit->trace->nodes[i].root != n)
            continue;
        for (size_t k = 0; k < node->input_count; k++) {
            hwv_edit_node *to;
            if (strcmp(node->inputs[k], x) != 0)
                continue;
            if (inputs_of(edit, i, &to) == NULL)
                return hwv_edit_memory(edit);
            to->inputs[k] = y;
            *first = *first == SIZE_MAX ? i : *first;
        }
    }
    return HWV_OK;
}

static hwv_status norm_change(hwv_edit *edit, const hwv_norm_change *change)
{
    const hwv_node *node = hwv_graph_node_at(edit->change->network->graph, change->node);
    size_t n = 0, axis, first, units = 0;
    float *numbers[4];
    if (node == NULL || node->kind != HWV_NODE_ACTIVATION)
        return hwv_fail(edit->error, HWV_ERR_ARGUMENT, "the change is of a node that is no activation");
    HWV_TRY(node_find(edit, change->node, &n));
    HWV_TRY(units_check(edit, node->input[0], change->units, n, &axis));
    const hwv_trace_node *traced = &edit->trace->nodes[n];
    const hwv_trace_value *y = output_of(edit, n);
    uint32_t x = traced->state == HWV_TRACE_PATTERN ? traced->x : hwv_import_walk_in(&edit->walk, n, 0);
    if (y == NULL || x == HWV_IMPORT_NONE || x >= edit->trace->value_count || y->shape.rank == 0 ||
        node->output[0] != (y->channels_last ? y->last : y->plain))
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "%s: no norm can stand in front of it",
                        hwv_edit_node_words(edit, n).text);
    for (size_t i = 0; i < 4; i++) {
        numbers[i] =
            units_left(edit, node->input[0], axis, i == 2 ? change->mean : change->variance, change->units, &units);
        if (numbers[i] == NULL)
            return hwv_edit_memory(edit);
    }
    for (size_t i = 0; i < units; i++) {
        numbers[0][i] = 1;
        numbers[1][i] = 0;
    }
    const char *from = edit->walk.values[x].name, *base = hwv_import_node_name(&edit->file->nodes[n]);
    const char *name = hwv_edit_name(edit, base, "norm");
    if (name == NULL)
        return hwv_edit_memory(edit);
    HWV_TRY(readers_turn(edit, n, from, name, &first));
    if (first == SIZE_MAX)
        return hwv_fail(edit->error, HWV_ERR_UNSUPPORTED, "%s: no norm can stand in front of it",
                        hwv_edit_node_words(edit, n).text);
    hwv_text *text = &edit->nodes[first]->before;
    return y->channels_last || y->shape.rank == 2
               ? norm_node(edit, text, name, from, name, y->type, numbers, units, change->epsilon)
               : norm_pair(edit, text, name, from, name, y, numbers, units, change->epsilon);
}

/* Norms first: an activation that becomes several nodes reads them. */
hwv_status hwv_edit_nodes(hwv_edit *edit)
{
    const hwv_change *change = edit->change;
    for (size_t i = 0; i < change->norm_count; i++)
        HWV_TRY(norm_change(edit, &change->norms[i]));
    for (size_t i = 0; i < change->act_count; i++)
        HWV_TRY(act_change(edit, &change->acts[i]));
    for (size_t i = 0; i < change->bias_count; i++)
        HWV_TRY(bias_change(edit, &change->biases[i]));
    return HWV_OK;
}
