/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * reshape: the same numbers, floats or integers, as attributes.shape. Where x is of the batch, so is y, and a sample
 * stays a sample. */
#include "graph/elementwise.h"
#include "graph/structure.h"

#define ACCEPTS "a shape with as many elements; of the batch where x is"

hwv_status hwv_node_reshape_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape, *y = &shaping->node->attributes.shape;
    size_t elements, wanted;
    if (y->rank < 1 || y->rank > HWV_MAX_RANK || hwv_shape_batched(x) != hwv_shape_batched(y) ||
        !hwv_shape_elements(x, 1, &elements) || !hwv_shape_elements(y, 1, &wanted) || elements != wanted)
        return hwv_shaping_fail(shaping, ACCEPTS);
    shaping->output[0] = *y;
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

hwv_status hwv_node_reshape_plan(hwv_demand *demand)
{
    demand->same = HWV_BIT(0);
    demand->gradient_same = HWV_BIT(0);
    return HWV_OK;
}

void hwv_node_reshape_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_copy_floats(record->output[0], record->input[0], hwv_record_rows(record, run) * record->cols);
}

void hwv_node_reshape_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_copy_floats(record->input_gradient[0], record->output_gradient[0], hwv_record_rows(record, run) * record->cols);
}

void hwv_node_reshape_reference(const hwv_reference *reference)
{
    for (size_t i = 0; i < reference->elements[0]; i++)
        reference->output[0][i] = reference->input[0][i];
}

hwv_status hwv_node_reshape_example(hwv_example *example)
{
    static const hwv_shape shapes[] = {{.rank = 2, .dim = {6, 4}}, {.rank = 4, .dim = {2, 1, 3, 4}}};
    hwv_node_attributes attributes = {.shape = shapes[example->variant]};
    hwv_id x;
    example->variants = sizeof shapes / sizeof shapes[0];
    example->sums = 1;
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 4, &x));
    return hwv_example_node(example, HWV_NODE_RESHAPE, "shaped", &attributes, x, HWV_NO_ID);
}
