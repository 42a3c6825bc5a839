/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations: every row of ops.def that ONNX has, with its parameters from attributes or inputs. */
#include "graph/functions.h"
#include "onnx/trace.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* An activation node on input 0, units last. */
static hwv_status activate(hwv_import *import, const hwv_act *act)
{
    hwv_node_attributes attributes = {.act = *act};
    bool channels_last;
    hwv_id x, y;
    HWV_TRY(hwv_import_need_float(import, 0));
    HWV_TRY(hwv_import_units(import, 0, &x, &channels_last));
    HWV_TRY(hwv_import_node(import, HWV_NODE_ACTIVATION, "", &attributes, &x, 1, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &import->in[0]->shape, channels_last);
}

/* Those whose parameters are attributes: ONNX's name of each and its value where absent. */
static const struct {
    const char *op;
    hwv_op row;
    struct {
        const char *name;
        float absent;
    } parameter[2];
} plain[] = {
    {"Relu", HWV_OP_RELU, {{0}}},
    {"Sigmoid", HWV_OP_SIGMOID, {{0}}},
    {"Tanh", HWV_OP_TANH, {{0}}},
    {"Softsign", HWV_OP_SOFTSIGN, {{0}}},
    {"HardSwish", HWV_OP_HARDSWISH, {{0}}},
    {"Mish", HWV_OP_MISH, {{0}}},
    {"Softplus", HWV_OP_SOFTPLUS, {{0}}},
    {"LeakyRelu", HWV_OP_LEAKY_RELU, {{"alpha", 0.01f}}},
    {"Elu", HWV_OP_ELU, {{"alpha", 1}}},
    {"Celu", HWV_OP_CELU, {{"alpha", 1}}},
    {"Swish", HWV_OP_SWISH, {{"alpha", 1}}},
    {"ThresholdedRelu", HWV_OP_THRESHOLD, {{"alpha", 1}}},
    {"Selu", HWV_OP_SELU, {{"alpha", 1.67326319f}, {"gamma", 1.05070102f}}},
    {"HardSigmoid", HWV_OP_HARDSIGMOID, {{"alpha", 0.2f}, {"beta", 0.5f}}},
};

/* ONNX's Softplus has no threshold: with 20 as PyTorch's default the difference is below 2^-28. */
hwv_status hwv_import_activation(hwv_import *import)
{
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++) {
        if (strcmp(plain[i].op, import->row->op) != 0)
            continue;
        hwv_act act = hwv_act_make(plain[i].row);
        for (size_t k = 0; k < 2 && plain[i].parameter[k].name; k++)
            HWV_TRY(hwv_import_float(import, plain[i].parameter[k].name, plain[i].parameter[k].absent, &act.param[k]));
        if (plain[i].row == HWV_OP_THRESHOLD)
            act.param[1] = 0;
        return activate(import, &act);
    }
    return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "the table of activations does not have it");
}

hwv_status hwv_import_gelu(hwv_import *import)
{
    const char *approximate;
    HWV_TRY(hwv_import_string(import, "approximate", "none", &approximate));
    if (strcmp(approximate, "none") != 0 && strcmp(approximate, "tanh") != 0)
        return hwv_import_fail(import, HWV_ERR_FORMAT, "approximate is '%.40s'; none and tanh are accepted",
                               approximate);
    hwv_act act = hwv_act_make(strcmp(approximate, "tanh") == 0 ? HWV_OP_GELU_TANH : HWV_OP_GELU);
    return activate(import, &act);
}

/* x < -lambd: x + bias; x > lambd: x - bias; else 0. */
hwv_status hwv_import_shrink(hwv_import *import)
{
    float bias, lambd;
    HWV_TRY(hwv_import_float(import, "bias", 0, &bias));
    HWV_TRY(hwv_import_float(import, "lambd", 0.5f, &lambd));
    if (bias != 0 && bias != lambd)
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED,
                               "bias %g with lambd %g; bias 0 (hard) or lambd (soft) are "
                               "supported",
                               (double)bias, (double)lambd);
    hwv_act act = hwv_act_make(bias == 0 ? HWV_OP_HARDSHRINK : HWV_OP_SOFTSHRINK);
    act.param[0] = lambd;
    return activate(import, &act);
}

