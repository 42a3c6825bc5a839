/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * add: y = a + b, the sum of a residual path. */
#include "graph/elementwise.h"
#include "graph/kind.h"
#include "graph/structure.h"
#include "linalg/vector.h"

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

void hwv_node_add_forward(const hwv_record *record, const hwv_run *run)
{
    size_t n = hwv_record_rows(record, run) * record->cols;
    float *y = record->output[0], *a = record->input[A], *b = record->input[B];
    const float *other = y == b ? a : b;
    hwv_copy_floats(y, y == b ? b : a, n);
    hwv_add(n, y, other);
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
