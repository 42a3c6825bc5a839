/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * layer_norm: the numbers of a sample from attributes.axis on, minus their mean, over their deviation, times weight,
 * plus bias (Ba, Kiros & Hinton 2016). Weight and bias may be missing, or the bias. */
#include "graph/row_norm.h"

#include <math.h>

enum { X, WEIGHT, BIAS };

hwv_status hwv_node_layer_norm_infer(hwv_shaping *shaping)
{
    return hwv_row_norm_infer(
        shaping, "x, an axis of a sample, and weight and bias of as many numbers as lie from that axis on");
}

hwv_status hwv_node_layer_norm_plan(hwv_demand *demand)
{
    return hwv_row_norm_plan(demand);
}

void hwv_node_layer_norm_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_row_norm_forward(record, run);
}

void hwv_node_layer_norm_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_row_norm_backward(record, run);
}

void hwv_node_layer_norm_reference(const hwv_reference *reference)
{
    const double *weight = reference->input[WEIGHT], *bias = reference->input[BIAS];
    const double epsilon = (double)reference->node->attributes.epsilon;
    size_t size;
    hwv_row_norm_split(reference->shape[X], reference->node->attributes.axis, &size);
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