/* ---- Clip ----------------------------------------------------------------------------------------- */

/* No bound is the largest that the row has: nothing finite is beyond it. */
static float bounded(double x)
{
    const float most = hwv_op_row(HWV_OP_CLIP)->param[0].maximum;
    return x > (double)most ? most : x < -(double)most ? -most : (float)x;
}

/* Clip of integers, or with bounds that are computed: smaller of and larger of. */
static hwv_status clip_composed(hwv_import *import)
{
    hwv_id inputs[2];
    bool channels_last = false;
    HWV_TRY(hwv_import_plain(import, 0, &inputs[0]));
    for (size_t i = 1; i <= 2; i++) {
        hwv_node_attributes attributes = {.function = i == 1 ? HWV_BINARY_MAX : HWV_BINARY_MIN};
        if (!hwv_import_has(import, i))
            continue;
        HWV_TRY(hwv_import_plain(import, i, &inputs[1]));
        HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, i == 1 ? "min" : "", &attributes, inputs, 2, &inputs[0]));
    }
    if (!hwv_import_has(import, 1) && !hwv_import_has(import, 2))
        return hwv_import_alias(import, 0, 0);
    return hwv_import_result(import, 0, inputs[0], import->in[0]->type, &import->in[0]->shape, channels_last);
}

hwv_status hwv_import_clip(hwv_import *import)
{
    hwv_act act = hwv_act_make(HWV_OP_CLIP);
    double low = -DBL_MAX, high = DBL_MAX;
    HWV_TRY(hwv_import_need(import, 0));
    if (import->opset < 11) {
        float min, max;
        HWV_TRY(hwv_import_float(import, "min", -FLT_MAX, &min));
        HWV_TRY(hwv_import_float(import, "max", FLT_MAX, &max));
        low = (double)min;
        high = (double)max;
    } else {
        for (size_t i = 1; i <= 2; i++)
            if (hwv_import_has(import, i) && (!import->in[i]->constant || !hwv_import_floating(import->in[0]->type)))
                return clip_composed(import);
        HWV_TRY(hwv_import_scalar(import, 1, low, &low));
        HWV_TRY(hwv_import_scalar(import, 2, high, &high));
    }
    if (!hwv_import_floating(import->in[0]->type))
        return hwv_import_alias(import, 0, 0);
    if (isnan(low) || isnan(high))
        return hwv_import_fail(import, HWV_ERR_UNSUPPORTED, "a bound that is no number");
    act.param[0] = bounded(low);
    act.param[1] = bounded(high);
    if (act.param[0] == 0 && act.param[1] == 6)
        act = hwv_act_make(HWV_OP_RELU6);
    return activate(import, &act);
}

/* ---- PRelu ---------------------------------------------------------------------------------------- */

/* One slope a channel or one for all, which the activation node takes: then x is laid so that they match. */
static bool slope_simple(const hwv_import *import, bool *channels)
{
    const hwv_import_value *x = import->in[0], *slope = import->in[1];
    size_t rank = x->shape.rank;
    if (!slope->constant || slope->elements == 0 || rank < 1)
        return false;
    *channels = false;
    if (slope->elements == 1)
        return true;
    /* Opset 6: a vector of channels; since 7 NumPy's rule, towards the last dimensions. */
    if (import->opset < 7 && slope->shape.rank == 1) {
        *channels = rank >= 2 && x->shape.dim[1] == slope->elements;
        return *channels;
    }
    if (slope->shape.rank > rank)
        return false;
    for (size_t i = 0; i < slope->shape.rank; i++) {
        size_t axis = rank - slope->shape.rank + i;
        if (slope->shape.dim[i] == 1)
            continue;
        if (slope->shape.dim[i] != slope->elements || slope->elements != x->shape.dim[axis])
            return false;
        *channels = axis == 1 && rank > 2;
        return axis == rank - 1 || *channels;
    }
    return false;
}

