/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A private copy of a graph in which gradients can be measured: with a loss on its logits, norms and dropout as in
 * evaluation. */
#ifndef HWV_CHECK_LABELLED_H
#define HWV_CHECK_LABELLED_H

#include "halfwave/network.h"

/* Owns graph and weights. Zero-initialise; free with hwv_labelled_free. */
typedef struct hwv_labelled {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id labels, logits, loss; /* other values and all nodes have the network's ids */
    size_t classes;
} hwv_labelled;

hwv_status hwv_labelled_make(hwv_labelled *labelled, const hwv_network *network, hwv_error *error);
void hwv_labelled_free(hwv_labelled *labelled);

#endif
