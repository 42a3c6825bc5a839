/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Layer norm written out: (x - mean) / sqrt(mean((x - mean)^2) + epsilon), [times weight], [plus bias]. */
#include "onnx/import_patterns.h"

#include <string.h>

/* The one axis that a ReduceMean with kept dimensions is over. */
static bool mean_axis(const hwv_import_match *match, uint32_t node, int64_t *axis)
{
    const hwv_onnx_node *reduce = &match->walk->file->nodes[node];
    const hwv_onnx_attribute *axes = hwv_onnx_attribute_find(reduce, "axes"),
                             *keep = hwv_onnx_attribute_find(reduce, "keepdims");
    double number;
    if (keep && (keep->type != HWV_ONNX_ATTRIBUTE_INT || keep->i == 0))
        return false;
    if (axes) {
        if (axes->type != HWV_ONNX_ATTRIBUTE_INTS || axes->count != 1)
            return false;
        *axis = axes->ints[0];
        return true;
    }
    if (!hwv_match_number(match, hwv_import_walk_in(match->walk, node, 1), &number))
        return false;
    *axis = (int64_t)number;
    return true;
}

/* v is the mean of a value over the pattern's axis. */
static bool mean(hwv_import_match *match, uint32_t v, uint32_t *of)
{
    uint32_t node;
    int64_t axis;
    if (!hwv_match_op(match, v, "ReduceMean", &node) || !mean_axis(match, node, &axis))
        return false;
    if (match->pattern->axis == INT64_MIN)
        match->pattern->axis = axis;
    *of = hwv_import_walk_in(match->walk, node, 0);
    return match->pattern->axis == axis;
}

/* v = x - mean(x); exporters may write it twice. */
static bool centred(hwv_import_match *match, uint32_t v)
{
    uint32_t node, of;
    if (!hwv_match_op(match, v, "Sub", &node) || !mean(match, hwv_import_walk_in(match->walk, node, 1), &of))
        return false;
    return of == hwv_import_walk_in(match->walk, node, 0) && hwv_match_x(match, of);
}

static bool squared(hwv_import_match *match, uint32_t v)
{
    uint32_t base, node;
    double two;
    if (hwv_match_with_number(match, v, "Pow", &two, &base))
        return two == 2 && centred(match, base);
    if (!hwv_match_op(match, v, "Mul", &node))
        return false;
    base = hwv_import_walk_in(match->walk, node, 0);
    return base == hwv_import_walk_in(match->walk, node, 1) && centred(match, base);
}

/* v = sqrt(mean(centred^2) + epsilon). */
static bool deviation(hwv_import_match *match, uint32_t v)
{
    uint32_t node, sum, square;
    double epsilon, half;
    if (hwv_match_op(match, v, "Sqrt", &node))
        sum = hwv_import_walk_in(match->walk, node, 0);
    else if (!hwv_match_with_number(match, v, "Pow", &half, &sum) || half != 0.5)
        return false;
    if (!hwv_match_with_number(match, sum, "Add", &epsilon, &sum) || !(epsilon > 0) || !mean(match, sum, &square))
        return false;
    match->pattern->epsilon = (float)epsilon;
    return squared(match, square);
}

static bool normalised(hwv_import_match *match, uint32_t v)
{
    uint32_t node, inverse;
    if (hwv_match_op(match, v, "Div", &node))
        return centred(match, hwv_import_walk_in(match->walk, node, 0)) &&
               deviation(match, hwv_import_walk_in(match->walk, node, 1));
    if (!hwv_match_op(match, v, "Mul", &node))
        return false;
    return hwv_match_op(match, hwv_import_walk_in(match->walk, node, 1), "Reciprocal", &inverse) &&
           centred(match, hwv_import_walk_in(match->walk, node, 0)) &&
           deviation(match, hwv_import_walk_in(match->walk, inverse, 0));
}

/* v = op(inner, constant) in any order. */
static bool with_constant(hwv_import_match *match, uint32_t v, const char *op, uint32_t *inner, uint32_t *constant)
{
    uint32_t node;
    if (!hwv_match_op(match, v, op, &node))
        return false;
    for (size_t i = 0; i < 2; i++) {
        *inner = hwv_import_walk_in(match->walk, node, i);
        *constant = hwv_import_walk_in(match->walk, node, 1 - i);
        if (hwv_match_constant(match, *constant) && !hwv_match_constant(match, *inner))
            return true;
    }
    return false;
}

bool hwv_match_layer_norm(hwv_import_match *match, uint32_t value)
{
    hwv_import_pattern *pattern = match->pattern;
    uint32_t inner;
    pattern->norm = true;
    pattern->axis = INT64_MIN;
    const char *op = hwv_match_operator(match, value);
    if (strcmp(op, "Add") == 0) {
        if (!with_constant(match, value, "Add", &inner, &pattern->bias))
            return false;
        value = inner;
        op = hwv_match_operator(match, value);
    }
    if (strcmp(op, "Mul") == 0 && with_constant(match, value, "Mul", &inner, &pattern->weight))
        value = inner;
    return normalised(match, value);
}
