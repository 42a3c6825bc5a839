/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * unary: y = f(x), element by element, f a row of unaries.def. What is an activation for the reports is kind
 * activation; this is arithmetic. Of integers neg and abs wrap around, not is 1 for 0 and 0 for others. */
#include "graph/elementwise.h"
#include "graph/functions.h"
#include "graph/structure.h"

#include <math.h>

hwv_status hwv_node_unary_infer(hwv_shaping *shaping)
{
    const hwv_function *row;
    const hwv_element x = shaping->input[0]->element;
    HWV_TRY(hwv_function_check(shaping->node, &row, shaping->error));
    bool fits = row->types == HWV_TYPES_BOTH || (row->types == HWV_TYPES_INTEGER) == (x == HWV_ELEMENT_I32);
    if (!fits)
        return hwv_shaping_fail(shaping, row->types == HWV_TYPES_INTEGER ? "integers" : "floats");
    shaping->output[0] = shaping->input[0]->shape;
    shaping->element[0] = row->types == HWV_TYPES_TEST ? HWV_ELEMENT_I32 : x;
    return HWV_OK;
}

hwv_status hwv_node_unary_plan(hwv_demand *demand)
{
    enum { READS_NOTHING, READS_X, READS_Y, READS_BOTH };
    unsigned reads = READS_NOTHING;
    switch (demand->node->attributes.function) {
#define HWV_UNARY(NUMBER, NAME, name, ONNX, OPSET, TYPES, READS, ...)                                                  \
    case HWV_UNARY_##NAME:                                                                                             \
        reads = READS_##READS;                                                                                         \
        break;
#include "graph/unaries.def"
#undef HWV_UNARY
    default:
        break;
    }
    demand->backward_inputs = reads & READS_X ? HWV_BIT(0) : 0;
    demand->backward_outputs = reads & READS_Y ? HWV_BIT(0) : 0;
    if (hwv_function_row(HWV_NODE_UNARY, demand->node->attributes.function)->types != HWV_TYPES_TEST)
        demand->overwrites = HWV_BIT(0);
    demand->gradient_overwrites = HWV_BIT(0);
    return HWV_OK;
}

/* ---- kernels ---------------------------------------------------------------------------------------- */

#define OUT_FLOAT   float
#define OUT_BOTH    float
#define OUT_INTEGER float /* never called */
#define OUT_TEST    int32_t
#define HWV_UNARY(NUMBER, NAME, name, ONNX, OPSET, TYPES, READS, FORWARD, GRADIENT)                                    \
    static void name##_forward(size_t n, void *to, const float *from)                                                  \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++) {                                                                               \
            const float x = from[i];                                                                                   \
            ((OUT_##TYPES *)to)[i] = FORWARD;                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static void name##_backward(size_t n, float *dx, const float *py, const float *px, const float *pdy)               \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++) {                                                                               \
            const float dy = pdy[i], x = px ? px[i] : 0, y = py ? py[i] : 0;                                           \
            (void)x, (void)y, (void)dy;                                                                                \
            dx[i] = GRADIENT;                                                                                          \
        }                                                                                                              \
    }
#include "graph/unaries.def"
#undef HWV_UNARY

static const struct kernels {
    int function;
    void (*forward)(size_t n, void *to, const float *from);
    void (*backward)(size_t n, float *dx, const float *y, const float *x, const float *dy);
} kernels[] = {
#define HWV_UNARY(NUMBER, NAME, name, ...) {HWV_UNARY_##NAME, name##_forward, name##_backward},
#include "graph/unaries.def"
#undef HWV_UNARY
};

static const struct kernels *kernels_of(int function)
{
    for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
        if (kernels[i].function == function)
            return &kernels[i];
    return NULL;
}

static int32_t integer_of(int function, int32_t x)
{
    switch (function) {
    case HWV_UNARY_NEG:
        return x == INT32_MIN ? x : -x;
    case HWV_UNARY_ABS:
        return x < 0 && x != INT32_MIN ? -x : x;
    case HWV_UNARY_SIGN:
        return (x > 0) - (x < 0);
    default:
        return x == 0;
    }
}

/* ---- running ---------------------------------------------------------------------------------------- */

static void floats_forward(const void *context, size_t first, size_t n)
{
    const hwv_record *record = context;
    const float *x = (const float *)record->input[0] + first;
    void *y = (char *)record->output[0] + first * sizeof(float);
    if (record->node->attributes.function == HWV_UNARY_EXP) {
        const hwv_act act = hwv_act_make(HWV_OP_EXP);
        hwv_act_forward(&act, HWV_F32, 1, n, y, n, x, n);
    } else {
        kernels_of(record->node->attributes.function)->forward(n, y, x);
    }
}

static void integers_forward(const void *context, size_t first, size_t n)
{
    const hwv_record *record = context;
    const int32_t *x = (const int32_t *)record->input[0] + first;
    int32_t *y = (int32_t *)record->output[0] + first;
    for (size_t i = 0; i < n; i++)
        y[i] = integer_of(record->node->attributes.function, x[i]);
}

static void floats_backward(const void *context, size_t first, size_t n)
{
    const hwv_record *record = context;
    const float *x = record->input[0], *y = record->output[0];
    kernels_of(record->node->attributes.function)
        ->backward(n, record->input_gradient[0] + first, y ? y + first : NULL, x ? x + first : NULL,
                   record->output_gradient[0] + first);
}

