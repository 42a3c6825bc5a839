/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * cast: y = x as floats or as integers, attributes.to. Floats become integers towards zero; what is out of range becomes
 * the nearest, NaN 0. With HWV_CAST_TRUTH 1 for everything but 0, NaN too. Floats rounded to 16 bits stay floats.
 * Gradients pass from floats to floats, as if nothing were rounded. */
#include "graph/elementwise.h"
#include "graph/functions.h"
#include "graph/structure.h"

#include <math.h>

hwv_status hwv_node_cast_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    if (attributes->function < 0 || attributes->function >= HWV_CAST_END_)
        return hwv_shaping_fail(shaping, "function 0 (the number), 1 (its truth), 2 or 3 (rounded to 16 bits)");
    if (attributes->function >= HWV_CAST_FLOAT16 &&
        (shaping->input[0]->element != HWV_ELEMENT_F32 || attributes->to != HWV_ELEMENT_F32))
        return hwv_shaping_fail(shaping, "floats to floats where it rounds to 16 bits");
    shaping->output[0] = shaping->input[0]->shape;
    shaping->element[0] = attributes->to;
    return HWV_OK;
}

/* The same numbers? */
static bool is_same(const hwv_graph *graph, const hwv_node *node)
{
    return node->attributes.function == HWV_CAST_VALUE &&
           hwv_graph_value(graph, node->input[0])->element == node->attributes.to;
}

hwv_status hwv_node_cast_plan(hwv_demand *demand)
{
    if (is_same(demand->graph, demand->node)) {
        demand->same = HWV_BIT(0);
        demand->gradient_same = HWV_BIT(0);
    }
    return HWV_OK;
}

static int32_t integer_of(float x)
{
    if (x >= 0x1p31f)
        return INT32_MAX;
    if (x <= -0x1p31f)
        return INT32_MIN;
    return x != x ? 0 : (int32_t)x;
}

/* The bits of x without the last `n`, rounded to even. */
static float without(float x, unsigned n)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    bits += ((1u << (n - 1)) - 1) + (bits >> n & 1);
    bits &= ~((1u << n) - 1);
    memcpy(&x, &bits, sizeof bits);
    return x;
}

static float bfloat16_of(float x)
{
    return x != x ? x : without(x, 16);
}

static float float16_of(float x)
{
    if (x != x || fabsf(x) == INFINITY)
        return x;
    if (fabsf(x) >= 65520)
        return copysignf(INFINITY, x);
    return fabsf(x) < 0x1p-14f ? copysignf(rintf(x * 0x1p24f) * 0x1p-24f, x) : without(x, 13);
}

typedef void cast_kernel(size_t n, void *y, const void *x);

#define KERNEL(label, from, to, EXPRESSION)                                                                            \
    static void label(size_t n, void *y, const void *px)                                                               \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++) {                                                                               \
            const from x = ((const from *)px)[i];                                                                      \
            ((to *)y)[i] = (to)(EXPRESSION);                                                                           \
        }                                                                                                              \
    }
KERNEL(float_value, int32_t, float, x)
KERNEL(integer_value, float, int32_t, integer_of(x))
KERNEL(integer_float_truth, int32_t, float, x != 0)
KERNEL(integer_integer_truth, int32_t, int32_t, x != 0)
KERNEL(float_float_truth, float, float, x != 0)
KERNEL(float_float16, float, float, float16_of(x))
KERNEL(float_bfloat16, float, float, bfloat16_of(x))
KERNEL(float_integer_truth, float, int32_t, x != 0)

typedef struct job {
    const hwv_record *record;
    cast_kernel *kernel;
} job;

static void block(const void *context, size_t first, size_t n)
{
    const job *j = context;
    const size_t at = first * sizeof(float);
    j->kernel(n, (char *)j->record->output[0] + at, (const char *)j->record->input[0] + at);
}

void hwv_node_cast_forward(const hwv_record *record, const hwv_run *run)
{
    const size_t n = hwv_record_rows(record, run) * record->cols;
    const hwv_node *node = record->node;
    const bool from = hwv_graph_value(record->graph, node->input[0])->element == HWV_ELEMENT_I32;
    const bool to = node->attributes.to == HWV_ELEMENT_I32;
    job j = {.record = record, .kernel = to ? integer_value : float_value};
    if (is_same(record->graph, node)) {
        if (record->output[0] != record->input[0])
            memcpy(record->output[0], record->input[0], n * sizeof(float));
        return;
    }
    if (node->attributes.function == HWV_CAST_TRUTH)
        j.kernel =
            from ? (to ? integer_integer_truth : integer_float_truth) : (to ? float_integer_truth : float_float_truth);
    else if (node->attributes.function != HWV_CAST_VALUE)
        j.kernel = node->attributes.function == HWV_CAST_FLOAT16 ? float_float16 : float_bfloat16;
    hwv_rows_run(run->executor, n, 1, block, &j);
}

/* Called for floats only; a truth has no slope. */
void hwv_node_cast_backward(const hwv_record *record, const hwv_run *run)
{
    const size_t n = hwv_record_rows(record, run) * record->cols;
    if (record->node->attributes.function != HWV_CAST_TRUTH)
        hwv_copy_floats(record->input_gradient[0], record->output_gradient[0], n);
    else
        memset(record->input_gradient[0], 0, n * sizeof(float));
}

/* To 11 or 8 significant bits, fewer below the normal numbers, infinite beyond the largest. */
static double rounded(double x, bool half)
{
    int exponent;
    const int digits = half ? 11 : 8, least = half ? -13 : -125;
    if (x == 0 || !isfinite(x))
        return x;
    frexp(x, &exponent);
    const double unit = ldexp(1, (exponent < least ? least : exponent) - digits);
    const double y = nearbyint(x / unit) * unit;
    return fabs(y) >= ldexp(1, half ? 16 : 128) ? copysign(INFINITY, x) : y;
}

void hwv_node_cast_reference(const hwv_reference *reference)
{
    const hwv_node_attributes *attributes = &reference->node->attributes;
    for (size_t i = 0; i < reference->elements[0]; i++) {
        double x = reference->input[0][i], whole = x != x ? 0 : x;
        whole = whole > INT32_MAX ? INT32_MAX : whole < INT32_MIN ? INT32_MIN : (double)(int64_t)whole;
        if (attributes->function == HWV_CAST_TRUTH) {
            *reference->bend = fmin(*reference->bend, fabs(x));
            x = x != 0;
        } else if (attributes->function != HWV_CAST_VALUE) {
            x = rounded(x, attributes->function == HWV_CAST_FLOAT16);
        } else if (attributes->to == HWV_ELEMENT_I32) {
            x = whole;
        }
        reference->output[0][i] = x;
    }
}

/* To floats: the number, and its truth beside it. */
hwv_status hwv_node_cast_example(hwv_example *example)
{
    hwv_node_attributes attributes = {.to = HWV_ELEMENT_F32};
    hwv_id x, number;
    example->variants = 2;
    example->sums = 2;
    HWV_TRY(hwv_example_parameter(example, "x", 4, 3, 0, &x));
    HWV_TRY(hwv_example_node(example, HWV_NODE_CAST, "number", &attributes, x, HWV_NO_ID));
    if (example->variant == 0)
        return HWV_OK;
    number = example->output;
    attributes.function = HWV_CAST_TRUTH;
    HWV_TRY(hwv_example_node(example, HWV_NODE_CAST, "truth", &attributes, x, HWV_NO_ID));
    attributes.function = HWV_BINARY_ADD;
    return hwv_example_node(example, HWV_NODE_BINARY, "sum", &attributes, number, example->output);
}
