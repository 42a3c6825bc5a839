/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * layer_norm: the numbers of a sample from attributes.axis on, minus their mean, over their deviation, times weight,
 * plus bias (Ba, Kiros & Hinton 2016). Weight and bias may be missing, or the bias. */
#include "graph/kind.h"
#include "linalg/layer_norm.h"

#include <math.h>

enum { X, WEIGHT, BIAS };
enum { COLS }; /* geometry */

/* x as a matrix [rows, size] that is normalised row by row; false: no such axis. */
static bool split(const hwv_shape *x, size_t axis, size_t *size)
{
    *size = 1;
    if (axis >= x->rank || (axis == 0 && hwv_shape_batched(x)))
        return false;
    for (size_t i = axis; i < x->rank; i++)
        *size *= x->dim[i];
    return true;
}

hwv_status hwv_node_layer_norm_infer(hwv_shaping *shaping)
{
    const hwv_node_attributes *attributes = &shaping->node->attributes;
    const hwv_shape *x = &shaping->input[X]->shape;
    size_t size, elements;
    bool fits = shaping->input[X]->element == HWV_ELEMENT_F32 && split(x, attributes->axis, &size);
    for (size_t i = WEIGHT; fits && i < shaping->node->input_count; i++)
        fits = shaping->input[i]->element == HWV_ELEMENT_F32 && !hwv_shape_batched(&shaping->input[i]->shape) &&
               hwv_shape_elements(&shaping->input[i]->shape, 1, &elements) && elements == size;
    if (!fits)
        return hwv_shaping_fail(shaping, "x, an axis of a sample, and weight and bias of as many numbers as lie from "
                                         "that axis on");
    if (!(attributes->epsilon >= 0 && attributes->epsilon < INFINITY))
        return hwv_fail(shaping->error, HWV_ERR_ARGUMENT, "%s: epsilon %g; 0 or more is accepted", shaping->node->name,
                        (double)attributes->epsilon);
    shaping->output[0] = *x;
    return HWV_OK;
}

hwv_status hwv_node_layer_norm_plan(hwv_demand *demand)
{
    const hwv_shape *x = &hwv_graph_value(demand->graph, demand->node->input[X])->shape;
    size_t *cols = &demand->geometry[COLS];
    split(x, demand->node->attributes.axis, cols);
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
                            .bias = record->input[BIAS]};
}

void hwv_node_layer_norm_forward(const hwv_record *record, const hwv_run *run)
{
    const hwv_layer_norm norm = norm_of(record, run);
    hwv_layer_norm_forward(&norm, run->executor, record->input[X], record->output[0], record->saved);
}

void hwv_node_layer_norm_backward(const hwv_record *record, const hwv_run *run)
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

void hwv_node_layer_norm_reference(const hwv_reference *reference)
{
    const double *weight = reference->input[WEIGHT], *bias = reference->input[BIAS];
    const double epsilon = (double)reference->node->attributes.epsilon;
    size_t size;
    split(reference->shape[X], reference->node->attributes.axis, &size);
    for (size_t r = 0; r < reference->elements[X] / size; r++) {
        const double *x = reference->input[X] + r * size;
        double *y = reference->output[0] + r * size, mean = 0, variance = 0;
        for (size_t i = 0; i < size; i++)
            mean += x[i];
        mean /= (double)size;
        for (size_t i = 0; i < size; i++)
            variance += (x[i] - mean) * (x[i] - mean);
        variance /= (double)size;
        for (size_t i = 0; i < size; i++)
            y[i] = (x[i] - mean) / sqrt(variance + epsilon) * (weight ? weight[i] : 1) + (bias ? bias[i] : 0);
    }
}

/* The last axis; the last two; without a bias; without both. */
hwv_status hwv_node_layer_norm_example(hwv_example *example)
{
    static const char *const names[] = {"x", "weight", "bias"};
    const size_t v = example->variant, size = v == 1 ? 15 : 5, count = v < 2 ? 3 : 4 - v;
    hwv_node_attributes attributes = {.epsilon = 1e-3f, .axis = v == 1 ? 1 : 2};
    hwv_id inputs[3];
    example->variants = 4;
    example->sums = 3 * size + 12;
    for (size_t i = X; i <= BIAS; i++)
        HWV_TRY(
            hwv_example_parameter(example, names[i], i == X ? 4 : size, i == X ? 3 : 0, i == X ? 5 : 0, &inputs[i]));
    return hwv_example_node_of(example, HWV_NODE_LAYER_NORM, "norm", &attributes, inputs, count);
}
