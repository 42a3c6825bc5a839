/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Activations as opset 17 has them. Those that came later (gelu, mish, swish) or never are written out as products, in
 * the forms that PyTorch writes, which are recognised when they are read. */
#include "onnx/export.h"

#include <math.h>

/* What a form is made of. */
typedef struct form {
    hwv_export *out;
    const hwv_node *node;
    const char *x, *y;
    const float *p; /* parameters */
} form;

typedef hwv_export_part part;

static part inner(const form *f, const char *op, const char *word, const char *a, const char *b)
{
    return hwv_export_inner(f->out, f->node, op, word, a, b);
}

/* The last node, which has the activation's name. */
static void last(const form *f, const char *op, const char *a, const char *b)
{
    hwv_export_simple(f->out, op, f->node->name, a, b, f->y);
}

static part number(const form *f, const char *word, float value)
{
    return hwv_export_number(f->out, f->node, word, value);
}

/* ---- one operator -------------------------------------------------------------------------------- */

/* With up to two attributes. */
static void with(const form *f, const char *op, const char *first, float a, const char *second, float b)
{
    size_t begin = hwv_export_begin(f->out, op, f->node->name);
    hwv_export_input(f->out, f->x);
    hwv_export_output(f->out, f->y);
    if (first)
        hwv_export_float(f->out, first, a);
    if (second)
        hwv_export_float(f->out, second, b);
    hwv_export_end(f->out, begin);
}

static void clip(const form *f, float min, float max)
{
    part low = number(f, "min", min), high = number(f, "max", max);
    size_t begin = hwv_export_begin(f->out, "Clip", f->node->name);
    hwv_export_input(f->out, f->x);
    hwv_export_input(f->out, low.name);
    hwv_export_input(f->out, high.name);
    hwv_export_output(f->out, f->y);
    hwv_export_end(f->out, begin);
}

/* Slopes of images stand for channels: [channels, 1, 1]. */
static void prelu(const form *f)
{
    const hwv_graph *graph = f->out->model->graph;
    if (f->node->input_count < 2) {
        with(f, "LeakyRelu", "alpha", f->p[0], NULL, 0);
        return;
    }
    hwv_id slope = f->node->input[1];
    size_t dims[3] = {hwv_graph_value(graph, slope)->shape.dim[0], 1, 1};
    size_t rank = hwv_graph_value(graph, f->node->input[0])->shape.rank == 4 ? 3 : 1;
    const char *name = hwv_graph_value(graph, slope)->name;
    hwv_export_floats(f->out, name, hwv_weights_data(f->out->model->weights, slope), dims, rank);
    last(f, "PRelu", f->x, name);
}

/* ---- several ------------------------------------------------------------------------------------- */

/* x where `key` is above the limit, else `other`. */
static void where_above(const form *f, const char *key, float limit, const char *other)
{
    part bound = number(f, "threshold", limit), above = inner(f, "Greater", "above", key, bound.name);
    size_t begin = hwv_export_begin(f->out, "Where", f->node->name);
    hwv_export_input(f->out, above.name);
    hwv_export_input(f->out, f->x);
    hwv_export_input(f->out, other);
    hwv_export_output(f->out, f->y);
    hwv_export_end(f->out, begin);
}

static void threshold(const form *f)
{
    if (f->p[1] == 0) {
        with(f, "ThresholdedRelu", "alpha", f->p[0], NULL, 0);
        return;
    }
    part value = number(f, "value", f->p[1]);
    where_above(f, f->x, f->p[0], value.name);
}

/* Beyond a threshold of 17 the logarithm and x round to the same float: exp(-17) is below half a unit of 17. */
static void softplus(const form *f)
{
    bool scaled = f->p[0] != 1, bent = f->p[1] < 17;
    part beta, product, logarithm, quotient;
    const char *z = f->x;
    if (!scaled && !bent) {
        last(f, "Softplus", f->x, NULL);
        return;
    }
    if (scaled) {
        beta = number(f, "beta", f->p[0]);
        product = inner(f, "Mul", "product", f->x, beta.name);
        z = product.name;
    }
    logarithm = inner(f, "Softplus", "softplus", z, NULL);
    if (!bent) {
        last(f, "Div", logarithm.name, beta.name);
        return;
    }
    if (scaled)
        quotient = inner(f, "Div", "quotient", logarithm.name, beta.name);
    where_above(f, z, f->p[1], scaled ? quotient.name : logarithm.name);
}

/* x sigmoid(beta x) */
static void swish(const form *f, float beta)
{
    part scale, product, sigmoid;
    const char *z = f->x;
    if (beta != 1) {
        scale = number(f, "beta", beta);
        product = inner(f, "Mul", "product", f->x, scale.name);
        z = product.name;
    }
    sigmoid = inner(f, "Sigmoid", "sigmoid", z, NULL);
    last(f, "Mul", f->x, sigmoid.name);
}

