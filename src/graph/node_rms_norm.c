/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * rms_norm: the numbers of a sample from attributes.axis on, over the root of the mean of their squares, times weight
 * (Zhang & Sennrich 2019). The weight may be missing. */
#include "graph/row_norm.h"

#include <math.h>

enum { X, WEIGHT };

hwv_status hwv_node_rms_norm_infer(hwv_shaping *shaping)
{
    return hwv_row_norm_infer(shaping,
                              "x, an axis of a sample, and a weight of as many numbers as lie from that axis on");
}

hwv_status hwv_node_rms_norm_plan(hwv_demand *demand)
{
    return hwv_row_norm_plan(demand);
}

void hwv_node_rms_norm_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_row_norm_forward(record, run);
}

void hwv_node_rms_norm_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_row_norm_backward(record, run);
}

void hwv_node_rms_norm_reference(const hwv_reference *reference)
{
    const double *weight = reference->input[WEIGHT];
    size_t size;
    hwv_row_norm_split(reference->shape[X], reference->node->attributes.axis, &size);
    for (size_t r = 0; r < reference->elements[X] / size; r++) {
        const double *x = reference->input[X] + r * size;
        double *y = reference->output[0] + r * size, square = 0;
        for (size_t i = 0; i < size; i++)
            square += x[i] * x[i] / (double)size;
        for (size_t i = 0; i < size; i++)
            y[i] = x[i] / sqrt(square + (double)reference->node->attributes.epsilon) * (weight ? weight[i] : 1);
    }
}

/* The last axis; the last two; without a weight. */
hwv_status hwv_node_rms_norm_example(hwv_example *example)
{
    const size_t v = example->variant, size = v == 1 ? 15 : 5;
    const hwv_node_attributes attributes = {.epsilon = 1e-3f, .axis = v == 1 ? 1 : 2};
    hwv_id x, weight = HWV_NO_ID;
    example->variants = 3;
    example->sums = 2 * size + 12;
    HWV_TRY(hwv_example_parameter(example, "x", 4, 3, 5, &x));
    if (v < 2)
        HWV_TRY(hwv_example_parameter(example, "weight", size, 0, 0, &weight));
    return hwv_example_node(example, HWV_NODE_RMS_NORM, "norm", &attributes, x, weight);
}
