/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * slice: y[i] = x[begin + i * step] along every axis, with y of attributes.shape; floats or integers. The batch is taken
 * whole. */
#include "graph/move.h"

#include <string.h>

#define ACCEPTS "begins and steps (not 0) that stay in x, and the whole batch"

/* Whether `count` elements from begin on, step apart, lie in n. */
static bool lies_in(size_t n, size_t count, ptrdiff_t begin, ptrdiff_t step)
{
    size_t far = step < 0 ? (size_t)0 - (size_t)step : (size_t)step, first = (size_t)begin;
    if (step == 0 || count == 0 || begin < 0 || first >= n || !hwv_size_mul(far, count - 1, &far))
        return false;
    return step < 0 ? far <= first : far < n - first;
}

hwv_status hwv_node_slice_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_shape *x = &shaping->input[0]->shape, *y = &attributes->shape;
    if (x->rank != y->rank)
        return hwv_shaping_fail(shaping, ACCEPTS);
    for (size_t i = 0; i < x->rank; i++) {
        const bool whole = attributes->begin[i] == 0 && attributes->step[i] == 1;
        if (x->dim[i] == HWV_BATCH || y->dim[i] == HWV_BATCH
                ? x->dim[i] != y->dim[i] || !whole
                : !lies_in(x->dim[i], y->dim[i], attributes->begin[i], attributes->step[i]))
            return hwv_shaping_fail(shaping, ACCEPTS);
    }
    shaping->output[0] = *y;
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

/* All of x, in order. */
static bool whole(const hwv_demand *demand)
{
    const hwv_node_attributes *attributes = &demand->node->attributes;
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[0])->shape;
    for (size_t i = 0; i < x->rank; i++)
        if (attributes->shape.dim[i] != x->dim[i] || (x->dim[i] != 1 && attributes->step[i] < 0))
            return false;
    return true;
}

hwv_status hwv_node_slice_plan(hwv_demand *demand)
{
    if (whole(demand))
        demand->same = demand->gradient_same = HWV_BIT(0);
    return HWV_OK;
}

/* Between y and the part of x, which starts *at elements into it; the caller sets the arrays. */
static hwv_move part(const hwv_record *record, const hwv_run *run, bool back, ptrdiff_t *at)
{
    const hwv_node_attributes *attributes = &record->node->attributes;
    const hwv_shape x = hwv_record_input_shape(record, run, 0), y = hwv_record_output_shape(record, run, 0);
    ptrdiff_t x_step[HWV_MAX_RANK], y_step[HWV_MAX_RANK];
    hwv_move move = {0};
    hwv_shape_steps(&x, x_step);
    hwv_shape_steps(&y, y_step);
    *at = 0;
    for (size_t i = 0; i < x.rank; i++) {
        const ptrdiff_t step = attributes->step[i] * x_step[i];
        *at += attributes->begin[i] * x_step[i];
        hwv_move_axis(&move, y.dim[i], back ? step : y_step[i], back ? y_step[i] : step);
    }
    return move;
}

void hwv_node_slice_forward(const hwv_record *record, const hwv_run *run)
{
    ptrdiff_t at;
    hwv_move move = part(record, run, false, &at);
    if (record->output[0] == record->input[0])
        return;
    move.from = (const uint32_t *)record->input[0] + at;
    move.to = record->output[0];
    hwv_move_run(&move, run->executor);
}

void hwv_node_slice_backward(const hwv_record *record, const hwv_run *run)
{
    ptrdiff_t at;
    hwv_move move = part(record, run, true, &at);
    if (record->output_gradient[0] == record->input_gradient[0])
        return;
    memset(record->input_gradient[0], 0, hwv_record_rows(record, run) * record->cols * sizeof(float));
    move.from = record->output_gradient[0];
    move.to = record->input_gradient[0] + at;
    hwv_move_run(&move, run->executor);
}

void hwv_node_slice_reference(const hwv_reference *reference)
{
    const hwv_node_attributes *attributes = &reference->node->attributes;
    const hwv_shape *x = reference->shape[0], *y = reference->output_shape[0];
    size_t elements = 1;
    for (size_t d = 0; d < y->rank; d++)
        elements *= y->dim[d];
    for (size_t i = 0; i < elements; i++) {
        size_t index[HWV_MAX_RANK], at = 0;
        hwv_shape_index(y, i, index);
        for (size_t d = 0; d < y->rank; d++)
            at = at * x->dim[d] + (size_t)(attributes->begin[d] + (ptrdiff_t)index[d] * attributes->step[d]);
        reference->output[0][i] = reference->input[0][at];
    }
}

hwv_status hwv_node_slice_example(hwv_example *example)
{
    static const hwv_node_attributes cases[] = {
        {.shape = {3, {2, 2, 3}}, .begin = {1, 0, 1}, .step = {1, 2, 1}},
        {.shape = {3, {1, 4, 2}}, .begin = {2, 3, 4}, .step = {1, -1, -3}},
    };
    hwv_id x;
    example->variants = sizeof cases / sizeof cases[0];
    example->sums = 1;
    HWV_TRY(hwv_example_parameter(example, "x", 3, 4, 5, &x));
    return hwv_example_node(example, HWV_NODE_SLICE, "part", &cases[example->variant], x, HWV_NO_ID);
}
