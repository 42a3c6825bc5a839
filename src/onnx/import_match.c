/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Looking at nodes, constants and uses around a value. */
#include "onnx/import_patterns.h"

#include <math.h>
#include <string.h>

static const hwv_onnx_node *node_of(const hwv_import_match *match, uint32_t v)
{
    uint32_t n = v == HWV_IMPORT_NONE ? HWV_IMPORT_NONE : match->walk->producer[v];
    if (n == HWV_IMPORT_NONE || hwv_import_walk_out(match->walk, n, 0) != v || match->walk->file->nodes[n].domain[0])
        return NULL;
    return &match->walk->file->nodes[n];
}

const char *hwv_match_operator(const hwv_import_match *match, uint32_t v)
{
    const hwv_onnx_node *node = node_of(match, v);
    return node ? node->op : "";
}

bool hwv_match_op(hwv_import_match *match, uint32_t v, const char *op, uint32_t *node)
{
    hwv_import_pattern *pattern = match->pattern;
    if (strcmp(hwv_match_operator(match, v), op) != 0)
        return false;
    *node = match->walk->producer[v];
    for (size_t i = 0; i < pattern->node_count; i++)
        if (pattern->nodes[i] == *node)
            return true;
    if (pattern->node_count == HWV_PATTERN_NODES)
        return false;
    pattern->nodes[pattern->node_count++] = *node;
    return true;
}

/* The tensor of an initialiser or of a Constant node. */
static const hwv_onnx_tensor *tensor_of(const hwv_import_match *match, uint32_t v)
{
    const hwv_onnx_node *node = node_of(match, v);
    if (v != HWV_IMPORT_NONE && match->walk->values[v].constant)
        return match->walk->values[v].tensor;
    if (node == NULL || strcmp(node->op, "Constant") != 0)
        return NULL;
    const hwv_onnx_attribute *value = hwv_onnx_attribute_find(node, "value");
    return value && value->type == HWV_ONNX_ATTRIBUTE_TENSOR && value->tensor->data ? value->tensor : NULL;
}

bool hwv_match_constant(const hwv_import_match *match, uint32_t v)
{
    return tensor_of(match, v) != NULL;
}

bool hwv_match_number(const hwv_import_match *match, uint32_t v, double *x)
{
    const hwv_onnx_tensor *tensor = tensor_of(match, v);
    if (tensor) {
        if (tensor->elements != 1)
            return false;
        *x = hwv_onnx_tensor_number(tensor, 0);
        return true;
    }
    const hwv_onnx_node *node = node_of(match, v);
    if (node == NULL || strcmp(node->op, "Constant") != 0)
        return false;
    const hwv_onnx_attribute *f = hwv_onnx_attribute_find(node, "value_float");
    if (f == NULL || f->type != HWV_ONNX_ATTRIBUTE_FLOAT)
        return false;
    *x = (double)f->f;
    return true;
}

bool hwv_match_with_number(hwv_import_match *match, uint32_t v, const char *op, double *number, uint32_t *a)
{
    bool either = strcmp(op, "Add") == 0 || strcmp(op, "Mul") == 0;
    uint32_t node;
    if (strcmp(hwv_match_operator(match, v), op) != 0)
        return false;
    uint32_t n = match->walk->producer[v];
    uint32_t first = hwv_import_walk_in(match->walk, n, 0), second = hwv_import_walk_in(match->walk, n, 1);
    if (hwv_match_number(match, second, number))
        *a = first;
    else if (either && hwv_match_number(match, first, number))
        *a = second;
    else
        return false;
    return hwv_match_op(match, v, op, &node);
}

bool hwv_match_near(double a, double b)
{
    return fabs(a - b) <= 1e-4 * fabs(b);
}

bool hwv_match_x(hwv_import_match *match, uint32_t v)
{
    if (v == HWV_IMPORT_NONE)
        return false;
    if (match->pattern->x == HWV_IMPORT_NONE)
        match->pattern->x = v;
    return match->pattern->x == v;
}

bool hwv_match_closed(const hwv_import_match *match)
{
    const hwv_import_walk *walk = match->walk;
    const hwv_import_pattern *pattern = match->pattern;
    for (size_t i = 1; i < pattern->node_count; i++) {
        uint32_t given = hwv_import_walk_out(walk, pattern->nodes[i], 0), inside = 0;
        for (size_t k = 0; k < pattern->node_count; k++)
            for (size_t at = walk->first_in[pattern->nodes[k]]; at < walk->first_in[pattern->nodes[k] + 1]; at++)
                inside += walk->in[at] == given;
        if (inside != walk->uses[given] || given == pattern->x)
            return false;
    }
    return true;
}

/* ---- finding and building ------------------------------------------------------------------------- */

