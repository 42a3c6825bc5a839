/* SPDX-License-Identifier: MIT
 * Copyright (c) 2026 the halfwave authors
 *
 * A loss behind the logits of a network that came without one. */
#ifndef HWV_MODEL_LOSS_H
#define HWV_MODEL_LOSS_H

#include "halfwave/network.h"

typedef struct hwv_logits {
    hwv_id value;   /* [batch, outputs], perhaps with dimensions of 1, or [batch, rows, outputs] */
    hwv_id beyond;  /* the sigmoid node that was stepped over, or HWV_NO_ID */
    size_t outputs; /* a row */
    size_t rows;    /* a sample: the tokens of a sequence, else 1 */
} hwv_logits;

/* The first output of a network, or what goes into its last softmax or sigmoid. HWV_ERR_UNSUPPORTED: that is no
 * [batch, classes] or [batch, tokens, classes]; `purpose` stands in the message. */
hwv_status hwv_logits_find(hwv_logits *logits, const hwv_network *network, const char *purpose, hwv_error *error);

typedef struct hwv_loss {
    hwv_id logits;        /* [batch, classes], [batch, tokens, classes] */
    hwv_id labels, value; /* labels [batch], [batch, tokens] */
    size_t classes;       /* 2 for one number a sample, the logit of yes (label 1) against no: its row is [0, z] */
    hwv_id pair;          /* the constant that makes that row, or HWV_NO_ID */
} hwv_loss;

/* Adds labels and a mean cross-entropy behind logits. Errors of hwv_graph_node. */
hwv_status hwv_loss_add(hwv_loss *loss, hwv_graph *graph, const hwv_logits *logits, float smoothing, hwv_error *error);
/* Writes the constant, once there are weights. */
void hwv_loss_fill(const hwv_loss *loss, hwv_weights *weights);

#endif
