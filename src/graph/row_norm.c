/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Norms of rows: shapes, what a run needs, and the runs. */
#include "graph/row_norm.h"
#include "linalg/layer_norm.h"

#include <math.h>

enum { X, WEIGHT, BIAS };
enum { COLS }; /* geometry */

bool hwv_row_norm_split(const hwv_shape *x, size_t axis, size_t *size)
{
    *size = 1;
    if (axis >= x->rank || (axis == 0 && hwv_shape_batched(x)))
        return false;
    for (size_t i = axis; i < x->rank; i++)
        *size *= x->dim[i];
    return true;
}

hwv_status hwv_row_norm_infer(hwv_shaping *shaping, const char *accepts)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_shape *x = &shaping->input[X]->shape;
    size_t size, elements;
    bool fits = shaping->input[X]->element == HWV_ELEMENT_F32 && hwv_row_norm_split(x, attributes->axis, &size);
    for (size_t i = WEIGHT; fits && i < shaping->node->input_count; i++)
        fits = shaping->input[i]->element == HWV_ELEMENT_F32 && !hwv_shape_batched(&shaping->input[i]->shape) &&
               hwv_shape_elements(&shaping->input[i]->shape, 1, &elements) && elements == size;
    if (!fits)
        return hwv_shaping_fail(shaping, accepts);
    if (!(attributes->epsilon >= 0 && attributes->epsilon < INFINITY))
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT, "%s: epsilon %g; 0 or more is accepted", shaping->node->name,
                        (double)attributes->epsilon);
    shaping->output[0] = *x;
    return HWV_OK;
}

hwv_status hwv_row_norm_plan(hwv_demand *demand)
{
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[X])->shape;
    size_t *cols = &demand->geometry[COLS];
    hwv_row_norm_split(x, demand->node->attributes.axis, cols);
    const size_t rows = demand->rows * demand->cols / *cols;
    demand->overwrites = HWV_BIT(X);
    demand->gradient_overwrites = HWV_BIT(X);
    if (!demand->training || !demand->wanted)
        return HWV_OK;
    const unsigned given = HWV_BIT(demand->node->input_count) - 1;
    demand->backward_inputs = (HWV_BIT(X) | HWV_BIT(WEIGHT)) & given;
    demand->accumulates = (HWV_BIT(WEIGHT) | HWV_BIT(BIAS)) & given;
    demand->backward_workspace = hwv_layer_norm_workspace(rows, *cols);
    if (!hwv_size_mul(rows, sizeof(hwv_layer_norm_moments), &demand->saved) || demand->backward_workspace == SIZE_MAX)
        return hwv_fail(demand->error, HWV_ERR_MEMORY, "%s: too large for memory", demand->node->name);
    return HWV_OK;
}

static hwv_layer_norm norm_of(const hwv_record *record, const hwv_run *run)
{
    const size_t cols = record->geometry[COLS];
    return (hwv_layer_norm){.rows = hwv_record_rows(record, run) * record->cols / cols,
                            .cols = cols,
                            .epsilon = record->node->attributes.epsilon,
                            .weight = record->input[WEIGHT],
                            .bias = record->input[BIAS],
                            .uncentered = record->node->kind == HWV_NODE_RMS_NORM};
}

void hwv_row_norm_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_layer_norm norm = norm_of(record, run);
    hwv_layer_norm_forward(&norm, run->executor, record->input[X], record->output[0], record->saved);
}

void hwv_row_norm_backward(const hwv_record *record, const hwv_run *run)
{
    const hwv_layer_norm norm = norm_of(record, run);
    const hwv_layer_norm_gradients gradients = {.x = record->input_gradient[X],
                                                .weight = record->input_gradient[WEIGHT],
                                                .bias = record->input_gradient[BIAS],
                                                .add_weight = hwv_record_add(record, run, WEIGHT),
                                                .add_bias = hwv_record_add(record, run, BIAS)};
    hwv_layer_norm_backward(&norm, run->executor, record->input[X], record->output_gradient[0], record->saved,
                            &gradients, run->workspace);
}
