/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * flatten: y [batch, n] = x [batch, ...]: the same numbers in another shape. */
#include "graph/elementwise.h"
#include "graph/kind.h"
#include "graph/structure.h"

hwv_status hwv_node_flatten_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape;
    hwv_shape rest = {.rank = x->rank - 1};
    if (x->rank < 2 || shaping->input[0]->element != HWV_ELEMENT_F32)
        return hwv_shaping_fail(shaping, "x [batch, ...] of at least two dimensions");
    for (size_t i = 1; i < x->rank; i++)
        rest.dim[i - 1] = x->dim[i];
    shaping->output[0].rank = 2;
    shaping->output[0].dim[0] = x->dim[0];
    if (!hwv_shape_elements(&rest, 1, &shaping->output[0].dim[1]))
        return hwv_shaping_fail(shaping, "a shape that fits in memory");
    return HWV_OK;
}

hwv_status hwv_node_flatten_plan(hwv_demand *demand)
{
    demand->same = HWV_BIT(0);
    demand->gradient_same = HWV_BIT(0);
    return HWV_OK;
}

void hwv_node_flatten_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_copy_floats(record->output[0], record->input[0], hwv_record_rows(record, run) * record->cols);
}

void hwv_node_flatten_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_copy_floats(record->input_gradient[0], record->output_gradient[0], hwv_record_rows(record, run) * record->cols);
}

void hwv_node_flatten_reference(const hwv_reference *reference)
{
    for (size_t i = 0; i < reference->elements[0]; i++)
        reference->output[0][i] = reference->input[0][i];
}

hwv_status hwv_node_flatten_example(hwv_example *example)
{
    hwv_id x;
    example->variants = 1;
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 4, &x));
    return hwv_example_node(example, HWV_NODE_FLATTEN, "flat", NULL, x, HWV_NO_ID);
}
