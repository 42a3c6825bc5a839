/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A private copy of a network with a loss behind its logits: what gradients are measured on. */
#ifndef HWV_CHECK_LABELLED_H
#define HWV_CHECK_LABELLED_H

#include "halfwave/network.h"

/* Values and nodes up to the loss have the numbers they have in the network. */
typedef struct hwv_labelled {
    hwv_graph *graph;
    hwv_weights *weights;
    hwv_id logits;  /* of the network */
    size_t rows;    /* of them, a sample: its tokens, or 1 */
    size_t outputs; /* of them, a row */
    hwv_id labels, loss;
    hwv_id beyond; /* the activation that was stepped over, or HWV_NO_ID */
    size_t classes;
} hwv_labelled;

/* In evaluation: batch norms by their running statistics, nothing dropped. HWV_ERR_UNSUPPORTED: no logits. Free with
 * hwv_labelled_free, which accepts zeros. */
hwv_status hwv_labelled_make(hwv_labelled *copy, const hwv_network *network, hwv_error *error);
void hwv_labelled_free(hwv_labelled *copy);

#endif
