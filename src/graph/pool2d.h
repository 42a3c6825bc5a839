/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * What the pooling nodes share: x [batch, height, width, channels] under a window. */
#ifndef HWV_GRAPH_POOL2D_H
#define HWV_GRAPH_POOL2D_H

#include "graph/kind.h"
#include "linalg/pooling.h"

enum { HWV_POOL2D_HEIGHT, HWV_POOL2D_WIDTH }; /* geometry: of x; its channels are the record's cols */

/* Output [batch, hwv_pooling_height, hwv_pooling_width, channels]; most: taps of a window. */
hwv_status hwv_pool2d_infer(hwv_shaping *shaping, size_t most);
/* Fills the geometry; elements of x and of y at the largest batch, HWV_ERR_MEMORY. */
hwv_status hwv_pool2d_plan(hwv_demand *demand, size_t *y_elements);
hwv_pooling hwv_pool2d_of(const hwv_node *node, size_t height, size_t width, size_t channels);
hwv_pooling hwv_pool2d_record(const hwv_record *record);
size_t hwv_pool2d_images(const hwv_record *record, const hwv_run *run);
/* Of a reference; its images are shape[0]->dim[0]. */
hwv_pooling hwv_pool2d_reference(const hwv_reference *reference);

/* Variants for the gradient check: windows of 2 x 2 on odd sizes, overlap with pads that differ, gaps. */
#define HWV_POOL2D_VARIANTS 3
hwv_status hwv_pool2d_example(hwv_example *example, hwv_node_kind kind, size_t shape, bool count_pad);

#endif
