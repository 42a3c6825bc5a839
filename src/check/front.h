/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What stands in front of an activation: a product, its bias, a batch norm. */
#ifndef HWV_CHECK_FRONT_H
#define HWV_CHECK_FRONT_H

#include <stdbool.h>

#include "halfwave/network.h"

typedef struct hwv_front {
    hwv_id product;  /* dense or conv2d node; HWV_NO_ID: something else is in front */
    hwv_id norm;     /* batch norm between them, or HWV_NO_ID; without a product a layer norm */
    hwv_id bias;     /* parameter, added in front of the norm (or without one); HWV_NO_ID: none */
    hwv_id shift;    /* parameter, added behind the norm */
    size_t features; /* inputs of the dense layer, channels of the convolution's input; 0 without a product */
    size_t first; /* row of the product, or feature of the layer norm, of unit 0: gates stand behind as many values */
} hwv_front;

/* Weights of a unit of a dense layer or convolution: a row of its weight. */
size_t hwv_front_row(const hwv_shape *weight);

hwv_front hwv_front_find(const hwv_graph *graph, hwv_id activation);

/* What the front (a product or a layer norm) makes of a unit: z = bias + sum of weights times input, the norm folded
 * in. */
typedef struct hwv_front_unit {
    double bias;  /* of z */
    double norm;  /* of the row of weights, scaled */
    double scale; /* of the batch norm; 1 without */
} hwv_front_unit;
hwv_front_unit hwv_front_unit_of(const hwv_network *network, const hwv_front *front, size_t unit);

#endif
