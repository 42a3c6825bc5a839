/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * tile: y = x again and again, attributes.repeat times along each axis; the batch once; floats or integers. */
#include "graph/move.h"

#include <string.h>

hwv_status hwv_node_tile_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape;
    const size_t *repeat = shaping->node->attributes.repeat;
    hwv_shape y = *x;
    for (size_t i = 0; i < x->rank; i++)
        if (repeat[i] == 0 ||
            (x->dim[i] == HWV_BATCH ? repeat[i] != 1 : !hwv_size_mul(x->dim[i], repeat[i], &y.dim[i])))
            return hwv_shaping_fail(shaping, "every axis once or more often, the batch once");
    shaping->output[0] = y;
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

hwv_status hwv_node_tile_plan(hwv_demand *demand)
{
    const hwv_node *node = demand->node;
    const size_t rank = hwv_graph_value(demand->graph, node->input[0])->shape.rank;
    size_t most = 1;
    for (size_t i = 0; i < rank; i++)
        most = node->attributes.repeat[i] > most ? node->attributes.repeat[i] : most;
    if (most == 1)
        demand->same = demand->gradient_same = HWV_BIT(0);
    return HWV_OK;
}

void hwv_node_tile_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0), y = hwv_record_output_shape(record, run, 0);
    ptrdiff_t x_step[HWV_MAX_RANK], y_step[HWV_MAX_RANK];
    hwv_move move = {.from = record->input[0], .to = record->output[0]};
    if (move.from == move.to)
        return;
    hwv_shape_steps(&x, x_step);
    hwv_shape_steps(&y, y_step);
    for (size_t d = 0; d < y.rank; d++) {
        hwv_move_axis(&move, record->node->attributes.repeat[d], y_step[d] * (ptrdiff_t)x.dim[d], 0);
        hwv_move_axis(&move, x.dim[d], y_step[d], x_step[d]);
    }
    hwv_move_run(&move, run->executor);
}

/* The first copy, and the others added to it in their order. */
void hwv_node_tile_backward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0), y = hwv_record_output_shape(record, run, 0);
    ptrdiff_t x_step[HWV_MAX_RANK], y_step[HWV_MAX_RANK];
    hwv_shape copies = {.rank = x.rank};
    size_t count = 1;
    hwv_move move = {.to = record->input_gradient[0]};
    if (record->output_gradient[0] == record->input_gradient[0])
        return;
    hwv_shape_steps(&x, x_step);
    hwv_shape_steps(&y, y_step);
    for (size_t d = 0; d < x.rank; d++) {
        hwv_move_axis(&move, x.dim[d], x_step[d], y_step[d]);
        count *= copies.dim[d] = record->node->attributes.repeat[d];
    }
    for (size_t c = 0; c < count; c++) {
        size_t index[HWV_MAX_RANK], at = 0;
        hwv_shape_index(&copies, c, index);
        for (size_t d = 0; d < x.rank; d++)
            at += index[d] * x.dim[d] * (size_t)y_step[d];
        move.from = record->output_gradient[0] + at;
        move.add = c > 0;
        hwv_move_run(&move, run->executor);
    }
}

void hwv_node_tile_reference(const hwv_reference *reference)
{
    const hwv_shape *x = reference->shape[0];
    const hwv_shape *y = reference->output_shape[0];
    size_t elements = 1;
    for (size_t d = 0; d < y->rank; d++)
        elements *= y->dim[d];
    for (size_t i = 0; i < elements; i++) {
        size_t index[HWV_MAX_RANK], at = 0;
        hwv_shape_index(y, i, index);
        for (size_t d = 0; d < x->rank; d++)
            at = at * x->dim[d] + index[d] % x->dim[d];
        reference->output[0][i] = reference->input[0][at];
    }
}

hwv_status hwv_node_tile_example(hwv_example *example)
{
    static const size_t repeats[][3] = {{1, 3, 1}, {2, 1, 2}, {1, 1, 1}};
    hwv_node_attributes attributes = {0};
    hwv_id x;
    example->variants = sizeof repeats / sizeof repeats[0];
    example->sums = 4;
    memcpy(attributes.repeat, repeats[example->variant], sizeof repeats[0]);
    HWV_TRY(hwv_example_parameter(example, "x", 2, 3, 2, &x));
    return hwv_example_node(example, HWV_NODE_TILE, "tiled", &attributes, x, HWV_NO_ID);
}
