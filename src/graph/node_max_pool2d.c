/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * max_pool2d: the largest of each window of a channel; the first of several wins the gradient, a NaN wins over
 * numbers. What lies outside is not there. In training the winners are kept, one byte an element of y. */
#include "graph/pool2d.h"

#include <math.h>

hwv_status hwv_node_max_pool2d_infer(hwv_shaping *shaping)
{
    return hwv_pool2d_infer(shaping, HWV_POOLING_MOST_TAPS);
}

hwv_status hwv_node_max_pool2d_plan(hwv_demand *demand)
{
    size_t elements;
    HWV_TRY(hwv_pool2d_plan(demand, &elements));
    if (demand->training && demand->wanted)
        demand->saved = elements;
    return HWV_OK;
}

void hwv_node_max_pool2d_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_pooling pooling = hwv_pool2d_record(record);
    hwv_max_pool_forward(&pooling, run->executor, hwv_pool2d_images(record, run), record->input[0], record->output[0],
                         record->saved);
}

void hwv_node_max_pool2d_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_pooling pooling = hwv_pool2d_record(record);
    hwv_max_pool_backward(&pooling, run->executor, hwv_pool2d_images(record, run), record->output_gradient[0],
                          record->saved, record->input_gradient[0]);
}

void hwv_node_max_pool2d_reference(const hwv_reference *reference)
{
    hwv_pooling pooling = hwv_pool2d_reference(reference);
    double distance = hwv_max_pool_forward_reference(&pooling, reference->shape[0]->dim[0], reference->input[0],
                                                     reference->output[0], NULL);
    *reference->bend = fmin(*reference->bend, distance);
}

hwv_status hwv_node_max_pool2d_example(hwv_example *example)
{
    example->variants = HWV_POOL2D_VARIANTS;
    return hwv_pool2d_example(example, HWV_NODE_MAX_POOL2D, example->variant, false);
}