/* Any slopes: those of a leaky relu, plus what is missing: y = leaky(x) + (slope - its slope) * min(x, 0). The layer is one
 * whose negative side passes something on, as it does in the file. */
static hwv_status prelu_composed(hwv_import *import)
{
    const int functions[3] = {HWV_BINARY_MIN, HWV_BINARY_SUB, HWV_BINARY_MUL};
    hwv_node_attributes leaky = {.act = hwv_act_make(HWV_OP_LEAKY_RELU)}, node[3];
    hwv_id ids[2], leaked, negative, slope, zero, own, y;
    bool channels_last;
    hwv_shape shape;
    for (size_t i = 0; i < 3; i++)
        node[i] = (hwv_node_attributes){.function = functions[i]};
    HWV_TRY(hwv_import_broadcast(import, 0, 2, ids, &channels_last, &shape));
    HWV_TRY(hwv_import_graph_float(import, 0, &zero));
    HWV_TRY(hwv_import_graph_float(import, leaky.act.param[0], &own));
    HWV_TRY(hwv_import_node(import, HWV_NODE_ACTIVATION, "", &leaky, &ids[0], 1, &leaked));
    HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, "negative", &node[0], (hwv_id[]){ids[0], zero}, 2, &negative));
    HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, "slope", &node[1], (hwv_id[]){ids[1], own}, 2, &slope));
    HWV_TRY(hwv_import_node(import, HWV_NODE_BINARY, "scaled", &node[2], (hwv_id[]){negative, slope}, 2, &negative));
    HWV_TRY(hwv_import_node(import, HWV_NODE_ADD, "sum", NULL, (hwv_id[]){leaked, negative}, 2, &y));
    return hwv_import_result(import, 0, y, import->in[0]->type, &shape, channels_last);
}

hwv_status hwv_import_prelu(hwv_import *import)
{
    hwv_node_attributes attributes = {.act = hwv_act_make(HWV_OP_PRELU)};
    bool channels, channels_last, moved = false;
    const float *floats;
    size_t count;
    hwv_id inputs[2], y;
    HWV_TRY(hwv_import_need_float(import, 0));
    HWV_TRY(hwv_import_need_float(import, 1));
    if (!slope_simple(import, &channels))
        return prelu_composed(import);
    const hwv_import_value *x = import->in[0], *slope = import->in[1];
    if (channels && (x->shape.rank == 3 || x->shape.rank == 4)) {
        channels_last = true;
        HWV_TRY(hwv_import_last(import, 0, &inputs[0]));
    } else if (channels && x->shape.rank != 2) {
        channels_last = false;
        moved = true;
        HWV_TRY(hwv_import_plain(import, 0, &inputs[0]));
        HWV_TRY(hwv_import_channels_move(import, false, &inputs[0]));
    } else if (slope->elements == 1) {
        HWV_TRY(hwv_import_units(import, 0, &inputs[0], &channels_last));
    } else {
        channels_last = false;
        HWV_TRY(hwv_import_plain(import, 0, &inputs[0]));
    }
    HWV_TRY(hwv_import_floats(import, 1, &floats, &count));
    HWV_TRY(
        hwv_import_parameter(import, slope->name, &(hwv_shape){.rank = 1, .dim = {count}}, floats, false, &inputs[1]));
    HWV_TRY(hwv_trace_keep(import, inputs[1], slope, HWV_TRACE_SAME));
    HWV_TRY(hwv_import_node(import, HWV_NODE_ACTIVATION, "", &attributes, inputs, 2, &y));
    if (moved)
        HWV_TRY(hwv_import_channels_move(import, true, &y));
    return hwv_import_result(import, 0, y, x->type, &x->shape, channels_last);
}
