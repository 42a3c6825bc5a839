/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations that were written out as products: x times a function of x times a number, in any order. The factors are
 * gathered first, so that where an exporter puts the 0.5 of gelu or the 6 of hard-swish does not matter. */
#include "onnx/import_patterns.h"

#include <math.h>
#include <string.h>

#define FACTORS 4

typedef struct factors {
    double number;
    uint32_t value[FACTORS];
    size_t count;
} factors;

static bool used_once(const hwv_import_match *match, uint32_t v)
{
    return match->walk->uses[v] == 1;
}

/* v times what is in `into`. Products that others use too are factors themselves. */
static bool factors_gather(hwv_import_match *match, uint32_t v, bool root, size_t depth, factors *into)
{
    double number;
    uint32_t a, node;
    if (v == HWV_IMPORT_NONE || depth == 8)
        return false;
    if (hwv_match_number(match, v, &number)) {
        into->number *= number;
        return true;
    }
    if (root || used_once(match, v)) {
        if (hwv_match_with_number(match, v, "Div", &number, &a)) {
            into->number /= number;
            return factors_gather(match, a, false, depth + 1, into);
        }
        if (hwv_match_op(match, v, "Mul", &node))
            return factors_gather(match, hwv_import_walk_in(match->walk, node, 0), false, depth + 1, into) &&
                   factors_gather(match, hwv_import_walk_in(match->walk, node, 1), false, depth + 1, into);
    }
    if (into->count == FACTORS)
        return false;
    into->value[into->count++] = v;
    return true;
}

static bool factors_of(hwv_import_match *match, uint32_t v, bool root, factors *f)
{
    *f = (factors){.number = 1};
    return factors_gather(match, v, root, 0, f);
}

/* ---- functions of x ------------------------------------------------------------------------------- */

/* Clip to 0 .. 6. */
static bool clip6(hwv_import_match *match, uint32_t v, uint32_t *inner)
{
    uint32_t node;
    double low, high;
    if (!hwv_match_op(match, v, "Clip", &node))
        return false;
    const hwv_onnx_node *clip = &match->walk->file->nodes[node];
    *inner = hwv_import_walk_in(match->walk, node, 0);
    if (match->walk->file->opset < 11) {
        const hwv_onnx_attribute *min = hwv_onnx_attribute_find(clip, "min"),
                                 *max = hwv_onnx_attribute_find(clip, "max");
        return min && max && min->type == HWV_ONNX_ATTRIBUTE_FLOAT && max->type == HWV_ONNX_ATTRIBUTE_FLOAT &&
               min->f == 0 && max->f == 6;
    }
    return hwv_match_number(match, hwv_import_walk_in(match->walk, node, 1), &low) &&
           hwv_match_number(match, hwv_import_walk_in(match->walk, node, 2), &high) && low == 0 && high == 6;
}

/* x clip(x + 3, 0, 6) / 6, or x HardSigmoid(x) with a slope of 1/6. */
static bool hard_swish(hwv_import_match *match, uint32_t g, double number)
{
    uint32_t inner, x, node;
    double three;
    if (strcmp(hwv_match_operator(match, g), "Clip") == 0)
        return hwv_match_near(number, 1.0 / 6) && clip6(match, g, &inner) &&
               hwv_match_with_number(match, inner, "Add", &three, &x) && three == 3 && hwv_match_x(match, x);
    if (number != 1 || !hwv_match_op(match, g, "HardSigmoid", &node))
        return false;
    const hwv_onnx_attribute *alpha = hwv_onnx_attribute_find(&match->walk->file->nodes[node], "alpha"),
                             *beta = hwv_onnx_attribute_find(&match->walk->file->nodes[node], "beta");
    return alpha && alpha->type == HWV_ONNX_ATTRIBUTE_FLOAT && hwv_match_near((double)alpha->f, 1.0 / 6) &&
           (beta == NULL || beta->f == 0.5f) && hwv_match_x(match, hwv_import_walk_in(match->walk, node, 0));
}

/* x sigmoid(beta x). */
static bool swish(hwv_import_match *match, uint32_t g, double number, double *beta)
{
    uint32_t node;
    factors f;
    if (number != 1 || !hwv_match_op(match, g, "Sigmoid", &node))
        return false;
    uint32_t inner = hwv_import_walk_in(match->walk, node, 0);
    *beta = 1;
    if (inner == match->pattern->x)
        return true;
    if (!factors_of(match, inner, false, &f) || f.count != 1)
        return false;
    *beta = f.number;
    return hwv_match_x(match, f.value[0]);
}