/* x (1 + f(z)) / 2 */
static void half_of_one_more(const form *f, const char *op, const char *z)
{
    part one = number(f, "one", 1), half = number(f, "half", 0.5f), squashed = inner(f, op, "squashed", z, NULL),
         sum = inner(f, "Add", "sum", squashed.name, one.name), product = inner(f, "Mul", "product", f->x, sum.name);
    last(f, "Mul", product.name, half.name);
}

static void gelu(const form *f)
{
    part root = number(f, "root", (float)sqrt(2)), z = inner(f, "Div", "scaled", f->x, root.name);
    half_of_one_more(f, "Erf", z.name);
}

static void gelu_tanh(const form *f)
{
    part three = number(f, "three", 3), share = number(f, "share", 0.044715f),
         root = number(f, "root", (float)sqrt(2 / 3.14159265358979323846)),
         cube = inner(f, "Pow", "cube", f->x, three.name), small = inner(f, "Mul", "small", cube.name, share.name),
         cubic = inner(f, "Add", "cubic", f->x, small.name), z = inner(f, "Mul", "scaled", cubic.name, root.name);
    half_of_one_more(f, "Tanh", z.name);
}

static void mish(const form *f)
{
    part logarithm = inner(f, "Softplus", "softplus", f->x, NULL),
         tanh = inner(f, "Tanh", "tanh", logarithm.name, NULL);
    last(f, "Mul", f->x, tanh.name);
}

static void logsigmoid(const form *f)
{
    part negative = inner(f, "Neg", "negative", f->x, NULL),
         logarithm = inner(f, "Softplus", "softplus", negative.name, NULL);
    last(f, "Neg", logarithm.name, NULL);
}

static void squared_relu(const form *f)
{
    part relu = inner(f, "Relu", "relu", f->x, NULL);
    last(f, "Mul", relu.name, relu.name);
}

static void tanhshrink(const form *f)
{
    part tanh = inner(f, "Tanh", "tanh", f->x, NULL);
    last(f, "Sub", f->x, tanh.name);
}

/* ---- rows ---------------------------------------------------------------------------------------- */

hwv_status hwv_export_activation(hwv_export *out, const hwv_node *node, const char *x, const char *y)
{
    const hwv_act *act = &node->attributes.act;
    const float *p = act->param;
    const form f = {out, node, x, y, p};
    const hwv_op_info *row = hwv_op_row(act->op);
    switch (act->op) {
    case HWV_OP_IDENTITY:
    case HWV_OP_RELU:
    case HWV_OP_SIGMOID:
    case HWV_OP_TANH:
    case HWV_OP_SOFTSIGN:
    case HWV_OP_HARDSWISH:
    case HWV_OP_EXP:
        return last(&f, row->onnx, x, NULL), HWV_OK;
    case HWV_OP_LEAKY_RELU:
    case HWV_OP_ELU:
    case HWV_OP_CELU:
        return with(&f, row->onnx, "alpha", p[0], NULL, 0), HWV_OK;
    case HWV_OP_SELU:
        return with(&f, row->onnx, "alpha", p[0], "gamma", p[1]), HWV_OK;
    case HWV_OP_HARDSIGMOID:
        return with(&f, row->onnx, "alpha", p[0], "beta", p[1]), HWV_OK;
    case HWV_OP_RRELU:
        return with(&f, "LeakyRelu", "alpha", (float)(((double)p[0] + (double)p[1]) / 2), NULL, 0), HWV_OK;
    case HWV_OP_HARDSHRINK:
        return with(&f, "Shrink", "lambd", p[0], "bias", 0), HWV_OK;
    case HWV_OP_SOFTSHRINK:
        return with(&f, "Shrink", "lambd", p[0], "bias", p[0]), HWV_OK;
    case HWV_OP_RELU6:
        return clip(&f, 0, 6), HWV_OK;
    case HWV_OP_CLIP:
    case HWV_OP_HARDTANH:
        return clip(&f, p[0], p[1]), HWV_OK;
    case HWV_OP_SILU:
        return swish(&f, 1), HWV_OK;
    case HWV_OP_SWISH:
    case HWV_OP_QUICK_GELU:
        return swish(&f, p[0]), HWV_OK;
    case HWV_OP_PRELU:
        return prelu(&f), HWV_OK;
    case HWV_OP_THRESHOLD:
        return threshold(&f), HWV_OK;
    case HWV_OP_SOFTPLUS:
        return softplus(&f), HWV_OK;
    case HWV_OP_LOGSIGMOID:
        return logsigmoid(&f), HWV_OK;
    case HWV_OP_SQUARED_RELU:
        return squared_relu(&f), HWV_OK;
    case HWV_OP_GELU:
        return gelu(&f), HWV_OK;
    case HWV_OP_GELU_TANH:
        return gelu_tanh(&f), HWV_OK;
    case HWV_OP_MISH:
        return mish(&f), HWV_OK;
    case HWV_OP_TANHSHRINK:
        return tanhshrink(&f), HWV_OK;
    default:
        return hwv_fail(out->error, HWV_ERR_UNSUPPORTED, "%s: the activation %s has no form in ONNX", node->name,
                        row->name);
    }
}
