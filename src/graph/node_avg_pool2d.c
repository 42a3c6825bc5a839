/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * avg_pool2d: the mean of each window of a channel, over what lies inside, or with zeros outside (count_pad). */
#include "graph/pool2d.h"

hwv_status hwv_node_avg_pool2d_infer(hwv_shaping *shaping)
{
    return hwv_pool2d_infer(shaping, 1 << 24); /* counted in floats */
}

hwv_status hwv_node_avg_pool2d_plan(hwv_demand *demand)
{
    size_t elements;
    return hwv_pool2d_plan(demand, &elements);
}

void hwv_node_avg_pool2d_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_pooling pooling = hwv_pool2d_record(record);
    hwv_average_pool_forward(&pooling, run->executor, hwv_pool2d_images(record, run), record->input[0],
                             record->output[0]);
}

void hwv_node_avg_pool2d_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_pooling pooling = hwv_pool2d_record(record);
    hwv_average_pool_backward(&pooling, run->executor, hwv_pool2d_images(record, run), record->output_gradient[0],
                              record->input_gradient[0]);
}

void hwv_node_avg_pool2d_reference(const hwv_reference *reference)
{
    hwv_pooling pooling = hwv_pool2d_reference(reference);
    hwv_average_pool_forward_reference(&pooling, reference->shape[0]->dim[0], reference->input[0],
                                       reference->output[0]);
}

hwv_status hwv_node_avg_pool2d_example(hwv_example *example)
{
    size_t variant = example->variant;
    example->variants = 2 * HWV_POOL2D_VARIANTS;
    return hwv_pool2d_example(example, HWV_NODE_AVG_POOL2D, variant % HWV_POOL2D_VARIANTS,
                              variant >= HWV_POOL2D_VARIANTS);
}
