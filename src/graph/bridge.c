/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Between convolutions: what the three nodes' steps and the convolutions beside them call. */
#include "graph/bridge.h"

#include "linalg/blocks.h"

enum { X, WEIGHT, BIAS, MEAN, VARIANCE };

size_t hwv_bridging_bytes(const hwv_demand *norm)
{
    const hwv_bridge bridge = {.norm = hwv_batch_norm_of(norm->node, norm->rows, norm->cols, norm->geometry)};
    return hwv_bridge_bytes(&bridge);
}

hwv_bridging hwv_bridging_of(const hwv_record *norm, const hwv_run *run, const float *z, const float *d)
{
    return (hwv_bridging){.bridge = {.norm = hwv_record_norm(norm, run),
                                     .act = norm->bridge_act->attributes.act,
                                     .pool = norm->bridge_pool != NULL,
                                     .kept = norm->saved},
                          .z = z,
                          .d = d};
}

static const float *image_of_z(const hwv_bridging *b, size_t image)
{
    return b->z + image * hwv_bridge_in(&b->bridge);
}

static const float *image_of_d(const hwv_bridging *b, size_t image)
{
    return b->d + image * hwv_bridge_out(&b->bridge);
}

void hwv_bridging_make(const void *context, size_t image, float *a)
{
    const hwv_bridging *b = context;
    hwv_bridge_forward(&b->bridge, image_of_z(b, image), a);
}

void hwv_bridging_return(const void *context, size_t image, float *dz)
{
    const hwv_bridging *b = context;
    hwv_bridge_backward(&b->bridge, image_of_z(b, image), image_of_d(b, image), dz);
}

static void measure(const hwv_bridging *b, size_t image)
{
    hwv_bridge_measure(&b->bridge, image, image_of_z(b, image));
}

static void sum(const hwv_bridging *b, size_t image)
{
    hwv_bridge_sum(&b->bridge, image, image_of_z(b, image), image_of_d(b, image));
}

void hwv_bridging_measure(void *context, size_t first, size_t count)
{
    measure(context, first / count);
}

void hwv_bridging_sum(void *context, size_t first, size_t count)
{
    sum(context, first / count);
}

/* ---- steps of their own ---------------------------------------------------------------------------- */

/* What is done with each image; to: of `floats` each that it writes, or NULL. */
typedef void image_function(const void *bridging, size_t image, float *to);

typedef struct job {
    const hwv_bridging *bridging;
    image_function *function;
    float *to;
    size_t floats;
} job;

static void measure_image(const void *bridging, size_t image, float *to)
{
    (void)to;
    measure(bridging, image);
}

static void sum_image(const void *bridging, size_t image, float *to)
{
    (void)to;
    sum(bridging, image);
}

static void some_images(const void *context, size_t first, size_t count)
{
    const job *j = context;
    for (size_t i = first; i < first + count; i++)
        j->function(j->bridging, i, j->to ? j->to + i * j->floats : NULL);
}

static void images_run(const hwv_bridging *b, const hwv_run *run, image_function *function, float *to, size_t floats)
{
    const hwv_batch_norm *norm = &b->bridge.norm;
    const job j = {b, function, to, floats};
    hwv_rows_run(run->executor, norm->rows / (norm->line * norm->lines), hwv_bridge_in(&b->bridge), some_images, &j);
}

void hwv_bridging_forward(const hwv_record *norm, const hwv_run *run)
{
    const hwv_bridging b = hwv_bridging_of(norm, run, norm->input[X], NULL);
    if (!norm->bridge_from)
        images_run(&b, run, measure_image, NULL, 0);
    hwv_bridge_measured(&b.bridge, norm->node->attributes.momentum, norm->input[MEAN], norm->input[VARIANCE]);
    if (norm->output[0])
        images_run(&b, run, hwv_bridging_make, norm->output[0], hwv_bridge_out(&b.bridge));
}

void hwv_bridging_backward(const hwv_record *norm, const hwv_run *run)
{
    const hwv_bridging b = hwv_bridging_of(norm, run, norm->input[X], norm->output_gradient[0]);
    const hwv_batch_norm_gradients gradients = {.weight = norm->input_gradient[WEIGHT],
                                                .bias = norm->input_gradient[BIAS],
                                                .add_weight = hwv_record_add(norm, run, WEIGHT),
                                                .add_bias = hwv_record_add(norm, run, BIAS)};
    if (!norm->bridge_to)
        images_run(&b, run, sum_image, NULL, 0);
    hwv_bridge_summed(&b.bridge, &gradients);
    if (norm->input_gradient[X])
        images_run(&b, run, hwv_bridging_return, norm->input_gradient[X], hwv_bridge_in(&b.bridge));
}
