/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * global_avg_pool2d: y[batch, channel] = the mean of a channel over the whole image. */
#include "graph/pool2d.h"

static size_t pixels(const hwv_record *record)
{
    return record->geometry[HWV_POOL2D_HEIGHT] * record->geometry[HWV_POOL2D_WIDTH];
}

hwv_status hwv_node_global_avg_pool2d_infer(hwv_shaping *shaping)
{
    const hwv_shape *x = &shaping->input[0]->shape;
    if (x->rank != 4 || shaping->input[0]->element != HWV_ELEMENT_F32)
        return hwv_shaping_fail(shaping, "x [batch, height, width, channels]");
    shaping->output[0] = (hwv_shape){.rank = 2, .dim = {x->dim[0], x->dim[3]}};
    return HWV_OK;
}

hwv_status hwv_node_global_avg_pool2d_plan(hwv_demand *demand)
{
    size_t elements;
    return hwv_pool2d_plan(demand, &elements);
}

void hwv_node_global_avg_pool2d_forward(const hwv_record *record, const hwv_run *run)
{
    hwv_global_average_forward(run->executor, hwv_pool2d_images(record, run), pixels(record), record->cols,
                               record->input[0], record->output[0]);
}

void hwv_node_global_avg_pool2d_backward(const hwv_record *record, const hwv_run *run)
{
    hwv_global_average_backward(run->executor, hwv_pool2d_images(record, run), pixels(record), record->cols,
                                record->output_gradient[0], record->input_gradient[0]);
}

void hwv_node_global_avg_pool2d_reference(const hwv_reference *reference)
{
    const size_t *dim = reference->shape[0]->dim, all = dim[1] * dim[2], channels = dim[3];
    for (size_t i = 0; i < dim[0] * channels; i++) {
        const double *x = reference->input[0] + i / channels * all * channels + i % channels;
        double sum = 0;
        for (size_t p = 0; p < all; p++)
            sum += x[p * channels];
        reference->output[0][i] = sum / (double)all;
    }
}

hwv_status hwv_node_global_avg_pool2d_example(hwv_example *example)
{
    hwv_shape shape = {.rank = 4, .dim = {3, 3, 5, 4}};
    hwv_id x;
    example->variants = 1;
    example->sums = 15;
    HWV_TRY(hwv_example_parameter_shaped(example, "x", &shape, &x));
    return hwv_example_node(example, HWV_NODE_GLOBAL_AVG_POOL2D, "pool", NULL, x, HWV_NO_ID);
}
