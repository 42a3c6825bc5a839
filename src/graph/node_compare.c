/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * compare: y = f(a, b), an i32 of 0 or 1, a and b broadcast against each other; f a row of compares.def. There is no
 * gradient. */
#include "graph/broadcast.h"
#include "graph/functions.h"

#include <math.h>

enum { A, B, Y };

hwv_status hwv_node_compare_infer(hwv_shaping *shaping)
{
    const hwv_function *row;
    const hwv_shape *shapes[] = {&shaping->input[A]->shape, &shaping->input[B]->shape};
    HWV_TRY(hwv_function_check(shaping->node, &row, shaping->error));
    bool truth = row->types == HWV_TYPES_TRUTH;
    if (shaping->input[A]->element != shaping->input[B]->element || !hwv_broadcast(shapes, 2, &shaping->output[0]) ||
        (truth && shaping->input[A]->element != HWV_ELEMENT_I32))
        return hwv_shaping_fail(shaping, truth ? "two of integers, " HWV_BROADCAST_ACCEPTS
                                               : "two of a type, " HWV_BROADCAST_ACCEPTS);
    shaping->element[0] = HWV_ELEMENT_I32;
    return HWV_OK;
}

hwv_status hwv_node_compare_plan(hwv_demand *demand)
{
    (void)demand;
    return HWV_OK;
}

/* ---- kernels ---------------------------------------------------------------------------------------- */

typedef void compare_kernel(size_t n, int32_t *y, const void *a, size_t a_step, const void *b, size_t b_step);

#define KERNEL(label, type, EXPRESSION)                                                                                \
    static void label(size_t n, int32_t *y, const void *pa, size_t a_step, const void *pb, size_t b_step)              \
    {                                                                                                                  \
        for (size_t i = 0; i < n; i++) {                                                                               \
            const type a = ((const type *)pa)[i * a_step], b = ((const type *)pb)[i * b_step];                         \
            y[i] = EXPRESSION;                                                                                         \
        }                                                                                                              \
    }
#define HWV_COMPARE(NUMBER, NAME, name, ONNX, OPSET, TYPES, EXPRESSION)                                                \
    KERNEL(floats_##name, float, EXPRESSION)                                                                           \
    KERNEL(integers_##name, int32_t, EXPRESSION)
#include "graph/compares.def"
#undef HWV_COMPARE

static compare_kernel *kernel_of(int function, bool integers)
{
    switch (function) {
#define HWV_COMPARE(NUMBER, NAME, name, ...)                                                                           \
    case HWV_COMPARE_##NAME:                                                                                           \
        return integers ? integers_##name : floats_##name;
#include "graph/compares.def"
#undef HWV_COMPARE
    default:
        return NULL;
    }
}

/* ---- running ---------------------------------------------------------------------------------------- */

typedef struct job {
    const hwv_record *record;
    hwv_loops loops;
    compare_kernel *kernel;
} job;

static void compared(const void *context, size_t n, const size_t *at)
{
    const job *j = context;
    const size_t bytes = sizeof(int32_t);
    j->kernel(n, (int32_t *)j->record->output[0] + at[Y], (const char *)j->record->input[A] + at[A] * bytes,
              hwv_loops_inner(&j->loops, A), (const char *)j->record->input[B] + at[B] * bytes,
              hwv_loops_inner(&j->loops, B));
}

void hwv_node_compare_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape a = hwv_record_input_shape(record, run, A), b = hwv_record_input_shape(record, run, B);
    const hwv_shape y = hwv_record_output_shape(record, run, 0);
    bool integers = hwv_graph_value(record->graph, record->node->input[A])->element == HWV_ELEMENT_I32;
    job j = {.record = record,
             .loops = hwv_loops_make(&y, (const hwv_shape *const[]){&a, &b, &y}, 3),
             .kernel = kernel_of(record->node->attributes.function, integers)};
    hwv_loops_run(&j.loops, run->executor, compared, &j);
}

/* No gradient arrives at integers. */
void hwv_node_compare_backward(const hwv_record *record, const hwv_run *run)
{
    (void)record;
    (void)run;
}

/* ---- reference -------------------------------------------------------------------------------------- */

static bool reference_of(int function, double a, double b)
{
    switch (function) {
    case HWV_COMPARE_EQUAL:
        return a == b;
    case HWV_COMPARE_LESS:
        return a < b;
    case HWV_COMPARE_GREATER:
        return a > b;
    case HWV_COMPARE_LESS_OR_EQUAL:
        return a <= b;
    case HWV_COMPARE_GREATER_OR_EQUAL:
        return a >= b;
    case HWV_COMPARE_AND:
        return a != 0 && b != 0;
    case HWV_COMPARE_OR:
        return a != 0 || b != 0;
    default:
        return (a != 0) != (b != 0);
    }
}

void hwv_node_compare_reference(const hwv_reference *reference)
{
    const int function = reference->node->attributes.function;
    size_t elements;
    const hwv_shape space = hwv_reference_space(reference, &elements);
    for (size_t i = 0; i < elements; i++) {
        double a = hwv_reference_at(reference, &space, i, A), b = hwv_reference_at(reference, &space, i, B);
        reference->output[0][i] = reference_of(function, a, b);
        if (function < HWV_COMPARE_AND)
            *reference->bend = fmin(*reference->bend, fabs(a - b));
    }
}

/* Of floats, and of truths of them: what is compared decides which of a and b goes on. */
hwv_status hwv_node_compare_example(hwv_example *example)
{
    const int function = (int)example->variant + 1;
    hwv_node_attributes attributes = {.function = function < HWV_COMPARE_AND ? function : HWV_COMPARE_LESS};
    hwv_id a, b, c;
    example->variants = HWV_COMPARE_END_ - 1;
    HWV_TRY(hwv_example_parameter(example, "a", 3, 4, 0, &a));
    HWV_TRY(hwv_example_parameter(example, "b", 4, 0, 0, &b));
    HWV_TRY(hwv_example_parameter(example, "c", 3, 1, 0, &c));
    HWV_TRY(hwv_example_node(example, HWV_NODE_COMPARE, "a ? b", &attributes, a, b));
    if (function >= HWV_COMPARE_AND) {
        const hwv_id first = example->output;
        HWV_TRY(hwv_example_node(example, HWV_NODE_COMPARE, "a ? c", &attributes, a, c));
        attributes.function = function;
        HWV_TRY(hwv_example_node(example, HWV_NODE_COMPARE, "both", &attributes, first, example->output));
    }
    return hwv_example_node_of(example, HWV_NODE_WHERE, "y", NULL, (hwv_id[]){example->output, a, b}, 3);
}
