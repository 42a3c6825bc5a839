/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What lies between two convolutions in training, image by image, so that it runs while the image is in a worker's
 * cache: batch norm with the batch's moments, ReLU or leaky ReLU, and maximum pooling of 2 x 2 if there is one.
 *     a = pool(act(norm(z))),  z [images, lines, line, channels]
 * Only z, d = dL/da and a few numbers a channel are kept: the normalised and the activated images are computed anew,
 * with the same bits, wherever they are needed. All results are bit for bit those of linalg/batch_norm.h on images, of
 * the activation of the act floor and of linalg/pooling.h one after another, but for the sign and payload of a NaN.
 *
 *     forward   measure each image; measured, once; then hwv_bridge_forward as often as an image of a is wanted
 *     backward  sum each image of d; summed, once; then hwv_bridge_backward as often as an image of dL/dz is wanted
 *
 * Calls for an image run in the caller; those of different images may run at once. Nothing is allocated. */
#ifndef HWV_LINALG_BRIDGE_H
#define HWV_LINALG_BRIDGE_H

#include "halfwave/act.h"
#include "linalg/batch_norm.h"

typedef struct hwv_bridge {
    hwv_batch_norm norm; /* of images; rows: of the batch at hand */
    hwv_act act;
    bool pool;  /* then lines and the pixels of a line are even numbers */
    void *kept; /* hwv_bridge_bytes, aligned as doubles, from measuring to the end of the backward run */
} hwv_bridge;

/* Which activations. */
bool hwv_bridge_suits(const hwv_act *act);

/* Bytes for norm.rows rows; SIZE_MAX when they do not fit in a size_t. */
size_t hwv_bridge_bytes(const hwv_bridge *bridge);

/* z: the image with that number. */
void hwv_bridge_measure(const hwv_bridge *bridge, size_t image, const float *z);
/* What hwv_batch_norm_measure does in the end. */
void hwv_bridge_measured(const hwv_bridge *bridge, float momentum, float *running_mean, float *running_variance);
/* a of an image of z. */
void hwv_bridge_forward(const hwv_bridge *bridge, const float *z, float *a);

/* z and d: the image with that number. */
void hwv_bridge_sum(const hwv_bridge *bridge, size_t image, const float *z, const float *d);
/* Gradients of weight and bias (gradients->x is not looked at). */
void hwv_bridge_summed(const hwv_bridge *bridge, const hwv_batch_norm_gradients *gradients);
/* dL/dz of an image; dz may be d where there is no pool. */
void hwv_bridge_backward(const hwv_bridge *bridge, const float *z, const float *d, float *dz);

/* Elements of an image of z and of a. */
static inline size_t hwv_bridge_in(const hwv_bridge *bridge)
{
    return bridge->norm.line * bridge->norm.lines * bridge->norm.channels;
}
static inline size_t hwv_bridge_out(const hwv_bridge *bridge)
{
    return hwv_bridge_in(bridge) / (bridge->pool ? 4 : 1);
}

#endif