void hwv_node_unary_forward(const hwv_record *record, const hwv_run *run)
{
    bool integers = hwv_graph_value(record->graph, record->node->input[0])->element == HWV_ELEMENT_I32;
    hwv_rows_run(run->executor, hwv_record_rows(record, run) * record->cols, 1,
                 integers ? integers_forward : floats_forward, record);
}

void hwv_node_unary_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_rows_run(run->executor, hwv_record_rows(record, run) * record->cols, 1, floats_backward, record);
}

/* ---- reference -------------------------------------------------------------------------------------- */

static double reference_of(int function, double x)
{
    switch (function) {
    case HWV_UNARY_NEG:
        return -x;
    case HWV_UNARY_ABS:
        return x < 0 ? -x : x;
    case HWV_UNARY_SQRT:
        return sqrt(x);
    case HWV_UNARY_RECIPROCAL:
        return 1 / x;
    case HWV_UNARY_EXP:
        return exp(x);
    case HWV_UNARY_LOG:
        return log(x);
    case HWV_UNARY_ERF:
        return erf(x);
    case HWV_UNARY_FLOOR:
        return floor(x);
    case HWV_UNARY_CEIL:
        return ceil(x);
    case HWV_UNARY_ROUND:
        return nearbyint(x);
    case HWV_UNARY_SIGN:
        return (x > 0) - (x < 0);
    case HWV_UNARY_SIN:
        return sin(x);
    case HWV_UNARY_COS:
        return cos(x);
    case HWV_UNARY_TAN:
        return sin(x) / cos(x);
    case HWV_UNARY_SINH:
        return sinh(x);
    case HWV_UNARY_COSH:
        return cosh(x);
    case HWV_UNARY_ASIN:
        return asin(x);
    case HWV_UNARY_ACOS:
        return acos(x);
    case HWV_UNARY_ATAN:
        return atan(x);
    case HWV_UNARY_ASINH:
        return asinh(x);
    case HWV_UNARY_ACOSH:
        return acosh(x);
    case HWV_UNARY_ATANH:
        return atanh(x);
    case HWV_UNARY_NOT:
        return x == 0;
    case HWV_UNARY_IS_NAN:
        return isnan(x);
    default:
        return isinf(x) != 0;
    }
}

/* How far x is from a bend or a jump. */
static double to_bend(int function, double x)
{
    switch (function) {
    case HWV_UNARY_ABS:
    case HWV_UNARY_SIGN:
        return fabs(x);
    case HWV_UNARY_FLOOR:
    case HWV_UNARY_CEIL:
        return fabs(x - nearbyint(x));
    case HWV_UNARY_ROUND:
        return fabs(fabs(x - floor(x)) - 0.5);
    default:
        return INFINITY;
    }
}

void hwv_node_unary_reference(const hwv_reference *reference)
{
    const int function = reference->node->attributes.function;
    for (size_t i = 0; i < reference->elements[0]; i++) {
        double x = reference->input[0][i];
        reference->output[0][i] = reference_of(function, x);
        *reference->bend = fmin(*reference->bend, to_bend(function, x));
    }
}

/* What a function is given, so that it is smooth there: x in (-1, 1), e^x, e^e^x, sin x. */
static const struct example {
    hwv_unary function, before[2];
} examples[] = {
    {HWV_UNARY_EXP, {0}},
    {HWV_UNARY_NEG, {0}},
    {HWV_UNARY_ABS, {0}},
    {HWV_UNARY_SQRT, {HWV_UNARY_EXP}},
    {HWV_UNARY_RECIPROCAL, {HWV_UNARY_EXP}},
    {HWV_UNARY_LOG, {HWV_UNARY_EXP}},
    {HWV_UNARY_ERF, {0}},
    {HWV_UNARY_SIN, {0}},
    {HWV_UNARY_COS, {0}},
    {HWV_UNARY_TAN, {0}},
    {HWV_UNARY_SIGN, {0}},
    {HWV_UNARY_FLOOR, {0}},
    {HWV_UNARY_CEIL, {0}},
    {HWV_UNARY_ROUND, {0}},
    {HWV_UNARY_SINH, {0}},
    {HWV_UNARY_COSH, {0}},
    {HWV_UNARY_ASIN, {HWV_UNARY_SIN}},
    {HWV_UNARY_ACOS, {HWV_UNARY_SIN}},
    {HWV_UNARY_ATAN, {0}},
    {HWV_UNARY_ASINH, {0}},
    {HWV_UNARY_ACOSH, {HWV_UNARY_EXP, HWV_UNARY_EXP}},
    {HWV_UNARY_ATANH, {HWV_UNARY_SIN}},
};

hwv_status hwv_node_unary_example(hwv_example *example)
{
    const struct example *e = &examples[example->variant];
    hwv_node_attributes attributes = {0};
    hwv_id x;
    example->variants = sizeof examples / sizeof examples[0];
    example->sums = 40; /* derivatives near 7 of functions within an ULP or two */
    HWV_TRY(hwv_example_parameter(example, "x", 5, 7, 0, &x));
    for (size_t i = 0; i < 2 && e->before[i]; i++) {
        attributes.function = (int)e->before[i];
        HWV_TRY(hwv_example_node(example, HWV_NODE_UNARY, i ? "g" : "f", &attributes, x, HWV_NO_ID));
        x = example->output;
    }
    attributes.function = (int)e->function;
    return hwv_example_node(example, HWV_NODE_UNARY, "y", &attributes, x, HWV_NO_ID);
}