/* A pattern whose last node is n, or nothing. */
static bool look(const hwv_import_walk *walk, uint32_t n, hwv_import_pattern *pattern)
{
    static bool (*const families[])(hwv_import_match *, uint32_t) = {hwv_match_activation, hwv_match_layer_norm};
    uint32_t value = hwv_import_walk_out(walk, n, 0);
    for (size_t f = 0; value != HWV_IMPORT_NONE && f < sizeof families / sizeof families[0]; f++) {
        hwv_import_match match = {.walk = walk, .pattern = pattern};
        *pattern = (hwv_import_pattern){
            .x = HWV_IMPORT_NONE, .weight = HWV_IMPORT_NONE, .bias = HWV_IMPORT_NONE, .nodes = {n}, .node_count = 1};
        if (families[f](&match, value) && hwv_match_closed(&match))
            return true;
    }
    return false;
}

/* A longer pattern takes the place of those that end inside it. */
static void settle(hwv_import_patterns *patterns, uint32_t root, hwv_import_pattern *pattern)
{
    for (size_t i = 1; i < pattern->node_count; i++) {
        patterns->absorbed[pattern->nodes[i]] = true;
        patterns->found[pattern->nodes[i]] = NULL;
    }
    patterns->found[root] = pattern;
}

hwv_status hwv_import_patterns_find(hwv_import_patterns *patterns, const hwv_import_walk *walk, hwv_import *import)
{
    size_t nodes = walk->file->node_count;
    patterns->absorbed = hwv_import_take(import, nodes, sizeof *patterns->absorbed);
    patterns->found = hwv_import_take(import, nodes, sizeof(hwv_import_pattern *));
    if (patterns->absorbed == NULL || patterns->found == NULL)
        return hwv_import_memory(import);
    for (size_t k = 0; k < walk->order_count; k++) {
        hwv_import_pattern pattern;
        if (!look(walk, walk->order[k], &pattern))
            continue;
        hwv_import_pattern *kept = hwv_import_take(import, 1, sizeof *kept);
        if (kept == NULL)
            return hwv_import_memory(import);
        *kept = pattern;
        settle(patterns, walk->order[k], kept);
    }
    return HWV_OK;
}

/* A vector along the last axis. */
static bool along_last(const hwv_import_value *value, size_t last)
{
    return value->known && value->constant && value->elements == last && value->shape.rank >= 1 &&
           value->shape.dim[value->shape.rank - 1] == last && hwv_import_floating(value->type);
}

static hwv_status norm_build(hwv_import *import, hwv_import_walk *walk, const hwv_import_pattern *pattern, bool *done)
{
    const hwv_import_value *x = import->in[0];
    size_t rank = x->shape.rank, last = rank ? x->shape.dim[rank - 1] : 0;
    hwv_node_attributes attributes = {.epsilon = pattern->epsilon, .axis = rank - 1};
    hwv_id inputs[3], y;
    if (rank < 2 || (pattern->axis != -1 && pattern->axis != (int64_t)rank - 1))
        return HWV_OK;
    for (size_t i = 0; i < 2; i++) {
        uint32_t v = i ? pattern->bias : pattern->weight;
        if (v != HWV_IMPORT_NONE && !along_last(&walk->values[v], last))
            return HWV_OK;
        import->in[1 + i] = v == HWV_IMPORT_NONE ? NULL : &walk->values[v];
    }
    *done = true;
    HWV_TRY(hwv_import_plain(import, 0, &inputs[0]));
    for (size_t i = 0; i < 2; i++) {
        const hwv_shape shape = {.rank = 1, .dim = {last}};
        if (import->in[1 + i]) {
            HWV_TRY(hwv_import_weight(import, 1 + i, &shape, false, false, &inputs[1 + i]));
            continue;
        }
        float *same = hwv_import_take(import, last, sizeof *same);
        for (size_t k = 0; same && k < last; k++)
            same[k] = i ? 0.0f : 1.0f;
        if (same == NULL)
            return hwv_import_memory(import);
        HWV_TRY(hwv_import_graph_floats(import, &shape, same, &inputs[1 + i]));
    }
    HWV_TRY(hwv_import_node(import, HWV_NODE_LAYER_NORM, "", &attributes, inputs, 3, &y));
    return hwv_import_result(import, 0, y, x->type, &x->shape, false);
}

static hwv_status activation_build(hwv_import *import, const hwv_import_pattern *pattern, bool *done)
{
    hwv_node_attributes attributes = {.act = pattern->act};
    bool channels_last;
    hwv_id x, y;
    *done = true;
    HWV_TRY(hwv_import_units(import, 0, &x, &channels_last));
    import->row = NULL; /* the layer's name is that of the pattern, not of its last node */
    HWV_TRY(hwv_import_node(import, HWV_NODE_ACTIVATION, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &import->in[0]->shape, channels_last);
}

hwv_status hwv_import_pattern_build(hwv_import *import, hwv_import_walk *walk, const hwv_import_pattern *pattern,
                                    bool *done)
{
    hwv_import_value *in[3] = {&walk->values[pattern->x], NULL, NULL}, **given = import->in;
    size_t count = import->in_count;
    hwv_status status = HWV_OK;
    *done = false;
    if (!in[0]->known || in[0]->constant || !hwv_import_floating(in[0]->type))
        return HWV_OK;
    import->in = in;
    import->in_count = 3;
    status = pattern->norm ? norm_build(import, walk, pattern, done) : activation_build(import, pattern, done);
    import->in = given;
    import->in_count = count;
    return status;
}
