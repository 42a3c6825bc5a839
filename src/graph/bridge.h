/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * Batch norm, activation and pool between convolutions (pass BRIDGE), in terms of records. The batch norm's step stands for
 * all three. Convolutions that take images from a maker do part of its work, image by image: the one in front measures z
 * and makes dL/dz, the one behind makes its input a and sums over its gradient d. For any others the batch norm's own
 * steps measure and sum, and write a and dL/dz. */
#ifndef HWV_GRAPH_BRIDGE_H
#define HWV_GRAPH_BRIDGE_H

#include "graph/kind.h"
#include "linalg/bridge.h"

/* The batch norm of a record, or of a demand where weight and bias are NULL. */
hwv_batch_norm hwv_batch_norm_of(const hwv_node *node, size_t rows, size_t cols, const size_t geometry[4]);
hwv_batch_norm hwv_record_norm(const hwv_record *record, const hwv_run *run);

/* Bytes that the batch norm's node keeps; SIZE_MAX when they do not fit in a size_t. */
size_t hwv_bridging_bytes(const hwv_demand *norm);

/* During one run. */
typedef struct hwv_bridging {
    hwv_bridge bridge;
    const float *z, *d; /* d: of a backward run */
} hwv_bridging;

/* norm: a record of the batch norm. */
hwv_bridging hwv_bridging_of(const hwv_record *norm, const hwv_run *run, const float *z, const float *d);

/* For hwv_image_source: an image of a, of dL/dz. context: an hwv_bridging. */
void hwv_bridging_make(const void *context, size_t image, float *a);
void hwv_bridging_return(const void *context, size_t image, float *dz);
/* For hwv_conv_finish: an image of z is complete, of d. */
void hwv_bridging_measure(void *context, size_t first, size_t count);
void hwv_bridging_sum(void *context, size_t first, size_t count);

/* The batch norm's own steps. */
void hwv_bridging_forward(const hwv_record *norm, const hwv_run *run);
void hwv_bridging_backward(const hwv_record *norm, const hwv_run *run);

#endif
