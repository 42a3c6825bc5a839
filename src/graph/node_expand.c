/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * expand: y = x repeated to attributes.shape by the rules of broadcasting; floats or integers. */
#include "graph/broadcast.h"
#include "graph/move.h"

#include <string.h>

hwv_status hwv_node_expand_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape, *y = &shaping->node->attributes.shape;
    hwv_shape both;
    if (y->rank < 1 || y->rank > HWV_MAX_RANK || !hwv_broadcast((const hwv_shape *const[]){x, y}, 2, &both) ||
        !hwv_shape_equal(&both, y))
        return hwv_shaping_fail(shaping,
                                "a shape whose dimensions, from the last on, are those of x where they are not 1");
    shaping->output[0] = *y;
    shaping->element[0] = shaping->input[0]->element;
    return HWV_OK;
}

hwv_status hwv_node_expand_plan(hwv_demand *demand)
{
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[0])->shape;
    size_t from, to;
    if (hwv_shape_batched(x) == hwv_shape_batched(&demand->node->attributes.shape) && hwv_shape_elements(x, 1, &from) &&
        hwv_shape_elements(&demand->node->attributes.shape, 1, &to) && from == to)
        demand->same = demand->gradient_same = HWV_BIT(0);
    return HWV_OK;
}

void hwv_node_expand_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0), y = hwv_record_output_shape(record, run, 0);
    const size_t behind = y.rank - x.rank;
    ptrdiff_t x_step[HWV_MAX_RANK], y_step[HWV_MAX_RANK];
    hwv_move move = {.from = record->input[0], .to = record->output[0]};
    if (move.from == move.to)
        return;
    hwv_shape_steps(&x, x_step);
    hwv_shape_steps(&y, y_step);
    for (size_t d = 0; d < y.rank; d++) {
        const bool given = d >= behind && x.dim[d - behind] != 1;
        hwv_move_axis(&move, y.dim[d], y_step[d], given ? x_step[d - behind] : 0);
    }
    hwv_move_run(&move, run->executor);
}

static void terms(const void *context, size_t n, const size_t at[HWV_OPERANDS], float *to)
{
    const hwv_record *record = context;
    memcpy(to, record->output_gradient[0] + at[1], n * sizeof *to);
}

/* What an element was repeated to, added in double. */
void hwv_node_expand_backward(const hwv_record *record, const hwv_run *run)
{
    const hwv_shape x = hwv_record_input_shape(record, run, 0), y = hwv_record_output_shape(record, run, 0);
    const hwv_loops loops = hwv_loops_make(&y, (const hwv_shape *const[]){&x, &y}, 2);
    if (record->output_gradient[0] != record->input_gradient[0])
        hwv_terms_sum(&loops, 0, run->executor, terms, record, record->input_gradient[0]);
}

void hwv_node_expand_reference(const hwv_reference *reference)
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
            at = at * x->dim[d] + index[y->rank - x->rank + d] % x->dim[d];
        reference->output[0][i] = reference->input[0][at];
    }
}

hwv_status hwv_node_expand_example(hwv_example *example)
{
    static const hwv_shape from[] = {{3, {2, 1, 3}}, {2, {3, 1}}, {1, {4}}};
    static const hwv_shape to[] = {{3, {2, 4, 3}}, {3, {2, 3, 5}}, {3, {2, 3, 4}}};
    const hwv_node_attributes attributes = {.shape = to[example->variant]};
    hwv_id x;
    example->variants = sizeof to / sizeof to[0];
    example->sums = 10;
    HWV_TRY(hwv_example_parameter_shaped(example, "x", &from[example->variant], &x));
    return hwv_example_node(example, HWV_NODE_EXPAND, "wide", &attributes, x, HWV_NO_ID);
}
