/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * transpose: axis i of y is axis attributes.order[i] of x; floats or integers. The batch stays the first. */
#include "graph/move.h"

#include <string.h>

hwv_status hwv_node_transpose_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape;
    const size_t *order = shaping->node->attributes.order;
    hwv_shape *y = &shaping->output[0];
    unsigned seen = 0;
    for (size_t i = 0; i < x->rank; i++) {
        if (order[i] >= x->rank || (seen >> order[i] & 1))
            return hwv_shaping_fail(shaping, "every axis once");
        seen |= 1u << order[i];
        y->dim[i] = x->dim[order[i]];
    }
    y->rank = x->rank;
    if (hwv_shape_batched(x) && order[0] != 0)
        return hwv_shaping_fail(shaping, "an order that leaves the batch the first axis");
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

/* Whether the axes that are not 1 stay in order: then nothing moves. */
static bool still(const hwv_shape *x, const size_t *order)
{
    size_t last = 0;
    for (size_t i = 0; i < x->rank; i++) {
        if (x->dim[order[i]] == 1)
            continue;
        if (order[i] < last)
            return false;
        last = order[i];
    }
    return true;
}

hwv_status hwv_node_transpose_plan(hwv_demand *demand)
{
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[0])->shape;
    if (still(x, demand->node->attributes.order))
        demand->same = demand->gradient_same = HWV_BIT(0);
    return HWV_OK;
}

/* Axis order[i] of the one array is axis i of the other, of this shape. */
static void move(const hwv_run *run, const void *from, void *to, const hwv_shape *x, const size_t *order, bool back)
{
    hwv_move move = {.from = from, .to = to};
    hwv_shape y = {.rank = x->rank};
    ptrdiff_t x_step[HWV_MAX_RANK], y_step[HWV_MAX_RANK];
    if (from == to)
        return;
    for (size_t i = 0; i < x->rank; i++)
        y.dim[i] = x->dim[order[i]];
    hwv_shape_steps(x, x_step);
    hwv_shape_steps(&y, y_step);
    for (size_t i = 0; i < y.rank; i++)
        if (!back)
            hwv_move_axis(&move, y.dim[i], y_step[i], x_step[order[i]]);
        else
            for (size_t k = 0; k < y.rank; k++)
                if (order[k] == i)
                    hwv_move_axis(&move, x->dim[i], x_step[i], y_step[k]);
    hwv_move_run(&move, run->executor);
}

void hwv_node_transpose_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0);
    move(run, record->input[0], record->output[0], &x, record->node->attributes.order, false);
}

void hwv_node_transpose_backward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0);
    move(run, record->output_gradient[0], record->input_gradient[0], &x, record->node->attributes.order, true);
}

void hwv_node_transpose_reference(const hwv_reference *reference)
{
    const hwv_shape *x = reference->shape[0];
    const size_t *order = reference->node->attributes.order;
    for (size_t i = 0; i < reference->elements[0]; i++) {
        size_t index[HWV_MAX_RANK], at = 0;
        hwv_shape_index(x, i, index);
        for (size_t d = 0; d < x->rank; d++)
            at = at * x->dim[order[d]] + index[order[d]];
        reference->output[0][at] = reference->input[0][i];
    }
}

hwv_status hwv_node_transpose_example(hwv_example *example)
{
    static const size_t orders[][3] = {{1, 0, 2}, {0, 2, 1}, {2, 0, 1}, {2, 1, 0}};
    hwv_node_attributes attributes = {0};
    hwv_id x;
    example->variants = sizeof orders / sizeof orders[0];
    example->sums = 1;
    memcpy(attributes.order, orders[example->variant], sizeof orders[0]);
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 4, &x));
    return hwv_example_node(example, HWV_NODE_TRANSPOSE, "moved", &attributes, x, HWV_NO_ID);
}