static bool mish(hwv_import_match *match, uint32_t g, double number)
{
    uint32_t tanh_node, node;
    return number == 1 && hwv_match_op(match, g, "Tanh", &tanh_node) &&
           hwv_match_op(match, hwv_import_walk_in(match->walk, tanh_node, 0), "Softplus", &node) &&
           hwv_match_x(match, hwv_import_walk_in(match->walk, node, 0));
}

/* number x^power, with powers as Pow or as repeated factors. */
static bool power_of_x(hwv_import_match *match, uint32_t v, double number, double power)
{
    factors f;
    double sum = 0;
    if (!factors_of(match, v, false, &f) || !hwv_match_near(f.number, number))
        return false;
    for (size_t i = 0; i < f.count; i++) {
        double exponent = 1;
        uint32_t base = f.value[i];
        if (base != match->pattern->x && !hwv_match_with_number(match, base, "Pow", &exponent, &base))
            return false;
        if (!hwv_match_x(match, base))
            return false;
        sum += exponent;
    }
    return sum == power;
}

/* sqrt(2/pi) (x + 0.044715 x^3), or with x taken out of the sum. */
static bool gelu_inner(hwv_import_match *match, uint32_t v)
{
    factors f;
    uint32_t node;
    double one;
    if (!factors_of(match, v, false, &f) || !hwv_match_near(f.number, 0.7978845608028654))
        return false;
    uint32_t sum = f.count == 2 && f.value[0] == match->pattern->x ? f.value[1] : f.value[0], other;
    if (f.count == 2 && (f.value[0] == match->pattern->x || f.value[1] == match->pattern->x))
        return hwv_match_with_number(match, sum, "Add", &one, &other) && one == 1 &&
               power_of_x(match, other, 0.044715, 2);
    if (f.count != 1 || !hwv_match_op(match, sum, "Add", &node))
        return false;
    uint32_t a = hwv_import_walk_in(match->walk, node, 0), b = hwv_import_walk_in(match->walk, node, 1);
    return (a == match->pattern->x && power_of_x(match, b, 0.044715, 3)) ||
           (b == match->pattern->x && power_of_x(match, a, 0.044715, 3));
}

/* x (1 + erf(x / sqrt 2)) / 2, or with tanh. */
static bool gelu(hwv_import_match *match, uint32_t g, double number, hwv_op *op)
{
    uint32_t bent, node;
    double one;
    factors f;
    if (!hwv_match_near(number, 0.5) || !hwv_match_with_number(match, g, "Add", &one, &bent) || one != 1)
        return false;
    if (hwv_match_op(match, bent, "Erf", &node)) {
        *op = HWV_OP_GELU;
        return factors_of(match, hwv_import_walk_in(match->walk, node, 0), false, &f) && f.count == 1 &&
               hwv_match_near(f.number, 0.7071067811865476) && hwv_match_x(match, f.value[0]);
    }
    *op = HWV_OP_GELU_TANH;
    return hwv_match_op(match, bent, "Tanh", &node) && gelu_inner(match, hwv_import_walk_in(match->walk, node, 0));
}

static bool known_product(hwv_import_match *match, uint32_t g, double number)
{
    hwv_act *act = &match->pattern->act;
    const char *op = hwv_match_operator(match, g);
    double beta;
    hwv_op gelu_op;
    if (strcmp(op, "Clip") == 0 || strcmp(op, "HardSigmoid") == 0) {
        *act = hwv_act_make(HWV_OP_HARDSWISH);
        return hard_swish(match, g, number);
    }
    if (strcmp(op, "Tanh") == 0) {
        *act = hwv_act_make(HWV_OP_MISH);
        return mish(match, g, number);
    }
    if (strcmp(op, "Add") == 0 && gelu(match, g, number, &gelu_op)) {
        *act = hwv_act_make(gelu_op);
        return true;
    }
    if (strcmp(op, "Sigmoid") != 0 || !swish(match, g, number, &beta))
        return false;
    *act = hwv_act_make(beta == 1 ? HWV_OP_SILU : HWV_OP_SWISH);
    if (beta != 1)
        act->param[0] = (float)beta;
    return hwv_act_check(act, NULL) == HWV_OK;
}

bool hwv_match_activation(hwv_import_match *match, uint32_t value)
{
    const char *op = hwv_match_operator(match, value);
    factors f;
    if ((strcmp(op, "Mul") != 0 && strcmp(op, "Div") != 0) || !factors_of(match, value, true, &f) || f.count != 2)
        return false;
    size_t nodes = match->pattern->node_count;
    for (size_t i = 0; i < 2; i++) {
        match->pattern->node_count = nodes;
        match->pattern->x = f.value[i];
        if (known_product(match, f.value[1 - i], f.number))
            return true;
    }
    return false;
}
