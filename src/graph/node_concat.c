/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * concat: y = the inputs one behind the other along attributes.axis, which is not the batch; floats or integers. */
#include "graph/move.h"

#define ACCEPTS "values of one type, alike in every dimension but that of attributes.axis, which is not the batch"

hwv_status hwv_node_concat_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape;
    const size_t axis = shaping->node->attributes.axis;
    hwv_shape y = *x;
    if (axis >= x->rank || x->dim[axis] == HWV_BATCH)
        return hwv_shaping_fail(shaping, ACCEPTS);
    for (size_t i = 1; i < shaping->node->input_count; i++) {
        const hwv_value *other = shaping->input[i];
        bool fits = other->shape.rank == x->rank && other->element == shaping->input[0]->element;
        for (size_t d = 0; fits && d < x->rank; d++)
            fits = d == axis || other->shape.dim[d] == x->dim[d];
        if (!fits || other->shape.dim[axis] == HWV_BATCH ||
            !hwv_size_add(y.dim[axis], other->shape.dim[axis], &y.dim[axis]))
            return hwv_shaping_fail(shaping, ACCEPTS);
    }
    shaping->output[0] = y;
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

hwv_status hwv_node_concat_plan(hwv_demand *demand)
{
    (void)demand;
    return HWV_OK;
}

/* Of input i: pieces of what lies along the axis and behind it, `at` elements into those of y. */
static hwv_move piece(const hwv_record *record, const hwv_run *run, size_t i, size_t *at, bool back)
{
    const hwv_shape x = hwv_record_input_shape(record, run, i), y = hwv_record_output_shape(record, run, 0);
    size_t outer = 1, inner = 1, all = 1;
    hwv_move move = {0};
    for (size_t d = 0; d < x.rank; d++)
        if (d < record->node->attributes.axis) {
            outer *= x.dim[d];
        } else {
            inner *= x.dim[d];
            all *= y.dim[d];
        }
    hwv_move_axis(&move, outer, (ptrdiff_t)(back ? inner : all), (ptrdiff_t)(back ? all : inner));
    hwv_move_axis(&move, inner, 1, 1);
    if (back) {
        move.from = record->output_gradient[0] + *at;
        move.to = record->input_gradient[i];
    } else {
        move.from = record->input[i];
        move.to = (uint32_t *)record->output[0] + *at;
    }
    *at += inner;
    return move;
}

void hwv_node_concat_forward(const hwv_record *record, const hwv_run *run)
{
    for (size_t i = 0, at = 0; i < record->node->input_count; i++) {
        const hwv_move move = piece(record, run, i, &at, false);
        hwv_move_run(&move, run->executor);
    }
}

void hwv_node_concat_backward(const hwv_record *record, const hwv_run *run)
{
    for (size_t i = 0, at = 0; i < record->node->input_count; i++) {
        const hwv_move move = piece(record, run, i, &at, true);
        if (record->input_gradient[i])
            hwv_move_run(&move, run->executor);
    }
}

void hwv_node_concat_reference(const hwv_reference *reference)
{
    const size_t axis = reference->node->attributes.axis, count = reference->node->input_count;
    double *to = reference->output[0];
    size_t outer = 1;
    for (size_t d = 0; d < axis; d++)
        outer *= reference->shape[0]->dim[d];
    for (size_t o = 0; o < outer; o++)
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0, n = reference->elements[i] / outer; k < n; k++)
                *to++ = reference->input[i][o * n + k];
}

hwv_status hwv_node_concat_example(hwv_example *example)
{
    static const char *const names[] = {"a", "b", "c"};
    const size_t axis = example->variant, count = axis == 1 ? 3 : 2;
    hwv_node_attributes attributes = {.axis = axis};
    hwv_id inputs[3];
    example->variants = 3;
    example->sums = 1;
    for (size_t i = 0; i < count; i++) {
        hwv_shape shape = {.rank = 3, .dim = {2, 3, 2}};
        shape.dim[axis] = 1 + i;
        HWV_TRY(hwv_example_parameter_shaped(example, names[i], &shape, &inputs[i]));
    }
    return hwv_example_node_of(example, HWV_NODE_CONCAT, "joined", &attributes, inputs, count);
}
