/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * add: y = a + b, the sum of a residual path. */
#include "graph/elementwise.h"
#include "graph/kind.h"
#include "graph/structure.h"
#include "linalg/pairs.h"

enum { A, B };

hwv_status hwv_node_add_infer(hwv_shaping *shaping)
{
    if (!hwv_shape_equal(&shaping->input[A]->shape, &shaping->input[B]->shape) ||
        shaping->input[A]->element != HWV_ELEMENT_F32 || shaping->input[B]->element != HWV_ELEMENT_F32)
        return hwv_shaping_fail(shaping, "two values of the same shape");
    shaping->output[0] = shaping->input[A]->shape;
    return HWV_OK;
}

hwv_status hwv_node_add_plan(hwv_demand *demand)
{
    demand->overwrites = HWV_BIT(A) | HWV_BIT(B);
    demand->gradient_same = HWV_BIT(A) | HWV_BIT(B);
    return HWV_OK;
}

static void forward_block(const void *context, size_t first, size_t rows)
{
    const hwv_record *record = context;
    const size_t at = first * record->cols;
    const float *a = record->input[A], *b = record->input[B];
    hwv_pair_kernel_of(HWV_PAIR_ADD)(rows * record->cols, (float *)record->output[0] + at, a + at, 1, b + at, 1);
}

void hwv_node_add_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_rows_run(run->executor, hwv_record_rows(record, run), record->cols, forward_block, record);
}

void hwv_node_add_backward(const hwv_record *record, const hwv_run *run)
{
    size_t n = hwv_record_rows(record, run) * record->cols;
    for (size_t i = A; i <= B; i++)
        if (record->input_gradient[i])
            hwv_copy_floats(record->input_gradient[i], record->output_gradient[0], n);
}

void hwv_node_add_reference(const hwv_reference *reference)
{
    for (size_t i = 0; i < reference->elements[A]; i++)
        reference->output[0][i] = reference->input[A][i] + reference->input[B][i];
}

hwv_status hwv_node_add_example(hwv_example *example)
{
    hwv_id a, b;
    example->variants = 2; /* the second adds a value to itself */
    example->sums = 2;
    HWV_TRY(hwv_example_parameter(example, "a", 4, 5, 0, &a));
    HWV_TRY(hwv_example_parameter(example, "b", 4, 5, 0, &b));
    return hwv_example_node(example, HWV_NODE_ADD, "sum", NULL, a, example->variant ? a : b);
}
